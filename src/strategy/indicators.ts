import type { Bar } from '../domain/market.ts';
import type { Points } from '../domain/units.ts';

/**
 * Indicators over plain data. Prices go in as integer points; sums and extremes stay integers, so
 * comparing two of them is exact. Averages are doubles, computed in one fixed order: the same bars
 * give the same bits on every machine.
 *
 * A strategy keeps windows, not running averages: it must not remember more than its warm-up bars
 * can teach it, and a smoothed average never forgets.
 */

/** The window with `value` appended, at most `capacity` long, oldest first. */
export const pushed = (
  window: readonly number[],
  value: number,
  capacity: number,
): readonly number[] =>
  window.length < capacity ? [...window, value] : [...window.slice(1 - capacity), value];

/** Range of a bar including the gap to the close before it; points. */
export const trueRange = (bar: Pick<Bar, 'high' | 'low'>, previousClose: number): number =>
  Math.max(bar.high, previousClose) - Math.min(bar.low, previousClose);

/**
 * Wilder's average of true ranges over a window, oldest first: the mean of the first `period`,
 * then (previous · (period − 1) + range) / period. A double, in points; undefined while the window
 * is shorter than `period`.
 */
export const wilderAtr = (ranges: readonly number[], period: number): number | undefined => {
  if (period < 1 || ranges.length < period) return undefined;
  let value = 0;
  for (let i = 0; i < period; i += 1) value += ranges[i] ?? 0;
  value /= period;
  for (let i = period; i < ranges.length; i += 1) {
    value = (value * (period - 1) + (ranges[i] ?? 0)) / period;
  }
  return value;
};

/** Sum of the last `count` values; undefined while there are fewer. Exact for integers. */
export const sumOfLast = (values: readonly number[], count: number): number | undefined => {
  if (count < 1 || values.length < count) return undefined;
  let sum = 0;
  for (let i = values.length - count; i < values.length; i += 1) sum += values[i] ?? 0;
  return sum;
};

/** Simple moving average of the last `count` values: a double, in points. */
export const sma = (values: readonly number[], count: number): number | undefined => {
  const sum = sumOfLast(values, count);
  return sum === undefined ? undefined : sum / count;
};

/** Highest and lowest of the last `count` bars (a Donchian channel); integers, points. */
export interface Channel {
  readonly high: Points;
  readonly low: Points;
}
export const channelOf = (
  highs: readonly number[],
  lows: readonly number[],
  count: number,
): Channel | undefined => {
  if (count < 1 || highs.length < count || lows.length < count) return undefined;
  const high = Math.max(...highs.slice(-count));
  const low = Math.min(...lows.slice(-count));
  return { high: high as Points, low: low as Points };
};
