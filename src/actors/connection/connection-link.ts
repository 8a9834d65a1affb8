import type { LinkEvent } from '../../machines/link.machine.ts';
import { linkMachine } from '../../machines/link.machine.ts';
import type { RuntimeBody } from '../../mt5/wire/messages.ts';
import { bodyToServer } from '../../mt5/wire/time-base.ts';
import { negotiateVersion } from '../../mt5/wire/versions.ts';
import { entryAt } from '../desk.ts';
import { driveChart } from '../drive-chart.ts';
import type {
  ConnectionMessage,
  ExecutorMessage,
  GuardMessage,
  LinkFact,
  RecoveryMessage,
  StrategyMessage,
} from '../messages.ts';
import { moveBreaker } from './connection-breaker.ts';
import { frameFor, type Session } from './connection-session.ts';
import { type ConnectionState, type ConnectionTurn, NO_FREE_RUN } from './connection-state.ts';
import { tellConditions } from './connection-venue.ts';

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

/** What leaves a connection that only looks: what changes neither the account nor who controls it. */
const LOOKS: ReadonlySet<RuntimeBody['kind']> = new Set([
  'welcome',
  'goodbye',
  'error',
  'runtime.heartbeat',
  'snapshot.request',
  'history.request',
  'query',
] as const);

/** Sends a body in any session of ours, in the time base of its terminal. */
export const sendIn = (
  session: Session,
  body: RuntimeBody,
  through: Pick<ConnectionTurn, 'deps' | 'options'> & Pick<ConnectionState, 'gateway'>,
  message: MessageNames = {},
): { readonly session: Session; readonly sent: Promise<string> } => {
  const { deps, options, gateway } = through;
  if (options.looksOnly === true && !LOOKS.has(body.kind)) {
    return { session, sent: Promise.resolve('looksOnly') };
  }
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
  const { clock, highestEpoch } = session.hello;
  const forgotten = highestEpoch < knownEpoch(turn);
  if (forgotten) {
    const detail = `the terminal lost its register: it knows of no epoch after ${highestEpoch}`;
    options.onEvent({ code: 'link.registerLost', detail, severity: 'warning' });
  }
  if (clock !== null) {
    // It waits for each instant to be confirmed, so one may have been; who is further behind counts
    // anew, whatever its register says: another controller may have claimed it meanwhile.
    const countsAnew = clock.doneSeq + 1 < options.pump.settledSeq();
    if (forgotten || countsAnew) options.pump.restartAt(clock.doneSeq);
    if (clock.atMs > options.pump.clock.now()) options.pump.clock.advanceTo(clock.atMs);
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

/** Asks for the epoch after the highest that the terminal has granted. Who only looks goes on as if
 * it had been granted, in messages that claim nothing. */
export const claimLease = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  if (state.session === null) return state;
  const { highestEpoch } = state.session.hello;
  return turn.options.looksOnly === true
    ? moveLink(state, { type: 'claim.granted', epoch: highestEpoch + 1 }, turn)
    : claim(state, highestEpoch, turn);
};

const claim = (state: ConnectionState, expected: number, turn: ConnectionTurn): ConnectionState => {
  const { instanceId, leaseMs, takeover } = turn.options;
  const takeoverToken = takeover.token();
  const body = { kind: 'claim', expected, instanceId, leaseMs, takeoverToken } as const;
  return sendBody(state, body, turn).state;
};

/** The highest epoch that we ever held, as the journal knows it. */
const knownEpoch = ({ deps }: ConnectionTurn): number => {
  const last = deps.journal.reader().last(deps.accountId, 'epoch.claimed');
  return last?.kind === 'epoch.claimed' ? last.epoch : 0;
};

/** The terminal granted an epoch. One that we held before comes from a register that was lost: we
 * claim on until the epoch is new, for no two controllers may ever share one. */
export const takeEpoch = (
  state: ConnectionState,
  epoch: number,
  turn: ConnectionTurn,
): ConnectionState => {
  const { session } = state;
  const used = session !== null && session.epoch < epoch && epoch <= knownEpoch(turn);
  const next = { ...state, session: session === null ? null : { ...session, epoch } };
  return used ? claim(next, epoch, turn) : moveLink(next, { type: 'claim.granted', epoch }, turn);
};

/** The comparison begins when the epoch is written down, or when it is known that it cannot be: then
 * nothing opens, while closes need to know what is there. */
const startReconciliation = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const { epoch } = state.chart.context;
  if (epoch > knownEpoch(turn)) writeEpoch(epoch, turn);
  else tell(turn, { type: 'link.claimed', epoch }, ['guard', 'recovery']);
  return state;
};

