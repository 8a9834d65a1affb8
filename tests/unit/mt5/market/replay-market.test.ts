import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../../src/domain/units.ts';
import { MarketDataError } from '../../../../src/mt5/terminal/market/errors.ts';
import { loadMarket } from '../../../../src/mt5/terminal/market/load-market.ts';
import type { MarketExtras } from '../../../../src/mt5/terminal/market/market-extras.ts';
import type { MarketOptions } from '../../../../src/mt5/terminal/market/types.ts';
import {
  barFile,
  play,
  replayOf,
  tickFile,
  wall,
  writeMarketFile,
} from '../../../support/market-files.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const USD: MarketExtras = { accountCurrency: 'USD' };
const bar = (time: string, figures = '1.1 1.2 1.0 1.15'): string => `${time} ${figures} 0 0 5`;
const minutes = (...times: readonly string[]): string =>
  barFile(times.map((time) => bar(`2024.01.02 ${time}:00`)));

const files = (contents: Readonly<Record<string, string>>): readonly string[] => {
  const directory = temporaryDirectory();
  return Object.entries(contents).map(([name, text]) => writeMarketFile(directory, name, text));
};
const open = async (contents: Readonly<Record<string, string>>, extras: MarketExtras = USD) =>
  await loadMarket(replayOf(files(contents)), extras);
const faultOf = async (options: MarketOptions, extras: MarketExtras = USD) => {
  const outcome = await loadMarket(options, extras).catch((error: unknown) => error);
  if (!(outcome instanceof MarketDataError)) throw new Error('expected a fault');
  return outcome;
};

describe('several files', () => {
  it('of one symbol are joined by time, whatever their order', async () => {
    const market = await open({
      'EURUSD_M1_b.csv': minutes('04:00', '04:01'),
      'EURUSD_M1_a.csv': minutes('03:00', '03:01'),
    });
    expect(market.instruments).toHaveLength(1);
    const opened = play(market)
      .filter((_, index) => index % 4 === 0)
      .map(({ at }) => at);
    expect(opened).toEqual(
      ['03:00', '03:01', '04:00', '04:01'].map((t) => wall(`2024-01-02 ${t}:00`)),
    );
    expect(market.barsTotal()).toBe(4);
  });

  it('of one symbol agree on the most digits among them', async () => {
    const market = await open({
      'EURUSD_M1_a.csv': barFile([
        bar('2024.01.02 03:00:00', '1.1 1.2 1.0 1.1'),
        bar('2024.01.02 03:01:00', '1.1 1.2 1.0 1.1'),
      ]),
      'EURUSD_M1_b.csv': barFile([bar('2024.01.02 04:00:00', '1.101 1.2 1.0 1.1')]),
    });
    expect(market.instruments[0]?.digits).toBe(3);
    const ticks = play(market);
    expect(ticks.map(({ bid }) => bid).slice(0, 4)).toEqual([1100, 1000, 1200, 1100]);
    // Five points of one digit are five hundred of three; the hour has no other spread.
    expect((ticks[0]?.ask ?? 0) - (ticks[0]?.bid ?? 0)).toBe(500);
  });

  it('of several symbols keep the order of the command line among equal instants', async () => {
    const market = await open({
      'XAUUSD_M1.csv': minutes('03:00', '03:01'),
      'EURUSD_M1.csv': minutes('03:00', '03:01'),
    });
    expect(market.instruments.map(({ symbol }) => symbol)).toEqual(['XAUUSD', 'EURUSD']);
    const order = play(market).map(({ symbol }) => symbol);
    expect(order).toEqual(
      Array.from({ length: 16 }, (_, n) => (n % 2 === 0 ? 'XAUUSD' : 'EURUSD')),
    );
  });

  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      'overlap',
      {
        'EURUSD_M1_a.csv': minutes('03:00', '03:02', '03:03'),
        'EURUSD_M1_b.csv': minutes('03:01', '03:02'),
      },
      /b\.csv:1: it begins at 2024.01.02 03:01:00, before the end of .*a\.csv at 2024.01.02 03:03:00/,
    ],
    [
      'share a bar',
      {
        'EURUSD_M1_a.csv': minutes('03:00', '03:01'),
        'EURUSD_M1_b.csv': minutes('03:01', '03:02'),
      },
      /before the end/,
    ],
    [
      'mix bars and ticks',
      {
        'EURUSD_M1.csv': minutes('03:00', '03:01'),
        'EURUSD_ticks.csv': tickFile(['2024.01.03 00:00:00 1 2   6']),
      },
      /ticks of EURUSD, .* has bars/,
    ],
    [
      'mix timeframes',
      { 'EURUSD_M1.csv': minutes('03:00', '03:01'), 'EURUSD_M5.csv': minutes('04:00', '04:05') },
      /M5 bars of EURUSD, but .* has M1/,
    ],
  ])('of one symbol are refused when they %s', async (_what, contents, message) => {
    expect((await faultOf(replayOf(files(contents)))).message).toMatch(message);
  });
});

