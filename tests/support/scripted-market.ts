import type { Instrument } from '../../src/domain/instrument.ts';
import type { Tick } from '../../src/domain/market.ts';
import { epochMs, lotsE8, minor, points } from '../../src/domain/units.ts';
import type { Market } from '../../src/mt5/terminal/market/types.ts';

/** Monday 2014-05-05 08:00 UTC: an ordinary session hour. */
export const MONDAY = Date.UTC(2014, 4, 5, 8);
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

const around = Array.from({ length: 7 }, (_, weekday) => ({
  weekday: weekday as 0 | 1 | 2 | 3 | 4 | 5 | 6,
  fromSec: 0,
  toSec: 86_400,
}));

export const eurusd: Instrument = {
  symbol: 'EURUSD',
  digits: 5,
  baseCurrency: 'EUR',
  quoteCurrency: 'USD',
  contractSize: 100_000,
  tickSizePoints: points(1),
  volumeMinE8: lotsE8(1_000_000),
  volumeMaxE8: lotsE8(10_000_000_000),
  volumeStepE8: lotsE8(1_000_000),
  stopsLevelPoints: points(10),
  freezeLevelPoints: points(0),
  fillingModes: ['fok', 'ioc'],
  tradeMode: 'full',
  swapLongPoints: -8.5,
  swapShortPoints: 3.4,
  swapTripleWeekday: 3,
  commissionPerLotMinor: minor(350n),
  sessions: around,
};
export const usdjpy: Instrument = {
  ...eurusd,
  symbol: 'USDJPY',
  digits: 3,
  baseCurrency: 'USD',
  quoteCurrency: 'JPY',
};
export const eurjpy: Instrument = { ...usdjpy, symbol: 'EURJPY', baseCurrency: 'EUR' };

/** Milliseconds after `MONDAY`, bid in points, spread in points. */
export type Quote = readonly [afterMs: number, bid: number, spread?: number, symbol?: string];

export const ticksOf = (quotes: readonly Quote[]): readonly Tick[] =>
  quotes.map(([afterMs, bid, spread = 10, symbol = 'EURUSD']) => ({
    symbol,
    at: epochMs(MONDAY + afterMs),
    bid: points(bid),
    ask: points(bid + spread),
  }));

/** A market that plays exactly the given ticks; `barMs` says that they came from bars. */
export const scriptedMarket = (
  ticks: readonly Tick[],
  options: {
    readonly instruments?: readonly Instrument[];
    readonly barMs?: number;
    readonly isOpen?: Market['isOpen'];
  } = {},
): Market => {
  let cursor = 0;
  const first = ticks[0];
  if (first === undefined) throw new Error('a scripted market needs a tick');
  return {
    instruments: options.instruments ?? [eurusd],
    startsAt: first.at,
    endsAt: ticks.at(-1)?.at,
    peek: () => ticks[cursor],
    next: () => {
      const tick = ticks[cursor];
      if (tick !== undefined) cursor += 1;
      return tick;
    },
    position: () => cursor,
    seek: (position) => {
      cursor = position;
    },
    barsTotal: () => new Set(ticks.slice(0, cursor).map(({ at }) => Math.floor(at / MINUTE))).size,
    history: () => [],
    sourceBarMs: () => options.barMs,
    isOpen: options.isOpen ?? (() => true),
  };
};
