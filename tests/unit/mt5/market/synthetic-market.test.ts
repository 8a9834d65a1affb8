import { describe, expect, it } from 'vitest';
import type { Tick } from '../../../../src/domain/market.ts';
import { epochMs } from '../../../../src/domain/units.ts';
import { CATALOG_SYMBOLS } from '../../../../src/mt5/terminal/catalog.ts';
import { MarketDataError } from '../../../../src/mt5/terminal/market/errors.ts';
import { loadMarket } from '../../../../src/mt5/terminal/market/load-market.ts';
import type { MarketExtras } from '../../../../src/mt5/terminal/market/market-extras.ts';
import type { Market } from '../../../../src/mt5/terminal/market/types.ts';
import { play, wall, zone } from '../../../support/market-files.ts';

const DAY = 86_400_000;
/** Monday 2024-03-04, 00:00 of a New York + 7 h server. */
const MONDAY = wall('2024-03-03 22:00:00');

const open = async (
  symbols: readonly string[],
  options: {
    readonly seed?: number;
    readonly startMs?: number;
    readonly extras?: Partial<MarketExtras>;
  } = {},
): Promise<Market> =>
  await loadMarket(
    {
      kind: 'synthetic',
      seed: options.seed ?? 7,
      symbols,
      startMs: epochMs(options.startMs ?? MONDAY),
      serverTz: 'ny+7',
    },
    { accountCurrency: 'USD', ...options.extras },
  );
const playUntil = (market: Market, until: number): readonly Tick[] => {
  const ticks: Tick[] = [];
  for (let tick = market.peek(); tick !== undefined && tick.at < until; tick = market.peek()) {
    ticks.push(tick);
    market.next();
  }
  return ticks;
};
const spreadOf = (ticks: readonly Tick[]): number =>
  ticks.reduce((sum, tick) => sum + tick.ask - tick.bid, 0) / ticks.length;

const longestGap = (ticks: readonly Tick[]): number =>
  ticks.reduce((most, { at }, index) => Math.max(most, at - (ticks[index - 1]?.at ?? at)), 0);

