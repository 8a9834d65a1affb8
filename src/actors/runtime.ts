import { existsSync } from 'node:fs';
import type { Clock, Stopwatch } from '../domain/ports.ts';
import type { EpochMs } from '../domain/units.ts';
import type { Entry, EntryBody, JournalReader } from '../journal/types.ts';
import { composeTree } from './compose-tree.ts';
import type {
  ConnectionOptions,
  ConnectionState,
  MarketProgress,
} from './connection/connection-state.ts';
import { createBrake } from './control/brake.ts';
import type { ControlOptions } from './control/control.ts';
import { killFile } from './control/control-endpoint.ts';
import { type DeskDeps, type DeskPaths, entryAt } from './desk.ts';
import type { ExecutorLimits } from './executor/executor-state.ts';
import type { GuardOptions } from './guard/guard-state.ts';
import type { GuardSummary } from './guard/guard-summary.ts';
import { createIsolation, type Isolation, type IsolationOptions } from './isolation/isolation.ts';
import { createJournalPort } from './journal-keeper.ts';
import type { ShutdownLine } from './kernel/coordinated-shutdown.ts';
import { createSystem } from './kernel/system.ts';
import type { System } from './kernel/types.ts';
import { createVirtualClock } from './kernel/virtual-clock.ts';
import { watchLiveness } from './liveness.ts';
import { createOperator } from './operator/operator.ts';
import type { Operator } from './operator/operator-types.ts';
import { orderlyStop } from './orderly-stop.ts';
import { restartsAwaited } from './restarts-awaited.ts';
import { announcer, lossNotice, newsOf } from './runtime-notices.ts';
import { pickOf, type RuntimeSeams } from './runtime-seams.ts';
import { settleOrders } from './settle-orders.ts';
import type { StrategyOptions } from './strategy-host.ts';
import { stopLeftover, type WatchdogOptions } from './terminal-watchdog.ts';
import { createTraceContext, type TraceContext } from './tracing/trace-context.ts';
import { type AnyBehaviour, deskPath, strategyPath } from './tree.ts';

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
  /** Takes secrets out of what is told and journalled: an error may quote what it was given. */
  readonly redact?: (text: string) => string;
  /** Sockets, threads and files other than the real ones. */
  readonly seams?: RuntimeSeams;
  /** Onlookers under the tree's observers: they see the runtime and can stop nothing. */
  readonly observers?: readonly {
    readonly id: string;
    readonly start: (sight: RuntimeSight) => AnyBehaviour;
  }[];
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
    | 'pump'
    | 'openGateway'
    | 'defer'
    | 'newId'
    | 'onListening'
    | 'onEvent'
    | 'jitterSeed'
    | 'stopwatch'
    | 'takeover'
  > & {
    /** What an operator shows once to take the account from another controller. */
    readonly takeoverToken: string | null;
  };
  readonly guard: Omit<GuardOptions, 'strategies'>;
  readonly executor: ExecutorLimits;
  readonly strategies: readonly StrategyOptions[];
  readonly isolation: IsolationOptions;
  /** Null: the terminal is started by somebody else. */
  readonly terminal: Omit<WatchdogOptions, 'wall' | 'spent' | 'mayStop' | 'onEvent'> | null;
  /** The control socket; null: nobody listens. */
  readonly control: Pick<ControlOptions, 'successor'> | null;
  /** Told at the beginning of every run, so that the audit knows what it shows. */
  readonly session: Extract<EntryBody, { kind: 'session.started' }>;
  /** Commands carry the trace of their order, and this share of traces is kept; absent: none. */
  readonly traces?: { readonly ratio: number };
}

/** Something a person may want to know, as it happens. */
export interface Notice {
  readonly at: EpochMs;
  readonly severity: 'info' | 'warning' | 'error';
  readonly code: string;
  readonly detail: string;
  readonly path?: string;
}

