import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { LoadedBars, LoadedTicks } from '../../../../src/mt5/terminal/market/loaded-series.ts';
import { loadReplayFile, symbolOf } from '../../../../src/mt5/terminal/market/mt5-csv.ts';
import {
  BAR_HEADER,
  barFile,
  rows,
  tickFile,
  wall,
  writeMarketFile,
  zone,
} from '../../../support/market-files.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const BARS = [
  '2024.01.02 03:00:00 1.10000 1.10020 1.09990 1.10010 12 0 7',
  '2024.01.02 03:01:00 1.10010 1.10010 1.10010 1.10010 0 0 5',
];

const load = async (content: string | Uint8Array, name = 'EURUSD_M1.csv', serverTz = 'UTC') =>
  await loadReplayFile(
    { path: writeMarketFile(temporaryDirectory(), name, content) },
    zone(serverTz),
  );
const loadBars = async (content: string | Uint8Array, name?: string): Promise<LoadedBars> => {
  const series = await load(content, name);
  if (series.kind !== 'bars') throw new Error('not bars');
  return series;
};
const loadTicks = async (content: string | Uint8Array): Promise<LoadedTicks> => {
  const series = await load(content, 'EURUSD.csv');
  if (series.kind !== 'ticks') throw new Error('not ticks');
  return series;
};

describe('bars', () => {
  it('are read into integer points and UTC', async () => {
    const series = await load(barFile(BARS), 'EURUSD_M1.csv', 'ny+7');
    expect(series).toMatchObject({ kind: 'bars', symbol: 'EURUSD', digits: 5, timeframe: 'M1' });
    const bars = series as LoadedBars;
    expect([...bars.at]).toEqual([wall('2024-01-02 01:00:00'), wall('2024-01-02 01:01:00')]);
    expect([...bars.open]).toEqual([110000, 110010]);
    expect([...bars.high]).toEqual([110020, 110010]);
    expect([...bars.low]).toEqual([109990, 110010]);
    expect([...bars.close]).toEqual([110010, 110010]);
    expect([...bars.tickVolume]).toEqual([12, 0]);
    expect([...bars.spread]).toEqual([7, 5]);
  });

  it('take their digits from the longest price and rescale the rest, spreads excepted', async () => {
    const bars = await loadBars(
      barFile([
        '2024.01.02 03:00:00 1.1 1.1 1.1 1.1 1 0 7',
        '2024.01.02 03:01:00 1.1001 1.2 1.1 1.10011 4 0 5',
      ]),
    );
    expect(bars.digits).toBe(5);
    expect([...bars.open]).toEqual([110000, 110010]);
    expect([...bars.close]).toEqual([110000, 110011]);
    expect([...bars.spread]).toEqual([7, 5]);
  });

  it('of a day have no time column in MT5 exports', async () => {
    const header = BAR_HEADER.replace('<TIME>\t', '');
    const bars = await loadBars(
      rows(header, ['2024.01.02 1 3 1 2 0 0 9', '2024.01.03 2 2 1 1 0 0 9']),
      'US500_Daily.csv',
    );
    expect(bars.timeframe).toBe('D1');
    expect(bars.at[1]).toBe(wall('2024-01-03 00:00:00'));
  });

  it.each([
    ['M1', '03:01:00'],
    ['M5', '03:05:00'],
    ['M15', '03:15:00'],
    ['M30', '03:30:00'],
    ['H1', '04:00:00'],
  ])('%s are recognised by their distance, not by the file name', async (timeframe, second) => {
    const lines = ['03:00:00', second].map((time) => `2024.01.02 ${time} 1 1 1 1 1 0 1`);
    expect((await loadBars(barFile(lines), 'EURUSD_D1.csv')).timeframe).toBe(timeframe);
  });

  it('of a sparse file are settled by the name of the file', async () => {
    const lines = ['03:00:00', '03:02:00', '03:09:00'].map((t) => `2024.01.02 ${t} 1 1 1 1 1 0 1`);
    expect((await loadBars(barFile(lines), 'EURUSD_M1_2024.csv')).timeframe).toBe('M1');
    expect((await loadBars(barFile(lines.slice(0, 1)), 'EURUSD_M5.csv')).timeframe).toBe('M5');
  });
});

