import type { Bar, Timeframe } from '../../../domain/market.ts';
import { TIMEFRAMES } from '../../../domain/market.ts';
import type { EpochMs } from '../../../domain/units.ts';
import { epochMs, points } from '../../../domain/units.ts';
import type { ServerZone } from '../../venue-time.ts';
import type { BarColumns, QuoteSeries } from './quote-series.ts';

/** A bar of a source's own timeframe, as far as it was played. Prices in points. */
export interface BaseBar {
  readonly at: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly tickVolume: number;
  readonly spread: number;
}

/** The bar of quotes [from, to), which must not be empty. */
const barOfQuotes = (quotes: QuoteSeries, at: number, from: number, to: number): BaseBar => {
  const open = quotes.bidOf(from);
  let [high, low, close, spread] = [open, open, open, Number.POSITIVE_INFINITY];
  for (let index = from; index < to; index += 1) {
    close = quotes.bidOf(index);
    high = Math.max(high, close);
    low = Math.min(low, close);
    spread = Math.min(spread, quotes.askOf(index) - close);
  }
  return { at, open, high, low, close, tickVolume: to - from, spread };
};

const cell = (column: Float64Array | Uint32Array, index: number): number => column[index] ?? 0;

/** The first `count` bars of a series, newest first, each with all of its quotes. */
export function* wholeBars(bars: BarColumns, count: number): Generator<BaseBar> {
  for (let index = count - 1; index >= 0; index -= 1) {
    yield {
      at: cell(bars.at, index),
      open: cell(bars.open, index),
      high: cell(bars.high, index),
      low: cell(bars.low, index),
      close: cell(bars.close, index),
      tickVolume: cell(bars.firstQuote, index + 1) - cell(bars.firstQuote, index),
      spread: cell(bars.spread, index),
    };
  }
}

/** Bars of the first `cursor` quotes, newest first; the newest holds only quotes before it. */
export function* playedBars(quotes: QuoteSeries, cursor: number): Generator<BaseBar> {
  if (cursor === 0) return;
  const { bars } = quotes;
  const newest = quotes.barOf(cursor - 1);
  yield barOfQuotes(quotes, cell(bars.at, newest), cell(bars.firstQuote, newest), cursor);
  yield* wholeBars(bars, newest);
}

/** Opening and closing instant of the bar that contains `at`. Up to an hour bars follow UTC, which
 * never repeats an hour; H4 and D1 are cut at the server's own 00:00, 04:00, … */
const boundsOf = (
  at: number,
  timeframe: Timeframe,
  zone: ServerZone,
): { readonly start: number; readonly end: number } => {
  const span = TIMEFRAMES[timeframe];
  const serverMs = zone.toServer(at);
  const label = Math.floor(serverMs / span) * span;
  if (span <= TIMEFRAMES.H1) {
    const start = at - (serverMs - label);
    return { start, end: start + span };
  }
  return { start: zone.toUtc(label), end: zone.toUtc(label + span) };
};

export interface HistoryQuery {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly count: number;
  readonly to: EpochMs;
}

interface Bucket {
  readonly start: number;
  readonly end: number;
  readonly running: boolean;
  bar: BaseBar;
}

/**
 * Bars of `timeframe` from base bars, newest first in, oldest first out. The bucket of the newest
 * base bar is the running one: it is returned, incomplete, unless `to` lies before `lastQuoteAt`
 * and before its end. Buckets that end after `to` are left out.
 */
export const aggregate = (
  newestFirst: Iterable<BaseBar>,
  query: HistoryQuery,
  context: { readonly zone: ServerZone; readonly lastQuoteAt: number },
): readonly Bar[] => {
  const found: Bar[] = [];
  const keep = (bucket: Bucket): void => {
    const visible = bucket.end <= query.to || (bucket.running && query.to >= context.lastQuoteAt);
    if (visible) found.push(toBar(bucket, query));
  };
  let bucket: Bucket | undefined;
  for (const older of newestFirst) {
    if (found.length >= query.count) break;
    if (bucket !== undefined && older.at >= bucket.start) {
      bucket.bar = joined(older, bucket.bar);
      continue;
    }
    if (bucket !== undefined) keep(bucket);
    const bounds = boundsOf(older.at, query.timeframe, context.zone);
    bucket = { ...bounds, running: bucket === undefined, bar: older };
  }
  if (bucket !== undefined && found.length < query.count) keep(bucket);
  return found.slice(0, query.count).reverse();
};

const joined = (older: BaseBar, newer: BaseBar): BaseBar => ({
  at: older.at,
  open: older.open,
  high: Math.max(older.high, newer.high),
  low: Math.min(older.low, newer.low),
  close: newer.close,
  tickVolume: older.tickVolume + newer.tickVolume,
  spread: Math.min(older.spread, newer.spread),
});

const toBar = ({ start, running, bar }: Bucket, query: HistoryQuery): Bar => ({
  symbol: query.symbol,
  timeframe: query.timeframe,
  at: epochMs(start),
  open: points(bar.open),
  high: points(bar.high),
  low: points(bar.low),
  close: points(bar.close),
  tickVolume: bar.tickVolume,
  spreadPoints: points(bar.spread),
  complete: !running,
  gap: false,
});
