import type { EpochMs } from '../../domain/units.ts';
import { epochMs } from '../../domain/units.ts';
import { type RecoveryEvent, recoveryMachine } from '../../machines/recovery.machine.ts';
import type { DeskDeps } from '../desk.ts';
import { driveChart, openChart } from '../drive-chart.ts';
import { statesOf } from '../kernel/chart-states.ts';
import type { ActorContext, Behaviour } from '../kernel/types.ts';
import type {
  ConnectionMessage,
  ExecutorMessage,
  GuardMessage,
  RecoveryMessage,
  Snapshot,
  StrategyMessage,
} from '../messages.ts';
import {
  addAnswer,
  beginComparison,
  type Checks,
  checkedFrom,
  isAnswered,
  NO_CHECKS,
  nextCheck,
  scheduleCheck,
} from './recovery-checks.ts';
import { type Finding, refused, warned } from './recovery-findings.ts';
import { RECOVERY_LIMITS } from './recovery-limits.ts';
import { type NetVolumes, NO_VOLUMES, netVolumes, unexplained } from './recovery-positions.ts';
import {
  keepUnwritten,
  recordFindings,
  recordOutcome,
  type Unwritten,
  unknownLeases,
} from './recovery-record.ts';

/**
 * Runs a reconciliation whenever a session is claimed, and holds the gate open afterwards for as
 * long as it lives: the guard watches this actor and shuts the gate with its death. While the gate
 * is open it goes on comparing, and begins again when something was never told.
 */
export interface RecoveryState {
  readonly chart: ReturnType<typeof openChart<typeof recoveryMachine>>;
  readonly epoch: number;
  readonly snapshot: Snapshot | null;
  readonly findings: readonly Finding[];
  /** Why the last snapshot was not looked into. */
  readonly barred: Finding | null;
  /** What was said of the books when they last differed: it is told once, not per retry. */
  readonly mismatchTold: string | null;
  /** Everything before this instant is compared and booked. */
  readonly provenUpTo: EpochMs;
  readonly volumes: NetVolumes;
  /** What no journal took yet. */
  readonly unwritten: Unwritten;
  readonly checks: Checks;
  /** Strategies waiting for, or living in, a reconciled market. */
  readonly strategies: ReadonlyMap<string, string>;
  readonly completed: number;
}

type Context = ActorContext<RecoveryMessage>;

export const recovery = (deps: DeskDeps): Behaviour<RecoveryMessage, RecoveryState> => ({
  init: async (context) => {
    await deps.journal.settled();
    context.ref<ConnectionMessage>(deps.paths.connection).send({ type: 'recovery.attached' });
    return {
      chart: openChart(recoveryMachine, undefined),
      epoch: 0,
      snapshot: null,
      findings: [],
      barred: null,
      mismatchTold: null,
      provenUpTo: lastProven(deps),
      volumes: NO_VOLUMES,
      unwritten: [],
      checks: NO_CHECKS,
      strategies: new Map(),
      completed: 0,
    };
  },
  receive: (state, message, context) => receive(deps, state, message, context),
  summary: (state) => ({
    state: String(state.chart.value),
    charts: { recovery: statesOf(state.chart) },
    completed: state.completed,
    actions: state.findings.slice(-20).map(({ detail }) => detail),
  }),
});

const receive = (
  deps: DeskDeps,
  state: RecoveryState,
  message: RecoveryMessage,
  context: Context,
): RecoveryState => {
  switch (message.type) {
    case 'strategy.attached':
      return attach(state, message, context);
    case 'link.claimed': {
      const { epoch } = message;
      const isNew = epoch !== state.epoch;
      const findings = isNew ? unknownLeases(deps.journal.reader(), deps.accountId, epoch) : [];
      const next = { ...state, epoch, findings, checks: NO_CHECKS };
      return drive(deps, next, message, context);
    }
    case 'snapshot.assembled':
      return look(deps, state, message.snapshot, context);
    case 'executor.reconciled':
      return explain(deps, found(state, message.actions), context);
    case 'guard.reconciled':
      return drive(deps, found(state, message.actions), { type: message.type }, context);
    case 'guard.mismatch': {
      const mismatch = refused('ledger.mismatch', message.detail);
      return drive(deps, found(state, [mismatch]), { type: message.type }, context);
    }
    case 'executor.compared':
    case 'guard.compared':
      return compared(deps, state, message.differences, context);
    case 'check.due':
      return check(deps, state, context);
    case 'reconciliation.notDurable':
      return unwritten(deps, state, message.reason, context);
    case 'journal.failed': {
      const { reason, entries } = message;
      context.ref<GuardMessage>(deps.paths.guard).send({ type: 'journal.failed', reason });
      return { ...state, unwritten: keepUnwritten(state.unwritten, entries) };
    }
    case 'link.live':
    case 'journal.written':
      return state;
    case 'snapshot.failed':
    case 'link.lost':
      return drive(deps, state, { type: message.type }, context);
    case 'chart.delayed':
      return drive(deps, state, message.event as RecoveryEvent, context);
  }
};