describe('the synthetic market', () => {
  it('is the same for the same seed, also in this exact release', async () => {
    const [one, two, other] = [
      await open(['EURUSD']),
      await open(['EURUSD']),
      await open(['EURUSD'], { seed: 8 }),
    ];
    const ticks = play(one, 2000);
    expect(play(two, 2000)).toEqual(ticks);
    expect(play(other, 2000)).not.toEqual(ticks);
    // A change of these lines changes every seeded run; it must be meant.
    expect(
      ticks.slice(0, 3).map(({ at, bid, ask }) => [at - MONDAY, bid, ask]),
    ).toMatchInlineSnapshot(`
      [
        [
          127,
          107973,
          108030,
        ],
        [
          5232,
          107964,
          108036,
        ],
        [
          8529,
          107963,
          108034,
        ],
      ]
    `);
  });

  it('gives a symbol the same quotes whatever other symbols are quoted', async () => {
    const alone = play(await open(['XAUUSD']), 500);
    const among = play(await open(['EURUSD', 'XAUUSD', 'BTCUSD']), 5000).filter(
      (t) => t.symbol === 'XAUUSD',
    );
    expect(among.slice(0, 500)).toEqual(alone.slice(0, among.length));
    expect(among.length).toBeGreaterThan(200);
  });

  it('quotes 10 to 30 ticks in every open minute, in time order', async () => {
    const ticks = playUntil(await open(['EURUSD']), MONDAY + DAY);
    const minutes = new Map<number, number>();
    for (const { at } of ticks) {
      const minute = Math.floor((at - MONDAY) / 60_000);
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
    }
    expect(minutes.size).toBe(1440);
    expect(Math.min(...minutes.values())).toBeGreaterThanOrEqual(10);
    expect(Math.max(...minutes.values())).toBeLessThanOrEqual(30);
    expect(ticks.every((tick, index) => tick.at >= (ticks[index - 1]?.at ?? 0))).toBe(true);
  });

  it('never quotes outside of sessions, and rests over the weekend', async () => {
    const market = await open(['EURUSD', 'XAUUSD']);
    const ticks = playUntil(market, MONDAY + 8 * DAY);
    expect(ticks.filter(({ symbol, at }) => !market.isOpen(symbol, at))).toEqual([]);
    const weekend = longestGap(ticks) / 3_600_000;
    expect(weekend).toBeGreaterThan(46);
    expect(weekend).toBeLessThan(50);
  });

  it('trades crypto through weekends and clock changes, without repeating or skipping an hour', async () => {
    // Sunday 2024-03-10: the server day has 23 hours.
    const start = wall('2024-03-09 22:00:00');
    const ticks = playUntil(await open(['BTCUSD'], { startMs: start }), start + 2 * DAY);
    expect(longestGap(ticks)).toBeLessThan(60_000);
    expect(ticks.every((tick, index) => tick.at >= (ticks[index - 1]?.at ?? 0))).toBe(true);
  });

  it('widens spreads at rollover', async () => {
    const ticks = playUntil(await open(['EURUSD']), MONDAY + 5 * DAY);
    const server = zone('ny+7');
    const minuteOf = ({ at }: Tick): number => Math.floor(server.toServer(at) / 60_000) % 1440;
    const quiet = spreadOf(ticks.filter((tick) => minuteOf(tick) > 900 && minuteOf(tick) < 1000));
    const rollover = spreadOf(ticks.filter((tick) => minuteOf(tick) < 5));
    expect(rollover).toBeGreaterThan(quiet * 3);
    expect(
      ticks.every(({ bid, ask }) => ask > bid && Number.isInteger(bid) && Number.isInteger(ask)),
    ).toBe(true);
  });

  it('widens spreads at news, for minutes, on some days', async () => {
    const ticks = playUntil(await open(['EURUSD']), MONDAY + 12 * DAY);
    const server = zone('ny+7');
    const hour = ({ at }: Tick): number => Math.floor(server.toServer(at) / 3_600_000) % 24;
    const daytime = ticks.filter((tick) => hour(tick) >= 10 && hour(tick) < 21);
    const usual = spreadOf(daytime);
    const wide = daytime.filter(({ bid, ask }) => ask - bid > 3 * usual);
    expect(wide.length).toBeGreaterThan(20);
    expect(wide.length).toBeLessThan(daytime.length / 50);
  });
});

describe('its prices', () => {
  it.each(CATALOG_SYMBOLS.map((symbol) => [symbol]))(
    '%s move as such a symbol does',
    async (symbol) => {
      const market = await open([symbol]);
      const bars = market.history({ symbol, timeframe: 'M15', count: 2000, to: epochMs(MONDAY) });
      const moves = bars.slice(1).map((bar, index) => bar.close / (bars[index]?.close ?? 1) - 1);
      const mean = (values: readonly number[]) =>
        values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = mean(moves.map((move) => move ** 2));
      const dailyPercent = Math.sqrt(variance * 96) * 100;
      expect(dailyPercent).toBeGreaterThan(0.15);
      expect(dailyPercent).toBeLessThan(4);
      // Fat tails, and large moves follow large ones: what a random walk lacks.
      expect(mean(moves.map((move) => move ** 4)) / variance ** 2).toBeGreaterThan(4);
      const sizes = moves.map(Math.abs);
      const average = mean(sizes);
      const together = mean(
        sizes.slice(1).map((size, index) => (size - average) * ((sizes[index] ?? 0) - average)),
      );
      expect(together / mean(sizes.map((size) => (size - average) ** 2))).toBeGreaterThan(0.1);
    },
  );

  it('break out of their range now and then, up and down', async () => {
    const market = await open(['EURUSD']);
    const to = epochMs(MONDAY);
    const bars = market.history({ symbol: 'EURUSD', timeframe: 'M15', count: 96 * 10, to });
    let [up, down] = [0, 0];
    for (let index = 20; index < bars.length; index += 1) {
      const range = bars.slice(index - 20, index);
      const close = bars[index]?.close ?? 0;
      if (close > Math.max(...range.map(({ high }) => high))) up += 1;
      if (close < Math.min(...range.map(({ low }) => low))) down += 1;
    }
    expect(Math.min(up, down)).toBeGreaterThan(10);
    expect(up + down).toBeLessThan(bars.length / 3);
  });

  it('gap over the weekend but not over an ordinary midnight', async () => {
    const market = await open(['EURUSD']);
    const to = epochMs(MONDAY);
    const days = market.history({ symbol: 'EURUSD', timeframe: 'D1', count: 200, to });
    const gaps = days.slice(1).map((day, index) => ({
      monday: (day.at - (days[index]?.at ?? 0)) / DAY > 2,
      size: Math.abs(day.open - (days[index]?.close ?? 0)),
    }));
    const meanOf = (monday: boolean) => {
      const own = gaps.filter((gap) => gap.monday === monday);
      return own.reduce((sum, { size }) => sum + size, 0) / own.length;
    };
    expect(meanOf(true)).toBeGreaterThan(4 * meanOf(false));
  });
});

