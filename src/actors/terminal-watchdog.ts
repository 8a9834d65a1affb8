import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Clock } from '../domain/ports.ts';
import type { ActorContext, Behaviour } from './kernel/types.ts';
import { isAlive, processStart, processWith } from './process-identity.ts';
import { lastWords, outputLength, saidSince, setAside } from './process-output.ts';

/**
 * Starts, watches and restarts the terminal's process. A terminal that outlived its runtime is
 * adopted by pid and start time, never started twice. Whatever ends this actor leaves the process
 * alone, a parked account's too: only an orderly stop of the runtime stops it.
 *
 * A process that lives and says nothing is frozen: it is ended, and started again like one that
 * died. The connection tells of its heartbeats and of the silences that it announced.
 *
 * Its restarts are counted over all lives of this actor: a life that began with none of them behind it
 * would outlast the windows of its supervisors, and a terminal that cannot start would never be given up.
 */
export interface WatchdogOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** What the process inherits. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Holds the process's log and the note by which a later runtime adopts it. */
  readonly dataDir: string;
  readonly wall: Clock;
  readonly restart: {
    readonly intensity: number;
    readonly periodMs: number;
    readonly backoffInitialMs: number;
    readonly backoffMaxMs: number;
  };
  /** What was spent of that; one for all lives of this actor. */
  readonly spent: SpentRestarts;
  /** Wall time from its start until it is ready; later it is as good as frozen. */
  readonly readyMs: number;
  /** It is ready once its output says this; null: at its first heartbeat. */
  readonly readyText: string | null;
  /** Wall time without a heartbeat after which a living process is frozen. */
  readonly frozenMs: number;
  /** Wall time between SIGTERM and SIGKILL. */
  readonly stopMs: number;
  /** True once the runtime itself is being stopped. Before that, whatever takes this actor down
   * leaves the terminal alone: it is the account's last guard. */
  readonly mayStop: () => boolean;
  /** Told of every change, for the event log. */
  readonly onEvent: (event: WatchdogEvent) => void;
}
export interface WatchdogEvent {
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly detail: string;
}
export interface SpentRestarts {
  /** Wall instants of the ends inside the current window. */
  endsAt: readonly number[];
  /** The end of patience was told; once is enough for all lives that follow. */
  isTold: boolean;
}
export const noRestarts = (): SpentRestarts => ({ endsAt: [], isTold: false });
export type WatchdogMessage =
  | { readonly type: 'process.exited'; readonly pid: number; readonly how: string }
  | { readonly type: 'process.poll' }
  /** Its heart beats, or it said that it will be silent for so long. */
  | { readonly type: 'heart.beat'; readonly mayBeSilentMs: number }
  | { readonly type: 'start.due' };

export interface WatchdogState {
  readonly pid: number | null;
  readonly child: ChildProcess | null;
  readonly restarts: number;
  /** Where in the log its own output begins, and how far it was searched for `readyText`. */
  readonly wordsFrom: number;
  readonly searchedTo: number;
  readonly isReady: boolean;
  /** Silence counted since its start or its last heartbeat, wall milliseconds. */
  readonly silentMs: number;
  /** Silence that is forgiven: until it is up, until its next heartbeat, or as it announced. */
  readonly allowedMs: number;
  readonly polledAt: number;
}

const POLL_MS = 500;
const REFUSED = 'exit code 2';
const LOG_FILE = 'process.log';
const NOTE_FILE = 'process.json';
/** Tells in the environment of a terminal whose it is. A note cannot be written on a full disk, nor by
 * a runtime that is killed between the start of the process and the note. Names that begin with
 * BULWARK_ are keys of the configuration, which a terminal reads too. */
const OWNER = 'TERMINAL_OF_BULWARK';

