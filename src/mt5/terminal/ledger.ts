import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { LoadedLog, Transaction } from './broker-log.ts';
import { completeLines, cutTo, writeAll } from './durable-file.ts';
import { TerminalRefused } from './errors.ts';
import type { LedgerLines } from './ledger-lines.ts';

/**
 * The ledger for outsiders: every request, order, deal and position change exactly once, over any
 * number of restarts. It is written after the log is safe and caught up from the log at the start,
 * so it never runs ahead of the broker and never misses a line. `<dataDir>/ledger.ndjson` is the
 * ledger; `--ledger FILE` is a copy of it that is kept equal.
 */
export const LEDGER_FILE = 'ledger.ndjson';

interface Place {
  readonly n: number;
  readonly i: number;
}
const NOWHERE: Place = { n: 0, i: -1 };

const placeOf = (line: string): Place => {
  const { n, i } = JSON.parse(line) as Place;
  return { n, i };
};

interface Existing {
  readonly lines: readonly string[];
  readonly last: Place;
}

/** Reads a ledger and cuts its torn last line off. */
const readLedger = (file: string): Existing => {
  if (!existsSync(file)) return { lines: [], last: NOWHERE };
  const { lines, completeBytes, torn } = completeLines(readFileSync(file));
  if (torn) cutTo(file, completeBytes);
  const last = lines.at(-1);
  try {
    return { lines, last: last === undefined ? NOWHERE : placeOf(last) };
  } catch {
    throw new TerminalRefused({
      subject: file,
      reason: 'its last line is not a line of a ledger',
      remedy: 'Name another file with --ledger',
    });
  }
};

const after = (place: Place, than: Place): boolean =>
  place.n > than.n || (place.n === than.n && place.i > than.i);

/** Lines of the log that the file lacks. A deleted ledger cannot be rebuilt from before the last
 * checkpoint; it says so in a line of its own instead of pretending to be whole. */
const missingLines = (existing: Existing, loaded: LoadedLog, lines: LedgerLines): string[] => {
  const missing: string[] = [];
  if (existing.lines.length === 0 && loaded.checkpointN > 0)
    missing.push(JSON.stringify({ n: loaded.checkpointN, i: 0, type: 'gap', fromN: 1 }));
  for (const transaction of loaded.transactions)
    for (const line of lines.of(transaction))
      if (after(placeOf(line), existing.last)) missing.push(line);
  return missing;
};

const refuseForeignCopy = (file: string, own: readonly string[], copy: readonly string[]): void => {
  const shared = copy.length <= own.length && copy.at(-1) === own[copy.length - 1];
  if (copy.length === 0 || (shared && copy[0] === own[0])) return;
  throw new TerminalRefused({
    subject: file,
    reason: 'it is the ledger of another run',
    remedy: 'Delete it or name another file with --ledger',
  });
};

export class Ledger {
  readonly #lines: LedgerLines;
  readonly #files: readonly number[];

  /** Opens the ledger and its copy and brings both up to the log. Throws TerminalRefused. */
  constructor(options: {
    readonly dataDir: string;
    readonly copy?: string;
    readonly lines: LedgerLines;
    readonly loaded: LoadedLog;
  }) {
    const { dataDir, copy, lines, loaded } = options;
    this.#lines = lines;
    const file = join(dataDir, LEDGER_FILE);
    const existing = readLedger(file);
    const missing = missingLines(existing, loaded, lines);
    const whole = [...existing.lines, ...missing];
    const own = openSync(file, 'a');
    this.#files = [own];
    write(own, missing);
    if (copy === undefined || copy === file) return;
    mkdirSync(dirname(copy), { recursive: true });
    const copied = readLedger(copy);
    refuseForeignCopy(copy, whole, copied.lines);
    const fd = openSync(copy, 'a');
    this.#files = [own, fd];
    write(fd, whole.slice(copied.lines.length));
  }

  append(transaction: Transaction): void {
    const lines = this.#lines.of(transaction);
    for (const fd of this.#files) write(fd, lines);
  }

  sync(): void {
    for (const fd of this.#files) fsyncSync(fd);
  }

  close(): void {
    this.sync();
    for (const fd of this.#files) closeSync(fd);
  }
}

const write = (fd: number, lines: readonly string[]): void => {
  if (lines.length > 0) writeAll(fd, `${lines.join('\n')}\n`);
};

/** Deletes the ledger and its copy: a fresh broker has no past. */
export const eraseLedger = (dataDir: string, copy: string | undefined): void => {
  rmSync(join(dataDir, LEDGER_FILE), { force: true });
  if (copy !== undefined) rmSync(copy, { force: true });
};
