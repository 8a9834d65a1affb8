import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { STORY, sandbox } from '../support/cli-sandbox.ts';
import { EURUSD_M5, summaryOf } from '../support/finished-run.ts';
import { walkedBars, walkedTicks } from '../support/generated-market.ts';
import { barFile, tickFile, writeMarketFile } from '../support/market-files.ts';

const HOUR = { seed: 3, from: '2024-02-08 10:00:00', to: '2024-02-08 11:00:00' } as const;
/** The rows of a sound file with one of them, by its line number, replaced. */
const withLine = (text: string, line: number, content: string): string => {
  const lines = text.split('\n');
  lines[line - 1] = content.replaceAll(' ', '\t');
  return lines.join('\n');
};
const bars = walkedBars(HOUR);
const ticks = walkedTicks(HOUR);

interface Broken {
  readonly what: string;
  readonly name?: string;
  readonly content: string | Uint8Array;
  /** Line that the error names. */
  readonly line: number;
  /** Words of the reason. */
  readonly reason: RegExp;
}

const BROKEN: readonly Broken[] = [
  {
    what: 'a price that is none',
    content: withLine(bars, 30, '2024.02.08 10:28:00 1.10000 1.1O010 1.09990 1.10000 4 0 8'),
    line: 30,
    reason: /1\.1O010/,
  },
  {
    what: 'a row with a column too few',
    content: withLine(bars, 12, '2024.02.08 10:10:00 1.10000 1.10010 1.09990 1.10000 4 0'),
    line: 12,
    reason: /column/,
  },
  {
    what: 'a high below the low',
    content: withLine(bars, 12, '2024.02.08 10:10:00 1.10000 1.09980 1.10020 1.10000 4 0 8'),
    line: 12,
    reason: /high|low/i,
  },
  {
    what: 'columns of something else',
    content: bars.replace('<OPEN>', '<CLOSE>'),
    line: 1,
    reason: /column|header/i,
  },
  {
    what: 'no columns at all',
    content: bars.split('\n').slice(1).join('\n'),
    line: 1,
    reason: /column|header/i,
  },
  {
    what: 'a bar time twice',
    content: barFile([
      '2024.02.08 10:00:00 1.10000 1.10010 1.09990 1.10000 4 0 8',
      '2024.02.08 10:00:00 1.10000 1.10010 1.09990 1.10000 4 0 8',
    ]),
    line: 3,
    reason: /10:00:00/,
  },
  {
    what: 'a bar time that goes back',
    content: withLine(bars, 40, '2024.02.08 10:01:00 1.10000 1.10010 1.09990 1.10000 4 0 8'),
    line: 40,
    reason: /10:01:00/,
  },
  {
    what: 'a tick time that goes back',
    content: withLine(ticks, 40, '2024.02.08 10:00:01.000 1.10000 1.10008   6'),
    line: 40,
    reason: /10:00:01\.000 is before/,
  },
  { what: 'an empty gzip', name: 'EURUSD.csv.gz', content: gzipSync(''), line: 1, reason: /empty/ },
  { what: 'no bytes', content: '', line: 1, reason: /empty/ },
  {
    what: 'a gzip that ends too early',
    name: 'EURUSD.csv.gz',
    content: gzipSync(bars).subarray(0, 400),
    line: 0,
    reason: /gzip|truncated|incomplete|end/i,
  },
  {
    what: 'a symbol that nobody knows',
    name: 'FOOBAR_M1.csv',
    content: bars,
    line: 1,
    reason: /FOOBAR/,
  },
  {
    what: 'a file name without a symbol',
    name: '2024.csv',
    content: bars,
    line: 1,
    reason: /symbol/,
  },
];

describe('a replay of broken data', STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const replay = (file: string) =>
    box.run(['run', '--json', '--data-dir', 'data', '--replay', file], { env: EURUSD_M5 });
  const expectRefusal = async (file: string, line: number, reason: RegExp): Promise<void> => {
    const run = await replay(file);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    const [told = ''] = run.stderr.split('\n');
    expect(told.startsWith(line > 0 ? `${file}:${line}: ` : file), told).toBe(true);
    expect(told).toMatch(reason);
    // What is wrong, a full stop, what to do.
    expect(told).toMatch(/\. [A-Z]\w+ .+/);
    expect(run.stderr).not.toMatch(/^\s+at /m);
    // Refused before the first order: nothing that could hold one has come into being.
    expect(existsSync(box.path('data', 'journal.db'))).toBe(false);
  };

  it.each(BROKEN)(
    'says where $what is, and what to do',
    async ({ name, content, line, reason }) => {
      const file = writeMarketFile(box.dir, name ?? 'EURUSD.csv', content);
      await expectRefusal(file, line, reason);
    },
  );

  it('says that a file does not exist, or is a folder', async () => {
    await expectRefusal(box.path('absent.csv'), 0, /does not exist/);
    await expectRefusal(box.dir, 0, /directory/);
  });

  it('reads all files before the first order: the second one is broken', async () => {
    const sound = writeMarketFile(box.dir, 'EURUSD.csv', bars);
    const broken = writeMarketFile(
      box.dir,
      'GBPUSD.csv',
      withLine(bars, 50, '2024.02.08 10:48:00 one two three four 4 0 8'),
    );
    const run = await box.run(['run', '--json', '--data-dir', 'data', '--replay', sound, broken], {
      env: EURUSD_M5,
    });
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain(`${broken}:50: `);
    expect(existsSync(box.path('data', 'journal.db'))).toBe(false);
  });

  it('finds nothing wrong with ticks of one millisecond', async () => {
    const file = writeMarketFile(
      box.dir,
      'EURUSD.csv',
      tickFile(['0', '0', '1'].map((ms) => `2024.02.08 10:00:00.00${ms} 1.10000 1.10008   6`)),
    );
    expect(summaryOf(await replay(file)).ticks).toBe(3);
  });
});