describe('a market is refused before anything of it is played', () => {
  it('when its symbol is unknown, naming the known ones', async () => {
    const paths = files({ 'ABCDEF_M1.csv': minutes('03:00', '03:01') });
    const fault = await faultOf(replayOf(paths));
    expect(fault.message).toMatch(
      /ABCDEF_M1\.csv:1: unknown symbol "ABCDEF"\. Name one of EURUSD, /,
    );
  });

  it('unless its figures are configured', async () => {
    const override = { contractSize: 10, baseCurrency: 'ABC', quoteCurrency: 'USD' };
    const market = await open(
      { 'ABCDEF_M1.csv': minutes('03:00', '03:01') },
      { ...USD, overrides: { ABCDEF: override } },
    );
    expect(market.instruments[0]).toMatchObject({ symbol: 'ABCDEF', digits: 2, contractSize: 10 });
  });

  it('when one file of many is missing, before any is read', async () => {
    const paths = files({ 'EURUSD_M1.csv': 'broken' });
    const fault = await faultOf(replayOf([...paths, join(temporaryDirectory(), 'GBPUSD.csv')]));
    expect(fault.reason).toBe('the file does not exist');
  });

  it('when no file is named or the server time zone is unknown', async () => {
    expect((await faultOf(replayOf([]))).reason).toBe('0 files were named');
    expect((await faultOf(replayOf(['x.csv'], 'Mars/Olympus'))).message).toContain('ny+7');
  });

  it('when it is configured with fewer digits than its prices have', async () => {
    const paths = files({ 'EURUSD_M1.csv': minutes('03:00', '03:01') });
    const fault = await faultOf(replayOf(paths), { ...USD, overrides: { EURUSD: { digits: 1 } } });
    expect(fault.reason).toBe('prices have 2 digits, EURUSD is configured with 1');
  });
});

describe('a replay', () => {
  it('takes the symbol that the caller names over the one of the file', async () => {
    const [path = ''] = files({ 'export.csv': minutes('03:00', '03:01') });
    const market = await loadMarket(
      { kind: 'replay', files: [{ path, symbol: 'GBPUSD.r' }], serverTz: 'UTC' },
      USD,
    );
    expect(market.instruments[0]?.symbol).toBe('GBPUSD.r');
    expect(market.next()?.symbol).toBe('GBPUSD.r');
  });

  it('scales prices to configured digits', async () => {
    const extras = { ...USD, overrides: { EURUSD: { digits: 5 } } };
    const market = await open({ 'EURUSD_M1.csv': minutes('03:00', '03:01') }, extras);
    expect(market.instruments[0]?.digits).toBe(5);
    expect(market.peek()?.bid).toBe(110_000);
  });

  it('knows its first and last instant, and ends', async () => {
    const market = await open({ 'EURUSD_M1.csv': minutes('03:00', '03:01') });
    expect(market.startsAt).toBe(wall('2024-01-02 03:00:00'));
    expect(market.endsAt).toBe(wall('2024-01-02 03:01:59'));
    expect(play(market)).toHaveLength(8);
    expect(market.peek()).toBeUndefined();
    expect(market.next()).toBeUndefined();
    expect(market.position()).toBe(8);
  });

  it('completes a bar with the first tick of the next, and the last bar with the end', async () => {
    const market = await open({ 'EURUSD_M1.csv': minutes('03:00', '03:01') });
    const totals = Array.from({ length: 9 }, () => {
      const total = market.barsTotal();
      market.next();
      return total;
    });
    expect(totals).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 2]);
  });

  it('is open whenever it has quotes, though the catalogue says closed', async () => {
    const saturday = barFile(['00:00:00', '00:01:00'].map((time) => bar(`2024.01.06 ${time}`)));
    const market = await open({ 'XAUUSD_M1.csv': saturday });
    expect(market.isOpen('XAUUSD', epochMs(wall('2024-01-06 00:30:00')))).toBe(true);
    expect(market.isOpen('XAUUSD', epochMs(wall('2024-01-06 01:00:00')))).toBe(false);
    expect(market.isOpen('EURUSD', epochMs(wall('2024-01-06 00:30:00')))).toBe(false);
  });

  it.each([-1, 9, 0.5, Number.NaN])('refuses position %s of 8', async (position) => {
    const market = await open({ 'EURUSD_M1.csv': minutes('03:00', '03:01') });
    expect(() => market.seek(position)).toThrow(RangeError);
  });

  it('reports progress over all files up to 1', async () => {
    const seen: number[] = [];
    const contents = {
      'EURUSD_M1.csv': minutes('03:00', '03:01'),
      'XAUUSD_M1.csv': minutes('03:00', '03:01'),
    };
    await open(contents, { ...USD, onProgress: (fraction) => seen.push(fraction) });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });
});

