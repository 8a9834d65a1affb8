import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MarketDataError } from '../../../../src/mt5/terminal/market/errors.ts';
import type { LoadOptions } from '../../../../src/mt5/terminal/market/mt5-csv.ts';
import { loadReplayFile } from '../../../../src/mt5/terminal/market/mt5-csv.ts';
import {
  BAR_HEADER,
  barFile,
  tickFile,
  writeMarketFile,
  zone,
} from '../../../support/market-files.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const GOOD = '2024.01.02 03:00:00 1.10000 1.10020 1.09990 1.10010 12 0 7';
const GOOD_TICK = '2024.01.02 03:00:00.292 1.10000 1.10007   6';

const faultAt = async (path: string, options: LoadOptions = {}): Promise<MarketDataError> => {
  const outcome = await loadReplayFile({ path }, zone('ny+7'), options).catch((e: unknown) => e);
  if (!(outcome instanceof MarketDataError)) throw new Error(`expected a fault, got ${outcome}`);
  expect(outcome.message).toBe(
    `${outcome.line > 0 ? `${path}:${outcome.line}` : path}: ${outcome.reason}. ${outcome.remedy}`,
  );
  expect(outcome.message).not.toContain('\n');
  return outcome;
};
const faultOf = async (
  content: string | Uint8Array,
  name = 'EURUSD_M1.csv',
): Promise<MarketDataError> => await faultAt(writeMarketFile(temporaryDirectory(), name, content));

describe('a bar row is refused with its line', () => {
  it.each([
    ['a missing column', '2024.01.02 03:01:00 1.1 1.1 1.1 1.1 12 0', /8 columns instead of 9/],
    ['a column too many', `${GOOD.replace('03:00', '03:01')} 1`, /10 columns instead of 9/],
    ['words', 'not a row at all', /5 columns/],
    ['a date that does not exist', '2023.02.29 03:01:00 1 1 1 1 1 0 1', /<DATE> "2023.02.29"/],
    ['a date in another format', '02.01.2024 03:01:00 1 1 1 1 1 0 1', /is not a date/],
    ['a time that does not exist', '2024.01.02 24:00:00 1 1 1 1 1 0 1', /<TIME> "24:00:00"/],
    [
      'a price that is not a number',
      '2024.01.02 03:01:00 1,1 2 1 1 1 0 1',
      /<OPEN> "1,1" is not a n/,
    ],
    ['an empty price', '2024.01.02 03:01:00  2 1 1 1 0 1', /<OPEN> "" is not a number/],
    ['an exponent', '2024.01.02 03:01:00 1e0 2 1 1 1 0 1', /is not a number/],
    ['a price of zero', '2024.01.02 03:01:00 1 1 0.00 1 1 0 1', /<LOW> "0.00" is not above zero/],
    ['a negative price', '2024.01.02 03:01:00 1 1 -1 1 1 0 1', /<LOW> "-1" is not above zero/],
    ['a price of nine decimals', '2024.01.02 03:01:00 1 1 1 1.000000001 1 0 1', /more than 8 dec/],
    ['a high below the low', '2024.01.02 03:01:00 1.1 1.0 1.2 1.1 1 0 1', /cannot be one bar/],
    ['a high below the open', '2024.01.02 03:01:00 1.3 1.2 1.0 1.1 1 0 1', /cannot be one bar/],
    ['a low above the close', '2024.01.02 03:01:00 1.2 1.3 1.1 1.0 1 0 1', /cannot be one bar/],
    ['a negative volume', '2024.01.02 03:01:00 1 1 1 1 -4 0 1', /<TICKVOL> "-4"/],
    ['a negative spread', '2024.01.02 03:01:00 1 1 1 1 4 0 -1', /<SPREAD> "-1"/],
    ['a repeated time', GOOD, /03:00:00 does not come after 2024.01.02 03:00:00/],
    ['an earlier time', '2024.01.02 02:59:00 1 1 1 1 1 0 1', /does not come after/],
    ['an hour that spring skips', '2024.03.10 09:30:00 1 1 1 1 1 0 1', /does not exist in ny\+7/],
  ])('%s', async (_what, row, reason) => {
    const fault = await faultOf(barFile([GOOD, row]));
    expect(fault.reason).toMatch(reason);
    expect(fault.line).toBe(3);
    expect(fault.remedy).not.toBe('');
  });

  it('an empty line inside the data', async () => {
    const fault = await faultOf(barFile([GOOD, '', GOOD.replace('03:00', '03:01')]));
    expect(fault).toMatchObject({ line: 3, reason: 'an empty line inside the data' });
  });

  it('a time between two bars of the timeframe', async () => {
    const times = ['03:00:00', '03:01:00', '03:02:30'];
    const fault = await faultOf(barFile(times.map((t) => `2024.01.02 ${t} 1 1 1 1 1 0 1`)));
    expect(fault).toMatchObject({
      line: 4,
      reason: '2024.01.02 03:02:30 does not start a bar of M1',
    });
  });
});

