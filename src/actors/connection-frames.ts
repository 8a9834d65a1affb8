import type { Tick } from '../domain/market.ts';
import { epochMs } from '../domain/units.ts';
import { barFromWire } from '../mt5/wire/domain-codec.ts';
import type { EaFrame, EaMessageOf } from '../mt5/wire/messages.ts';
import { addPart, beginAssembly, endAssembly } from '../mt5/wire/snapshot-parts.ts';
import { decodeTicks } from '../mt5/wire/tick-batch.ts';
import { moveLink, settleThen } from './connection-link.ts';
import { observeFrame, openSession } from './connection-session.ts';
import type { ConnectionState, ConnectionTurn } from './connection-state.ts';
import { resultFromWire } from './executor-facts.ts';
import type {
  ExecutorMessage,
  GuardMessage,
  RecoveryMessage,
  StrategyMessage,
} from './messages.ts';
import { evidenceFromWire, snapshotFromWire, tradeFromWire, unitsOf } from './venue-frames.ts';

/** One frame of a terminal: a knock, or a message of the running session. */
export const receiveFrame = (
  state: ConnectionState,
  identity: string,
  frame: EaFrame,
  turn: ConnectionTurn,
): ConnectionState => {
  if (frame.body.kind === 'hello') return acceptHello(state, identity, frame, turn);
  const { session } = state;
  if (session === null || session.identity !== identity || frame.envelope.session !== session.id) {
    rejectStranger(state, identity, frame, turn);
    return state;
  }
  const { session: observed, verdict } = observeFrame(session, frame);
  const next = { ...state, session: observed };
  switch (verdict.type) {
    case 'next':
      return handleBody(next, frame, turn);
    case 'gap':
      turn.options.onEvent({
        code: 'link.gap',
        detail: `${verdict.missing} message(s) lost; taking a new snapshot`,
        severity: 'warning',
      });
      // The gate shuts first: an advance that revealed the gap waits for the reconciliation.
      return handleBody(moveLink(next, { type: 'recovery.restarted' }, turn), frame, turn);
    case 'duplicate':
    case 'otherSession':
      return state;
  }
};

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
  const refusal = refusalOf(body, turn);
  if (refusal !== undefined) {
    turn.options.onEvent({ code: 'link.refused', detail: refusal, severity: 'warning' });
    return moveLink(state, { type: 'hello.refused' }, turn);
  }
  if (state.session !== null && state.session.identity !== identity) {
    turn.options.onEvent({
      code: 'link.standby',
      detail: `${identity} stands by: ${state.session.identity} has the account`,
      severity: 'warning',
    });
    return state;
  }
  if (state.chart.matches('backingOff') || state.chart.matches('refusing')) {
    return { ...state, waiting: { identity, frame } };
  }
  const arriving = openSession(turn.options.newId(), identity, body, envelope.ts.mono);
  const progress = { ...state.progress, endMs: body.clock?.endMs ?? null };
  return moveLink({ ...state, arriving, progress }, { type: 'hello.received', identity }, turn);
};

const refusalOf = (
  hello: EaMessageOf<'hello'>,
  { options }: ConnectionTurn,
): string | undefined => {
  const { account, protocolVersions, token } = hello;
  if (account.login !== options.login || account.server !== options.server) {
    return (
      `the terminal is logged in as ${account.login}@${account.server}, ` +
      `configured is ${options.login}@${options.server}`
    );
  }
  if (!protocolVersions.includes(1)) return `it speaks BWP ${protocolVersions.join(', ')}, not 1`;
  if (options.token !== null && token !== options.token) return 'its token is wrong';
  return undefined;
};

/** A message of a session that we do not know: the terminal must introduce itself again. */
const rejectStranger = (
  state: ConnectionState,
  identity: string,
  frame: EaFrame,
  { deps, options }: ConnectionTurn,
): void => {
  if (frame.body.kind === 'error' || frame.body.kind === 'goodbye') return;
  const at = deps.clock.now();
  void state.gateway.send(identity, {
    envelope: {
      v: 1,
      id: options.newId(),
      re: frame.envelope.id,
      session: frame.envelope.session,
      claim: null,
      seq: 0,
      ts: { msc: at, server: null, gmt: null, mono: at },
      trace: null,
    },
    body: { kind: 'error', code: 'unknown_session', detail: 'introduce yourself again' },
  });
};