/** What onlookers have of a runtime. */
export interface RuntimeSight {
  readonly system: System;
  readonly now: () => EpochMs;
  readonly progress: () => MarketProgress | undefined;
  readonly guard: () => GuardSummary | undefined;
  /** True once the data has ended and everything that it caused is done. */
  readonly finished: () => boolean;
  readonly paths: DeskPaths;
  /** What is written down. Throws JournalUnavailable before the journal was opened. */
  readonly journal: () => JournalReader;
  /** Which trace an order belongs to; undefined: nothing is traced. */
  readonly traces: TraceContext | undefined;
  /** The one door for orders of a person. */
  readonly operator: Operator;
  /** Restarts of actors and of the terminal's process since the start. */
  readonly restarts: () => number;
  /** Tells of a notice of the onlooker's own. */
  readonly note: (notice: Omit<Notice, 'at'>) => void;
  /** Both give back the end of listening. */
  readonly onNotice: (listener: (notice: Notice) => void) => () => void;
  /** Everything that became durable, in order: what the audit will show. */
  readonly onEntry: (listener: (entry: Entry) => void) => () => void;
}
export interface Runtime extends RuntimeSight {
  /** Opens nothing more and waits a little for orders under way; gives the intents that stay so. */
  readonly settle: () => Promise<readonly string[]>;
  /** Stops the tree in order and resolves when everything is durable and down, with a sentence for
   * each phase that failed or was late. */
  readonly stop: (reason: string) => Promise<readonly string[]>;
}

export const startRuntime = async (spec: RuntimeSpec, ports: RuntimePorts): Promise<Runtime> => {
  const clock = createVirtualClock(spec.startAt);
  const entries = announcer<Entry>();
  const notices = announcer<Notice>();
  const journal = createJournalPort((appended) => appended.forEach(entries.tell));
  const brake = createBrake();
  let restarts = 0;

  const traces = tracesOf(spec, journal);
  const { note, say } = voicesOf({ spec, ports, now: clock.now, journal, tell: notices.tell });
  const deps: DeskDeps = {
    accountId: spec.login,
    ...(traces === undefined ? {} : { traces }),
    clock,
    wall: ports.wall,
    journal,
    paths: pathsOf(spec),
    say,
    brake,
  };
  const isolation = ports.seams?.isolation ?? openIsolation(spec, ports, note);
  let stopping = false;
  const waiting = restartsAwaited(deskPath(spec.login, 'strategies'));
  const quiescent = (): Promise<void> => waiting.settled(system);
  const system: System = createSystem({
    name: spec.name,
    clock: ports.wall,
    defer: ports.defer,
    random: ports.random,
    ...pickOf(ports.seams),
    root: composeTree({
      ...{ spec, ports, deps, journal, isolation, note, quiescent, clock, brake },
      mayStop: () => stopping,
      sight: () => sight,
    }),
  });
  const view = viewOf(system, spec.login, deps.paths, () => restarts);
  const sight: RuntimeSight = {
    system,
    now: clock.now,
    paths: deps.paths,
    journal: journal.reader,
    traces,
    ...view,
    operator: operatorOf({ spec, ports, system, deps, note, restarts: view.restarts }),
    note,
    onNotice: notices.listen,
    onEntry: entries.listen,
  };
  if (ports.seams?.observe !== undefined) system.subscribe(ports.seams.observe);
  system.subscribe(waiting.observe);
  system.subscribe(
    newsOf({
      // What reaches actors that are being stopped on purpose is no news.
      isOver: () => stopping,
      restarted: () => {
        restarts += 1;
      },
      note,
    }),
  );
  await system.start();
  const { wall, stopwatch } = ports;
  const stopWatching = watchLiveness({ system, wall, stopwatch, note });
  await keepDisabled(system, journal, spec.login);
  await journal.append([entryAt(spec.login, clock.now(), spec.session)]);
  notices.started();
  entries.started();
  const record = async (reason: string): Promise<void> => {
    stopping = true;
    const ended = { kind: 'session.ended', runId: spec.session.runId, reason } as const;
    await journal.append([entryAt(spec.login, clock.now(), ended)]);
  };
  const stop = (reason: string): Promise<readonly string[]> => {
    stopWatching();
    return stopInOrder({ system, wall, reason, record, isolation, spec, ports });
  };
  const settle = () => settleOrders({ system, paths: deps.paths, wall });
  const { listenFromStart: onNotice } = notices;
  return { ...sight, onNotice, onEntry: entries.listenFromStart, settle, stop };
};

/** Gives a sentence for each phase that failed or was late. */
const stopInOrder = async (input: {
  readonly system: System;
  readonly wall: Clock;
  readonly reason: string;
  readonly record: (reason: string) => Promise<void>;
  readonly isolation: Isolation;
  readonly spec: RuntimeSpec;
  readonly ports: RuntimePorts;
}): Promise<readonly string[]> => {
  const { system, wall, reason, record, isolation, spec, ports } = input;
  const { lines } = await orderlyStop({
    ...{ wall, system, reason },
    record: () => record(reason),
    closeProcesses: () => closeProcesses(isolation, spec, ports),
  });
  return lines.filter(({ outcome }) => outcome !== 'done').map(describeLine);
};

