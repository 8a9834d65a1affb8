import { epochMs } from '../../domain/units.ts';
import { barFromWire } from '../../mt5/wire/domain-codec.ts';
import type { EaFrame, EaMessageOf } from '../../mt5/wire/messages.ts';
import { addPart, beginAssembly } from '../../mt5/wire/snapshot-parts.ts';
import { frameToUtc } from '../../mt5/wire/time-base.ts';
import type { ExecutorMessage, StrategyMessage } from '../messages.ts';
import type { WatchdogMessage } from '../terminal-watchdog.ts';
import { commandAcked, commandFinished } from './connection-breaker.ts';
import { calendarFailed, collectCalendar } from './connection-calendar.ts';
import { enqueueFrame, isFree } from './connection-free.ts';
import { releaseAdvance, tellFacts } from './connection-instant.ts';
import { answerDigested, forgetRequests, moveLink, takeEpoch } from './connection-link.ts';
import { acceptHello, receiveStandby, rejectStranger } from './connection-peers.ts';
import { collectReply } from './connection-queries.ts';
import { observeFrame } from './connection-session.ts';
import { finishSnapshot } from './connection-snapshot.ts';
import type { ConnectionState, ConnectionTurn } from './connection-state.ts';
import { conditionsOfHeartbeat, observeStamps } from './connection-venue.ts';

/** One frame of a terminal: a knock, or a message of the running session. */
export const receiveFrame = (
  state: ConnectionState,
  identity: string,
  frame: EaFrame,
  turn: ConnectionTurn,
): ConnectionState => {
  if (frame.body.kind === 'hello') return acceptHello(state, identity, frame, turn);
  const { session } = state;
  const standby = state.standbys.get(identity);
  if (standby !== undefined && standby.id === frame.envelope.session) {
    return receiveStandby(state, standby, frame, turn);
  }
  if (session === null || session.identity !== identity || frame.envelope.session !== session.id) {
    rejectStranger(state, identity, frame, turn);
    return state;
  }
  const { session: observed, verdict } = observeFrame(session, frame);
  const next = { ...state, session: observed };
  const inUtc = session.hello.timeBase === 'server' ? frameToUtc(frame, turn.options.zone) : frame;
  switch (verdict.type) {
    case 'next':
      return handleBody(observeStamps(next, frame, session.hello, turn), inUtc, turn);
    case 'gap':
      // The gate shuts first: an advance that revealed the gap waits for the reconciliation.
      return handleBody(tellGap(next, verdict.missing, turn), inUtc, turn);
    case 'duplicate':
    case 'otherSession':
      return state;
  }
};

export const tellGap = (
  state: ConnectionState,
  missing: number,
  turn: ConnectionTurn,
): ConnectionState => {
  const detail = `${missing} message(s) lost; taking a new snapshot`;
  turn.options.onEvent({ code: 'link.gap', detail, severity: 'warning' });
  const waiting = forgetRequests(state, turn, 'its answer may be lost');
  return moveLink(waiting, { type: 'recovery.restarted' }, turn);
};

const handleBody = (
  state: ConnectionState,
  frame: EaFrame,
  turn: ConnectionTurn,
): ConnectionState => {
  const { body, envelope } = frame;
  switch (body.kind) {
    case 'ea.heartbeat': {
      tellWatchdog(0, turn);
      const beating = moveLink(state, { type: 'heartbeat.received' }, turn);
      return conditionsOfHeartbeat(beating, body, turn);
    }
    case 'busy':
      tellWatchdog(body.maxMs, turn);
      return moveLink(state, { type: 'terminal.busy', maxMs: body.maxMs }, turn);
    case 'ready':
      return moveLink(state, { type: 'terminal.ready' }, turn);
    case 'claim.granted':
      turn.options.takeover.spent();
      return takeEpoch(state, body.epoch, turn);
    case 'claim.refused':
      reportPeer(body, turn);
      return moveLink(state, { type: 'claim.refused' }, turn);
    case 'ack':
      return acked(state, body, envelope.trace, turn);
    case 'result':
      return happened(commandFinished(state, body, turn), frame, turn);
    case 'ticks':
      return isFree(state) ? enqueueFrame(state, frame, turn) : state;
    case 'trade':
      return happened(state, frame, turn);
    case 'guard.tripped':
      return tripped(state, frame, turn);
    case 'query.reply':
      return collectReply(state, envelope.re ?? '', body, turn);
    case 'calendar':
      return collectCalendar(state, envelope.re ?? '', body, turn);
    case 'history':
      return collectHistory(state, envelope.re ?? '', body, turn);
    case 'snapshot.begin':
      return beginSnapshot(state, body);
    case 'snapshot.part':
      return state.assembly === null
        ? state
        : { ...state, assembly: addPart(state.assembly, body) };
    case 'snapshot.end':
      return finishSnapshot(state, body, envelope.ts.gmt, turn);
    case 'clock.advance':
      return releaseAdvance({ ...state, heldAdvance: frame }, turn);
    case 'goodbye':
      return moveLink(state, { type: 'peer.disconnected' }, turn);
    case 'error':
      return peerError(state, envelope.re ?? '', body, turn);
    case 'notice':
      reportPeer(body, turn);
      return state;
    case 'hello':
    case 'order.checked':
    case 'ticks.history':
      return state;
  }
};

