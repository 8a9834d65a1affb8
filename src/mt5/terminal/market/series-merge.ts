import type { ServerZone } from '../../venue-time.ts';
import { formatServerTime } from '../../venue-time.ts';
import { MarketDataError } from './errors.ts';
import type { LoadedBars, LoadedSeries, LoadedTicks } from './loaded-series.ts';

type ColumnOf<Series> = (part: Series) => Float64Array;
const first = (part: LoadedSeries): number => part.at[0] ?? Number.NaN;
const last = (part: LoadedSeries): number => part.at[part.at.length - 1] ?? Number.NaN;

const concat = <Series extends LoadedSeries>(
  parts: readonly Series[],
  columnOf: ColumnOf<Series>,
  digits?: number,
): Float64Array => {
  const joined = new Float64Array(parts.reduce((sum, part) => sum + part.at.length, 0));
  let offset = 0;
  for (const part of parts) {
    const factor = digits === undefined ? 1 : 10 ** (digits - part.digits);
    const column = columnOf(part);
    joined.set(factor === 1 ? column : column.map((value) => value * factor), offset);
    offset += part.at.length;
  }
  return joined;
};

const refuse = (part: LoadedSeries, reason: string, remedy: string): never => {
  throw new MarketDataError({ file: part.file, line: 1, reason, remedy });
};

/** Refuses neighbours in time that cannot be one series. */
const checkPair = (before: LoadedSeries, after: LoadedSeries, zone: ServerZone): void => {
  const { symbol } = after;
  const only = `Name files of one kind and timeframe for ${symbol}`;
  if (before.kind !== after.kind) {
    refuse(
      after,
      `this file has ${after.kind} of ${symbol}, ${before.file} has ${before.kind}`,
      only,
    );
  }
  if (before.kind === 'bars' && after.kind === 'bars' && before.timeframe !== after.timeframe) {
    refuse(
      after,
      `${after.timeframe} bars of ${symbol}, but ${before.file} has ${before.timeframe}`,
      only,
    );
  }
  // Ticks may share a millisecond, also across files; a bar may exist once only.
  const overlap =
    after.kind === 'bars' ? first(after) <= last(before) : first(after) < last(before);
  if (overlap) {
    const begins = formatServerTime(zone.toServer(first(after)));
    const ends = formatServerTime(zone.toServer(last(before)));
    refuse(
      after,
      `it begins at ${begins}, before the end of ${before.file} at ${ends}`,
      `Name files of ${symbol} that do not overlap`,
    );
  }
};

const joinBars = (parts: readonly LoadedBars[], head: LoadedBars, digits: number): LoadedBars => ({
  ...head,
  digits,
  at: concat(parts, (part) => part.at),
  open: concat(parts, (part) => part.open, digits),
  high: concat(parts, (part) => part.high, digits),
  low: concat(parts, (part) => part.low, digits),
  close: concat(parts, (part) => part.close, digits),
  tickVolume: concat(parts, (part) => part.tickVolume),
  spread: concat(parts, (part) => part.spread, digits),
});

const joinTicks = (
  parts: readonly LoadedTicks[],
  head: LoadedTicks,
  digits: number,
): LoadedTicks => ({
  ...head,
  digits,
  at: concat(parts, (part) => part.at),
  bid: concat(parts, (part) => part.bid, digits),
  ask: concat(parts, (part) => part.ask, digits),
});

/**
 * One series of all files of a symbol, in time order whatever the order they were named in, in
 * points of the most digits among them (and of `digits`, when given and larger). Throws
 * MarketDataError when kinds or timeframes differ or files overlap.
 */
export const joinSeries = (
  files: readonly LoadedSeries[],
  zone: ServerZone,
  digits = 0,
): LoadedSeries | undefined => {
  const parts = [...files].sort((a, b) => first(a) - first(b));
  parts.forEach((part, index) => {
    const before = parts[index - 1];
    if (before !== undefined) checkPair(before, part, zone);
  });
  const head = parts[0];
  if (head === undefined) return undefined;
  const finest = parts.reduce((most, part) => Math.max(most, part.digits), digits);
  if (parts.length === 1 && head.digits === finest) return head;
  const isBars = (part: LoadedSeries): part is LoadedBars => part.kind === 'bars';
  const isTicks = (part: LoadedSeries): part is LoadedTicks => part.kind === 'ticks';
  return head.kind === 'bars'
    ? joinBars(parts.filter(isBars), head, finest)
    : joinTicks(parts.filter(isTicks), head, finest);
};
