import { describe, expect, it } from 'vitest';
import type { Tick, Timeframe } from '../../../src/domain/market.ts';
import { TIMEFRAMES } from '../../../src/domain/market.ts';
import { epochMs } from '../../../src/domain/units.ts';
import { loadMarket } from '../../../src/mt5/terminal/market/load-market.ts';
import type { Market } from '../../../src/mt5/terminal/market/types.ts';
import { barsByHand } from '../../support/bars-by-hand.ts';
import {
  barFile,
  play,
  replayOf,
  rowTime,
  tickFile,
  wall,
  writeMarketFile,
  zone,
} from '../../support/market-files.ts';
import { fc } from '../../support/property-seed.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const START = wall('2024-01-02 00:00:00');
const RUNS = { numRuns: 25 };

interface GeneratedBar {
  readonly skip: number;
  readonly prices: readonly [number, number, number, number];
  readonly volume: number;
  readonly spread: number;
}
interface GeneratedTick {
  readonly waitMs: number;
  readonly bid: number;
  readonly width: number;
}
const aPrice = fc.integer({ min: 1, max: 30 });
const bars: fc.Arbitrary<readonly GeneratedBar[]> = fc.array(
  fc.record({
    skip: fc.constantFrom(1, 1, 1, 2, 7, 200),
    prices: fc.tuple(aPrice, aPrice, aPrice, aPrice),
    volume: fc.integer({ min: 0, max: 6 }),
    spread: fc.integer({ min: 0, max: 40 }),
  }),
  { minLength: 2, maxLength: 60 },
);
const ticks: fc.Arbitrary<readonly GeneratedTick[]> = fc.array(
  fc.record({
    waitMs: fc.constantFrom(0, 0, 1, 250, 15_000, 61_000, 4_000_000),
    bid: fc.integer({ min: 1, max: 30 }),
    width: fc.integer({ min: 0, max: 9 }),
  }),
  { minLength: 1, maxLength: 120 },
);

const price = (value: number, digits = 5): string => (value / 10 ** digits).toFixed(digits);

/** Rows of M1 bars; the first two are a minute apart, so that the timeframe shows. */
const barRows = (generated: readonly GeneratedBar[]) => {
  let at = START;
  return generated.map(({ skip, prices, volume, spread }, index) => {
    at += (index === 1 ? 1 : skip) * 60_000;
    const [open, close] = prices;
    const figures = [open, Math.max(...prices), Math.min(...prices), close];
    return { at, figures, volume, spread };
  });
};
const barText = (generated: readonly GeneratedBar[]): string =>
  barFile(
    barRows(generated).map(
      ({ at, figures, volume, spread }) =>
        `${rowTime(at)} ${figures.map((value) => price(value)).join(' ')} ${volume} 0 ${spread}`,
    ),
  );

const tickRows = (generated: readonly GeneratedTick[]): readonly Omit<Tick, 'symbol'>[] => {
  let at = START;
  return generated.map(({ waitMs, bid, width }) => {
    at += waitMs;
    return { at, bid, ask: bid + width } as Omit<Tick, 'symbol'>;
  });
};
/** Unchanged sides are left empty, as MT5 leaves them. */
const tickText = (generated: readonly GeneratedTick[]): string => {
  const all = tickRows(generated);
  return tickFile(
    all.map(({ at, bid, ask }, index) => {
      const before = all[index - 1];
      const millis = String(at % 1000).padStart(3, '0');
      const bidText = before?.bid === bid ? '' : price(bid);
      const askText = before?.ask === ask ? '' : price(ask);
      return `${rowTime(at)}.${millis} ${bidText} ${askText}   6`;
    }),
  );
};

const openFiles = async (paths: readonly string[], serverTz = 'UTC'): Promise<Market> =>
  await loadMarket(replayOf(paths, serverTz), { accountCurrency: 'USD' });

describe('a generated file of ticks', () => {
  it('comes back tick by tick', async () => {
    const directory = temporaryDirectory();
    await fc.assert(
      fc.asyncProperty(ticks, async (generated) => {
        const market = await openFiles([
          writeMarketFile(directory, 'EURUSD.csv', tickText(generated)),
        ]);
        const expected = tickRows(generated).map((tick) => ({ symbol: 'EURUSD', ...tick }));
        expect(play(market)).toEqual(expected);
      }),
      RUNS,
    );
  });
});

