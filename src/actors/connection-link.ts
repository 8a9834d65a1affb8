import type { LinkEvent } from '../machines/link.machine.ts';
import { linkMachine } from '../machines/link.machine.ts';
import type { RuntimeBody } from '../mt5/wire/messages.ts';
import { frameFor } from './connection-session.ts';
import type { ConnectionState, ConnectionTurn } from './connection-state.ts';
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
  message: { readonly id?: string; readonly re?: string } = {},
): { readonly state: ConnectionState; readonly sent: Promise<string> } => {
  const { deps, options } = turn;
  if (state.session === null) return { state, sent: Promise.resolve('noSession') };
  const { session, frame } = frameFor(state.session, body, {
    ...(message.id === undefined ? {} : { id: message.id }),
    ...(message.re === undefined ? {} : { re: message.re }),
    instance: options.instanceId,
    at: deps.clock.now(),
  });
  return { state: { ...state, session }, sent: state.gateway.send(session.identity, frame) };
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
    default:
      return state;
  }
};

const welcome = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const { options } = turn;
  const session = state.arriving;
  if (session === null) return state;
  const clock = session.hello.clock;
  if (clock !== null && clock.atMs > options.pump.clock.now()) {
    options.pump.clock.advanceTo(clock.atMs);
  }
  const welcomed = sendBody(
    { ...state, session, arriving: null },
    {
      kind: 'welcome',
      role: 'active',
      protocolVersion: 1,
      heartbeatMs: options.heartbeatMs,
      runtimeInstance: options.instanceId,
    },
    turn,
  ).state;
  return sendBody(
    welcomed,
    {
      kind: 'claim',
      expected: session.hello.highestEpoch,
      instanceId: options.instanceId,
      leaseMs: options.leaseMs,
      takeoverToken: null,
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
  let next = sendBody(state, { kind: 'subscribe', symbols: options.subscriptions }, turn).state;
  if (state.floors !== null) next = sendBody(next, state.floors.guard, turn).state;
  if (state.heldAdvance !== null) {
    turn.context.self.send({ type: 'advance.released' });
    return next;
  }
  const { clock } = session.hello;
  const clockSeq = state.heldInstant ?? clock?.doneSeq;
  if (clockSeq !== undefined) {
    settleThen(turn, session.id, clockSeq, options.pump.settle());
  }
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