const tellWatchdog = (mayBeSilentMs: number, { context, deps }: ConnectionTurn): void => {
  const { watchdog } = deps.paths;
  if (watchdog === null) return;
  context.ref<WatchdogMessage>(watchdog).send({ type: 'heart.beat', mayBeSilentMs });
};

/** Results and trades belong to the instant that the next advance moves to; without a clock master
 * they belong to now. */
const happened = (state: ConnectionState, frame: EaFrame, turn: ConnectionTurn): ConnectionState =>
  isFree(state) ? enqueueFrame(state, frame, turn) : { ...state, facts: [...state.facts, frame] };

/** No list of positions and deals tells of it: in a free session it waits for none, and is not lost
 * with what was told before a snapshot. */
const tripped = (state: ConnectionState, frame: EaFrame, turn: ConnectionTurn): ConnectionState => {
  if (!isFree(state)) return happened(state, frame, turn);
  tellFacts(state, [frame], turn);
  return state;
};

/** What a free session told before it listed everything is in the list. */
const beginSnapshot = (
  state: ConnectionState,
  body: EaMessageOf<'snapshot.begin'>,
): ConnectionState => {
  const { free } = state;
  // A check of a live session changes nothing; what it tells of comes by the queue as well.
  if (state.chart.hasTag('mayTrade')) return { ...state, assembly: beginAssembly(body) };
  const queue = free.queue.filter((frame) => frame.body.kind === 'ticks');
  return { ...state, free: { ...free, queue }, assembly: beginAssembly(body) };
};

const acked = (
  state: ConnectionState,
  ack: EaMessageOf<'ack'>,
  trace: string | null,
  turn: ConnectionTurn,
): ConnectionState => {
  const { context, deps } = turn;
  context.ref<ExecutorMessage>(deps.paths.executor).send({ type: 'attempt.acked', ack, trace });
  const counted = commandAcked(state, ack, turn);
  return ack.reason === 'stale_epoch' ? overtaken(counted, turn) : counted;
};

/** The terminal has granted a later epoch: the account is another controller's now. */
const overtaken = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const detail = 'another controller has the account; nothing of ours is carried out any more';
  turn.options.onEvent({ code: 'link.overtaken', detail, severity: 'error' });
  return moveLink(state, { type: 'claim.overtaken' }, turn);
};

const peerError = (
  state: ConnectionState,
  re: string,
  body: EaMessageOf<'error'>,
  turn: ConnectionTurn,
): ConnectionState => {
  reportPeer(body, turn);
  if (body.code === 'stale_epoch') return overtaken(state, turn);
  const asked = calendarFailed(state, re, body.detail, turn);
  return answerHistory(asked, re, { type: 'history.failed', reason: body.detail }, turn);
};

/** What a person should be able to read later of what the terminal said. */
const reportPeer = (
  body: EaMessageOf<'claim.refused'> | EaMessageOf<'error'> | EaMessageOf<'notice'>,
  { options }: ConnectionTurn,
): void => {
  switch (body.kind) {
    case 'claim.refused': {
      const detail = `${body.reason}; the lease is held by ${body.holder ?? 'nobody'}`;
      options.onEvent({ code: 'link.claimRefused', detail, severity: 'warning' });
      return;
    }
    case 'error': {
      const detail = `${body.code}: ${body.detail}`;
      options.onEvent({ code: 'link.peerError', detail, severity: 'warning' });
      return;
    }
    case 'notice': {
      const { code, detail, severity } = body;
      options.onEvent({ code: `terminal.${code}`, detail, severity });
      return;
    }
  }
};

const collectHistory = (
  state: ConnectionState,
  id: string,
  body: EaMessageOf<'history'>,
  turn: ConnectionTurn,
): ConnectionState => {
  const request = state.histories.get(id);
  if (request === undefined) return state;
  const more = body.bars.map((bar) => barFromWire(body.symbol, body.timeframe, bar));
  const bars = [...request.bars, ...more];
  if (!body.last) {
    return { ...state, histories: new Map(state.histories).set(id, { ...request, bars }) };
  }
  // A free terminal's running bar has every tick that it sent before, and no other.
  const lastTickAt = state.free.lastTickAt.get(request.symbol) ?? epochMs(0);
  const upTo = isFree(state) ? { upTo: lastTickAt } : {};
  return answerHistory(state, id, { type: 'history.loaded', bars, ...upTo }, turn);
};

/** The strategy has its answer. */
const answerHistory = (
  state: ConnectionState,
  id: string,
  answer: StrategyMessage,
  turn: ConnectionTurn,
): ConnectionState => {
  const request = state.histories.get(id);
  if (request === undefined) return state;
  turn.context.ref<StrategyMessage>(request.replyTo).send(answer);
  const histories = new Map(state.histories);
  histories.delete(id);
  return answerDigested({ ...state, histories }, turn);
};
