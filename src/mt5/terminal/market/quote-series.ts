import type { Timeframe } from '../../../domain/market.ts';

/**
 * Base bars of a series and the quotes inside of them. Bar b holds the quotes
 * [firstQuote[b], firstQuote[b + 1]); its figures are those of these quotes.
 */
export interface BarColumns {
  readonly timeframe: Timeframe;
  readonly length: number;
  /** Opening instants, EpochMs, strictly increasing. */
  readonly at: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly spread: Float64Array;
  /** One longer than the bars. */
  readonly firstQuote: Uint32Array;
}

/** All quotes of one symbol over a stretch of time, by index; instants never decrease. */
export interface QuoteSeries {
  readonly bars: BarColumns;
  readonly length: number;
  readonly atOf: (index: number) => number;
  readonly bidOf: (index: number) => number;
  readonly askOf: (index: number) => number;
  /** Base bar to which a quote belongs. */
  readonly barOf: (index: number) => number;
}

/** First index of [0, length) whose value is greater than `limit`; length when there is none. */
export const firstAbove = (
  length: number,
  valueAt: (index: number) => number,
  limit: number,
): number => {
  let low = 0;
  let high = length;
  while (low < high) {
    // Not a shift: ranges of milliseconds exceed 32 bits.
    const middle = Math.floor((low + high) / 2);
    if (valueAt(middle) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** Looks up the bar of a quote; neighbouring questions, as in a replay, cost a comparison. */
export const barFinder = (firstQuote: Uint32Array): ((index: number) => number) => {
  let bar = 0;
  const first = (of: number): number => firstQuote[of] ?? Number.POSITIVE_INFINITY;
  return (index) => {
    if (index >= first(bar) && index < first(bar + 1)) return bar;
    if (index >= first(bar + 1) && index < first(bar + 2)) {
      bar += 1;
      return bar;
    }
    bar = firstAbove(firstQuote.length, first, index) - 1;
    return bar;
  };
};
