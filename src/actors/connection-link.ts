import type { LinkEvent } from '../machines/link.machine.ts';
import { linkMachine } from '../machines/link.machine.ts';
import type { RuntimeBody } from '../mt5/wire/messages.ts';
import { bodyToServer } from '../mt5/wire/time-base.ts';
import { negotiateVersion } from '../mt5/wire/versions.ts';
import { moveBreaker } from './connection-breaker.ts';
import { frameFor, type Session } from './connection-session.ts';
import { type ConnectionState, type ConnectionTurn, NO_FREE_RUN } from './connection-state.ts';
import { tellConditions } from './connection-venue.ts';
import { entryAt } from './desk.ts';
import { driveChart } from './drive-chart.ts';
import type {
  ConnectionMessage,
  ExecutorMessage,
  GuardMessage,
  LinkFact,
  RecoveryMessage,
  StrategyMessage,
} from './messages.ts';

/** Sends a body in the running session; without one nothing leaves and `sent` says so. */
export const sendBody = (
  state: ConnectionState,
  body: RuntimeBody,
  turn: Pick<ConnectionTurn, 'deps' | 'options'>,
  message: MessageNames = {},
): { readonly state: ConnectionState; readonly sent: Promise<string> } => {
  if (state.session === null) return { state, sent: Promise.resolve('noSession') };
  const { session, sent } = sendIn(
    state.session,
    body,
    { ...turn, gateway: state.gateway },
    message,
  );
  return { state: { ...state, session }, sent };
};

type MessageNames = { readonly id?: string; readonly re?: string; readonly trace?: string };

/** Sends a body in any session of ours, in the time base of its terminal. */
export const sendIn = (
  session: Session,
  body: RuntimeBody,
  through: Pick<ConnectionTurn, 'deps' | 'options'> & Pick<ConnectionState, 'gateway'>,
  message: MessageNames = {},
): { readonly session: Session; readonly sent: Promise<string> } => {
  const { deps, options, gateway } = through;
  const inItsTime = session.hello.timeBase === 'server' ? bodyToServer(body, options.zone) : body;
  const framed = frameFor(session, inItsTime, {
    ...message,
    instance: options.instanceId,
    at: deps.clock.now(),
  });
  const sent = gateway.send(session.identity, framed.frame);
  return { session: framed.session, sent };
};

/** One event for the link chart, and everything that follows from it. */
export const moveLink = (
  state: ConnectionState,
  event: LinkEvent,
  turn: ConnectionTurn,
): ConnectionState => {
  let next = state;
  const actions: string[] = [];
  const chart = driveChart({
    machine: linkMachine,
    snapshot: state.chart,
    event,
    context: turn.context,
    clock: turn.deps.wall,
    delayed: (delay): ConnectionMessage => ({ type: 'chart.delayed', event: delay.event }),
    perform: (action) => actions.push(action),
  });
  next = { ...next, chart };
  for (const action of actions) next = performLinkAction(next, action, turn);
  return next;
};

/** The link chart's effects. */
const performLinkAction = (
  state: ConnectionState,
  action: string,
  turn: ConnectionTurn,
): ConnectionState => {
  switch (action) {
    case 'welcomePeer':
      return welcome(state, turn);
    case 'startReconciliation':
      return startReconciliation(state, turn);
    case 'announceLive':
      return announceLive(state, turn);
    case 'announceLost':
      return announceLost(state, turn);
    case 'closeSession':
      return { ...state, session: null, arriving: null, free: NO_FREE_RUN };
    default:
      return state;
  }
};

const welcome = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const { options } = turn;
  const session = state.arriving;
  if (session === null) return state;
  const { clock } = session.hello;
  if (clock !== null && clock.atMs > options.pump.clock.now()) {
    options.pump.clock.advanceTo(clock.atMs);
  }
  const welcomed = sendBody(
    { ...state, session, arriving: null },
    {
      kind: 'welcome',
      role: 'active',
      protocolVersion: negotiateVersion(session.hello.protocolVersions) ?? 1,
      heartbeatMs: options.heartbeatMs,
      runtimeInstance: options.instanceId,
    },
    turn,
  ).state;
  const fresh = { ...welcomed, free: NO_FREE_RUN, heartbeat: null };
  turn.context.self.send({ type: 'session.opened', session: session.id });
  return fresh;
};