const writeEpoch = (epoch: number, { deps, options, context }: ConnectionTurn): void => {
  const instance = options.instanceId;
  const at = deps.clock.now();
  const entry = entryAt(deps.accountId, at, { kind: 'epoch.claimed', epoch, instance });
  context.task(
    'journal',
    () => deps.journal.append([entry]),
    (result) =>
      result.ok
        ? { type: 'epoch.durable', epoch }
        : { type: 'epoch.notDurable', epoch, reason: String(result.error) },
  );
};

/** How the writing of an epoch went, if it is still ours. */
export const followEpoch = (
  state: ConnectionState,
  message: Extract<ConnectionMessage, { type: 'epoch.durable' | 'epoch.notDurable' }>,
  turn: ConnectionTurn,
): ConnectionState => {
  const { epoch } = message;
  if (state.chart.context.epoch !== epoch || !state.chart.matches('reconciling')) return state;
  if (message.type === 'epoch.notDurable') {
    const { reason } = message;
    const detail = `epoch ${epoch} cannot be written down: ${reason}`;
    turn.options.onEvent({ code: 'link.epochUnrecorded', detail, severity: 'warning' });
    // It is written before anything opens: the guard asks for a reconciliation when the journal works.
    const guard = turn.context.ref<GuardMessage>(turn.deps.paths.guard);
    guard.send({ type: 'journal.failed', reason });
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
  turn.context.self.send({ type: 'calendar.due' });
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
  // An instant under way is confirmed at its own end; else the terminal repeats what we have missed.
  if (state.heldInstant !== null || !state.settling) {
    const clockSeq = state.heldInstant ?? session.doneSeq;
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

/** An instant is not confirmed while somebody waits for the terminal to answer: what is decided must
 * not depend on how fast it does. */
export const nothingIsAwaited = ({ histories, calendar }: ConnectionState): boolean =>
  histories.size === 0 && calendar === null;

/** An answer has come: the instant that waited for it is over when that is digested. */
export const answerDigested = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const { session, heldInstant } = state;
  if (session !== null && heldInstant !== null && nothingIsAwaited(state)) {
    settleThen(turn, session.id, heldInstant, turn.options.pump.settle());
  }
  return state;
};

/** What was asked of the terminal is answered no more; whoever waits for history is told so. */
export const forgetRequests = (
  state: ConnectionState,
  { context }: ConnectionTurn,
  reason: string,
): ConnectionState => {
  for (const { replyTo } of state.histories.values()) {
    context.ref<StrategyMessage>(replyTo).send({ type: 'history.failed', reason });
  }
  return { ...state, histories: new Map(), queries: new Map(), calendar: null };
};

const announceLost = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const { options } = turn;
  tell(turn, { type: 'link.lost' }, ['guard', 'recovery', 'executor']);
  options.onEvent({
    code: 'link.lost',
    detail: state.session?.identity ?? 'no session',
    severity: 'warning',
  });
  return {
    ...forgetRequests(state, turn, 'the link was lost'),
    session: null,
    free: NO_FREE_RUN,
    commands: new Set(),
    facts: [],
    settling: false,
    assembly: null,
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