describe('a tick row is refused with its line', () => {
  it.each([
    ['an earlier millisecond', '2024.01.02 03:00:00.291 1.1 1.2   6', /00.291 is before .*00.292/],
    ['an ask below the bid', '2024.01.02 03:00:01 1.2 1.1   6', /ask \(1.1\) is below the bid/],
    ['a bid above the carried ask', '2024.01.02 03:00:01 1.2    2', /ask \(as before\) is below/],
    ['a bid that is not a number', '2024.01.02 03:00:01 x 1.1   6', /<BID> "x"/],
    ['an ask of zero', '2024.01.02 03:00:01 1 0   6', /<ASK> "0" is not above zero/],
    ['flags that are not a number', '2024.01.02 03:00:01 1 1   z', /<FLAGS> "z"/],
    ['a last price that is not a number', '2024.01.02 03:00:01 1 1 ?  6', /<LAST> "\?"/],
    ['a negative volume', '2024.01.02 03:00:01 1 1  -1 6', /<VOLUME> "-1"/],
    ['a missing column', '2024.01.02 03:00:01 1 1  6', /6 columns instead of 7/],
  ])('%s', async (_what, row, reason) => {
    const fault = await faultOf(tickFile([GOOD_TICK, row]), 'EURUSD.csv');
    expect(fault.reason).toMatch(reason);
    expect(fault.line).toBe(3);
  });
});

describe('a file is refused', () => {
  const packed = gzipSync(barFile([GOOD]));
  const manyRows = barFile(
    Array.from({ length: 5000 }, (_, index) => {
      const time = new Date(index * 60_000).toISOString().slice(0, 19);
      return `${time.replace('T', ' ').replaceAll('-', '.')} 1.1 1.2 1.0 1.1${index % 97} 7 0 3`;
    }),
  );

  it.each<[string, string | Uint8Array, number, RegExp]>([
    ['when it is empty', '', 1, /^the file is empty$/],
    ['when it is a gzip of nothing', gzipSync(''), 1, /^the file is empty$/],
    ['with a header only', `${BAR_HEADER}\n`, 1, /no rows after the header/],
    [
      'when no tick has both sides',
      tickFile(['2024.01.02 03:00:00 1.1    2']),
      1,
      /bid and an ask/,
    ],
    ['without a header', barFile([GOOD]).slice(BAR_HEADER.length + 1), 1, /the columns .* are not/],
    [
      'with columns in another order',
      barFile([GOOD]).replace('<OPEN>', '<SHUT>'),
      1,
      /the columns/,
    ],
    ['with commas', barFile([GOOD]).replaceAll('\t', ','), 1, /tab separated/],
    ['when it is binary', Buffer.alloc(5000, 0xa5), 1, /longer than 1024 bytes/],
    ['with one bar and no timeframe', barFile([GOOD]), 1, /the timeframe is unknown/],
    [
      'with bars of no timeframe',
      barFile([GOOD, GOOD.replace('03:00', '03:07')]),
      1,
      /420 s apart/,
    ],
    [
      'with prices too large for their decimals',
      tickFile([
        '2024.01.02 03:00:00 100000000000000 100000000000000   6',
        '2024.01.02 03:00:01 1.12345678 100000000000000   6',
      ]),
      1,
      /too large to be exact/,
    ],
  ])('%s', async (_what, content, line, reason) => {
    const fault = await faultOf(content, 'EURUSD.csv');
    expect(fault.reason).toMatch(reason);
    expect(fault.line).toBe(line);
  });

  it('when its gzip is truncated anywhere', async () => {
    const whole = gzipSync(manyRows);
    for (const size of [3, 12, 200, Math.floor(whole.length / 2), whole.length - 1]) {
      const fault = await faultOf(whole.subarray(0, size), 'EURUSD_M1.csv.gz');
      expect(fault.reason).toBe('the gzip is truncated');
      expect(fault.line).toBeGreaterThan(0);
    }
  });

  it('when its gzip is corrupt', async () => {
    const broken = Buffer.from(gzipSync(manyRows));
    broken.fill(0xff, 200, 260);
    // What is unpacked before zlib notices may be refused as a row first; both are answers.
    const fault = await faultOf(broken, 'EURUSD_M1.csv.gz');
    expect(fault.reason).not.toBe('');
    const checksum = Buffer.from(packed);
    checksum.writeUInt32LE(1, checksum.length - 8);
    expect((await faultOf(checksum, 'EURUSD_M1.csv.gz')).reason).toBe('the gzip is corrupt');
  });

  it('when it is called .gz and is not', async () => {
    const fault = await faultOf(barFile([GOOD]), 'EURUSD_M1.csv.gz');
    expect(fault.reason).toContain('not a gzip');
  });

  it('when it is missing, a directory or a device', async () => {
    const directory = temporaryDirectory();
    expect((await faultAt(join(directory, 'EURUSD.csv'))).reason).toContain('does not exist');
    mkdirSync(join(directory, 'GBPUSD.csv'));
    expect((await faultAt(join(directory, 'GBPUSD.csv'))).reason).toContain('a directory');
    expect((await faultAt('/dev/null')).reason).toContain('not a regular file');
  });

  const isRoot = process.getuid?.() === 0;
  if (isRoot)
    console.warn('skipped for root, who may read anything: an unreadable file is refused');
  it.skipIf(isRoot)('when it may not be read', async () => {
    const path = writeMarketFile(temporaryDirectory(), 'EURUSD_M1.csv', barFile([GOOD]));
    chmodSync(path, 0);
    expect((await faultAt(path)).reason).toContain('may not be read');
  });

  it('beyond the limit of rows', async () => {
    const path = writeMarketFile(
      temporaryDirectory(),
      'EURUSD.csv',
      tickFile([GOOD_TICK, GOOD_TICK, GOOD_TICK]),
    );
    const fault = await faultAt(path, { maxRows: 2 });
    expect(fault).toMatchObject({ line: 4, reason: 'more than 2 rows' });
  });
});