/** Asks for the epoch after the highest that the terminal has granted. */
export const claimLease = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const { options } = turn;
  if (state.session === null) return state;
  return sendBody(
    state,
    {
      kind: 'claim',
      expected: state.session.hello.highestEpoch,
      instanceId: options.instanceId,
      leaseMs: options.leaseMs,
      takeoverToken: options.takeover.token(),
    },
    turn,
  ).state;
};

const startReconciliation = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const { deps, options, context } = turn;
  const epoch = state.session?.epoch ?? 0;
  const last = deps.journal.reader().last(deps.accountId, 'epoch.claimed');
  if (last?.kind !== 'epoch.claimed' || last.epoch !== epoch) {
    const instance = options.instanceId;
    const at = deps.clock.now();
    const entry = entryAt(deps.accountId, at, { kind: 'epoch.claimed', epoch, instance });
    context.task(
      'journal',
      () => deps.journal.append([entry]),
      (result) =>
        result.ok
          ? { type: 'epoch.durable' }
          : { type: 'epoch.notDurable', reason: String(result.error) },
    );
  }
  tell(turn, { type: 'link.claimed', epoch }, ['guard', 'recovery']);
  return state;
};

const announceLive = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const { options } = turn;
  const { session } = state;
  if (session === null) return state;
  tell(turn, { type: 'link.live' }, ['guard', 'recovery']);
  options.onEvent({ code: 'link.live', detail: session.identity, severity: 'info' });
  // What a session before this one went through says nothing about this one.
  const judged = session.wasLive ? state : moveBreaker(state, { type: 'session.reconciled' }, turn);
  const begun = { ...judged, session: { ...session, wasLive: true } };
  let next = sendBody(begun, { kind: 'subscribe', symbols: options.subscriptions }, turn).state;
  next = tellConditions(next, turn);
  if (state.floors !== null) next = sendBody(next, state.floors.guard, turn).state;
  if (state.heldAdvance !== null) {
    turn.context.self.send({ type: 'advance.released' });
    return next;
  }
  const { clock } = session.hello;
  if (clock === null) {
    turn.context.self.send({ type: 'clock.due' });
    return next;
  }
  const clockSeq = state.heldInstant ?? clock.doneSeq;
  settleThen(turn, session.id, clockSeq, options.pump.settle());
  return next;
};

/** Confirms an instant once everything under way is done. The promise is not a task of the actor:
 * a task would itself keep the system from becoming quiet. */
export const settleThen = (
  turn: ConnectionTurn,
  session: string,
  clockSeq: number,
  settled: Promise<void>,
): void => {
  const { self } = turn.context;
  settled.then(
    () => self.send({ type: 'instant.settled', session, clockSeq }),
    (error: unknown) => self.send({ type: 'pump.failed', reason: String(error) }),
  );
};

const announceLost = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const { options, context } = turn;
  tell(turn, { type: 'link.lost' }, ['guard', 'recovery', 'executor']);
  options.onEvent({
    code: 'link.lost',
    detail: state.session?.identity ?? 'no session',
    severity: 'warning',
  });
  for (const { replyTo } of state.histories.values()) {
    context
      .ref<StrategyMessage>(replyTo)
      .send({ type: 'history.failed', reason: 'the link was lost' });
  }
  return {
    ...state,
    session: null,
    free: NO_FREE_RUN,
    commands: new Set(),
    facts: [],
    settling: false,
    assembly: null,
    histories: new Map(),
    queries: new Map(),
    heldInstant: null,
    heldAdvance: null,
  };
};

const tell = (
  turn: ConnectionTurn,
  fact: LinkFact,
  whom: readonly ('guard' | 'recovery' | 'executor')[],
): void => {
  const { paths } = turn.deps;
  for (const name of whom) {
    turn.context
      .ref<GuardMessage & RecoveryMessage & ExecutorMessage>(paths[name])
      .send(fact as GuardMessage & RecoveryMessage & ExecutorMessage);
  }
};
