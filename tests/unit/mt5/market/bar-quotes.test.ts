import { describe, expect, it } from 'vitest';
import { barQuotes, hourlySpreadFloor } from '../../../../src/mt5/terminal/market/bar-quotes.ts';
import type { LoadedBars } from '../../../../src/mt5/terminal/market/loaded-series.ts';
import { loadReplayFile } from '../../../../src/mt5/terminal/market/mt5-csv.ts';
import { barFile, writeMarketFile, zone } from '../../../support/market-files.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const barsOf = async (lines: readonly string[], name = 'EURUSD_M1.csv'): Promise<LoadedBars> => {
  const path = writeMarketFile(temporaryDirectory(), name, barFile(lines));
  const series = await loadReplayFile({ path }, zone('UTC'));
  if (series.kind !== 'bars') throw new Error('not bars');
  return series;
};

/** `[seconds since the bar's opening, bid, ask - bid]` of the quotes of one bar. */
const quotesOf = async (
  lines: readonly string[],
  bar: number,
  options: { readonly name?: string; readonly convention?: 'honest' | 'mt5-ohlc' } = {},
): Promise<readonly (readonly [number, number, number])[]> => {
  const bars = await barsOf(lines, options.name);
  const quotes = barQuotes(bars, { zone: zone('UTC'), convention: options.convention ?? 'honest' });
  const [from = 0, to = 0] = quotes.bars.firstQuote.subarray(bar, bar + 2);
  return Array.from({ length: to - from }, (_, nth) => {
    const index = from + nth;
    const since = (quotes.atOf(index) - (bars.at[bar] ?? 0)) / 1000;
    return [since, quotes.bidOf(index), quotes.askOf(index) - quotes.bidOf(index)] as const;
  });
};
const pathOf = async (lines: readonly string[], bar = 0, name?: string) =>
  (await quotesOf(lines, bar, name === undefined ? {} : { name })).map(([at, bid]) => [at, bid]);

const at = (minute: string, figures: string): string => `2024.01.02 03:${minute}:00 ${figures} 0 5`;

describe('the path through a bar', () => {
  it('goes open, low, high, close when it rises', async () => {
    expect(await pathOf([at('00', '10 14 8 12 9')])).toEqual([
      [0, 10],
      [20, 8],
      [40, 14],
      [59, 12],
    ]);
  });

  it('goes open, high, low, close when it falls', async () => {
    expect(await pathOf([at('00', '12 14 8 10 9')])).toEqual([
      [0, 12],
      [20, 14],
      [40, 8],
      [59, 10],
    ]);
  });

  it('goes the other way than the bar before when it closes where it opened', async () => {
    const doji = '10 14 8 10 9';
    const afterRise = [at('00', '10 14 8 12 9'), at('01', doji), at('02', doji)];
    expect(await pathOf(afterRise, 1)).toEqual([
      [0, 10],
      [20, 14],
      [40, 8],
      [59, 10],
    ]);
    expect(await pathOf(afterRise, 2)).toEqual([
      [0, 10],
      [20, 8],
      [40, 14],
      [59, 10],
    ]);
    const afterFall = [at('00', '12 14 8 10 9'), at('01', doji)];
    expect(await pathOf(afterFall, 1)).toEqual([
      [0, 10],
      [20, 8],
      [40, 14],
      [59, 10],
    ]);
    expect(await pathOf([at('00', doji)])).toEqual([
      [0, 10],
      [20, 8],
      [40, 14],
      [59, 10],
    ]);
  });
});

