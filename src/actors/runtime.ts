import { join } from 'node:path';
import { openAuditDb } from '../audit/audit-db.ts';
import type { Clock, Stopwatch } from '../domain/ports.ts';
import type { EpochMs } from '../domain/units.ts';
import { AUDIT_FILE, JOURNAL_FILE } from '../journal/files.ts';
import type { Entry, EntryBody } from '../journal/types.ts';
import { auditor } from './auditor.ts';
import { createClockPump } from './clock-pump.ts';
import { connection } from './connection.ts';
import type { ConnectionOptions, ConnectionState, MarketProgress } from './connection-state.ts';
import { type DeskDeps, type DeskPaths, entryAt } from './desk.ts';
import { executor } from './executor.ts';
import type { ExecutorLimits } from './executor-state.ts';
import type { GuardOptions } from './guard-state.ts';
import {
  createIsolation,
  type Isolation,
  type IsolationOptions,
  type WorkerLoss,
} from './isolation/isolation.ts';
import { createJournalPort, journalKeeper } from './journal-keeper.ts';
import type { ShutdownLine } from './kernel/coordinated-shutdown.ts';
import { createSystem } from './kernel/system.ts';
import type { KernelEvent, System } from './kernel/types.ts';
import { createVirtualClock } from './kernel/virtual-clock.ts';
import { watchLiveness } from './liveness.ts';
import { orderlyStop } from './orderly-stop.ts';
import { recovery } from './recovery.ts';
import { restartsAwaited } from './restarts-awaited.ts';
import { type GuardSummary, riskGuard } from './risk-guard.ts';
import { type StrategyOptions, strategyHost } from './strategy-host.ts';
import { stopLeftover, terminalWatchdog, type WatchdogOptions } from './terminal-watchdog.ts';
import { anyBehaviour, deskPath, strategyPath, tree } from './tree.ts';

/** What the machine gives: nothing in here asks it for time, randomness or ids by itself. */
export interface RuntimePorts {
  readonly wall: Clock;
  readonly stopwatch: Stopwatch;
  readonly defer: (turn: () => void) => void;
  readonly random: () => number;
  readonly newId: () => string;
  /** Resident bytes of the process. */
  readonly residentBytes: () => number;
  /** What strategies print, with the name of the worker that they are in. */
  readonly onStrategyOutput: (worker: string, text: string) => void;
}

/** One account with its strategies: everything a runtime is composed of. */
export interface RuntimeSpec {
  readonly name: string;
  readonly login: string;
  readonly dataDir: string;
  /** Session time to begin with; the terminal moves it on. */
  readonly startAt: EpochMs;
  readonly connection: Omit<
    ConnectionOptions,
    'pump' | 'defer' | 'newId' | 'onListening' | 'onEvent' | 'jitterSeed'
  >;
  readonly guard: Omit<GuardOptions, 'strategies'>;
  readonly executor: ExecutorLimits;
  readonly strategies: readonly StrategyOptions[];
  readonly isolation: IsolationOptions;
  /** Null: the terminal is started by somebody else. */
  readonly terminal: Omit<WatchdogOptions, 'wall' | 'mayStop' | 'onEvent'> | null;
  /** Told at the beginning of every run, so that the audit knows what it shows. */
  readonly session: Extract<EntryBody, { kind: 'session.started' }>;
}

/** Something a person may want to know, as it happens. */
export interface Notice {
  readonly at: EpochMs;
  readonly severity: 'info' | 'warning' | 'error';
  readonly code: string;
  readonly detail: string;
  readonly path?: string;
}

export interface Runtime {
  readonly system: System;
  readonly now: () => EpochMs;
  readonly progress: () => MarketProgress | undefined;
  readonly guard: () => GuardSummary | undefined;
  /** True once the data has ended and everything that it caused is done. */
  readonly finished: () => boolean;
  /** Restarts of actors and of the terminal's process since the start. */
  readonly restarts: () => number;
  readonly onNotice: (listener: (notice: Notice) => void) => void;
  /** Everything that became durable, in order: what the audit will show. */
  readonly onEntry: (listener: (entry: Entry) => void) => void;
  /** Stops the tree in order and resolves when everything is durable and down, with a sentence for
   * each phase that failed or was late. */
  readonly stop: (reason: string) => Promise<readonly string[]>;
}

