import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  ambientClock,
  ambientDefer,
  ambientStopwatch,
} from '../../../src/actors/kernel/ambient-clock.ts';
import { minor } from '../../../src/domain/units.ts';
import type { TerminalOptions } from '../../../src/mt5/terminal/options.ts';
import { TERMINAL_DEFAULTS } from '../../../src/mt5/terminal/options.ts';
import { runTerminal } from '../../../src/mt5/terminal/terminal-process.ts';
import type { EaUnderTest, EaWorld, Setting } from './world.ts';
import { LOGIN, SERVER, SERVER_TZ, TOKEN, writeMarket } from './world.ts';

const CHILD = fileURLToPath(new URL('../../support/terminal-child.mjs', import.meta.url));

const optionsOf = (setting: Setting): TerminalOptions => ({
  ...TERMINAL_DEFAULTS,
  endpoint: setting.endpoint,
  dataDir: setting.directory,
  account: {
    login: LOGIN,
    server: SERVER,
    company: 'Bulwark',
    currency: 'USD',
    currencyDigits: 2,
    leverage: 30,
    marginMode: setting.marginMode ?? 'hedging',
    balanceMinor: minor(10_000_000n),
    stopOutLevelPercent: 50,
  },
  market: {
    kind: 'replay',
    serverTz: SERVER_TZ,
    files: writeMarket(setting.directory, setting.market).map((path) => ({ path })),
  },
  operations: setting.operations ?? [],
  instanceId: setting.instanceId,
  token: TOKEN,
  takeoverToken: setting.takeoverToken,
});

/** Wall time passes by itself; this waits for a bound that the caller knows to be enough. */
const wallMs = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    ambientClock.schedule(ms, resolve);
  });

const inProcess = (options: TerminalOptions): EaUnderTest => {
  let stop: (reason: string) => void = () => undefined;
  const ended = runTerminal(options, {
    clock: ambientClock,
    stopwatch: ambientStopwatch,
    defer: ambientDefer,
    random: () => 0.5,
    log: () => undefined,
    onStopRequested: (ask) => {
      stop = ask;
      return () => undefined;
    },
  });
  const cannot = async (): Promise<never> => {
    throw new Error('this terminal has no process of its own');
  };
  return {
    silence: wallMs,
    restart: cannot,
    kill: cannot,
    stop: async () => {
      stop('the test ended');
      await ended;
    },
  };
};

const asProcess = (options: TerminalOptions): EaUnderTest => {
  const json = JSON.stringify(options, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  let child: ChildProcess | undefined;
  const begin = (): void => {
    child = spawn(process.execPath, [CHILD, json], { stdio: 'ignore' });
  };
  const kill = async (): Promise<void> => {
    const victim = child;
    if (victim === undefined || victim.exitCode !== null || victim.signalCode !== null) return;
    const gone = new Promise((resolve) => victim.once('exit', resolve));
    victim.kill('SIGKILL');
    await gone;
  };
  begin();
  return {
    silence: wallMs,
    kill,
    restart: async () => {
      await kill();
      begin();
    },
    stop: kill,
  };
};

/** The simulated terminal: the EA's side in TypeScript, clock master of its session. */
export const simulatedWorld: EaWorld = {
  name: 'the simulated terminal',
  start: async (setting, restarts) =>
    restarts ? asProcess(optionsOf(setting)) : inProcess(optionsOf(setting)),
};
