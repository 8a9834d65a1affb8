import type { Bar, Tick, Timeframe } from '../domain/market.ts';
import { TIMEFRAMES } from '../domain/market.ts';
import type { EpochMs } from '../domain/units.ts';
import { points } from '../domain/units.ts';

/** Opening instant (UTC) of the bar that contains an instant: bars align to server-time days. */
export type Align = (utcMs: EpochMs, timeframe: Timeframe) => EpochMs;

export interface BarBuilderOptions {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly align: Align;
}

/**
 * Builds the bars of one symbol and timeframe from its ticks, before any conflation. A bar is
 * complete when the first tick of a later bar arrives: until then a quote may still belong to it.
 * Deterministic: the same ticks in the same order give the same bars.
 */
export interface BarBuilder {
  /** Takes over history, oldest first; an incomplete last bar goes on running. Ticks at or before
   * `includedUpTo` are in it already and will be ignored. Answers the complete bars. History also
   * heals a gap: what was missed is in it. */
  readonly prime: (bars: readonly Bar[], includedUpTo: EpochMs) => readonly Bar[];
  /** One tick; the bar that it completed, if any. A tick that belongs before the running bar is
   * ignored: its bar is out. */
  readonly push: (tick: Tick) => Bar | undefined;
  /** Ticks may be missing from here on: flags the running bar and the next one. */
  readonly markGap: () => void;
  /** End of the data: the running bar counts as complete. */
  readonly closeRunning: () => Bar | undefined;
  readonly running: () => Bar | undefined;
}

const opened = (options: BarBuilderOptions, tick: Tick, at: EpochMs, gap: boolean): Bar => ({
  symbol: options.symbol,
  timeframe: options.timeframe,
  at,
  open: tick.bid,
  high: tick.bid,
  low: tick.bid,
  close: tick.bid,
  tickVolume: 1,
  spreadPoints: points(tick.ask - tick.bid),
  complete: false,
  gap,
});

/** MT5 stores the narrowest spread of a bar. */
const extended = (bar: Bar, tick: Tick): Bar => ({
  ...bar,
  high: points(Math.max(bar.high, tick.bid)),
  low: points(Math.min(bar.low, tick.bid)),
  close: tick.bid,
  tickVolume: bar.tickVolume + 1,
  spreadPoints: points(Math.min(bar.spreadPoints, tick.ask - tick.bid)),
});

export const createBarBuilder = (options: BarBuilderOptions): BarBuilder => {
  const { timeframe, align } = options;
  const span = TIMEFRAMES[timeframe];
  // Server offsets are whole hours or halves: bars up to M30 never change their length.
  const isFixed = span <= TIMEFRAMES.M30;
  let running: Bar | undefined;
  let ignoreUpTo = Number.NEGATIVE_INFINITY;
  let lastOpenedAt = Number.NEGATIVE_INFINITY;
  let gapAhead = false;

  const finish = (bar: Bar): Bar => ({ ...bar, complete: true });

  return {
    prime: (bars, includedUpTo) => {
      const last = bars.at(-1);
      running = last?.complete === false ? last : undefined;
      lastOpenedAt = last?.at ?? lastOpenedAt;
      ignoreUpTo = includedUpTo;
      gapAhead = false;
      return bars.filter((bar) => bar.complete);
    },
    push: (tick) => {
      if (tick.at <= ignoreUpTo) return undefined;
      if (running !== undefined && isFixed) {
        if (tick.at >= running.at && tick.at < running.at + span) {
          running = extended(running, tick);
          return undefined;
        }
      }
      const at = align(tick.at, timeframe);
      if (running !== undefined && at === running.at) {
        running = extended(running, tick);
        return undefined;
      }
      // Equal to the last one that was closed: that bar is out, a late tick cannot reopen it.
      if (at <= lastOpenedAt) return undefined;
      const completed = running === undefined ? undefined : finish(running);
      running = opened(options, tick, at, gapAhead);
      lastOpenedAt = at;
      gapAhead = false;
      return completed;
    },
    markGap: () => {
      if (running !== undefined) running = { ...running, gap: true };
      gapAhead = true;
    },
    closeRunning: () => {
      const bar = running;
      running = undefined;
      return bar === undefined ? undefined : finish(bar);
    },
    running: () => running,
  };
};
