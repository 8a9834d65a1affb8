import { formatServerTime } from '../../venue-time.ts';
import { Column, PriceScale } from './columns.ts';
import type { LoadedTicks } from './loaded-series.ts';
import type { RowContext } from './row-context.ts';

export const TICK_COLUMNS = [
  '<DATE>',
  '<TIME>',
  '<BID>',
  '<ASK>',
  '<LAST>',
  '<VOLUME>',
  '<FLAGS>',
] as const;

const withMillis = (serverMs: number): string =>
  `${formatServerTime(serverMs)}.${String(serverMs % 1000).padStart(3, '0')}`;

/** The last price of one side as it was written; 0 before the first. */
interface Written {
  mantissa: number;
  decimals: number;
}

/** Ticks of one file. An empty BID or ASK means unchanged, as MT5 writes it; rows before the first
 * full quote are passed over, because nothing could be traded on them. */
export class TickRows {
  private readonly context: RowContext;
  private readonly at = new Column();
  private readonly bid = new Column();
  private readonly ask = new Column();
  private readonly scale = new PriceScale([this.bid, this.ask]);
  private readonly lastBid: Written = { mantissa: 0, decimals: 0 };
  private readonly lastAsk: Written = { mantissa: 0, decimals: 0 };
  private last = Number.NEGATIVE_INFINITY;

  constructor(context: RowContext) {
    this.context = context;
  }

  get length(): number {
    return this.at.length;
  }

  row(): void {
    const { context } = this;
    const serverMs = context.serverTime(0, 1);
    if (serverMs < this.last) {
      context.refuse(`tick time ${withMillis(serverMs)} is before ${withMillis(this.last)}`);
    }
    this.last = serverMs;
    this.readSide(2, this.lastBid);
    this.readSide(3, this.lastAsk);
    context.checkOptional(4);
    context.checkOptional(5);
    if (!context.isEmpty(6)) context.count(6);
    const atUtc = context.toUtc(serverMs);
    if (this.lastBid.mantissa === 0 || this.lastAsk.mantissa === 0) return;
    this.at.push(atUtc);
    this.bid.push(this.scale.toPoints(this.lastBid.mantissa, this.lastBid.decimals));
    this.ask.push(this.scale.toPoints(this.lastAsk.mantissa, this.lastAsk.decimals));
    // Read back only now: the ask may have rescaled the bid.
    const row = this.length - 1;
    if (this.ask.at(row) < this.bid.at(row)) {
      const [bid, ask] = [context.text(2) || 'as before', context.text(3) || 'as before'];
      context.refuse(`the ask (${ask}) is below the bid (${bid})`);
    }
  }

  finish(symbol: string): LoadedTicks {
    this.context.checkScale(this.scale);
    return {
      kind: 'ticks',
      file: this.context.file,
      symbol,
      digits: this.scale.digits,
      at: this.at.take(),
      bid: this.bid.take(),
      ask: this.ask.take(),
    };
  }

  private readSide(column: number, side: Written): void {
    if (this.context.isEmpty(column)) return;
    side.mantissa = this.context.price(column);
    side.decimals = this.context.decimals;
  }
}