export const startRuntime = async (spec: RuntimeSpec, ports: RuntimePorts): Promise<Runtime> => {
  const clock = createVirtualClock(spec.startAt);
  const entries = announcer<Entry>();
  const notices = announcer<Notice>();
  const journal = createJournalPort((appended) => appended.forEach(entries.tell));
  let restarts = 0;

  const note = (notice: Omit<Notice, 'at'>): void => {
    const at = clock.now();
    notices.tell({ ...notice, at });
    const { severity, code, detail, path } = notice;
    const body = { kind: 'event', severity, code, detail } as const;
    const entry = entryAt(spec.login, at, path === undefined ? body : { ...body, path });
    // An event that cannot be journalled was still told to the listeners; the order path has its
    // own way of noticing that the journal is gone.
    journal.append([entry]).catch(() => undefined);
  };

  const deps: DeskDeps = {
    accountId: spec.login,
    clock,
    wall: ports.wall,
    journal,
    paths: pathsOf(spec),
  };
  const isolation = openIsolation(spec, ports, note);
  let stopping = false;
  const waiting = restartsAwaited(deskPath(spec.login, 'strategies'));
  const quiescent = (): Promise<void> => waiting.settled(system);
  const system: System = createSystem({
    name: spec.name,
    clock: ports.wall,
    defer: ports.defer,
    random: ports.random,
    root: compose({
      spec,
      ports,
      deps,
      journal,
      isolation,
      note,
      quiescent,
      clock,
      mayStop: () => stopping,
    }),
  });
  const isNews = newsFilter();
  system.subscribe(waiting.observe);
  system.subscribe((event) => {
    // What reaches actors that are being stopped on purpose is no news.
    if (stopping || !isNews(event)) return;
    if (event.type === 'actor.started' && event.incarnation > 1) restarts += 1;
    const notice = noticeOf(event);
    if (notice !== undefined) note(notice);
  });
  await system.start();
  const stopWatching = watchLiveness({
    system,
    wall: ports.wall,
    stopwatch: ports.stopwatch,
    note,
  });
  await journal.append([entryAt(spec.login, clock.now(), spec.session)]);

  return {
    system,
    now: clock.now,
    ...viewOf(system, deps.paths, deskPath(spec.login, 'terminal-watchdog'), () => restarts),
    onNotice: notices.listen,
    onEntry: entries.listen,
    stop: async (reason) => {
      stopWatching();
      const { runId } = spec.session;
      const report = await orderlyStop({
        wall: ports.wall,
        system,
        reason,
        record: async () => {
          stopping = true;
          const ended = { kind: 'session.ended', runId, reason } as const;
          await journal.append([entryAt(spec.login, clock.now(), ended)]);
        },
        closeProcesses: () => closeProcesses(isolation, spec, ports),
      });
      return report.lines.filter(({ outcome }) => outcome !== 'done').map(describeLine);
    },
  };
};

const closeProcesses = async (
  isolation: Isolation,
  { terminal }: RuntimeSpec,
  { wall }: RuntimePorts,
): Promise<void> => {
  await isolation.close();
  if (terminal !== null) await stopLeftover({ ...terminal, wall });
};

/** What an onlooker sees, read from the actors' summaries at the moment of asking. */
const viewOf = (
  system: System,
  paths: DeskPaths,
  watchdog: string,
  actorRestarts: () => number,
): Pick<Runtime, 'progress' | 'guard' | 'finished' | 'restarts'> => {
  const summary = <T>(path: string): T | undefined => system.info(path)?.summary as T | undefined;
  const progress = (): MarketProgress | undefined =>
    summary<{ readonly progress: ConnectionState['progress'] }>(paths.connection)?.progress;
  return {
    progress,
    guard: () => summary<GuardSummary>(paths.guard),
    finished: () => progress()?.ended === true,
    restarts: () => actorRestarts() + (summary<{ restarts: number }>(watchdog)?.restarts ?? 0),
  };
};

/** A phase that did not go as planned, as a sentence. */
const describeLine = ({ phase, task, outcome, error }: ShutdownLine): string =>
  `${phase} (${task}) was ${outcome}${error === undefined ? '' : `: ${String(error)}`}`;

const pathsOf = ({ login, strategies }: RuntimeSpec): DeskPaths => ({
  connection: deskPath(login, 'connection'),
  guard: deskPath(login, 'risk-guard'),
  executor: deskPath(login, 'executor'),
  recovery: deskPath(login, 'recovery'),
  strategies: strategies.map(({ key: { id, symbol } }) => ({
    path: strategyPath(login, id),
    symbol,
  })),
});

/** Items kept for the first listener: what a start has to tell comes before anybody can listen. */
const EARLY_ITEMS = 100;

/** Tells everybody who listens, in the order in which they asked for it. */
const announcer = <T>() => {
  const listeners: ((item: T) => void)[] = [];
  const early: T[] = [];
  return {
    tell: (item: T): void => {
      if (listeners.length === 0 && early.length < EARLY_ITEMS) early.push(item);
      for (const listener of listeners) listener(item);
    },
    listen: (listener: (item: T) => void): void => {
      listeners.push(listener);
      for (const item of early.splice(0)) listener(item);
    },
  };
};

