import type { Tick, Timeframe } from '../../../domain/market.ts';
import { TIMEFRAMES } from '../../../domain/market.ts';
import type { EpochMs, Minor } from '../../../domain/units.ts';
import { epochMs, minor, parseDecimal } from '../../../domain/units.ts';
import type { RuntimeMessageOf } from '../../wire/messages.ts';
import type { EaContext } from './ea-context.ts';
import type { AdvanceReason, LogRecord } from './ea-records.ts';
import { checkGuard, keepClosing, nextReset, passResets } from './guard.ts';

/**
 * The session clock. An advance runs the market and the broker from one instant to the next at
 * which somebody has to look. An instant is whole: every tick of that millisecond and everything
 * due at it happen before the advance may end, so (from, to] never cuts one in two. Where slices of
 * the pacing fall changes nothing, because nothing happens at a slice.
 */
export interface Wakes {
  readonly bars: readonly { readonly symbol: string; readonly timeframe: Timeframe }[];
  readonly ticks: ReadonlySet<string>;
  readonly timerMs: number | null;
  readonly equityAtOrBelow: Minor | null;
}
export const NO_WAKES: Wakes = {
  bars: [],
  ticks: new Set(),
  timerMs: null,
  equityAtOrBelow: null,
};

/** What a subscription wants to look at. */
export const subscribedWakes = (
  symbols: RuntimeMessageOf<'subscribe'>['symbols'],
): Pick<Wakes, 'bars' | 'ticks'> => ({
  bars: symbols.flatMap(({ symbol, wakeOnBar }) =>
    wakeOnBar === null ? [] : [{ symbol, timeframe: wakeOnBar }],
  ),
  ticks: new Set(symbols.flatMap(({ symbol, wakeOnTick }) => (wakeOnTick ? [symbol] : []))),
});

/** What the runtime wants to look at next, in the word with which it lets the clock go on. */
export const wishedWakes = (
  { wakeAtMs, equityAtOrBelow }: RuntimeMessageOf<'clock.done'>,
  currencyDigits: number,
): Pick<Wakes, 'timerMs' | 'equityAtOrBelow'> => {
  const equity =
    equityAtOrBelow === null ? undefined : parseDecimal(equityAtOrBelow, currencyDigits);
  return { timerMs: wakeAtMs, equityAtOrBelow: equity === undefined ? null : minor(equity) };
};

export interface AdvanceLimits {
  /** Pacing: the advance ends at this instant at the latest. */
  readonly sliceToMs: number;
  /** An advance with this many ticks ends as a slice. */
  readonly maxTicks: number;
}

export interface Advanced {
  readonly ticks: readonly Tick[];
  readonly why: AdvanceReason;
  readonly tripped: boolean;
}

const ACCOUNT_CHANGES: ReadonlySet<LogRecord['type']> = new Set<LogRecord['type']>([
  'request.done',
  'order.placed',
  'order.changed',
  'order.done',
  'deal',
  'position.opened',
  'position.changed',
  'position.closed',
]);

/** Next instant to run, or undefined at the end: no tick is left and nothing is on its way. */
const nextInstant = (ea: EaContext, wakes: Wakes, sliceToMs: number): EpochMs | undefined => {
  const tick = ea.market.peek();
  const due = tick === undefined ? ea.engine.nextImminent() : ea.engine.nextDue();
  if (tick === undefined && due === undefined) return undefined;
  const never = Number.POSITIVE_INFINITY;
  const at = Math.min(
    tick?.at ?? never,
    due ?? never,
    wakes.timerMs ?? never,
    nextReset(ea) ?? never,
    sliceToMs,
  );
  return epochMs(Math.max(at, ea.now()));
};

/** Server-time bar that contains an instant. */
const barIndex = (ea: EaContext, timeframe: Timeframe, at: EpochMs): number =>
  Math.floor((at + ea.env.serverOffsetMs(at)) / TIMEFRAMES[timeframe]);

const completesBar = (ea: EaContext, wakes: Wakes, tick: Tick): boolean => {
  for (const { symbol, timeframe } of wakes.bars) {
    if (symbol !== tick.symbol) continue;
    const previous = ea.engine.state.quotes.get(symbol);
    if (previous === undefined) continue;
    if (barIndex(ea, timeframe, previous.at) !== barIndex(ea, timeframe, tick.at)) return true;
  }
  return false;
};

interface Flags {
  account: boolean;
  equity: boolean;
  bar: boolean;
  tick: boolean;
  tripped: boolean;
}

const watchEquity = (ea: EaContext, wakes: Wakes, flags: Flags): void => {
  if (checkGuard(ea)) flags.tripped = true;
  const { equityAtOrBelow } = wakes;
  if (equityAtOrBelow !== null && ea.engine.equity() <= equityAtOrBelow) flags.equity = true;
};

const runTicks = (ea: EaContext, wakes: Wakes, at: EpochMs, flags: Flags, into: Tick[]): void => {
  for (let tick = ea.market.peek(); tick !== undefined && tick.at <= at; tick = ea.market.peek()) {
    ea.market.next();
    if (completesBar(ea, wakes, tick)) flags.bar = true;
    if (wakes.ticks.has(tick.symbol)) flags.tick = true;
    ea.engine.tick(tick);
    into.push(tick);
    watchEquity(ea, wakes, flags);
  }
};

const reasonOf = (flags: Flags, timer: boolean, slice: boolean): AdvanceReason | undefined => {
  if (flags.account) return 'account';
  if (flags.equity || flags.tripped) return 'equity';
  if (flags.bar) return 'bar';
  if (flags.tick) return 'tick';
  if (timer) return 'timer';
  return slice ? 'slice' : undefined;
};

/** One whole instant. */
const runInstant = (ea: EaContext, wakes: Wakes, at: EpochMs, flags: Flags, into: Tick[]): void => {
  runTicks(ea, wakes, at, flags, into);
  const due = ea.market.peek() === undefined ? ea.engine.nextImminent() : ea.engine.nextDue();
  if (due !== undefined && due <= at) {
    ea.engine.runDue(at);
    watchEquity(ea, wakes, flags);
  } else {
    ea.engine.moveTo(at);
  }
  passResets(ea);
  keepClosing(ea);
};

/** Runs to the next wake. Returns undefined when the data has ended and that was said before. */
export const runAdvance = (
  ea: EaContext,
  wakes: Wakes,
  limits: AdvanceLimits,
): Advanced | undefined => {
  const ticks: Tick[] = [];
  const flags: Flags = { account: false, equity: false, bar: false, tick: false, tripped: false };
  let seen = ea.engine.pending().length;
  for (;;) {
    const at = nextInstant(ea, wakes, limits.sliceToMs);
    if (at === undefined) {
      if (ea.state.ended && ticks.length === 0) return undefined;
      return { ticks, why: 'end', tripped: false };
    }
    runInstant(ea, wakes, at, flags, ticks);
    const records = ea.engine.pending();
    for (; seen < records.length; seen += 1) {
      const record = records[seen];
      if (record !== undefined && ACCOUNT_CHANGES.has(record.type)) flags.account = true;
    }
    const timer = wakes.timerMs !== null && at >= wakes.timerMs;
    const slice = at >= limits.sliceToMs || ticks.length >= limits.maxTicks;
    const why = reasonOf(flags, timer, slice);
    if (why !== undefined) return { ticks, why, tripped: flags.tripped };
  }
};
