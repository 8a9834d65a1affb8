import type { Minor } from '../../domain/units.ts';
import type { AccountEvent, WalkRefusal } from '../../risk/account-walk-types.ts';
import type { ServerZone } from '../venue-time.ts';
import { EXPECTED_HEADING } from './deal-columns.ts';
import type { DealRow } from './deal-rows.ts';
import { DealTable } from './deal-rows.ts';
import { cellsOfLine, cuttings } from './delimited-rows.ts';
import type { EntryProblem } from './errors.ts';
import { AccountFileError } from './errors.ts';
import { HtmlRows } from './html-rows.ts';
import { parseEventLine } from './ndjson-events.ts';
import { LineCutter, readText } from './text-source.ts';

export type AccountFileFormat = 'ndjson' | 'html' | 'delimited';

export interface AccountFileOptions {
  readonly file: string;
  /** The zone of the times in reports of MetaTrader; events files are in UTC. */
  readonly zone: ServerZone;
  /** Takes one entry; a refusal ends the reading, told with the entry's place. */
  readonly onEvent: (event: AccountEvent) => WalkRefusal | undefined;
}

export interface ReadAccountFile {
  readonly format: AccountFileFormat;
  readonly events: number;
  /** What a person should know about how the file was read. */
  readonly notes: readonly string[];
}

interface Reader {
  readonly push: (text: string) => void;
  /** Called once at the end of the file; throws when something that must be there never came. */
  readonly end: () => void;
}

/** Hands entries on and knows where each came from. */
class Delivery {
  readonly notes = new Set<string>();
  readonly options: AccountFileOptions;
  events = 0;
  private balance: Minor | undefined;
  private mismatches = 0;

  constructor(options: AccountFileOptions) {
    this.options = options;
  }

  refuse({ reason, remedy }: EntryProblem, line: number): never {
    throw new AccountFileError({ file: this.options.file, line, reason, remedy });
  }

  event(event: AccountEvent, line: number): void {
    const refused = this.options.onEvent(event);
    if (refused !== undefined) this.refuse(refused, line);
    this.events += 1;
  }

  dealRow(row: DealRow, line: number): void {
    if (row.kind === 'refused') this.refuse(row, line);
    if (row.kind === 'deal') {
      this.event(row.event, line);
      this.follow(row.event, line);
    }
    if (row.kind === 'skipped' && row.why === 'credit') {
      this.notes.add('Credit is part of neither balance nor floors; its rows were left out.');
    }
  }

  /** The column of balances is what a report says of itself; where it does not add up, a row is
   * missing or was changed. */
  private follow({ balance, balanceBefore }: AccountEvent, line: number): void {
    const before = this.balance;
    this.balance = balance;
    if (before === undefined || balanceBefore === undefined || before === balanceBefore) return;
    this.mismatches += 1;
    if (this.mismatches > 1) return;
    this.notes.add(
      `At ${line} the balance does not follow from the one before and the amounts between: ` +
        'a row may be missing. The column of balances counts.',
    );
  }

  noHeading(what: string): never {
    const reason = `${what} has no table of deals with the columns ${EXPECTED_HEADING}`;
    const remedy = 'Export History, Report from MetaTrader 5 in English or Spanish';
    return this.refuse({ reason, remedy }, 0);
  }
}

const ndjsonReader = (delivery: Delivery): Reader => {
  const unknown = new Set<string>();
  const cutter = new LineCutter(delivery.options.file, (text, line) => {
    if (text.trim() === '') return;
    const read = parseEventLine(text, (name) => unknown.add(name));
    if (read.ok) delivery.event(read.value, line);
    else delivery.refuse(read, line);
  });
  return {
    push: (text) => cutter.push(text),
    end: () => {
      cutter.end();
      if (unknown.size === 0) return;
      const names = [...unknown].slice(0, 10).join(', ');
      delivery.notes.add(`These fields are not part of the format and were ignored: ${names}.`);
    },
  };
};

const htmlReader = (delivery: Delivery): Reader => {
  const table = new DealTable(delivery.options.zone);
  const rows = new HtmlRows(delivery.options.file, (cells, row) =>
    delivery.dealRow(table.row(cells), row),
  );
  return {
    push: (text) => rows.push(text),
    end: () => {
      rows.end();
      if (!table.found) delivery.noHeading('the report');
    },
  };
};

const delimitedReader = (delivery: Delivery): Reader => {
  const table = new DealTable(delivery.options.zone);
  let delimiter: string | undefined;
  const rowOf = (text: string): DealRow => {
    if (delimiter !== undefined) return table.row(cellsOfLine(text, delimiter));
    for (const candidate of cuttings(text)) {
      const row = table.row(cellsOfLine(text, candidate));
      if (table.found) delimiter = candidate;
      if (table.found) return row;
    }
    return { kind: 'skipped', why: 'outside' };
  };
  const cutter = new LineCutter(delivery.options.file, (text, line) => {
    if (text.trim() !== '') delivery.dealRow(rowOf(text), line);
  });
  return {
    push: (text) => cutter.push(text),
    end: () => {
      cutter.end();
      if (!table.found) delivery.noHeading('the file');
    },
  };
};

const READERS = { ndjson: ndjsonReader, html: htmlReader, delimited: delimitedReader } as const;

/** The format by the file's ending, else by its first sign. */
const formatOf = (file: string, text: string): AccountFileFormat => {
  if (/\.(ndjson|jsonl|json)$/i.test(file)) return 'ndjson';
  if (/\.html?$/i.test(file)) return 'html';
  if (/\.(csv|tsv|txt)$/i.test(file)) return 'delimited';
  const first = text.trimStart().charAt(0);
  if (first === '{' || first === '[') return 'ndjson';
  return first === '<' ? 'html' : 'delimited';
};

/**
 * Reads an account's history entry by entry, without holding the file in memory: an events file
 * (NDJSON), MetaTrader 5's HTML report, or its table of deals as CSV or TSV. Rejects with
 * AccountFileError for anything that is wrong with it, an empty file included.
 */
export const readAccountFile = async (options: AccountFileOptions): Promise<ReadAccountFile> => {
  const delivery = new Delivery(options);
  let reading: { readonly format: AccountFileFormat; readonly reader: Reader } | undefined;
  await readText(options.file, (text) => {
    if (reading === undefined) {
      if (text.trim() === '') return;
      const format = formatOf(options.file, text);
      reading = { format, reader: READERS[format](delivery) };
    }
    reading.reader.push(text);
  });
  const remedy = 'Name a history with at least one entry';
  if (reading === undefined) return delivery.refuse({ reason: 'the file is empty', remedy }, 0);
  reading.reader.end();
  if (delivery.events === 0) {
    return delivery.refuse({ reason: 'the file holds no entry of a history', remedy }, 0);
  }
  return { format: reading.format, events: delivery.events, notes: [...delivery.notes] };
};