/** The first session of the journal names it, whichever session this is. */
const tracesOf = (
  { traces, login, session }: RuntimeSpec,
  journal: ReturnType<typeof createJournalPort>,
): TraceContext | undefined => {
  if (traces === undefined) return undefined;
  const journalId = (): string =>
    journal.reader().ofKind(login, 'session.started')[0]?.runId ?? session.runId;
  return createTraceContext({ journalId, accountId: login, ratio: traces.ratio });
};

/** `say` tells a notice to those who listen, `note` also journals it as an event. Neither passes a
 * secret on. */
const voicesOf = (input: {
  readonly spec: RuntimeSpec;
  readonly ports: RuntimePorts;
  readonly now: () => EpochMs;
  readonly journal: ReturnType<typeof createJournalPort>;
  readonly tell: (notice: Notice) => void;
}) => {
  const { journal, now } = input;
  const { redact = (text: string) => text } = input.ports;
  const say = (notice: Omit<Notice, 'at'>): Notice => {
    const told = { ...notice, detail: redact(notice.detail), at: now() };
    input.tell(told);
    return told;
  };
  const note = (notice: Omit<Notice, 'at'>): void => {
    const { at, severity, code, detail, path } = say(notice);
    const body = { kind: 'event', severity, code, detail } as const;
    const entry = entryAt(input.spec.login, at, path === undefined ? body : { ...body, path });
    // An event that cannot be journalled was still told to the listeners; the order path has its
    // own way of noticing that the journal is gone.
    journal.append([entry]).catch(() => undefined);
  };
  return { say, note };
};

const operatorOf = (input: {
  readonly spec: RuntimeSpec;
  readonly ports: RuntimePorts;
  readonly system: System;
  readonly deps: DeskDeps;
  readonly note: (notice: Omit<Notice, 'at'>) => void;
  readonly restarts: () => number;
}): Operator => {
  const { spec, deps, system, note, restarts } = input;
  const { runId, profile, ruleSet } = spec.session;
  const { currency, currencyDigits } = spec.guard;
  return createOperator({
    system,
    wall: input.ports.wall,
    now: deps.clock.now,
    accounts: [
      {
        login: spec.login,
        rules: ruleSet,
        currency,
        currencyDigits,
        paths: deps.paths,
        strategies: spec.strategies.map(({ key }) => key),
      },
    ],
    runId,
    profile,
    restarts,
    isKillFileThere: () => existsSync(killFile(spec.dataDir)),
    note,
    rememberDisabled: async (login, disabled) => {
      const body = { kind: 'strategies.switched', disabled } as const;
      await deps.journal.append([entryAt(login, deps.clock.now(), body)]);
    },
  });
};

/** What an operator had stopped stays down. No gate is open yet: none of them has decided. */
const keepDisabled = async (
  system: System,
  journal: ReturnType<typeof createJournalPort>,
  login: string,
): Promise<void> => {
  const last = journal.reader().last(login, 'strategies.switched');
  const disabled = last?.kind === 'strategies.switched' ? last.disabled : [];
  const strategies = system.supervisor(deskPath(login, 'strategies'));
  for (const id of disabled) await strategies?.terminateChild(id);
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
  login: string,
  paths: DeskPaths,
  actorRestarts: () => number,
): Pick<Runtime, 'progress' | 'guard' | 'finished' | 'restarts'> => {
  const summary = <T>(path: string): T | undefined => system.info(path)?.summary as T | undefined;
  const watchdog = deskPath(login, 'terminal-watchdog');
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

const pathsOf = ({ login, strategies, terminal }: RuntimeSpec): DeskPaths => ({
  watchdog: terminal === null ? null : deskPath(login, 'terminal-watchdog'),
  connection: deskPath(login, 'connection'),
  guard: deskPath(login, 'risk-guard'),
  executor: deskPath(login, 'executor'),
  recovery: deskPath(login, 'recovery'),
  strategies: strategies.map(({ key: { id, symbol } }) => ({
    path: strategyPath(login, id),
    symbol,
  })),
});

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