const compose = (input: {
  readonly spec: RuntimeSpec;
  readonly ports: RuntimePorts;
  readonly deps: DeskDeps;
  readonly journal: ReturnType<typeof createJournalPort>;
  readonly isolation: Isolation;
  readonly note: (notice: Omit<Notice, 'at'>) => void;
  readonly quiescent: () => Promise<void>;
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly mayStop: () => boolean;
}): ReturnType<typeof tree> => {
  const { spec, ports, deps, journal, note } = input;
  const { wall } = ports;
  const pump = createClockPump(input.clock, input.quiescent);
  const strategies = spec.strategies.map(({ key }) => ({
    key,
    path: strategyPath(spec.login, key.id),
  }));
  const { terminal } = spec;
  const path = deskPath(spec.login, 'terminal-watchdog');
  return tree({
    journal: () =>
      anyBehaviour(
        journalKeeper({
          file: join(spec.dataDir, JOURNAL_FILE),
          wall,
          port: journal,
          note: (severity, code, detail) => note({ severity, code, detail, path: 'journal' }),
        }),
      ),
    auditor: () =>
      anyBehaviour(
        auditor({
          journal,
          open: () => openAuditDb({ file: join(spec.dataDir, AUDIT_FILE) }),
          everyMs: 200,
        }),
      ),
    accounts: [
      {
        login: spec.login,
        clock: input.clock,
        watchdog:
          terminal === null
            ? null
            : () =>
                anyBehaviour(
                  terminalWatchdog({
                    ...terminal,
                    wall,
                    mayStop: input.mayStop,
                    onEvent: (event) => note({ ...event, severity: 'info', path }),
                  }),
                ),
        connection: () =>
          anyBehaviour(
            connection(deps, {
              ...spec.connection,
              pump,
              defer: ports.defer,
              newId: ports.newId,
              jitterSeed: Math.floor(ports.random() * 2 ** 32),
              onListening: () => undefined,
              onEvent: (event) => note({ ...event, path: deps.paths.connection }),
            }),
          ),
        guard: () => anyBehaviour(riskGuard(deps, { ...spec.guard, strategies })),
        executor: () => anyBehaviour(executor(deps, spec.executor)),
        recovery: () => anyBehaviour(recovery(deps)),
        strategies: spec.strategies.map((options) => ({
          id: options.key.id,
          host: () => anyBehaviour(strategyHost(deps, options, input.isolation)),
        })),
      },
    ],
  });
};

const openIsolation = (
  spec: RuntimeSpec,
  ports: RuntimePorts,
  note: (notice: Omit<Notice, 'at'>) => void,
): Isolation =>
  createIsolation(spec.isolation, {
    wall: ports.wall,
    residentBytes: ports.residentBytes,
    onOutput: ports.onStrategyOutput,
    onWorkerLost: (loss) => note(lossNotice(loss)),
  });

const lossNotice = ({ worker, culprit, detail, strategies }: WorkerLoss): Omit<Notice, 'at'> => {
  const by = culprit === null ? '' : ` by ${culprit}`;
  const radius = strategies.length > 1 ? `; with it go ${strategies.join(', ')}` : '';
  const told = `worker ${worker} was lost${by}: ${detail}${radius}`;
  return { severity: 'error', code: 'strategy.workerLost', detail: told };
};

/** Of all that is still sent to an actor which is down, only the first is news: a parked strategy
 * would otherwise fill the journal with every tick that it does not see. */
const newsFilter = (): ((event: KernelEvent) => boolean) => {
  const told = new Set<string>();
  return (event) => {
    if (event.type === 'actor.started') told.delete(event.path);
    if (event.type !== 'deadLetter' || event.why !== 'down') return true;
    const isFirst = !told.has(event.path);
    told.add(event.path);
    return isFirst;
  };
};

/** Kernel events that a person should be able to find later. */
const noticeOf = (event: KernelEvent): Omit<Notice, 'at'> | undefined => {
  switch (event.type) {
    case 'actor.crashed': {
      const { path, reason } = event.report;
      const why = reason.type === 'crash' ? reason.message : reason.type;
      return { severity: 'error', code: event.type, detail: why, path };
    }
    case 'actor.restartScheduled': {
      const detail = `restarting in ${Math.round(event.delayMs)} ms`;
      return { severity: 'warning', code: event.type, detail, path: event.path };
    }
    case 'supervisor.exhausted': {
      const detail = `its restart budget is used up: ${event.action}`;
      return { severity: 'error', code: event.type, detail, path: event.path };
    }
    case 'deadLetter': {
      const detail = `${event.message.type} (${event.why})`;
      return { severity: 'warning', code: event.type, detail, path: event.path };
    }
    default:
      return undefined;
  }
};