describe('a generated file of bars', () => {
  it('comes back bar by bar from the quotes that it is played with', async () => {
    const directory = temporaryDirectory();
    await fc.assert(
      fc.asyncProperty(bars, async (generated) => {
        const market = await openFiles([
          writeMarketFile(directory, 'EURUSD_M1.csv', barText(generated)),
        ]);
        const played = play(market);
        const rows = barRows(generated);
        const built = barsByHand(played, { symbol: 'EURUSD', timeframe: 'M1', zone: zone('UTC') });
        expect(built.map(({ at, open, high, low, close }) => [at, open, high, low, close])).toEqual(
          rows.map(({ at, figures }) => [at, ...figures]),
        );
        expect(market.barsTotal()).toBe(rows.length);
        for (const [index, { spread }] of rows.entries()) {
          expect(built[index]?.spreadPoints).toBeGreaterThanOrEqual(spread);
        }
      }),
      RUNS,
    );
  });
});

/** A market of up to three symbols, of either kind. */
const markets = fc.record({ eurusd: ticks, gbpusd: bars, xauusd: ticks });
type Generated = typeof markets extends fc.Arbitrary<infer Value> ? Value : never;
const openMixed = async (directory: string, generated: Generated, serverTz?: string) =>
  await openFiles(
    [
      writeMarketFile(directory, 'EURUSD.csv', tickText(generated.eurusd)),
      writeMarketFile(directory, 'GBPUSD_M1.csv', barText(generated.gbpusd)),
      writeMarketFile(directory, 'XAUUSD.csv', tickText(generated.xauusd)),
    ],
    serverTz,
  );

describe('a market of several symbols', () => {
  it('keeps time order, each symbol its own order, and the order of symbols at equal instants', async () => {
    const directory = temporaryDirectory();
    await fc.assert(
      fc.asyncProperty(markets, async (generated) => {
        const played = play(await openMixed(directory, generated));
        const rank = (symbol: string) => ['EURUSD', 'GBPUSD', 'XAUUSD'].indexOf(symbol);
        const sorted = played
          .map((tick, index) => ({ tick, index }))
          .sort(
            (a, b) =>
              a.tick.at - b.tick.at ||
              rank(a.tick.symbol) - rank(b.tick.symbol) ||
              a.index - b.index,
          )
          .map(({ tick }) => tick);
        expect(played).toEqual(sorted);
        for (const [symbol, source] of [
          ['EURUSD', generated.eurusd],
          ['XAUUSD', generated.xauusd],
        ] as const) {
          const own = played.filter((tick) => tick.symbol === symbol);
          expect(own).toEqual(tickRows(source).map((tick) => ({ symbol, ...tick })));
        }
      }),
      RUNS,
    );
  });

  it('is the same after a seek as after playing up to there', async () => {
    const directory = temporaryDirectory();
    await fc.assert(
      fc.asyncProperty(markets, fc.nat(), fc.nat(), async (generated, a, b) => {
        const market = await openMixed(directory, generated);
        const whole = play(market);
        const to = epochMs(whole.at(-1)?.at ?? 0);
        for (const position of [a, b, 0, whole.length].map((n) => n % (whole.length + 1))) {
          market.seek(position);
          const played = await openMixed(directory, generated);
          play(played, position);
          expect(market.position()).toBe(position);
          expect(market.barsTotal()).toBe(played.barsTotal());
          expect(market.peek()).toEqual(played.peek());
          for (const { symbol } of market.instruments) {
            const query = { symbol, timeframe: 'M5', count: 10, to } as const;
            expect(market.history(query)).toEqual(played.history(query));
          }
          expect(play(market, 5)).toEqual(whole.slice(position, position + 5));
        }
      }),
      RUNS,
    );
  });

  it('answers history with exactly the bars that its ticks make, in every timeframe', async () => {
    const directory = temporaryDirectory();
    const position = fc.nat();
    const tz = fc.constantFrom('UTC', 'ny+7', 'Asia/Kolkata');
    await fc.assert(
      fc.asyncProperty(markets, position, tz, async (generated, offset, serverTz) => {
        const market = await openMixed(directory, generated, serverTz);
        const total = play(market).length;
        market.seek(0);
        const played = play(market, (offset % total) + 1);
        for (const { symbol } of market.instruments) {
          for (const timeframe of Object.keys(TIMEFRAMES) as readonly Timeframe[]) {
            const expected = barsByHand(played, { symbol, timeframe, zone: zone(serverTz) });
            const to = epochMs(played.at(-1)?.at ?? 0);
            expect(market.history({ symbol, timeframe, count: 1000, to })).toEqual(expected);
            expect(market.history({ symbol, timeframe, count: 2, to })).toEqual(expected.slice(-2));
          }
        }
      }),
      RUNS,
    );
  });
});