const found = (state: RecoveryState, more: readonly Finding[]): RecoveryState => ({
  ...state,
  findings: [...state.findings, ...more],
});

/** Steps 2 and 3: is it our account, do the clocks agree, and are two snapshots alike? */
const look = (
  deps: DeskDeps,
  state: RecoveryState,
  snapshot: Snapshot,
  context: Context,
): RecoveryState => {
  const barred = barrier(deps, snapshot);
  if (state.chart.hasTag('gateOpen') && barred === null) {
    return compare(deps, state, snapshot, context);
  }
  if (barred !== null) {
    const event = state.chart.hasTag('gateOpen') ? 'check.differed' : 'snapshot.barred';
    return drive(deps, { ...state, barred }, { type: event }, context);
  }
  const event = { type: 'snapshot.assembled', hash: snapshot.hash } as const;
  return drive(deps, { ...state, snapshot, barred }, event, context);
};

const barrier = (deps: DeskDeps, { account, skewMs }: Snapshot): Finding | null => {
  if (account.login !== deps.accountId) {
    const words = `the terminal shows account ${account.login}, configured is ${deps.accountId}`;
    return refused('recovery.foreignAccount', `${words}: log it in again`);
  }
  if (skewMs === undefined || Math.abs(skewMs) <= RECOVERY_LIMITS.maxClockSkewMs) return null;
  const words = `the terminal's clock is ${skewMs} ms off ours`;
  return refused('recovery.clockSkewed', `${words}: days and deadlines would differ; set them`);
};

/** Step 7, our side: what the journal holds open and the terminal does not needs its deals. */
const explain = (deps: DeskDeps, state: RecoveryState, context: Context): RecoveryState => {
  const { snapshot } = state;
  if (snapshot === null) return state;
  const volumes = netVolumes(deps.journal.reader(), deps.accountId, state.volumes);
  const missing = unexplained(volumes, snapshot.positions);
  const next = { ...state, volumes };
  if (missing.length === 0) return drive(deps, next, { type: 'executor.reconciled' }, context);
  const findings = missing.map((detail) => refused('recovery.unexplained', detail));
  return drive(deps, found(next, findings), { type: 'positions.unexplained' }, context);
};

/** The gate stays shut; the executor keeps what it found. */
const unwritten = (
  deps: DeskDeps,
  state: RecoveryState,
  reason: string,
  context: Context,
): RecoveryState => {
  const detail = `what was found cannot be written down: ${reason}`;
  deps.say?.({ severity: 'warning', code: 'recovery.notDurable', detail, path: context.path });
  return drive(deps, state, { type: 'reconciliation.notDurable' }, context);
};

const check = (deps: DeskDeps, state: RecoveryState, context: Context): RecoveryState => {
  if (!state.chart.hasTag('gateOpen')) return state;
  scheduleCheck(context, deps.wall);
  const checks = nextCheck(state.checks);
  const historyFrom = checkedFrom(checks, historyFromOf(deps, state), context.now());
  const connection = context.ref<ConnectionMessage>(deps.paths.connection);
  connection.send({ type: 'snapshot.take', historyFrom });
  return { ...state, checks };
};

const compare = (
  deps: DeskDeps,
  state: RecoveryState,
  snapshot: Snapshot,
  context: Context,
): RecoveryState => {
  const question = { type: 'recovery.compare', snapshot } as const;
  context.ref<GuardMessage>(deps.paths.guard).send(question);
  context.ref<ExecutorMessage>(deps.paths.executor).send(question);
  return { ...state, checks: beginComparison(state.checks, snapshot) };
};

const compared = (
  deps: DeskDeps,
  state: RecoveryState,
  differences: readonly string[],
  context: Context,
): RecoveryState => {
  const checks = addAnswer(state.checks, differences);
  if (!isAnswered(checks) || !state.chart.hasTag('gateOpen')) return { ...state, checks };
  const done = { ...state, checks: { ...checks, comparing: null } };
  if (checks.differences.length > 0) {
    const drift = checks.differences.map((detail) => warned('recovery.drift', detail));
    recordFindings(deps, drift, context, done.unwritten);
    const told = { ...done, unwritten: [] };
    return drive(deps, told, { type: 'check.differed' }, context);
  }
  if (checks.asked !== 'history' || checks.comparing === null) return done;
  return { ...done, provenUpTo: checks.comparing.at, checks: NO_CHECKS };
};

