import { createSeededRandom } from '../../src/actors/kernel/seeded-random.ts';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { Tick } from '../../src/domain/market.ts';
import { epochMs, points } from '../../src/domain/units.ts';
import type { Market } from '../../src/mt5/terminal/market/types.ts';
import { eurusd } from '../support/scripted-market.ts';

/** Where in the year a market begins; each has something of its own that may go wrong. */
export const SCENES = {
  ordinary: Date.UTC(2024, 1, 7, 9),
  /** Midnight of the server (ny+7) falls into the run: rollover, swap, a new day of the rules. */
  midnight: Date.UTC(2024, 1, 7, 21, 45),
  /** The same with the triple swap. */
  tripleSwap: Date.UTC(2024, 1, 8, 21, 40),
  /** New York's clocks go forward at 07:00 UTC on this Sunday. */
  dst: Date.UTC(2024, 2, 10, 6, 45),
  /** And back at 06:00 UTC on this one. */
  dstBack: Date.UTC(2024, 10, 3, 5, 45),
  /** Midnight in Prague, at which the day of the rules ends. */
  reset: Date.UTC(2024, 1, 7, 22, 52),
} as const;
export type Scene = keyof typeof SCENES;

export const MINUTE_MS = 60_000;
const TAIL = { quotes: 4, everyMs: 5 * MINUTE_MS } as const;
const START_POINTS: Readonly<Record<string, number>> = { EURUSD: 107_000, GBPUSD: 126_000 };

export const instrumentOf = (symbol: string): Instrument => ({
  ...eurusd,
  symbol,
  baseCurrency: symbol.slice(0, 3),
});

export interface MarketPlan {
  readonly seed: number;
  readonly scene: Scene;
  readonly symbols: readonly string[];
  readonly minutes: number;
  /** Largest step of the walk from tick to tick, points. */
  readonly stepPoints: number;
}

/** Three quotes a minute of a seeded walk for every symbol. */
export const ticksOf = (plan: MarketPlan): readonly Tick[] => {
  const { seed, scene, symbols, minutes, stepPoints } = plan;
  const random = createSeededRandom(`${seed}/market`);
  const bids = new Map(symbols.map((symbol) => [symbol, START_POINTS[symbol] ?? 100_000]));
  const ticks: Tick[] = [];
  for (let third = 0; third < minutes * 3; third += 1) {
    for (const [index, symbol] of symbols.entries()) {
      const step = Math.round((random.next() * 2 - 1) * stepPoints);
      const bid = (bids.get(symbol) ?? 0) + step;
      bids.set(symbol, bid);
      const at = epochMs(SCENES[scene] + third * 20_000 + index * 250);
      ticks.push({ symbol, at, bid: points(bid), ask: points(bid + 10) });
    }
  }
  // A quiet end, in which nobody opens anything and whatever is still in doubt is cleared up.
  for (let calm = 1; calm <= TAIL.quotes; calm += 1) {
    const at = epochMs(SCENES[scene] + minutes * MINUTE_MS + calm * TAIL.everyMs);
    for (const [symbol, bid] of bids) {
      ticks.push({ symbol, at, bid: points(bid), ask: points(bid + 10) });
    }
  }
  return ticks;
};

/** A market that plays the ticks; the broker's cursor survives its restarts. */
export const marketOf = (ticks: readonly Tick[], symbols: readonly string[]): Market => {
  let cursor = 0;
  const [first] = ticks;
  if (first === undefined) throw new Error('a market needs a tick');
  return {
    instruments: symbols.map(instrumentOf),
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
    barsTotal: () => Math.floor(cursor / (3 * symbols.length)),
    history: () => [],
    isOpen: () => true,
  };
};
