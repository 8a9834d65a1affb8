import type { EaFrame, EaMessageOf, ErrorCode } from '../../mt5/wire/messages.ts';
import { negotiateVersion } from '../../mt5/wire/versions.ts';
import { PeerRefused } from '../errors.ts';
import { moveLink, sendIn } from './connection-link.ts';
import { observeFrame, openSession } from './connection-session.ts';
import type { ConnectionState, ConnectionTurn } from './connection-state.ts';
import { conditionsOfHello, observeStamps } from './connection-venue.ts';

/**
 * Who may speak: login and server are checked before anything else, one instance of the account is
 * active, others stand by, and whoever was refused is not heard again for a while. The while is
 * that peer's alone: a stranger who knocks cannot keep the account's own terminal out.
 */
export const PEER_LIMITS = {
  standbys: 16,
  /** Refused peers that are remembered; the oldest is forgotten first. */
  refused: 256,
} as const;

/** A hello is welcome when it comes from the account we were configured for, and from nobody else
 * while a session lives. */
export const acceptHello = (
  state: ConnectionState,
  identity: string,
  frame: EaFrame,
  turn: ConnectionTurn,
): ConnectionState => {
  const { body, envelope } = frame;
  if (body.kind !== 'hello') return state;
  const known = state.refused.get(identity);
  if (known !== undefined && turn.deps.wall.now() < known.untilMs) return state;
  const refusal = refusalOf(body, turn);
  if (refusal !== undefined) return refuse(state, identity, frame, refusal, turn);
  if (state.session !== null && state.session.identity !== identity) {
    return standBy(state, identity, frame, turn);
  }
  if (state.chart.matches('backingOff')) return { ...state, waiting: { identity, frame } };
  const arriving = openSession(turn.options.newId(), identity, body, envelope.ts.mono);
  const progress = { ...state.progress, endMs: body.clock?.endMs ?? null };
  const standbys = without(state.standbys, identity);
  const refused = without(state.refused, identity);
  // Without its stamps the first comparison of a new runtime would be made at a time long past.
  const measured = observeStamps(state, frame, body, turn);
  const told = conditionsOfHello(
    { ...measured, arriving, progress, standbys, refused },
    body,
    turn,
  );
  return moveLink(told, { type: 'hello.received', identity }, turn);
};

const without = <T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> => {
  if (!map.has(key)) return map;
  const rest = new Map(map);
  rest.delete(key);
  return rest;
};

interface Refusal {
  readonly code: ErrorCode;
  readonly detail: string;
}

const refusalOf = (
  hello: EaMessageOf<'hello'>,
  { options }: ConnectionTurn,
): Refusal | undefined => {
  const { account, protocolVersions, token } = hello;
  if (account.login !== options.login || account.server !== options.server) {
    const detail =
      `the terminal is logged in as ${account.login}@${account.server}, ` +
      `configured is ${options.login}@${options.server}`;
    return { code: 'wrong_account', detail };
  }
  if (negotiateVersion(protocolVersions) === undefined) {
    return { code: 'version', detail: `it speaks BWP ${protocolVersions.join(', ')}, not 1` };
  }
  if (options.tokens.length > 0 && (token === null || !options.tokens.includes(token))) {
    return { code: 'wrong_token', detail: 'its token is wrong' };
  }
  return undefined;
};

const refuse = (
  state: ConnectionState,
  identity: string,
  frame: EaFrame,
  { code, detail }: Refusal,
  turn: ConnectionTurn,
): ConnectionState => {
  const { options, deps } = turn;
  const { initialMs, maxMs } = options.authBackoff;
  const count = (state.refused.get(identity)?.count ?? 0) + 1;
  const pauseMs = Math.min(maxMs, initialMs * 2 ** Math.min(count - 1, 16));
  const { message } = new PeerRefused({ detail, pauseMs });
  options.onEvent({ code: 'link.refused', detail: message, severity: 'warning' });
  answerStranger(state, identity, frame, { code, detail }, turn);
  const refused = new Map(without(state.refused, identity));
  refused.set(identity, { count, untilMs: deps.wall.now() + pauseMs });
  return { ...state, refused: bounded(refused, PEER_LIMITS.refused) };
};

const bounded = <T>(map: Map<string, T>, most: number): ReadonlyMap<string, T> => {
  for (const oldest of map.keys()) {
    if (map.size <= most) break;
    map.delete(oldest);
  }
  return map;
};

/** Another instance of the account: welcomed, and told to wait. */
const standBy = (
  state: ConnectionState,
  identity: string,
  { body, envelope }: EaFrame,
  turn: ConnectionTurn,
): ConnectionState => {
  if (body.kind !== 'hello') return state;
  const { options } = turn;
  if (!state.standbys.has(identity)) {
    const detail = `${identity} stands by: ${state.session?.identity} has the account`;
    options.onEvent({ code: 'link.standby', detail, severity: 'warning' });
  }
  const opened = openSession(options.newId(), identity, body, envelope.ts.mono);
  const welcome = {
    kind: 'welcome',
    role: 'standby',
    protocolVersion: negotiateVersion(body.protocolVersions) ?? 1,
    heartbeatMs: options.heartbeatMs,
    runtimeInstance: options.instanceId,
  } as const;
  const { session } = sendIn(opened, welcome, { ...turn, gateway: state.gateway });
  const standbys = new Map(state.standbys).set(identity, session);
  return { ...state, standbys: bounded(standbys, PEER_LIMITS.standbys) };
};

/** A message of an instance that stands by. When nobody has the account any more it is told to
 * introduce itself, and so takes over. */
export const receiveStandby = (
  state: ConnectionState,
  session: NonNullable<ConnectionState['session']>,
  frame: EaFrame,
  turn: ConnectionTurn,
): ConnectionState => {
  const { identity } = session;
  if (frame.body.kind === 'goodbye') {
    return { ...state, standbys: without(state.standbys, identity) };
  }
  if (state.session === null && state.chart.value === 'listening') {
    rejectStranger(state, identity, frame, turn);
    return { ...state, standbys: without(state.standbys, identity) };
  }
  const standbys = new Map(state.standbys).set(identity, observeFrame(session, frame).session);
  return { ...state, standbys };
};

/** A terminal that knocked during the back-off is heard as soon as the chart listens again. */
export const admitWaiting = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  if (state.waiting === null || state.chart.value !== 'listening') return state;
  const { identity, frame } = state.waiting;
  return acceptHello({ ...state, waiting: null }, identity, frame, turn);
};

/** A message of a session that we do not know: the terminal must introduce itself again. */
export const rejectStranger = (
  state: ConnectionState,
  identity: string,
  frame: EaFrame,
  turn: ConnectionTurn,
): void => {
  if (frame.body.kind === 'error' || frame.body.kind === 'goodbye') return;
  const unknown = { code: 'unknown_session', detail: 'introduce yourself again' } as const;
  answerStranger(state, identity, frame, unknown, turn);
};

const answerStranger = (
  state: ConnectionState,
  identity: string,
  { envelope }: EaFrame,
  error: Refusal,
  { deps, options }: ConnectionTurn,
): void => {
  const at = deps.clock.now();
  void state.gateway.send(identity, {
    envelope: {
      v: 1,
      id: options.newId(),
      re: envelope.id,
      session: envelope.session,
      claim: null,
      seq: 0,
      ts: { msc: at, server: null, gmt: null, mono: at },
      trace: null,
    },
    body: { kind: 'error', ...error },
  });
};