const handleBody = (
  state: ConnectionState,
  frame: EaFrame,
  turn: ConnectionTurn,
): ConnectionState => {
  const { body, envelope } = frame;
  const { context, deps } = turn;
  const executor = context.ref<ExecutorMessage>(deps.paths.executor);
  const currencyDigits = state.session?.hello.account.currencyDigits ?? 2;
  const units = unitsOf(state.instruments, currencyDigits);
  switch (body.kind) {
    case 'ea.heartbeat':
      return moveLink(state, { type: 'heartbeat.received' }, turn);
    case 'claim.granted': {
      const session = state.session === null ? null : { ...state.session, epoch: body.epoch };
      return moveLink({ ...state, session }, { type: 'claim.granted', epoch: body.epoch }, turn);
    }
    case 'claim.refused':
      reportPeer(body, turn);
      return moveLink(state, { type: 'claim.refused' }, turn);
    case 'ack':
      executor.send({ type: 'attempt.acked', ack: body });
      return state;
    case 'result':
    case 'trade':
    case 'guard.tripped':
      // They belong to the instant that the next advance moves to; a real clock has no advances.
      if (state.session?.hello.clock != null) return { ...state, facts: [...state.facts, frame] };
      tellFact(state, frame, turn);
      return state;
    case 'query.reply': {
      const query = state.queries.get(envelope.re ?? '');
      if (query === undefined) return state;
      const queries = new Map(state.queries);
      queries.delete(envelope.re ?? '');
      executor.send({
        type: 'evidence.found',
        ...query,
        evidence: evidenceFromWire(body, units),
      });
      return { ...state, queries };
    }
    case 'history':
      return collectHistory(state, envelope.re ?? '', body, turn);
    case 'snapshot.begin':
      return { ...state, assembly: beginAssembly(body) };
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
      reportPeer(body, turn);
      return answerHistory(
        state,
        envelope.re ?? '',
        { type: 'history.failed', reason: body.detail },
        turn,
      );
    case 'notice':
      reportPeer(body, turn);
      return state;
    case 'hello':
    case 'busy':
    case 'ready':
    case 'order.checked':
    case 'ticks':
    case 'ticks.history':
    case 'calendar':
      return state;
  }
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
  if (body.last) return answerHistory(state, id, { type: 'history.loaded', bars }, turn);
  return { ...state, histories: new Map(state.histories).set(id, { ...request, bars }) };
};

/** The strategy has its answer; an instant that waited for it is over when that is digested. */
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
  const { session, heldInstant } = state;
  if (histories.size === 0 && heldInstant !== null && session !== null) {
    settleThen(turn, session.id, heldInstant, turn.options.pump.settle());
  }
  return { ...state, histories };
};

const finishSnapshot = (
  state: ConnectionState,
  body: EaMessageOf<'snapshot.end'>,
  gmtMs: number | null,
  { context, deps }: ConnectionTurn,
): ConnectionState => {
  // A check may only be compared with what everybody has been told: while an instant is being worked
  // through, or its facts wait, the terminal is ahead of us. The next check comes soon.
  const isAhead = state.settling || state.facts.length > 0;
  if (state.chart.hasTag('mayTrade') && isAhead) return { ...state, assembly: null };
  const recovery = context.ref<RecoveryMessage>(deps.paths.recovery);
  const assembled = state.assembly === null ? undefined : endAssembly(state.assembly, body);
  if (assembled === undefined || !assembled.ok || !assembled.snapshot.complete) {
    const reason = assembled?.ok === false ? assembled.detail : 'the terminal could not prove it';
    recovery.send({ type: 'snapshot.failed', reason });
    return { ...state, assembly: null };
  }
  const snapshot = snapshotFromWire(assembled.snapshot, assembled.hash);
  const isClocked = state.session?.hello.clock === null && gmtMs !== null;
  const skewMs = isClocked ? gmtMs - deps.wall.now() : undefined;
  const timed = skewMs === undefined ? snapshot : { ...snapshot, skewMs };
  recovery.send({ type: 'snapshot.assembled', snapshot: timed });
  const instruments = new Map(snapshot.instruments.map((spec) => [spec.symbol, spec]));
  return { ...state, assembly: null, instruments };
};

