import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Bar } from '../../src/domain/market.ts';
import { points } from '../../src/domain/units.ts';
import { MINUTE, scriptedMarket, ticksOf } from '../support/scripted-market.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { CALM, terminalOf } from './expert-bench.ts';
import { builtinNames } from './lint/builtins.ts';
import { calendarOf } from './terminal/calendar.ts';
import { compileProgram, hasCompiler } from './toolchain.ts';

const present = hasCompiler();
if (!present) console.warn('SKIPPED: there is no g++ here, so the shim of MQL5 was not tried');

const programOf = (name: string): string =>
  compileProgram(fileURLToPath(new URL(`programs/${name}.mq5`, import.meta.url)));
/** `ok FUNCTION: promise` or `FAILED FUNCTION: promise`. */
const functionsOf = (lines: readonly string[]): readonly string[] => [
  ...new Set(lines.map((line) => /^ok (\w+):/.exec(line)?.[1] ?? `not ok: ${line}`)),
];

interface Listed {
  readonly name: string;
  readonly page: string;
  readonly program: string;
}
/** The table of functions of README.md. */
const listed = (): readonly Listed[] => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  const row = /^\| `(\w+)` +\| `([a-z_]+\/\w+)` +\| `(shim-\w+)` +\|$/gm;
  return [...readme.matchAll(row)].map(([, name = '', page = '', program = '']) => ({
    name,
    page,
    program,
  }));
};
const listedFor = (program: string): readonly string[] =>
  listed()
    .filter((it) => it.program === program)
    .map(({ name }) => name)
    .sort();

/** Sends back what comes in. */
const echoPort = async (): Promise<number> => {
  const server = createServer((socket) => socket.pipe(socket).on('error', () => undefined));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
};

/** A quote each second, then one a minute; each minute's first quote as its bar. */
const market = () => {
  const ticks = ticksOf(CALM.slice(0, 110));
  const bars = ticks
    .filter(({ at }) => at % MINUTE === 0)
    .map(({ symbol, at, bid }): Bar => {
      const ohlc = { open: bid, high: bid, low: bid, close: bid };
      const rest = { tickVolume: 1, spreadPoints: points(10), complete: true, gap: false };
      return { symbol, timeframe: 'M1', at, ...ohlc, ...rest };
    });
  return { ...scriptedMarket(ticks), history: () => bars };
};

it('the list of README.md has every function of the shim, by its page, and no other', () => {
  expect(
    listed()
      .map(({ name }) => name)
      .sort(),
  ).toEqual([...builtinNames().functions].sort());
  for (const { name, page } of listed()) expect(page.split('/')[1]).toBe(name.toLowerCase());
});

describe.runIf(present)('every function of the shim does what its documentation says', () => {
  beforeAll(() => {
    for (const name of ['shim-values', 'shim-terminal']) programOf(name);
  }, 180_000);

  it('without a terminal', async () => {
    const env = {
      MQL_FILES: temporaryDirectory(),
      MQL_INPUTS: `InpPort=${await echoPort()}`,
      MQL_ALLOWED_HOSTS: '127.0.0.1',
    };
    const { stdout, stderr } = await promisify(execFile)(programOf('shim-values'), [], { env });
    expect(stderr).toBe('');
    const told = functionsOf(stdout.trim().split('\n'));
    expect([...told].sort()).toEqual(listedFor('shim-values'));
  });

  it('in a terminal', async () => {
    const release = { id: 1, name: 'Payrolls', currency: 'USD', importance: 3 } as const;
    const time = Date.UTC(2014, 4, 5, 12) / 1_000;
    const terminal = terminalOf({
      binary: programOf('shim-terminal'),
      market: market(),
      calendar: calendarOf([{ ...release, time }]),
    });
    onTestFinished(() => terminal.close());
    await terminal.elapse(51 * 60_000 + 30_000);
    await terminal.runScript();
    expect(terminal.printed.filter((line) => !line.startsWith('ok '))).toEqual([]);
    expect(terminal.stderr).toBe('');
    await expect.poll(() => terminal.comment, { timeout: 10_000 }).toContain('Comment');
    await terminal.settled();
    await terminal.stop();
    const told = functionsOf([...terminal.printed, terminal.comment]);
    expect([...told].sort()).toEqual(listedFor('shim-terminal'));
  });
});