export const terminalWatchdog = (
  options: WatchdogOptions,
): Behaviour<WatchdogMessage, WatchdogState> => ({
  init: (context) => {
    mkdirSync(options.dataDir, { recursive: true });
    const adopted = livingTerminal(options.dataDir);
    poll(options, context);
    if (adopted === undefined) return startProcess(options, initial, context);
    options.onEvent({ code: 'terminal.adopted', severity: 'info', detail: `pid ${adopted}` });
    const wordsFrom = outputLength(join(options.dataDir, LOG_FILE));
    return watched(options, { ...initial, pid: adopted, wordsFrom, isReady: true });
  },
  receive: (state, message, context) => {
    switch (message.type) {
      case 'process.exited':
        return message.pid === state.pid
          ? planRestart(options, state, message.how, context)
          : state;
      case 'process.poll':
        poll(options, context);
        return look(options, state, context);
      case 'heart.beat': {
        const { frozenMs } = options;
        const allowedMs = Math.max(frozenMs, message.mayBeSilentMs);
        return { ...state, silentMs: 0, allowedMs, isReady: true };
      }
      case 'start.due':
        return startProcess(options, state, context);
    }
  },
  terminate: async (state) => {
    if (state.pid === null || !options.mayStop()) return;
    await stopProcess(options, state.pid, state.child);
    rmSync(join(options.dataDir, NOTE_FILE), { force: true });
  },
  summary: ({ pid, restarts, silentMs }) => ({ pid, restarts, silentMs }),
});

const initial: WatchdogState = {
  pid: null,
  child: null,
  restarts: 0,
  wordsFrom: 0,
  searchedTo: 0,
  isReady: false,
  silentMs: 0,
  allowedMs: 0,
  polledAt: 0,
};

const poll = (options: WatchdogOptions, context: ActorContext<WatchdogMessage>): void => {
  const how = { key: 'process.poll', clock: options.wall };
  context.after(POLL_MS, { type: 'process.poll' }, how);
};

const watched = (options: WatchdogOptions, state: WatchdogState): WatchdogState => ({
  ...state,
  silentMs: 0,
  allowedMs: options.readyMs,
  polledAt: options.wall.now(),
});

/** Is it there, and does its heart beat? A poll that comes late counts once: what we slept through
 * ourselves is no silence of the terminal's. */
const look = (
  options: WatchdogOptions,
  state: WatchdogState,
  context: ActorContext<WatchdogMessage>,
): WatchdogState => {
  const { pid, child } = state;
  if (pid === null) return state;
  if (child === null && !isAlive(pid)) return planRestart(options, state, 'it is gone', context);
  const now = options.wall.now();
  const silentMs = state.silentMs + Math.min(now - state.polledAt, 2 * POLL_MS);
  const looked = listen(options, { ...state, silentMs, polledAt: now });
  if (looked.silentMs < looked.allowedMs) return looked;
  const detail = `pid ${pid} lives and has said nothing for ${Math.round(silentMs / 1000)} s`;
  options.onEvent({ code: 'terminal.frozen', severity: 'warning', detail });
  // A stopped process takes no SIGTERM, and a hung one has had its chance.
  signal(pid, 'SIGKILL');
  return watched(options, looked);
};

/** Does its output say that it is ready? From then on it may be as silent as any terminal. */
const listen = (options: WatchdogOptions, state: WatchdogState): WatchdogState => {
  const { readyText, frozenMs, dataDir } = options;
  if (readyText === null || state.isReady) return state;
  const { isSaid, searchedTo } = saidSince(join(dataDir, LOG_FILE), state.searchedTo, readyText);
  if (!isSaid) return { ...state, searchedTo };
  const detail = `pid ${state.pid} says "${readyText}"`;
  options.onEvent({ code: 'terminal.ready', severity: 'info', detail });
  return { ...state, searchedTo, isReady: true, silentMs: 0, allowedMs: frozenMs };
};

const startProcess = (
  options: WatchdogOptions,
  state: WatchdogState,
  context: ActorContext<WatchdogMessage>,
): WatchdogState => {
  const file = join(options.dataDir, LOG_FILE);
  setAside(file);
  const log = openSync(file, 'a', 0o600);
  const wordsFrom = outputLength(file);
  // Its own process group: Ctrl-C in the console reaches the runtime, which stops it in order.
  const child = spawn(options.command, options.args, {
    stdio: ['ignore', log, log],
    detached: true,
    env: { ...options.environment, [OWNER]: resolve(options.dataDir) },
  });
  closeSync(log);
  const pid = child.pid ?? -1;
  const exited = (how: string): void => context.self.send({ type: 'process.exited', pid, how });
  child.once('error', (error) => exited(error.message));
  child.once('exit', (code, signal) => exited(signal ?? `exit code ${code}`));
  options.onEvent({ code: 'terminal.started', severity: 'info', detail: `pid ${pid}` });
  const note = { pid, start: processStart(pid) };
  try {
    writeFileSync(join(options.dataDir, NOTE_FILE), JSON.stringify(note), { mode: 0o600 });
  } catch (error) {
    // It runs and is watched; a crash here would leave it to nobody.
    const detail = `pid ${pid}: ${String(error)}`;
    options.onEvent({ code: 'terminal.unnoted', severity: 'info', detail });
  }
  return watched(options, { ...state, pid, child, wordsFrom, searchedTo: wordsFrom });
};

