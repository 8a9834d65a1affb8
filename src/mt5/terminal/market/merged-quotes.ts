import type { Tick } from '../../../domain/market.ts';
import { epochMs, points } from '../../../domain/units.ts';
import type { QuoteSeries } from './quote-series.ts';
import { firstAbove } from './quote-series.ts';

/** One symbol's quotes; several of them are merged by time. */
export interface SymbolQuotes {
  readonly symbol: string;
  readonly quotes: QuoteSeries;
}

/**
 * The quotes of several symbols in time order. Equal instants keep the order of the list, and
 * within a symbol the order of its series. Positions count consumed quotes.
 */
export class MergedQuotes {
  private readonly sources: readonly SymbolQuotes[];
  private readonly cursors: Uint32Array;
  private readonly dueAt: Float64Array;
  private consumed = 0;
  private head: Tick | undefined;
  private headSource = -1;
  readonly length: number;

  constructor(sources: readonly SymbolQuotes[]) {
    this.sources = sources;
    this.cursors = new Uint32Array(sources.length);
    this.dueAt = new Float64Array(sources.length);
    this.length = sources.reduce((sum, source) => sum + source.quotes.length, 0);
    this.seek(0);
  }

  get position(): number {
    return this.consumed;
  }

  /** Quotes consumed of the source at `index`. */
  cursor(index: number): number {
    return this.cursors[index] ?? 0;
  }

  peek(): Tick | undefined {
    if (this.head === undefined && this.consumed < this.length) this.find();
    return this.head;
  }

  next(): Tick | undefined {
    const tick = this.peek();
    if (tick === undefined) return undefined;
    const cursor = this.cursor(this.headSource) + 1;
    this.cursors[this.headSource] = cursor;
    this.refreshDue(this.headSource);
    this.consumed += 1;
    this.head = undefined;
    return tick;
  }

  /** Moves to a position by bisection over time. Throws RangeError outside of [0, length]: such a
   * position belongs to other data, and any place chosen for it would be a silent lie. */
  seek(position: number): void {
    if (!Number.isInteger(position) || position < 0 || position > this.length) {
      throw new RangeError(`position ${position} is not in this market (0 to ${this.length})`);
    }
    const before = this.instantBefore(position);
    this.consumed = 0;
    this.sources.forEach((source, index) => {
      const { quotes } = source;
      const cursor = firstAbove(quotes.length, quotes.atOf, before);
      this.cursors[index] = cursor;
      this.consumed += cursor;
      this.refreshDue(index);
    });
    this.head = undefined;
    // What is left shares one instant; only stepping keeps the order among its quotes.
    while (this.consumed < position) this.next();
  }

  /** The latest instant up to which (inclusive) at most `target` quotes lie. */
  private instantBefore(target: number): number {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const { quotes } of this.sources) {
      if (quotes.length === 0) continue;
      low = Math.min(low, quotes.atOf(0) - 1);
      high = Math.max(high, quotes.atOf(quotes.length - 1));
    }
    if (low > high) return low;
    const span = high - low + 1;
    const over = firstAbove(span, (offset) => this.countUpTo(low + offset), target);
    return low + over - 1;
  }

  private countUpTo(instant: number): number {
    let count = 0;
    for (const { quotes } of this.sources) {
      count += firstAbove(quotes.length, quotes.atOf, instant);
    }
    return count;
  }

  private refreshDue(index: number): void {
    const quotes = this.sources[index]?.quotes;
    const cursor = this.cursor(index);
    const due = quotes === undefined || cursor >= quotes.length ? Infinity : quotes.atOf(cursor);
    this.dueAt[index] = due;
  }

  private find(): void {
    let chosen = 0;
    for (let index = 1; index < this.dueAt.length; index += 1) {
      if ((this.dueAt[index] ?? Infinity) < (this.dueAt[chosen] ?? Infinity)) chosen = index;
    }
    const source = this.sources[chosen];
    if (source === undefined) return;
    const cursor = this.cursor(chosen);
    this.headSource = chosen;
    this.head = {
      symbol: source.symbol,
      at: epochMs(source.quotes.atOf(cursor)),
      bid: points(source.quotes.bidOf(cursor)),
      ask: points(source.quotes.askOf(cursor)),
    };
  }
}
