import { AccountFileError } from './errors.ts';
import { ACCOUNT_FILE_LIMITS } from './limits.ts';

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  aacute: 'á',
  eacute: 'é',
  iacute: 'í',
  oacute: 'ó',
  uacute: 'ú',
  ntilde: 'ñ',
  Iacute: 'Í',
  Oacute: 'Ó',
  minus: '\u2212',
};

const entity = (whole: string, name: string): string => {
  if (!name.startsWith('#')) return NAMED[name] ?? whole;
  const hex = /^#x/i.test(name);
  const code = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10);
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
};

const textOf = (html: string): string =>
  html
    .replace(/<[^>]*>/g, '')
    .replace(/&(#x?[0-9a-f]+|[a-z]+);/gi, entity)
    .trim();

const CELL = /<(?:td|th)\b([^>]*)>([\s\S]*?)(?=<\/(?:td|th)\s*>|<(?:td|th)\b|$)/gi;
const MAX_SPAN = 100;

/** The texts of one row; a cell that spans several columns fills them with blanks. */
const cellsOf = (row: string): readonly string[] => {
  const cells: string[] = [];
  for (const [, attributes = '', content = ''] of row.matchAll(CELL)) {
    cells.push(textOf(content));
    const span = Number(/colspan\s*=\s*["']?(\d+)/i.exec(attributes)?.[1] ?? '1');
    for (let more = 1; more < Math.min(span, MAX_SPAN); more += 1) cells.push('');
  }
  return cells;
};

const ROW_END = /<\/tr\s*>/gi;

/** Cuts HTML into table rows as it arrives; `row` counts from 1 over all tables of the file. */
export class HtmlRows {
  private readonly file: string;
  private readonly onRow: (cells: readonly string[], row: number) => void;
  private rest = '';
  private row = 0;

  constructor(file: string, onRow: (cells: readonly string[], row: number) => void) {
    this.file = file;
    this.onRow = onRow;
  }

  push(text: string): void {
    const whole = this.rest + text;
    let from = 0;
    for (const end of whole.matchAll(ROW_END)) {
      const start = whole.slice(from, end.index).search(/<tr\b/i);
      const html = start < 0 ? '' : whole.slice(from + start, end.index);
      this.row += 1;
      this.onRow(cellsOf(html), this.row);
      from = end.index + end[0].length;
    }
    this.rest = whole.slice(from);
    if (this.rest.length > ACCOUNT_FILE_LIMITS.maxLineChars) {
      const reason = `a row is longer than ${ACCOUNT_FILE_LIMITS.maxLineChars} characters`;
      const remedy = "Name MetaTrader's own HTML report";
      throw new AccountFileError({ file: this.file, line: this.row + 1, reason, remedy });
    }
  }

  /** At the end of the file: a row that has begun and does not end is half a deal. */
  end(): void {
    if (!/<tr\b/i.test(this.rest)) return;
    const reason = 'the report ends in the middle of a row: it was cut off';
    const remedy = 'Export the report again from MetaTrader without changing it';
    throw new AccountFileError({ file: this.file, line: this.row + 1, reason, remedy });
  }
}