const planRestart = (
  options: WatchdogOptions,
  state: WatchdogState,
  how: string,
  context: ActorContext<WatchdogMessage>,
): WatchdogState => {
  const { restart, spent, onEvent } = options;
  const { intensity, periodMs, backoffInitialMs, backoffMaxMs } = restart;
  const now = options.wall.now();
  // One more than the budget decides; more would only grow.
  const recent = [...spent.endsAt.filter((at) => now - at < periodMs), now].slice(-intensity - 1);
  spent.endsAt = recent;
  const detail = `pid ${state.pid} ended: ${how}`;
  onEvent({ code: 'terminal.exited', severity: 'info', detail });
  // By the convention of every command here, 2 means: a person has to change something first.
  if (recent.length > intensity || how === REFUSED) {
    const words = lastWords(join(options.dataDir, LOG_FILE), state.wordsFrom);
    const why =
      `the terminal process ended ${recent.length} time(s) in ${periodMs} ms; last: ${how}. ` +
      `Its last words: ${words}`;
    if (!spent.isTold) onEvent({ code: 'terminal.givenUp', severity: 'error', detail: why });
    spent.isTold = true;
    throw new Error(why);
  }
  spent.isTold = false;
  const delayMs = Math.min(backoffMaxMs, backoffInitialMs * 2 ** (recent.length - 1));
  context.after(delayMs, { type: 'start.due' }, { clock: options.wall });
  return { ...initial, restarts: state.restarts + 1 };
};

/** Ends a terminal that a parked account has left alone, when the whole runtime goes down. */
export const stopLeftover = async (
  options: Pick<WatchdogOptions, 'dataDir' | 'wall' | 'stopMs'>,
): Promise<void> => {
  const pid = livingTerminal(options.dataDir);
  if (pid !== undefined) await stopProcess(options, pid, null);
};

/** The pid of a terminal that an earlier runtime started here and that still lives. */
export const livingTerminal = (dataDir: string): number | undefined =>
  notedTerminal(dataDir) ?? processWith(OWNER, resolve(dataDir));

const notedTerminal = (dataDir: string): number | undefined => {
  let note: unknown;
  try {
    note = JSON.parse(readFileSync(join(dataDir, NOTE_FILE), 'utf8'));
  } catch {
    return undefined;
  }
  if (typeof note !== 'object' || note === null || !('pid' in note) || !('start' in note)) {
    return undefined;
  }
  const { pid, start } = note;
  if (typeof pid !== 'number' || typeof start !== 'string') return undefined;
  return isAlive(pid) && processStart(pid) === start ? pid : undefined;
};

const stopProcess = (
  options: Pick<WatchdogOptions, 'wall' | 'stopMs'>,
  pid: number,
  child: ChildProcess | null,
): Promise<void> =>
  new Promise((resolve) => {
    const kill = options.wall.schedule(options.stopMs, () => signal(pid, 'SIGKILL'));
    const done = (): void => {
      kill.cancel();
      resolve();
    };
    if (child === null) pollGone(options.wall, pid, done);
    else if (child.exitCode !== null || child.signalCode !== null) done();
    else child.once('exit', done);
    signal(pid, 'SIGTERM');
  });

const pollGone = (wall: Clock, pid: number, done: () => void): void => {
  if (isAlive(pid)) wall.schedule(POLL_MS / 10, () => pollGone(wall, pid, done));
  else done();
};

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself in the meantime, which is all that a signal could have achieved.
  }
};
