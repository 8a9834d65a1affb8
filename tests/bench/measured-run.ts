import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SessionSummary } from '../../src/cli/session-summary.ts';
import { walkedBars, walkedTicks } from '../support/generated-market.ts';
import { writeMarketFile } from '../support/market-files.ts';

const BUILD = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url));
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const SHARED = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const POLL_MS = 2;
const LATEST_MS = 60_000;

export interface BenchPlace {
  readonly dir: string;
  readonly path: (name: string) => string;
  readonly close: () => void;
}

/** A built program and a folder of its own. */
export const benchPlace = (): BenchPlace => {
  // Type errors are judged elsewhere; a program that does not run fails below.
  spawnSync(process.execPath, [BUILD, '--if-possible'], { stdio: 'inherit' });
  const dir = mkdtempSync(join(tmpdir(), 'bulwark-bench-'));
  return {
    dir,
    path: (name) => join(dir, name),
    close: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }),
  };
};

/** A recorded file, or where there is none a generated one of the same kind and about its length. */
export const marketFile = (place: BenchPlace, kind: 'bars' | 'ticks'): string => {
  const name = kind === 'bars' ? 'EURUSD_M1_201405.csv.gz' : 'EURUSD_ticks_201405.csv.gz';
  if (existsSync(`${SHARED}${name}`)) return `${SHARED}${name}`;
  console.warn(`../shared/data/${name} is absent: a generated market is measured instead`);
  const from = '2024-02-01 00:00:00';
  const text =
    kind === 'bars'
      ? walkedBars({ seed: 1, from, to: '2024-02-16 00:00:00' })
      : walkedTicks({ seed: 1, from, to: '2024-05-31 00:00:00' });
  return writeMarketFile(place.dir, `EURUSD_${kind}.csv`, text);
};

const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BULWARK_')));

/** What is measured must not change with what is shipped. */
const STRATEGIES = JSON.stringify([{ use: 'atr-breakout', symbol: 'EURUSD', timeframe: 'M5' }]);

/** A process of the built program; nothing of the caller's own configuration reaches it. */
export const bulwark = (
  place: BenchPlace,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess => {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: place.dir,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // Read by whoever wants to, and in any case: it could not end with a pipe that is full.
  child.stdout?.resume();
  return child;
};

export interface MeasuredRun {
  readonly summary: SessionSummary;
  /** CPU seconds of the runtime, its terminal and whatever else it started. */
  readonly cpuSeconds: number;
}

/** `0m1.23s 0m0.45s`, as the shell's `times` reports what its children used. */
const secondsIn = (line: string): number =>
  [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds),
    0,
  );

/** One replay to its end. The shell is there for its `times`: Node does not tell what a child and
 * the children it waited for have used. */
export const replayOnce = async (place: BenchPlace, file: string): Promise<MeasuredRun> => {
  const dataDir = mkdtempSync(place.path('run-'));
  const args = ['run', '--json', '--replay', file, '--data-dir', dataDir];
  const script = '"$@"; code=$?; times >&2; exit $code';
  const child = spawn('sh', ['-c', script, 'sh', process.execPath, MAIN, ...args], {
    cwd: place.dir,
    env: { ...cleanEnvironment(), BULWARK_STRATEGIES: STRATEGIES },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.out += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.err += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`bulwark ${args.join(' ')} ended with ${code}:\n${text.err}`);
  rmSync(dataDir, { recursive: true, force: true });
  const used = text.err.trimEnd().split('\n').at(-1) ?? '';
  return { summary: JSON.parse(text.out) as SessionSummary, cpuSeconds: secondsIn(used) };
};

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

/** Milliseconds from the spawn to the first order that the terminal's ledger shows. */
export const firstOrderMs = async (place: BenchPlace, args: readonly string[]): Promise<number> => {
  const dataDir = mkdtempSync(place.path('run-'));
  const ledger = join(dataDir, 'terminal', 'ledger.ndjson');
  const began = performance.now();
  const child = bulwark(place, ['run', ...args, '--data-dir', dataDir]);
  const passed = (): number => performance.now() - began;
  const isThere = (): boolean =>
    existsSync(ledger) && readFileSync(ledger, 'utf8').includes('"type":"order"');
  try {
    while (!isThere()) {
      if (passed() > LATEST_MS || child.exitCode !== null) throw new Error('no order was placed');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return passed();
  } finally {
    child.kill('SIGINT');
    await ended(child);
    rmSync(dataDir, { recursive: true, force: true });
  }
};