describe('history', () => {
  const openEurusd = async () =>
    await open({ 'EURUSD_M1.csv': minutes('03:58', '03:59', '04:00', '04:01') });
  const last = epochMs(wall('2024-01-02 04:01:59'));

  it('is empty before the first tick and for a symbol that is not quoted', async () => {
    const market = await openEurusd();
    expect(market.history({ symbol: 'EURUSD', timeframe: 'M1', count: 5, to: last })).toEqual([]);
    play(market);
    expect(market.history({ symbol: 'XAUUSD', timeframe: 'M1', count: 5, to: last })).toEqual([]);
  });

  it('is empty for a timeframe finer than the data', async () => {
    const hours = ['03', '04'].map((hour) => bar(`2024.01.02 ${hour}:00:00`));
    const market = await open({ 'EURUSD_H1.csv': barFile(hours) });
    play(market);
    const to = epochMs(wall('2024-01-03 00:00:00'));
    expect(market.history({ symbol: 'EURUSD', timeframe: 'M30', count: 5, to })).toEqual([]);
    expect(market.history({ symbol: 'EURUSD', timeframe: 'H1', count: 5, to })).toHaveLength(2);
  });

  it('shows the running bar as far as it was played', async () => {
    const market = await openEurusd();
    play(market, 6);
    const [complete, running] = market.history({
      symbol: 'EURUSD',
      timeframe: 'M1',
      count: 5,
      to: last,
    });
    expect(complete).toMatchObject({
      high: 120,
      low: 100,
      close: 115,
      tickVolume: 4,
      complete: true,
    });
    expect(running).toMatchObject({
      open: 110,
      high: 110,
      low: 100,
      close: 100,
      tickVolume: 2,
      complete: false,
    });
  });

  it('leaves out what ends after `to`, and gives the newest of the rest', async () => {
    const market = await openEurusd();
    play(market);
    const ask = (to: string, count: number) =>
      market
        .history({
          symbol: 'EURUSD',
          timeframe: 'M1',
          count,
          to: epochMs(wall(`2024-01-02 ${to}`)),
        })
        .map(({ at }) => new Date(at).toISOString().slice(11, 16));
    expect(ask('04:00:59', 9)).toEqual(['03:58', '03:59']);
    expect(ask('04:01:00', 9)).toEqual(['03:58', '03:59', '04:00']);
    expect(ask('04:01:58', 9)).toEqual(['03:58', '03:59', '04:00']);
    expect(ask('04:01:59', 2)).toEqual(['04:00', '04:01']);
    expect(ask('04:01:59', 0)).toEqual([]);
  });

  it('cuts H4 and D1 at the hours of the server', async () => {
    const paths = files({ 'EURUSD_M1.csv': minutes('03:58', '03:59', '04:00', '04:01') });
    const market = await loadMarket(replayOf(paths, 'ny+7'), USD);
    play(market);
    const to = epochMs(wall('2024-01-09 00:00:00'));
    const opened = (timeframe: 'H4' | 'D1') =>
      market
        .history({ symbol: 'EURUSD', timeframe, count: 9, to })
        .map(({ at }) => new Date(at).toISOString().slice(0, 16));
    expect(opened('H4')).toEqual(['2024-01-01T22:00', '2024-01-02T02:00']);
    expect(opened('D1')).toEqual(['2024-01-01T22:00']);
  });
});