const drive = (
  deps: DeskDeps,
  state: RecoveryState,
  event: RecoveryEvent,
  context: Context,
): RecoveryState => {
  let next = state;
  const chart = driveChart({
    machine: recoveryMachine,
    snapshot: state.chart,
    event,
    context,
    clock: deps.wall,
    delayed: (delay): RecoveryMessage => ({ type: 'chart.delayed', event: delay.event }),
    perform: (action) => {
      next = perform(deps, next, action, context);
    },
  });
  return { ...next, chart };
};

const perform = (
  deps: DeskDeps,
  state: RecoveryState,
  action: string,
  context: Context,
): RecoveryState => {
  const guard = context.ref<GuardMessage>(deps.paths.guard);
  const connection = context.ref<ConnectionMessage>(deps.paths.connection);
  const { snapshot, epoch } = state;
  switch (action) {
    case 'requestSnapshot':
      connection.send({ type: 'snapshot.take', historyFrom: historyFromOf(deps, state) });
      return state;
    case 'reconcileExecutor':
      if (snapshot !== null) {
        context
          .ref<ExecutorMessage>(deps.paths.executor)
          .send({ type: 'recovery.match', snapshot, epoch });
      }
      return state;
    case 'reconcileGuard':
      if (snapshot !== null) guard.send({ type: 'recovery.balance', snapshot, epoch });
      return state;
    case 'revokeGate':
      guard.send({ type: 'gate.revoked' });
      return state;
    case 'startAgain':
      connection.send({ type: 'reconciliation.wanted' });
      return state;
    case 'grantGate':
      return snapshot === null ? state : grant(deps, state, snapshot, context);
    case 'reportBarred':
      if (state.barred === null) return state;
      recordFindings(deps, [state.barred], context, state.unwritten);
      return { ...state, unwritten: [] };
    case 'reportMismatch':
      return snapshot === null ? state : reportMismatch(deps, state, snapshot, context);
    default:
      return state;
  }
};

const grant = (
  deps: DeskDeps,
  state: RecoveryState,
  snapshot: Snapshot,
  context: Context,
): RecoveryState => {
  const { paths } = deps;
  const grantedBy = context.incarnation;
  context.ref<GuardMessage>(paths.guard).send({ type: 'gate.granted', grantedBy });
  context.ref<ConnectionMessage>(paths.connection).send({ type: 'recovery.completed' });
  const outcome = { snapshot, findings: state.findings, balanced: true };
  recordOutcome(deps, outcome, context, state.unwritten);
  for (const [path, symbol] of state.strategies) ready(state, path, symbol, context);
  scheduleCheck(context, deps.wall);
  return {
    ...state,
    unwritten: [],
    mismatchTold: null,
    provenUpTo: snapshot.at,
    checks: NO_CHECKS,
    completed: state.completed + 1,
  };
};

/** Compared again every minute, told again only when it is another difference. */
const reportMismatch = (
  deps: DeskDeps,
  state: RecoveryState,
  snapshot: Snapshot,
  context: Context,
): RecoveryState => {
  const errors = state.findings.filter(({ severity }) => severity === 'error');
  const mismatchTold = errors.map(({ detail }) => detail).join('; ');
  if (mismatchTold === state.mismatchTold) return { ...state, findings: [] };
  const outcome = { snapshot, findings: state.findings, balanced: false };
  recordOutcome(deps, outcome, context, state.unwritten);
  return { ...state, mismatchTold, findings: [], unwritten: [] };
};

const attach = (
  state: RecoveryState,
  message: Extract<RecoveryMessage, { type: 'strategy.attached' }>,
  context: Context,
): RecoveryState => {
  const strategies = new Map(state.strategies).set(message.path, message.symbol);
  if (state.chart.hasTag('gateOpen')) ready(state, message.path, message.symbol, context);
  return { ...state, strategies };
};

const ready = (state: RecoveryState, path: string, symbol: string, context: Context): void => {
  const instrument = state.snapshot?.instruments.find((spec) => spec.symbol === symbol);
  if (instrument === undefined) return;
  context.ref<StrategyMessage>(path).send({ type: 'market.ready', instrument, at: context.now() });
};

/** The last reconciliation that found the books alike; the beginning when there is none. */
const lastProven = (deps: DeskDeps): EpochMs => {
  const last = deps.journal.reader().last(deps.accountId, 'recovery.completed');
  const isProof = last?.kind === 'recovery.completed' && last.counts['balanced'] !== 0;
  return isProof ? last.at : epochMs(0);
};

/** Oldest unresolved send or newest proof, less a margin. */
const historyFromOf = (deps: DeskDeps, { provenUpTo }: RecoveryState): EpochMs => {
  const open = deps.journal.reader().openIntents(deps.accountId);
  const oldest = open.reduce((least, { at }) => Math.min(least, at), Number(provenUpTo));
  return epochMs(Math.max(0, oldest - RECOVERY_LIMITS.historyMarginMs));
};