describe('the number of quotes', () => {
  it.each([
    [
      'four when the tick volume is not recorded',
      '10 14 8 12 0',
      [
        [0, 10],
        [20, 8],
        [40, 14],
        [59, 12],
      ],
    ],
    [
      'three, by way of the high',
      '10 14 10 12 3',
      [
        [0, 10],
        [30, 14],
        [59, 12],
      ],
    ],
    [
      'three, by way of the low',
      '10 12 8 12 3',
      [
        [0, 10],
        [30, 8],
        [59, 12],
      ],
    ],
    [
      'three, when neither extreme is inside',
      '10 12 10 12 3',
      [
        [0, 10],
        [30, 10],
        [59, 12],
      ],
    ],
    [
      'two',
      '10 12 10 12 2',
      [
        [0, 10],
        [30, 12],
      ],
    ],
    ['one, the close', '12 12 12 12 1', [[30, 12]]],
    [
      'never too few for the high',
      '10 14 10 12 1',
      [
        [0, 10],
        [30, 14],
        [59, 12],
      ],
    ],
    [
      'never too few for both extremes',
      '10 14 8 12 2',
      [
        [0, 10],
        [20, 8],
        [40, 14],
        [59, 12],
      ],
    ],
    [
      'never too few for open and close',
      '10 12 10 12 1',
      [
        [0, 10],
        [30, 12],
      ],
    ],
    [
      'four, equal ones included',
      '10 10 10 10 4',
      [
        [0, 10],
        [20, 10],
        [40, 10],
        [59, 10],
      ],
    ],
  ])('is %s', async (_what, figures, expected) => {
    expect(await pathOf([at('00', figures)])).toEqual(expected);
  });
});

describe('longer bars', () => {
  it('stretch the offsets in proportion and end one second early', async () => {
    const hour = (figures: string) =>
      ['2024.01.02 03:00:00', '2024.01.02 04:00:00'].map((time) => `${time} ${figures} 0 5`);
    const four = await pathOf(hour('10 14 8 12 0'), 0, 'EURUSD_H1.csv');
    expect(four.map(([since]) => since)).toEqual([0, 1200, 2400, 3599]);
    const three = await pathOf(hour('10 14 10 12 3'), 0, 'EURUSD_H1.csv');
    expect(three.map(([since]) => since)).toEqual([0, 1800, 3599]);
  });

  it('end where the next one begins, also on the short day of a clock change', async () => {
    const lines = ['2024.03.09', '2024.03.10', '2024.03.11'].map(
      (day) => `${day} 00:00:00 10 14 8 12 0 0 5`,
    );
    const path = writeMarketFile(temporaryDirectory(), 'BTCUSD_D1.csv', barFile(lines));
    const newYork = zone('ny+7');
    const series = await loadReplayFile({ path }, newYork);
    if (series.kind !== 'bars') throw new Error('not bars');
    const quotes = barQuotes(series, { zone: newYork, convention: 'honest' });
    const [shortDay = 0, nextDay = 0] = series.at.subarray(1, 3);
    expect((nextDay - shortDay) / 3_600_000).toBe(23);
    expect(quotes.atOf(7)).toBe(nextDay - 1000);
    expect(quotes.atOf(8)).toBe(nextDay);
  });
});

describe('the spread', () => {
  const lines = [5, 9, 7, 6, 30].map((spread, index) => {
    const time = index < 4 ? `03:0${index}:00` : '04:00:00';
    return `2024.01.02 ${time} 10 14 8 12 0 0 ${spread}`;
  });

  it('is at least the 75th percentile of its server hour under the honest convention', async () => {
    for (const [bar, spread] of [
      [0, 7],
      [1, 9],
      [2, 7],
      [3, 7],
      [4, 30],
    ] as const) {
      const quotes = await quotesOf(lines, bar);
      expect(quotes.map(([, , width]) => width)).toEqual([spread, spread, spread, spread]);
    }
  });

  it("is the bar's own under mt5-ohlc", async () => {
    const quotes = await quotesOf(lines, 0, { convention: 'mt5-ohlc' });
    expect(quotes.map(([, , width]) => width)).toEqual([5, 5, 5, 5]);
  });

  it('is judged by the hour of the server, not of UTC', async () => {
    const bars = await barsOf(lines);
    const utc = hourlySpreadFloor(bars, zone('UTC'));
    const shifted = hourlySpreadFloor(bars, zone('UTC+2'));
    expect([utc[3], utc[4]]).toEqual([7, 30]);
    expect([shifted[5], shifted[6]]).toEqual([7, 30]);
    expect(utc[5]).toBeNaN();
  });
});
