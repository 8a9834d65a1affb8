import type { EpochMs, Points } from './units.ts';

/** One quote. Several ticks may share a millisecond; their order is the file's or venue's. */
export interface Tick {
  readonly symbol: string;
  readonly at: EpochMs;
  readonly bid: Points;
  readonly ask: Points;
}

export const TIMEFRAMES = {
  M1: 60_000,
  M5: 300_000,
  M15: 900_000,
  M30: 1_800_000,
  H1: 3_600_000,
  H4: 14_400_000,
  D1: 86_400_000,
} as const;
export type Timeframe = keyof typeof TIMEFRAMES;

/** A bar of bid prices. `at` is its opening instant; `complete` is false for the running bar,
 * `gap` is true when ticks of its span may be missing (back-fill failed). */
export interface Bar {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly at: EpochMs;
  readonly open: Points;
  readonly high: Points;
  readonly low: Points;
  readonly close: Points;
  readonly tickVolume: number;
  readonly spreadPoints: Points;
  readonly complete: boolean;
  readonly gap: boolean;
}
