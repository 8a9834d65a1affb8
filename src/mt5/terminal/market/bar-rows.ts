import type { Timeframe } from '../../../domain/market.ts';
import { TIMEFRAMES } from '../../../domain/market.ts';
import { formatServerTime } from '../../venue-time.ts';
import { Column, PriceScale } from './columns.ts';
import type { LoadedBars } from './loaded-series.ts';
import type { RowContext } from './row-context.ts';

/** MT5 leaves the time out of its daily exports. */
export const BAR_COLUMNS = [
  '<DATE>',
  '<TIME>',
  '<OPEN>',
  '<HIGH>',
  '<LOW>',
  '<CLOSE>',
  '<TICKVOL>',
  '<VOL>',
  '<SPREAD>',
] as const;
export const DAILY_BAR_COLUMNS = BAR_COLUMNS.filter((name) => name !== '<TIME>');

const NAMES = Object.keys(TIMEFRAMES) as readonly Timeframe[];

/** `EURUSD_M5_2024.csv` hints at M5; the data decides, the hint only settles sparse files. */
const hintOf = (file: string): Timeframe | undefined => {
  const words = file.slice(file.lastIndexOf('/') + 1).split(/[^A-Za-z0-9]+/);
  if (words.some((word) => /^daily$/i.test(word))) return 'D1';
  return NAMES.find((name) => words.includes(name));
};

/** Bars of one file: validates row by row, then infers the timeframe. */
export class BarRows {
  private readonly context: RowContext;
  private readonly daily: boolean;
  private readonly server = new Column();
  private readonly at = new Column();
  private readonly open = new Column();
  private readonly high = new Column();
  private readonly low = new Column();
  private readonly close = new Column();
  private readonly tickVolume = new Column();
  private readonly spread = new Column();
  private readonly scale = new PriceScale([this.open, this.high, this.low, this.close]);
  private last = Number.NEGATIVE_INFINITY;
  private smallestStep = Number.POSITIVE_INFINITY;

  constructor(context: RowContext, daily: boolean) {
    this.context = context;
    this.daily = daily;
  }

  get length(): number {
    return this.at.length;
  }

  row(): void {
    const { context } = this;
    const first = this.daily ? 1 : 2;
    const serverMs = context.serverTime(0, this.daily ? undefined : 1);
    if (serverMs <= this.last) {
      const now = formatServerTime(serverMs);
      context.refuse(`bar time ${now} does not come after ${formatServerTime(this.last)}`);
    }
    this.readPrices(first);
    if (this.length > 0) this.smallestStep = Math.min(this.smallestStep, serverMs - this.last);
    this.last = serverMs;
    this.server.push(serverMs);
    this.at.push(context.toUtc(serverMs));
    this.tickVolume.push(context.count(first + 4));
    context.count(first + 5);
    this.spread.push(context.count(first + 6));
  }

  finish(symbol: string): LoadedBars {
    this.context.checkScale(this.scale);
    const timeframe = this.inferTimeframe();
    const span = TIMEFRAMES[timeframe];
    for (let index = 0; index < this.length; index += 1) {
      const serverMs = this.server.at(index);
      if (serverMs % span !== 0) {
        // Rows follow one header line without blanks, so row i stands on line i + 2.
        this.context.refuse(
          `${formatServerTime(serverMs)} does not start a bar of ${timeframe}`,
          'Export the file again; bars of different timeframes must not be mixed',
          index + 2,
        );
      }
    }
    return {
      kind: 'bars',
      file: this.context.file,
      symbol,
      digits: this.scale.digits,
      timeframe,
      at: this.at.take(),
      open: this.open.take(),
      high: this.high.take(),
      low: this.low.take(),
      close: this.close.take(),
      tickVolume: this.tickVolume.take(),
      spread: this.spread.take(),
    };
  }

  private readPrices(first: number): void {
    const { context, scale } = this;
    this.open.push(scale.toPoints(context.price(first), context.decimals));
    this.high.push(scale.toPoints(context.price(first + 1), context.decimals));
    this.low.push(scale.toPoints(context.price(first + 2), context.decimals));
    this.close.push(scale.toPoints(context.price(first + 3), context.decimals));
    // Read back only now: a later price of the same row may have rescaled the earlier ones.
    const row = this.close.length - 1;
    const high = this.high.at(row);
    const low = this.low.at(row);
    const top = Math.max(this.open.at(row), this.close.at(row), low);
    const bottom = Math.min(this.open.at(row), this.close.at(row));
    if (high < top || low > bottom) {
      const [o, h, l, c] = [0, 1, 2, 3].map((offset) => context.text(first + offset));
      context.refuse(`open ${o}, high ${h}, low ${l}, close ${c} cannot be one bar`);
    }
  }

  private inferTimeframe(): Timeframe {
    const hint = this.daily ? 'D1' : hintOf(this.context.file);
    const exact = NAMES.find((name) => TIMEFRAMES[name] === this.smallestStep);
    if (exact !== undefined) return exact;
    const fits =
      hint !== undefined && (this.length === 1 || this.smallestStep % TIMEFRAMES[hint] === 0);
    if (fits) return hint;
    const step =
      this.length === 1 ? 'there is one bar only' : `bars are ${this.smallestStep / 1000} s apart`;
    return this.context.refuse(
      `the timeframe is unknown: ${step}`,
      `Use a file of ${NAMES.join(', ')} bars, with the timeframe in its name (EURUSD_M1_2024.csv)`,
      1,
    );
  }
}