describe('ticks', () => {
  const TICKS = [
    '2024.01.02 03:00:00.292 1.10000 1.10007   6',
    '2024.01.02 03:00:00.292 1.10001    2',
    '2024.01.02 03:00:01  1.10009   4',
    '2024.01.02 03:00:02.5 1.10002 1.10010 1.1 2.5 312',
  ];

  it('carry the side that did not change, and may share a millisecond', async () => {
    const ticks = await loadTicks(tickFile(TICKS));
    const base = wall('2024-01-02 03:00:00');
    expect([...ticks.at].map((at) => at - base)).toEqual([292, 292, 1000, 2500]);
    expect([...ticks.bid]).toEqual([110000, 110001, 110001, 110002]);
    expect([...ticks.ask]).toEqual([110007, 110007, 110009, 110010]);
  });

  it('begin with the first row at which both sides are known', async () => {
    const ticks = await loadTicks(
      tickFile(['2024.01.02 03:00:00.000 1.1    2', ...TICKS.slice(2)]),
    );
    expect([...ticks.bid]).toEqual([110000, 110002]);
  });
});

describe('the encoding of a file', () => {
  const text = barFile(BARS);
  const crlf = rows(BAR_HEADER, BARS, '\r\n');
  const utf16 = (content: string): Buffer =>
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(content, 'utf16le')]);

  it.each<[string, string, string | Uint8Array]>([
    ['CRLF lines', 'EURUSD.csv', crlf],
    ['no end of the last line', 'EURUSD.csv', text.trimEnd()],
    ['empty lines at the end', 'EURUSD.csv', `${text}\n\r\n`],
    ['a UTF-8 byte-order mark', 'EURUSD.csv', `\ufeff${text}`],
    ['UTF-16LE', 'EURUSD.csv', utf16(crlf)],
    ['gzip', 'EURUSD.csv.gz', gzipSync(text)],
    ['gzip without the ending', 'EURUSD.csv', gzipSync(text)],
    ['gzip of UTF-16LE', 'EURUSD.csv.gz', gzipSync(utf16(text))],
    [
      'gzip of two members',
      'EURUSD.csv.gz',
      Buffer.concat([gzipSync(`${BAR_HEADER}\n`), gzipSync(text.slice(BAR_HEADER.length + 1))]),
    ],
  ])('may be %s', async (_what, name, content) => {
    const plain = await loadBars(text);
    const other = await loadBars(content, name);
    expect({ ...other, file: plain.file }).toEqual(plain);
  });

  it('may put a chunk boundary anywhere', async () => {
    // Half a megabyte, so that the reader's chunks cut rows, and characters of UTF-16.
    const lines = Array.from({ length: 8000 }, (_, index) => {
      const time = new Date(index * 60_000).toISOString().slice(0, 19);
      return `${time.replace('T', ' ').replaceAll('-', '.')} 1.1 1.2 1.0 1.15 ${index} 0 3`;
    });
    const content = barFile(lines);
    const plain = await loadBars(content);
    const wide = await loadBars(utf16(content));
    expect(plain.at).toHaveLength(8000);
    expect(plain.tickVolume[7999]).toBe(7999);
    expect({ ...wide, file: plain.file }).toEqual(plain);
  });
});

describe('symbolOf', () => {
  it.each([
    ['/data/EURUSD_M1_201405.csv.gz', 'EURUSD'],
    ['EURUSD.r_M1.csv', 'EURUSD.r'],
    ['US100.cash_M5_202401020000_202402.CSV', 'US100.cash'],
    ['XAUUSD.csv', 'XAUUSD'],
    ['GBPUSD M1.txt', 'GBPUSD'],
  ])('of %s is %s', (path, symbol) => {
    expect(symbolOf({ path })).toBe(symbol);
  });

  it('is what the caller says, if anything', () => {
    expect(symbolOf({ path: 'export.csv', symbol: 'XAUUSD' })).toBe('XAUUSD');
  });
});

describe('progress', () => {
  it('rises to 1', async () => {
    const path = writeMarketFile(
      temporaryDirectory(),
      'EURUSD.csv',
      tickFile(['2024.01.02 03:00:00.292 1.10000 1.10007   6']),
    );
    const seen: number[] = [];
    await loadReplayFile({ path }, zone('UTC'), { onProgress: (fraction) => seen.push(fraction) });
    expect(seen.at(-1)).toBe(1);
  });
});
