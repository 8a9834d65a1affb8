import { TIMEFRAMES } from '../../../domain/market.ts';
import type { ServerZone } from '../../venue-time.ts';
import type { LoadedBars } from './loaded-series.ts';
import type { QuoteSeries } from './quote-series.ts';
import { barFinder } from './quote-series.ts';
import type { SpreadConvention } from './types.ts';

/*
 * Quotes played from bars, MT5's "1 minute OHLC". A rising bar visits open, low, high, close; a
 * falling one open, high, low, close; one that closes where it opened goes the other way than the
 * bar before it (the first of all counts as rising). Four quotes come at 0, 1/3, 2/3 of the span
 * and one second before its end; three at 0, 1/2 and end - 1 s; two at 0 and 1/2; a single one, the
 * close, at 1/2. (M1: +0/20/40/59 s, +0/30/59, +0/30, +30.)
 *
 * The tick volume says how many, 0 (not recorded) counting as four. A bar that could not have
 * reached its own extremes with so few gets as many as it needs, or a stop inside of it would never
 * be hit. Quotes are computed when asked for; only their numbers are kept.
 */
const LAST_BEFORE_END = 1000;
const cell = (column: Float64Array | Uint32Array | Uint8Array, index: number): number =>
  column[index] ?? Number.NaN;

/** Quotes that the bar at `index` is played with, 1 to 4. */
const quoteCount = (bars: LoadedBars, index: number): number => {
  const open = cell(bars.open, index);
  const close = cell(bars.close, index);
  const aboveBoth = cell(bars.high, index) > Math.max(open, close);
  const belowBoth = cell(bars.low, index) < Math.min(open, close);
  const inner = (aboveBoth ? 1 : 0) + (belowBoth ? 1 : 0);
  const needed = inner > 0 ? inner + 2 : open === close ? 1 : 2;
  const recorded = cell(bars.tickVolume, index) || 4;
  return Math.min(4, Math.max(needed, recorded));
};

/** 1 where the bar is played low first, 0 where high first. */
const risingFlags = (bars: LoadedBars): Uint8Array => {
  const rising = new Uint8Array(bars.at.length);
  let previous = 0;
  for (let index = 0; index < rising.length; index += 1) {
    const change = cell(bars.close, index) - cell(bars.open, index);
    previous = change === 0 ? 1 - previous : change > 0 ? 1 : 0;
    rising[index] = previous;
  }
  return rising;
};

/** Milliseconds from the bar's opening to its quote `nth` of `count`; spans are multiples of 60 s. */
const offsetOf = (nth: number, count: number, span: number): number => {
  if (count === 1) return span / 2;
  if (nth === 0) return 0;
  if (count === 2) return span / 2;
  if (nth === count - 1) return span - LAST_BEFORE_END;
  return count === 3 ? span / 2 : (nth * span) / 3;
};

const bidAt = (
  bars: LoadedBars,
  bar: number,
  nth: number,
  count: number,
  rising: boolean,
): number => {
  if (nth === count - 1) return cell(bars.close, bar);
  if (nth === 0) return cell(bars.open, bar);
  const high = cell(bars.high, bar);
  const low = cell(bars.low, bar);
  if (count === 4) return (nth === 1) === rising ? low : high;
  // One quote between open and close: the extreme that neither of them is.
  if (high > Math.max(cell(bars.open, bar), cell(bars.close, bar))) return high;
  if (low < Math.min(cell(bars.open, bar), cell(bars.close, bar))) return low;
  return rising ? low : high;
};

/** 75th percentile (nearest rank) of the spreads of each server hour, 24 values; NaN without bars. */
export const hourlySpreadFloor = (
  bars: Pick<LoadedBars, 'at' | 'spread'>,
  zone: ServerZone,
): readonly number[] => {
  const hours: number[][] = Array.from({ length: 24 }, () => []);
  for (let index = 0; index < bars.at.length; index += 1) {
    const hour = Math.floor(zone.toServer(cell(bars.at, index)) / TIMEFRAMES.H1) % 24;
    hours[hour]?.push(cell(bars.spread, index));
  }
  return hours.map((spreads) => {
    const sorted = Float64Array.from(spreads).sort();
    return sorted.length === 0 ? Number.NaN : cell(sorted, Math.ceil(sorted.length * 0.75) - 1);
  });
};

const playedSpreads = (
  bars: LoadedBars,
  zone: ServerZone,
  convention: SpreadConvention,
): Float64Array => {
  if (convention === 'mt5-ohlc') return bars.spread;
  const floor = hourlySpreadFloor(bars, zone);
  return bars.spread.map((spread, index) => {
    const hour = Math.floor(zone.toServer(cell(bars.at, index)) / TIMEFRAMES.H1) % 24;
    return Math.max(spread, floor[hour] ?? spread);
  });
};

/** The quotes that bars stand for; the ask is the bid plus the convention's spread. */
export const barQuotes = (
  bars: LoadedBars,
  options: { readonly zone: ServerZone; readonly convention: SpreadConvention },
): QuoteSeries => {
  const count = bars.at.length;
  const rising = risingFlags(bars);
  const spread = playedSpreads(bars, options.zone, options.convention);
  const firstQuote = new Uint32Array(count + 1);
  for (let index = 0; index < count; index += 1) {
    firstQuote[index + 1] = cell(firstQuote, index) + quoteCount(bars, index);
  }
  const barOf = barFinder(firstQuote);
  const full = TIMEFRAMES[bars.timeframe];
  /** A daily bar of a short (summer time) day ends where the next one begins. */
  const spanOf = (bar: number): number =>
    bar + 1 < count ? Math.min(full, cell(bars.at, bar + 1) - cell(bars.at, bar)) : full;
  const sizeOf = (bar: number): number => cell(firstQuote, bar + 1) - cell(firstQuote, bar);
  const bidOf = (index: number): number => {
    const bar = barOf(index);
    return bidAt(bars, bar, index - cell(firstQuote, bar), sizeOf(bar), rising[bar] === 1);
  };
  return {
    bars: {
      timeframe: bars.timeframe,
      length: count,
      at: bars.at,
      open: bars.open,
      high: bars.high,
      low: bars.low,
      close: bars.close,
      spread,
      firstQuote,
    },
    length: cell(firstQuote, count),
    atOf: (index) => {
      const bar = barOf(index);
      const nth = index - cell(firstQuote, bar);
      return cell(bars.at, bar) + offsetOf(nth, sizeOf(bar), spanOf(bar));
    },
    bidOf,
    askOf: (index) => bidOf(index) + cell(spread, barOf(index)),
    barOf,
  };
};
