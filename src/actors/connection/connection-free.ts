import type { Tick } from '../../domain/market.ts';
import { type EpochMs, epochMs } from '../../domain/units.ts';
import { VENUE_CLOCK, venueNow } from '../../mt5/venue-clock.ts';
import type { EaFrame } from '../../mt5/wire/messages.ts';
import { decodeTicks } from '../../mt5/wire/tick-batch.ts';
import { decisionStages, tellFacts, tellGuard } from './connection-instant.ts';
import { claimLease, moveLink, settleThen } from './connection-link.ts';
import type { ConnectionState, ConnectionTurn } from './connection-state.ts';

/**
 * The session clock of a terminal that runs freely. Session time follows the venue's, as measured
 * from the stamps of its messages, and never goes back. What arrives is worked through in order:
 * facts and the ticks after them are one instant, and while it is under way the next ones queue.
 * Without anything to do, time itself is moved on, so that timers of session time fire.
 */
export const FREE_CLOCK = {
  /** Messages that may wait. More: the process is stuck, and only a new snapshot helps. */
  queuedFrames: 4_096,
  /** Session time is moved on at least this often, wall milliseconds. */
  stepMs: 1_000,
} as const;

export const isFree = (state: ConnectionState): boolean =>
  state.session !== null && state.session.hello.clock === null;

/** Session time as it should be now: the venue's, but never earlier than it was. */
const dueTime = (state: ConnectionState, turn: ConnectionTurn): EpochMs => {
  const { pump, stopwatch } = turn.options;
  const now = pump.clock.now();
  if (state.venue === null) return now;
  return epochMs(Math.max(now, venueNow(state.venue, stopwatch.elapsedMs())));
};

/** Ticks, a result or a trade arrived. */
export const enqueueFrame = (
  state: ConnectionState,
  frame: EaFrame,
  turn: ConnectionTurn,
): ConnectionState => {
  const { free } = state;
  if (free.queue.length >= FREE_CLOCK.queuedFrames) {
    const detail = `${free.queue.length} messages wait: dropped, and everything is compared again`;
    turn.options.onEvent({ code: 'link.overrun', detail, severity: 'error' });
    const emptied = { ...state, free: { ...free, queue: [] } };
    return moveLink(emptied, { type: 'recovery.restarted' }, turn);
  }
  const queued = { ...state, free: { ...free, queue: [...free.queue, frame] } };
  return runNext(frame.body.kind === 'ticks' ? noteTicks(queued, frame, turn) : queued, turn);
};

/** Remembers how far ticks have come, and has the account compared again when some are missing. */
const noteTicks = (
  state: ConnectionState,
  frame: EaFrame,
  turn: ConnectionTurn,
): ConnectionState => {
  const { body } = frame;
  const ticks = ticksOf(frame);
  if (body.kind !== 'ticks') return state;
  const lastTickAt = new Map(state.free.lastTickAt);
  for (const { symbol, at } of ticks ?? []) lastTickAt.set(symbol, at);
  const noted = { ...state, free: { ...state.free, lastTickAt } };
  if (body.complete && ticks !== undefined) return noted;
  const detail = ticks === undefined ? 'a batch could not be read' : 'the terminal says so';
  turn.options.onEvent({ code: 'link.ticksLost', detail, severity: 'warning' });
  // Strategies load their bars again, which fills the hole.
  return moveLink(noted, { type: 'recovery.restarted' }, turn);
};

const ticksOf = ({ attachment }: EaFrame): readonly Tick[] | undefined => {
  const decoded = attachment === undefined ? undefined : decodeTicks(attachment);
  return decoded?.ok === true ? decoded.ticks : undefined;
};

/** The facts at the head of the queue and the ticks that follow them. */
const takeInstant = (
  queue: readonly EaFrame[],
): { readonly facts: readonly EaFrame[]; readonly batches: readonly EaFrame[] } => {
  const isTicks = (frame: EaFrame): boolean => frame.body.kind === 'ticks';
  const firstTicks = queue.findIndex(isTicks);
  const facts = firstTicks < 0 ? queue : queue.slice(0, firstTicks);
  const rest = queue.slice(facts.length);
  const nextFact = rest.findIndex((frame) => !isTicks(frame));
  return { facts, batches: nextFact < 0 ? rest : rest.slice(0, nextFact) };
};

/** Starts the next instant unless one is under way. */
export const runNext = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const { free, session, progress } = state;
  if (!isFree(state) || session === null || free.running) return state;
  if (!state.chart.hasTag('mayTrade')) return state;
  const { facts, batches } = takeInstant(free.queue);
  const due = dueTime(state, turn);
  const { clock } = turn.options.pump;
  const timer = clock.nextDueAt();
  const isTimeUp = due - clock.now() >= FREE_CLOCK.stepMs || (timer !== undefined && timer <= due);
  if (facts.length + batches.length === 0 && !isTimeUp) return waitForTime(state, turn);
  const latest = due + VENUE_CLOCK.skewMs;
  const all = batches.flatMap((frame) => ticksOf(frame) ?? []);
  const ticks = all.filter(({ at }) => at <= latest);
  if (ticks.length < all.length) {
    const detail = `${all.length - ticks.length} ticks from the future were dropped`;
    turn.options.onEvent({ code: 'link.clockSkew', detail, severity: 'error' });
  }
  const toMs = ticks.reduce((at, tick) => Math.max(at, tick.at), Number(due));
  const queue = free.queue.slice(facts.length + batches.length);
  const last = batches.at(-1)?.body;
  const ticksTotal = last?.kind === 'ticks' ? last.ticksTotal : progress.ticksTotal;
  moveTime(state, turn, toMs, [
    () => tellFacts(state, facts, turn),
    () => tellGuard(ticks, toMs, turn),
    ...decisionStages({ ticks, toMs, ended: false }, turn),
  ]);
  return {
    ...state,
    free: { ...free, queue, running: true },
    progress: { ...progress, ticksTotal, atMs: toMs },
  };
};

const moveTime = (
  { session }: ConnectionState,
  turn: ConnectionTurn,
  toMs: number,
  stages: readonly (() => void)[],
): void => {
  if (session === null) return;
  settleThen(turn, session.id, 0, turn.options.pump.runTo({ toMs, stages }));
};

/** Session time catches up with the venue before anything is claimed: what is loaded and compared
 * afterwards is then of the present. */
export const catchUp = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  moveTime(state, turn, dueTime(state, turn), []);
  return { ...state, free: { ...state.free, running: true } };
};

/** An instant is over: the claim that waited for it is made, or the next one begins. */
export const instantOver = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const idle = { ...state, free: { ...state.free, running: false } };
  return state.chart.value === 'claiming' ? claimLease(idle, turn) : runNext(idle, turn);
};

/** Looks again when the next timer is due, or after a step. */
const waitForTime = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const { clock } = turn.options.pump;
  const timer = clock.nextDueAt();
  const untilTimer = timer === undefined ? FREE_CLOCK.stepMs : timer - dueTime(state, turn);
  const delayMs = Math.max(1, Math.min(FREE_CLOCK.stepMs, untilTimer));
  const options = { key: 'clock.due', clock: turn.deps.wall };
  turn.context.after(delayMs, { type: 'clock.due' }, options);
  return state;
};
