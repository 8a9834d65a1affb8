import type { Bar, Timeframe } from '../../domain/market.ts';
import { TIMEFRAMES } from '../../domain/market.ts';
import type { EpochMs } from '../../domain/units.ts';
import { points } from '../../domain/units.ts';
import type { ServerZone } from '../venue-time.ts';
import type { RuntimeMessageOf } from '../wire/messages.ts';
import { instantOf, priceOf } from './listed.ts';
import { type Ask, onlyReply } from './reading.ts';

/** Weekends and holidays: so much more than the bars' own length is asked for. */
const WIDER = 1.6;
const LONGEST_BREAK_MS = 5 * 86_400_000;

/**
 * Bars of a symbol from the EA, oldest first; undefined when it did not say. Only for a symbol that
 * exists: for any other the EA indexes its array with -1, and MetaTrader removes it.
 */
export const fetchBars = async (
  ask: Ask,
  wanted: Pick<
    RuntimeMessageOf<'history.request'>,
    'symbol' | 'timeframe' | 'count' | 'fromMs' | 'toMs'
  >,
  facts: { readonly zone: ServerZone; readonly digits: number; readonly now: EpochMs },
): Promise<readonly Bar[] | undefined> => {
  const { symbol, timeframe, count, fromMs, toMs } = wanted;
  const { zone, digits, now } = facts;
  const span = TIMEFRAMES[timeframe];
  const to = Math.min(toMs + span, now);
  const from = fromMs ?? to - count * span * WIDER - LONGEST_BREAK_MS;
  const outcome = await ask({
    ...{ action: 'HISTORY', actionType: 'DATA', symbol, chartTF: timeframe },
    fromDate: Math.floor(zone.toServer(from) / 1000),
    toDate: Math.ceil(zone.toServer(to) / 1000),
  });
  const data = onlyReply(outcome, 'data');
  if (data === undefined || data.symbol !== symbol) return undefined;
  const bars = new Map<number, Bar>();
  for (const row of data.rows) {
    const bar = barOf(row, { symbol, timeframe, zone, digits, now });
    // Some versions put the running bar behind the range that was asked for.
    if (bar !== undefined) bars.set(bar.at, bar);
  }
  return [...bars.values()].sort((a, b) => a.at - b.at);
};

const barOf = (
  row: readonly string[],
  facts: {
    readonly symbol: string;
    readonly timeframe: Timeframe;
    readonly zone: ServerZone;
    readonly digits: number;
    readonly now: EpochMs;
  },
): Bar | undefined => {
  const { symbol, timeframe, zone, digits, now } = facts;
  const [time, open, high, low, close, volume = '0', spread = '0'] = row;
  if (time === undefined || open === undefined || high === undefined) return undefined;
  if (low === undefined || close === undefined) return undefined;
  const at = instantOf(Number(time), zone);
  return {
    ...{ symbol, timeframe, at },
    open: priceOf(open, digits),
    high: priceOf(high, digits),
    low: priceOf(low, digits),
    close: priceOf(close, digits),
    tickVolume: Math.max(0, Math.round(Number(volume))),
    spreadPoints: points(Math.max(0, Math.round(Number(spread)))),
    complete: at + TIMEFRAMES[timeframe] <= now,
    gap: false,
  };
};
