import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { isAlive, processStart } from '../../src/actors/process-identity.ts';

/**
 * A folder in which tests run the real command line as child processes. Nothing of the machine's
 * configuration reaches them, and `close` leaves neither a process nor a file behind: the terminals
 * that a killed runtime left are found by their notes, and killed only when pid and start agree.
 */
export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const RUN_TIMEOUT_MS = 60_000;
/** For a test of several runs: a bound for a busy machine, ten times what a quiet one takes. */
export const STORY = { timeout: 120_000 } as const;
const POLL_MS = 10;

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly pid: number;
  /** Everything written so far, stdout and stderr together. */
  readonly said: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Resolves once both streams are closed; rejects when that takes too long. */
  readonly finished: (timeoutMs?: number) => Promise<Finished>;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Sandbox {
  readonly dir: string;
  readonly path: (...names: readonly string[]) => string;
  readonly start: (args: readonly string[], options?: CliOptions) => RunningCli;
  readonly run: (args: readonly string[], options?: CliOptions) => Promise<Finished>;
  readonly close: () => Promise<void>;
}

const cleanEnv = (): NodeJS.ProcessEnv => {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('BULWARK_') && !name.startsWith('VITEST') && name !== 'NODE_ENV',
  );
  return { ...Object.fromEntries(kept), NO_COLOR: '1' };
};

const rejectLater = (timeoutMs: number, message: () => string) => {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message())), timeoutMs);
  });
  return { promise, cancel: () => clearTimeout(timer) };
};

/** Everything that was started by this file of tests, oldest first. */
const started: RunningCli[] = [];

const startCli = (
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): { readonly child: ChildProcess; readonly cli: RunningCli } => {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...cleanEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk;
  });
  const closed = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...text }));
  });
  const said = (): string => text.stdout + text.stderr;
  const finished = async (timeoutMs = RUN_TIMEOUT_MS): Promise<Finished> => {
    const words = (): string => `bulwark ${args.join(' ')} takes over ${timeoutMs} ms:\n${said()}`;
    const late = rejectLater(timeoutMs, words);
    try {
      return await Promise.race([closed, late.promise]);
    } finally {
      late.cancel();
    }
  };
  closed.catch(() => undefined); // A child that could not start is reported by `finished`.
  const signal = (name: NodeJS.Signals): void => {
    child.kill(name);
  };
  const cli = { pid: child.pid ?? -1, said, signal, finished };
  started.push(cli);
  return { child, cli };
};

export const sandbox = (): Sandbox => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'bulwark-e2e-')));
  const children: ChildProcess[] = [];
  let closed = false;
  const start: Sandbox['start'] = (args, options = {}) => {
    // A test that ran out of time goes on behind our back; it must not start anything any more.
    if (closed) throw new Error('the sandbox is closed');
    const { child, cli } = startCli(args, options.cwd ?? dir, options.env ?? {});
    children.push(child);
    return cli;
  };
  return {
    dir,
    path: (...names) => join(dir, ...names),
    start,
    run: (args, options) => start(args, options).finished(),
    close: async () => {
      closed = true;
      const living = children.filter(
        (child) => child.exitCode === null && child.signalCode === null,
      );
      for (const child of living) child.kill('SIGKILL');
      await until('the killed children to be gone', () =>
        living.every(({ pid }) => pid === undefined || !isAlive(pid)),
      );
      for (const pid of terminalsBelow(dir)) process.kill(pid, 'SIGKILL');
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

interface Note {
  readonly pid: number;
  readonly start: string;
}

/** Pids of terminals that still run and were started for a data directory below `dir`. */
const terminalsBelow = (dir: string): readonly number[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(join('terminal', 'process.json')))
    .map((name) => JSON.parse(readFileSync(join(dir, name), 'utf8')) as Note)
    .filter(({ pid, start }) => isAlive(pid) && processStart(pid) === start)
    .map(({ pid }) => pid);

/** The terminal of a data directory as it runs now; undefined while there is none. */
export const terminalPid = (dataDir: string): number | undefined => {
  const file = join(dataDir, 'terminal', 'terminal.pid');
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8'));
  return pid > 0 && isAlive(pid) ? pid : undefined;
};

/** Waits for a condition that files or processes bring about; never for a span of time. */
export const until = async <T>(
  what: string,
  look: () => T | undefined | false,
  timeoutMs = 45_000,
): Promise<T> => {
  const seek = (): T => {
    const found = look();
    if (found === undefined || found === false) throw new Error(`still waiting for ${what}`);
    return found;
  };
  try {
    return await vi.waitFor(seek, { timeout: timeoutMs, interval: POLL_MS });
  } catch (error) {
    // Where it stands still is in what the last programs said.
    const last = started.slice(-2).map(({ pid, said }) => `${pid}: ${said().slice(-2_000)}`);
    throw new Error([String(error), ...last].join('\n'));
  }
};