/** Session time moves only while the gate can be open: an advance that comes sooner waits. */
export const releaseAdvance = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const frame = state.heldAdvance;
  if (frame?.body.kind !== 'clock.advance' || !state.chart.hasTag('mayTrade')) return state;
  return advance({ ...state, heldAdvance: null }, frame.body, frame.attachment, turn);
};

/** The terminal moved on to `toMs`: everything that happened up to there is handed out. */
const advance = (
  state: ConnectionState,
  body: EaMessageOf<'clock.advance'>,
  attachment: Uint8Array | undefined,
  turn: ConnectionTurn,
): ConnectionState => {
  const { session, progress } = state;
  if (session === null) return state;
  const decoded = attachment === undefined ? undefined : decodeTicks(attachment);
  if (decoded !== undefined && !decoded.ok) {
    throw new Error(`the terminal sent a broken tick batch: ${decoded.reason}`);
  }
  const ticks = decoded?.ticks ?? [];
  const ended = body.why === 'end';
  const { facts } = state;
  // Prices of the way here are judged with the positions of the way here. The tick that came with a
  // fill is judged after it: it is the very price that closed, or opened, the position.
  const before = facts.length === 0 ? ticks : ticks.filter(({ at }) => at < body.toMs);
  const stages = [
    () => tellGuard(before, body.toMs, turn),
    () => {
      for (const frame of facts) tellFact(state, frame, turn);
    },
    () => tellGuard(ticks.slice(before.length), body.toMs, turn),
    // A strategy decides knowing what was filled at this very instant.
    () => tellStrategies(ticks, body.toMs, ended, turn),
    // All have decided, each in its own time; the guard hears them in the order of strategies.
    () => releaseDecisions(ticks, turn),
  ];
  const { pump } = turn.options;
  const { clockSeq, toMs, barsTotal, ticksTotal } = body;
  settleThen(turn, session.id, clockSeq, pump.run({ clockSeq, toMs, stages }));
  const endSeq = ended ? clockSeq : null;
  const moved = { ...progress, barsTotal, ticksTotal, atMs: toMs, endSeq };
  return { ...state, facts: [], settling: true, progress: moved };
};

/** What the account went through: the executor and the guard hear of it, in the wire's order. */
const tellFact = (
  state: ConnectionState,
  { body }: EaFrame,
  { context, deps }: ConnectionTurn,
): void => {
  const executor = context.ref<ExecutorMessage>(deps.paths.executor);
  const guard = context.ref<GuardMessage>(deps.paths.guard);
  if (body.kind === 'result') {
    executor.send({ type: 'attempt.finished', result: resultFromWire(body.result) });
  } else if (body.kind === 'trade') {
    const currencyDigits = state.session?.hello.account.currencyDigits ?? 2;
    const report = tradeFromWire(body, unitsOf(state.instruments, currencyDigits));
    executor.send({ type: 'trade.reported', report });
    guard.send({ type: 'trade.reported', report });
  } else if (body.kind === 'guard.tripped') {
    guard.send({ type: 'terminalGuard.tripped' });
  }
};

const tellGuard = (ticks: readonly Tick[], toMs: number, turn: ConnectionTurn): void => {
  if (ticks.length === 0) return;
  const { context, deps } = turn;
  const at = epochMs(toMs);
  context.ref<GuardMessage>(deps.paths.guard).send({ type: 'market.ticks', ticks, at });
};

const releaseDecisions = (ticks: readonly Tick[], { context, deps }: ConnectionTurn): void => {
  for (const { path, symbol } of deps.paths.strategies) {
    if (!ticks.some((tick) => tick.symbol === symbol)) continue;
    context.ref<StrategyMessage>(path).send({ type: 'decisions.due' });
  }
};

const tellStrategies = (
  ticks: readonly Tick[],
  toMs: number,
  ended: boolean,
  { context, deps }: ConnectionTurn,
): void => {
  const at = epochMs(toMs);
  for (const { path, symbol } of deps.paths.strategies) {
    const strategy = context.ref<StrategyMessage>(path);
    const own = ticks.filter((tick) => tick.symbol === symbol);
    if (own.length > 0) strategy.send({ type: 'market.ticks', ticks: own, at });
  }
  if (ended) context.ref<GuardMessage>(deps.paths.guard).send({ type: 'market.ended', at });
};