describe('its history', () => {
  it('reaches days back before the first tick, for every timeframe', async () => {
    const market = await open(['EURUSD', 'XAUUSD'], { startMs: MONDAY + 5 * 3_600_000 + 17_000 });
    const to = epochMs(MONDAY + 5 * 3_600_000 + 17_000);
    expect(market.position()).toBe(0);
    expect(market.barsTotal()).toBe(0);
    for (const [timeframe, count] of [
      ['M1', 5000],
      ['M5', 900],
      ['H1', 200],
      ['H4', 100],
      ['D1', 60],
    ] as const) {
      const bars = market.history({ symbol: 'XAUUSD', timeframe, count, to });
      expect(bars).toHaveLength(count);
      expect(bars.every((bar, index) => bar.at > (bars[index - 1]?.at ?? 0))).toBe(true);
      expect(bars.at(-1)).toMatchObject({ complete: false });
      expect(bars.slice(0, -1).every(({ complete }) => complete)).toBe(true);
    }
  });

  it('flows into the ticks that follow: the start lies inside one and the same path', async () => {
    const early = await open(['EURUSD']);
    const start = MONDAY + 3 * 3_600_000 + 1234;
    const before = playUntil(early, start);
    const late = await open(['EURUSD'], { startMs: start });
    expect(late.position()).toBe(0);
    expect(play(late, 300)).toEqual(play(early, 300));
    expect(before.length).toBeGreaterThan(1000);
    const query = {
      symbol: 'EURUSD',
      timeframe: 'M1',
      count: 50,
      to: epochMs(start + 3_600_000),
    } as const;
    expect(late.history(query)).toEqual(early.history(query));
  });
});

describe('it is refused', () => {
  const faultOf = async (symbols: readonly string[], extras: Partial<MarketExtras> = {}) => {
    const outcome = await open(symbols, { extras }).catch((error: unknown) => error);
    if (!(outcome instanceof MarketDataError)) throw new Error('expected a fault');
    return outcome.message;
  };

  it('without symbols, with a doubled or with an unknown one', async () => {
    expect(await faultOf([])).toContain('no symbol was named');
    expect(await faultOf(['EURUSD', 'EURUSD'])).toContain('named twice');
    expect(await faultOf(['ABCDEF'])).toMatch(/unknown symbol "ABCDEF"\. Name one of EURUSD/);
    const override = { contractSize: 1, baseCurrency: 'ABC', quoteCurrency: 'USD' };
    expect(await faultOf(['ABCDEF'], { overrides: { ABCDEF: override } })).toContain(
      'unknown symbol',
    );
  });

  it('with sessions that never open, which would make its next tick endless to find', async () => {
    expect(await faultOf(['EURUSD'], { overrides: { EURUSD: { sessions: [] } } })).toContain(
      'never open',
    );
  });
});
