import { MARKET_LIMITS } from './limits.ts';
import type { BarColumns, QuoteSeries } from './quote-series.ts';
import { firstAbove } from './quote-series.ts';
import type { SyntheticSymbol } from './synthetic-day.ts';
import { generateDay, planDay } from './synthetic-day.ts';
import { tickQuotes } from './tick-quotes.ts';

/** Quotes of all symbols, and bars per symbol, from the start of the first day to that of another. */
export interface DayTotals {
  readonly quotesBefore: number;
  readonly barsBefore: readonly number[];
}

/** Bars of one day, kept for history after its quotes were dropped. */
export interface DayBars {
  readonly bars: BarColumns;
  /** Undefined on a closed day. */
  readonly lastQuoteAt: number | undefined;
}

/**
 * The days of a synthetic market: generated when asked for, counted by their plans, which are cheap,
 * and remembered as bars. Days count from 1970-01-01 in server time.
 */
export class SyntheticDays {
  private readonly symbols: readonly SyntheticSymbol[];
  private readonly firstDay: number;
  private readonly totals: DayTotals[];
  private readonly kept: readonly Map<number, DayBars>[];

  constructor(symbols: readonly SyntheticSymbol[], firstDay: number) {
    this.symbols = symbols;
    this.firstDay = firstDay;
    this.totals = [{ quotesBefore: 0, barsBefore: symbols.map(() => 0) }];
    this.kept = symbols.map(() => new Map());
  }

  /** Quotes of a day, one series per symbol. */
  quotesOf(day: number): readonly QuoteSeries[] {
    return this.symbols.map((symbol) => tickQuotes(generateDay(symbol, day)));
  }

  /** Totals before a day on or after the first. */
  totalsBefore(day: number): DayTotals {
    const wanted = day - this.firstDay;
    for (let index = this.totals.length - 1; index < wanted; index += 1) this.addDay(index);
    const totals = this.totals[wanted];
    if (totals === undefined) throw new RangeError(`day ${day} is before the market's first`);
    return totals;
  }

  /** The day that holds the quote number `count` (from 0) since the start of the first day. */
  dayOfQuote(count: number): number {
    while (this.quotesBefore(this.totals.length - 1) <= count) this.addDay(this.totals.length - 1);
    const after = firstAbove(this.totals.length, (index) => this.quotesBefore(index), count);
    return this.firstDay + after - 1;
  }

  /** Keeps the bars of a day's quotes, so that history need not generate the day again. */
  remember(index: number, day: number, quotes: QuoteSeries): DayBars {
    const lastQuoteAt = quotes.length === 0 ? undefined : quotes.atOf(quotes.length - 1);
    const dayBars: DayBars = { bars: quotes.bars, lastQuoteAt };
    const days = this.kept[index];
    days?.set(day, dayBars);
    if (days !== undefined && days.size > MARKET_LIMITS.syntheticDaysKept) {
      const oldest = days.keys().next().value;
      if (oldest !== undefined) days.delete(oldest);
    }
    return dayBars;
  }

  /** Bars of symbol `index` on the days before `day`, newest day first, as far as history reaches. */
  *barsBefore(index: number, day: number): Generator<DayBars> {
    const symbol = this.symbols[index];
    const oldest = this.firstDay - MARKET_LIMITS.syntheticPrehistoryDays;
    for (let earlier = day - 1; symbol !== undefined && earlier >= oldest; earlier -= 1) {
      const kept = this.kept[index]?.get(earlier);
      yield kept ?? this.remember(index, earlier, tickQuotes(generateDay(symbol, earlier)));
    }
  }

  private quotesBefore(index: number): number {
    return this.totals[index]?.quotesBefore ?? 0;
  }

  /** Adds the totals after the day at `index`, which must be the last one counted so far. */
  private addDay(index: number): void {
    const plans = this.symbols.map((symbol) => planDay(symbol, this.firstDay + index));
    const barsBefore = this.totals[index]?.barsBefore ?? [];
    this.totals.push({
      quotesBefore: plans.reduce((sum, plan) => sum + plan.tickTotal, this.quotesBefore(index)),
      barsBefore: plans.map((plan, nth) => (barsBefore[nth] ?? 0) + plan.openMinutes),
    });
  }
}
