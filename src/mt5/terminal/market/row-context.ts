import type { ServerZone } from '../../venue-time.ts';
import { formatServerTime } from '../../venue-time.ts';
import type { PriceScale } from './columns.ts';
import { MarketDataError, quoted } from './errors.ts';
import { DecimalParser, parseDate, parseDigits, parseTime, splitTabs } from './fields.ts';
import { MARKET_LIMITS } from './limits.ts';

const FIX_ROW = 'Correct or remove the row, or export the file again';

/**
 * The row being read: its fields, and refusals that know file and line. One object serves all
 * rows of a file, so that reading one allocates nothing.
 */
export class RowContext {
  readonly file: string;
  private readonly zone: ServerZone;
  private readonly columns: readonly string[];
  private readonly bounds: Int32Array;
  private readonly decimal = new DecimalParser();
  private bytes: Buffer = Buffer.alloc(0);
  line = 0;

  constructor(options: {
    readonly file: string;
    readonly zone: ServerZone;
    readonly columns: readonly string[];
  }) {
    this.file = options.file;
    this.zone = options.zone;
    this.columns = options.columns;
    this.bounds = new Int32Array(options.columns.length * 2);
  }

  /** Decimals of the number that `price` read last. */
  get decimals(): number {
    return this.decimal.decimals;
  }

  /** Moves to a row; refuses one with another number of columns. */
  load(bytes: Buffer, from: number, to: number, line: number): void {
    this.bytes = bytes;
    this.line = line;
    const count = splitTabs(bytes, from, to, this.bounds);
    if (count !== this.columns.length) {
      this.refuse(`${count} columns instead of ${this.columns.length}`, FIX_ROW);
    }
  }

  refuse(reason: string, remedy: string = FIX_ROW, line: number = this.line): never {
    throw new MarketDataError({ file: this.file, line, reason, remedy });
  }

  text(column: number): string {
    return this.bytes.toString('latin1', this.from(column), this.to(column));
  }

  isEmpty(column: number): boolean {
    return this.from(column) === this.to(column);
  }

  /** Server ms of a date column and, unless the file has none, the time column after it. */
  serverTime(dateColumn: number, timeColumn: number | undefined): number {
    const date = parseDate(this.bytes, this.from(dateColumn), this.to(dateColumn));
    if (Number.isNaN(date)) this.refuseField(dateColumn, 'is not a date (YYYY.MM.DD)');
    if (timeColumn === undefined) return date;
    const time = parseTime(this.bytes, this.from(timeColumn), this.to(timeColumn));
    if (Number.isNaN(time)) this.refuseField(timeColumn, 'is not a time (HH:MM:SS)');
    return date + time;
  }

  /** UTC of a server time, refused where the zone's clock skips it. */
  toUtc(serverMs: number): number {
    const utc = this.zone.toUtc(serverMs);
    if (this.zone.toServer(utc) !== serverMs) {
      this.refuse(
        `${formatServerTime(serverMs)} does not exist in ${this.zone.name} (clocks go forward)`,
        "State the server's real time zone with --server-tz",
      );
    }
    return utc;
  }

  /** Integer of a price's digits (see `decimals`), above zero. */
  price(column: number): number {
    const value = this.decimal.parse(this.bytes, this.from(column), this.to(column));
    if (Number.isNaN(value)) this.refuseField(column, 'is not a number');
    if (value <= 0) this.refuseField(column, 'is not above zero');
    if (this.decimal.decimals > MARKET_LIMITS.maxDigits) {
      this.refuseField(column, `has more than ${MARKET_LIMITS.maxDigits} decimals`);
    }
    return value;
  }

  /** Refuses a file whose prices, written with the most decimals of any row, would be inexact. */
  checkScale(scale: PriceScale): void {
    if (scale.exact) return;
    this.refuse(`prices with ${scale.digits} decimals are too large to be exact`, FIX_ROW, 1);
  }

  /** A count: digits only. */
  count(column: number): number {
    const value = parseDigits(this.bytes, this.from(column), this.to(column));
    if (Number.isNaN(value)) this.refuseField(column, 'is not a whole number of zero or more');
    return value;
  }

  /** Refuses a field that is neither empty nor a number of zero or more. */
  checkOptional(column: number): void {
    if (this.isEmpty(column)) return;
    const value = this.decimal.parse(this.bytes, this.from(column), this.to(column));
    if (!(value >= 0)) this.refuseField(column, 'is not a number of zero or more');
  }

  private refuseField(column: number, complaint: string): never {
    return this.refuse(`${this.columns[column]} ${quoted(this.text(column))} ${complaint}`);
  }

  private from(column: number): number {
    return this.bounds[2 * column] ?? 0;
  }

  private to(column: number): number {
    return this.bounds[2 * column + 1] ?? 0;
  }
}
