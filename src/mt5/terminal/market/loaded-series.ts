import type { Timeframe } from '../../../domain/market.ts';

/** One validated file, in UTC and integer points of 10^-digits; row i of the file is index i. */
export interface LoadedBars {
  readonly kind: 'bars';
  readonly file: string;
  readonly symbol: string;
  readonly digits: number;
  readonly timeframe: Timeframe;
  /** Opening instants, EpochMs, strictly increasing. */
  readonly at: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** 0 = not recorded. */
  readonly tickVolume: Float64Array;
  /** The narrowest spread of the bar's span, points. */
  readonly spread: Float64Array;
}

export interface LoadedTicks {
  readonly kind: 'ticks';
  readonly file: string;
  readonly symbol: string;
  readonly digits: number;
  /** EpochMs, never decreasing; equal instants keep the file's order. */
  readonly at: Float64Array;
  readonly bid: Float64Array;
  readonly ask: Float64Array;
}
export type LoadedSeries = LoadedBars | LoadedTicks;
