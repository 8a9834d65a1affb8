import type { EpochMs } from '../domain/units.ts';
import { epochMs } from '../domain/units.ts';
import type { EntryBody } from '../journal/types.ts';
import { type RecoveryEvent, recoveryMachine } from '../machines/recovery.machine.ts';
import { type DeskDeps, entryAt } from './desk.ts';
import { driveChart, openChart } from './drive-chart.ts';
import { statesOf } from './kernel/chart-states.ts';
import type { ActorContext, Behaviour } from './kernel/types.ts';
import type {
  ConnectionMessage,
  ExecutorMessage,
  GuardMessage,
  RecoveryMessage,
  Snapshot,
  StrategyMessage,
} from './messages.ts';

/**
 * Runs a reconciliation whenever a session is claimed, and holds the gate open afterwards for as
 * long as it lives: the guard watches this actor and shuts the gate with its death.
 */
export interface RecoveryState {
  readonly chart: ReturnType<typeof openChart<typeof recoveryMachine>>;
  readonly epoch: number;
  readonly snapshot: Snapshot | null;
  readonly actions: readonly string[];
  /** Strategies waiting for, or living in, a reconciled market. */
  readonly strategies: ReadonlyMap<string, string>;
  readonly completed: number;
}
/** History is fetched from this long before the oldest thing in doubt. */
const HISTORY_MARGIN_MS = 300_000;

type Context = ActorContext<RecoveryMessage>;

export const recovery = (deps: DeskDeps): Behaviour<RecoveryMessage, RecoveryState> => ({
  init: (context) => {
    context.ref<ConnectionMessage>(deps.paths.connection).send({ type: 'recovery.attached' });
    return {
      chart: openChart(recoveryMachine, undefined),
      epoch: 0,
      snapshot: null,
      actions: [],
      strategies: new Map(),
      completed: 0,
    };
  },
  receive: (state, message, context) => {
    switch (message.type) {
      case 'link.live':
        return state;
      case 'strategy.attached':
        return attach(state, message, context);
      case 'link.claimed':
        return drive(deps, { ...state, epoch: message.epoch, actions: [] }, message, context);
      case 'snapshot.assembled': {
        const event = { type: message.type, hash: message.snapshot.hash } as const;
        return drive(deps, { ...state, snapshot: message.snapshot }, event, context);
      }
      case 'executor.reconciled':
      case 'guard.reconciled': {
        const actions = [...state.actions, ...message.actions];
        return drive(deps, { ...state, actions }, { type: message.type }, context);
      }
      case 'guard.mismatch': {
        const actions = [...state.actions, message.detail];
        return drive(deps, { ...state, actions }, { type: message.type }, context);
      }
      case 'journal.failed':
        throw new Error(`the recovery could not be recorded: ${message.reason}`);
      case 'journal.written':
        return state;
      case 'snapshot.failed':
      case 'link.lost':
        return drive(deps, state, { type: message.type }, context);
      case 'chart.delayed':
        return drive(deps, state, message.event as RecoveryEvent, context);
    }
  },
  summary: (state) => ({
    state: String(state.chart.value),
    charts: { recovery: statesOf(state.chart) },
    completed: state.completed,
    actions: state.actions.slice(-20),
  }),
});

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
      connection.send({ type: 'snapshot.take', historyFrom: historyFrom(deps) });
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
    case 'grantGate':
      guard.send({ type: 'gate.granted', grantedBy: context.incarnation });
      connection.send({ type: 'recovery.completed' });
      record(deps, state, context);
      for (const [path, symbol] of state.strategies) ready(state, path, symbol, context);
      return { ...state, completed: state.completed + 1 };
    case 'reportMismatch':
      record(deps, state, context);
      return state;
    default:
      return state;
  }
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

/** Oldest unresolved send or newest booked deal, less a margin; the beginning when we know nothing. */
const historyFrom = (deps: DeskDeps): EpochMs => {
  const reader = deps.journal.reader();
  const watermark = reader.last(deps.accountId, 'deal.booked');
  if (watermark === undefined) return epochMs(0);
  const open = reader.openIntents(deps.accountId).map((entry) => entry.at);
  const oldest = open.reduce((least, at) => Math.min(least, at), Number(watermark.at));
  return epochMs(Math.max(0, oldest - HISTORY_MARGIN_MS));
};

const record = (deps: DeskDeps, state: RecoveryState, context: Context): void => {
  const { snapshot } = state;
  if (snapshot === null) return;
  const balanced = !state.actions.some((action) => action.startsWith('mismatch'));
  const bodies: readonly EntryBody[] = [
    ...snapshot.instruments.map(
      (spec): EntryBody => ({ kind: 'symbol.known', symbol: spec.symbol, digits: spec.digits }),
    ),
    {
      kind: 'recovery.completed',
      hash: snapshot.hash,
      counts: {
        positions: snapshot.positions.length,
        orders: snapshot.orders.length,
        deals: snapshot.deals.length,
        balanced: balanced ? 1 : 0,
      },
      actions: state.actions,
    },
  ];
  context.task(
    'journal',
    () => deps.journal.append(bodies.map((body) => entryAt(deps.accountId, context.now(), body))),
    (result) =>
      result.ok
        ? { type: 'journal.written' }
        : { type: 'journal.failed', reason: String(result.error) },
  );
};
