import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadMarket } from '../../../../src/mt5/terminal/market/load-market.ts';
import type { Market } from '../../../../src/mt5/terminal/market/types.ts';
import { replayOf } from '../../../support/market-files.ts';

const DATA = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));
const absent = !existsSync(DATA);
if (absent) console.warn('skipped: ../shared/data is absent, so recorded markets are not replayed');

const open = async (...names: readonly string[]): Promise<Market> =>
  await loadMarket(
    replayOf(
      names.map((name) => `${DATA}${name}.csv.gz`),
      'ny+7',
    ),
    { accountCurrency: 'USD' },
  );

const playAll = (market: Market) => {
  let [ticks, closed, lastAt, disorder] = [0, 0, 0, 0];
  for (let tick = market.next(); tick !== undefined; tick = market.next()) {
    ticks += 1;
    if (!market.isOpen(tick.symbol, tick.at)) closed += 1;
    if (tick.at < lastAt) disorder += 1;
    lastAt = tick.at;
  }
  return { ticks, closed, disorder, bars: market.barsTotal() };
};

describe.skipIf(absent)('recorded markets', () => {
  it('play all 15,366 bars of EURUSD M1', async () => {
    const played = playAll(await open('EURUSD_M1_201405'));
    expect(played).toMatchObject({ bars: 15_366, closed: 0, disorder: 0 });
    expect(played.ticks).toBeGreaterThan(15_366 * 3);
  });

  it('play all 532,903 ticks of EURUSD, which make the same 15,366 bars', async () => {
    const [ticks, bars] = [await open('EURUSD_ticks_201405'), await open('EURUSD_M1_201405')];
    expect(playAll(ticks)).toEqual({ ticks: 532_903, bars: 15_366, closed: 0, disorder: 0 });
    playAll(bars);
    const query = {
      symbol: 'EURUSD',
      timeframe: 'M1',
      count: 20_000,
      to: bars.endsAt ?? bars.startsAt,
    } as const;
    const prices = (market: Market) =>
      market.history(query).map(({ at, open: o, high, low, close }) => [at, o, high, low, close]);
    expect(prices(ticks)).toHaveLength(15_366);
    expect(prices(ticks)).toEqual(prices(bars));
  });

  it('play two metals and currencies together, ticks and bars mixed', async () => {
    const played = playAll(await open('EURUSD_M1_201405', 'XAUUSD_ticks_20140506'));
    expect(played).toMatchObject({ closed: 0, disorder: 0 });
    expect(played.ticks).toBeGreaterThan(161_552 + 15_366);
  });

  it.each([
    ['EURUSD_H1_2007_2018', 74_439],
    ['XAUUSD_H1_2006_2019', 76_499],
  ])('play %s over a dozen years of clock changes', async (name, bars) => {
    expect(playAll(await open(name))).toMatchObject({ bars, closed: 0, disorder: 0 });
  });
});
