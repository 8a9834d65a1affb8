import type { Tick } from '../../domain/market.ts';
import { epochMs } from '../../domain/units.ts';
import type { EaFrame, EaMessageOf } from '../../mt5/wire/messages.ts';
import { decodeTicks } from '../../mt5/wire/tick-batch.ts';
import { VenueDataError } from '../errors.ts';
import { resultFromWire } from '../executor/executor-facts.ts';
import type { ExecutorMessage, GuardMessage, StrategyMessage } from '../messages.ts';
import { settleThen } from './connection-link.ts';
import type { ConnectionState, ConnectionTurn } from './connection-state.ts';
import { tradeFromWire, unitsOf } from './venue-frames.ts';

/**
 * What happens in one instant of the session, in stages that the pump runs one after the other,
 * each until everything that it caused is done. A terminal that is clock master says where an
 * instant ends; of one that runs freely each batch is an instant.
 */

/** Session time moves only while the gate can be open: an advance that comes sooner waits. */
export const releaseAdvance = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const frame = state.heldAdvance;
  // The first instant of a session is judged by the calendar that was asked for before it.
  const mayMove = state.chart.hasTag('mayTrade') && state.calendar === null;
  if (frame?.body.kind !== 'clock.advance' || !mayMove) return state;
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
    throw new VenueDataError({ subject: 'a broken tick batch', detail: decoded.reason });
  }
  const ticks = decoded?.ticks ?? [];
  const ended = body.why === 'end';
  const { facts } = state;
  // Prices of the way here are judged with the positions of the way here. The tick that came with a
  // fill is judged after it: it is the very price that closed, or opened, the position.
  const before = facts.length === 0 ? ticks : ticks.filter(({ at }) => at < body.toMs);
  const { clockSeq, toMs, barsTotal, ticksTotal } = body;
  const stages = [
    () => tellGuard(before, toMs, turn),
    () => tellFacts(state, facts, turn),
    () => tellGuard(ticks.slice(before.length), toMs, turn),
    ...decisionStages({ ticks, toMs, ended }, turn),
  ];
  settleThen(turn, session.id, clockSeq, turn.options.pump.run({ clockSeq, toMs, stages }));
  const endSeq = ended ? clockSeq : null;
  const moved = { ...progress, barsTotal, ticksTotal, atMs: toMs, endSeq };
  return { ...state, facts: [], settling: true, progress: moved };
};

interface Instant {
  readonly ticks: readonly Tick[];
  readonly toMs: number;
  readonly ended: boolean;
}

/** Strategies decide knowing what was filled at this very instant; when all have decided, each in
 * its own time, the guard hears them in the order of strategies. */
export const decisionStages = (
  { ticks, toMs, ended }: Instant,
  turn: ConnectionTurn,
): readonly (() => void)[] => [
  () => tellStrategies(ticks, toMs, ended, turn),
  () => releaseDecisions(ticks, turn),
];

export const tellFacts = (
  state: ConnectionState,
  facts: readonly EaFrame[],
  turn: ConnectionTurn,
): void => {
  for (const frame of facts) tellFact(state, frame, turn);
};

/** What the account went through: the executor and the guard hear of it, in the wire's order. */
const tellFact = (
  state: ConnectionState,
  { body, envelope: { trace } }: EaFrame,
  { context, deps }: ConnectionTurn,
): void => {
  const executor = context.ref<ExecutorMessage>(deps.paths.executor);
  const guard = context.ref<GuardMessage>(deps.paths.guard);
  if (body.kind === 'result') {
    executor.send({ type: 'attempt.finished', result: resultFromWire(body.result), trace });
  } else if (body.kind === 'trade') {
    const currencyDigits = state.session?.hello.account.currencyDigits ?? 2;
    const report = tradeFromWire(body, unitsOf(state.instruments, currencyDigits));
    executor.send({ type: 'trade.reported', report });
    guard.send({ type: 'trade.reported', report });
  } else if (body.kind === 'guard.tripped') {
    guard.send({ type: 'terminalGuard.tripped' });
  }
};

export const tellGuard = (ticks: readonly Tick[], toMs: number, turn: ConnectionTurn): void => {
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
