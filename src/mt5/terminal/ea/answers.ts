import type { Tick } from '../../../domain/market.ts';
import { TIMEFRAMES } from '../../../domain/market.ts';
import type { Minor } from '../../../domain/units.ts';
import { epochMs, minor } from '../../../domain/units.ts';
import { RETCODE } from '../../retcodes.ts';
import { formatMoney } from '../../wire/conversion.ts';
import { barToWire } from '../../wire/domain-codec.ts';
import type { EaMessageOf, RuntimeMessageOf } from '../../wire/messages.ts';
import { encodeTicks } from '../../wire/tick-batch.ts';
import type { Market } from '../market/types.ts';
import { placeBody } from './commands.ts';
import type { EaContext, Outgoing } from './ea-context.ts';
import { attemptKey } from './ea-state.ts';
import { dealAt, doneAt, since, symbols } from './reports.ts';

/** What the EA answers when it is asked to read, and never to do. */
export const ANSWER_LIMITS = {
  barsPerChunk: 4_096,
  barsPerRequest: 200_000,
  ticksPerChunk: 16_384,
  ticksPerRequest: 1_000_000,
  recordsPerChunk: 1_024,
  eventsPerChunk: 1_024,
} as const;

type QueryReply = EaMessageOf<'query.reply'>;
type Found = Omit<QueryReply, 'kind' | 'chunk' | 'last'>;

const NOTHING: Found = {
  found: false,
  complete: true,
  account: null,
  orders: [],
  deals: [],
  positions: [],
  symbols: [],
  sessions: [],
  result: null,
};

/**
 * What became of an intent. Its own orders and deals are found by magic. While its request is on
 * its way nothing is decided, so the answer is not complete: absence would prove nothing.
 */
const findAttempt = (ea: EaContext, request: RuntimeMessageOf<'query'>): Found => {
  const { state } = ea.engine;
  const { magic, intent, attempt, fromMs } = request;
  const mine = (item: { readonly magic: string }): boolean =>
    magic !== null && item.magic === magic;
  const entry = ea.state.journal.get(attemptKey(intent ?? '', attempt ?? 0));
  const orders = [
    ...[...state.orders.values()].filter(mine),
    ...since(state.historyOrders, fromMs, doneAt).filter(mine),
  ];
  const deals = since(state.deals, fromMs, dealAt).filter(mine);
  const positions = [...state.positions.values()].filter(mine);
  const result = entry?.result ?? null;
  return {
    ...NOTHING,
    found: result !== null || orders.length + deals.length + positions.length > 0,
    complete: ea.facts.isWhole() && (entry === undefined || result !== null),
    orders: orders.map((order) => ea.view.order(order)),
    deals: deals.map((deal) => ea.view.deal(deal)),
    positions: positions.map((position) => ea.view.position(position)),
    result,
  };
};

const find = (ea: EaContext, request: RuntimeMessageOf<'query'>): Found => {
  const { state } = ea.engine;
  const named = (symbol: string): boolean =>
    request.symbols.length === 0 || request.symbols.includes(symbol);
  switch (request.what) {
    case 'attempt':
      return findAttempt(ea, request);
    case 'account':
      return { ...NOTHING, found: true, account: ea.view.account() };
    case 'positions': {
      const positions = [...state.positions.values()].map((item) => ea.view.position(item));
      return { ...NOTHING, found: positions.length > 0, positions };
    }
    case 'orders': {
      const history = since(state.historyOrders, request.fromMs, doneAt);
      const orders = [...state.orders.values(), ...history].map((item) => ea.view.order(item));
      return { ...NOTHING, found: orders.length > 0, orders };
    }
    case 'deals': {
      const deals = since(state.deals, request.fromMs, dealAt).map((item) => ea.view.deal(item));
      return { ...NOTHING, found: deals.length > 0, deals };
    }
    case 'symbols': {
      const known = symbols(ea).filter(({ symbol }) => named(symbol));
      return { ...NOTHING, found: known.length > 0, symbols: known };
    }
    case 'sessions': {
      const sessions = symbols(ea)
        .filter(({ symbol }) => named(symbol))
        .map(({ symbol, sessions: windows }) => {
          const open = ea.env.isOpen(symbol, ea.now());
          return { symbol, open, windows };
        });
      return { ...NOTHING, found: sessions.length > 0, sessions };
    }
  }
};

const LISTS = ['orders', 'deals', 'positions', 'symbols', 'sessions'] as const;

/** Answers a query in chunks of bounded size; what is not a list comes with the first. */
export const query = (ea: EaContext, request: RuntimeMessageOf<'query'>): readonly QueryReply[] => {
  const found = find(ea, request);
  const size = ANSWER_LIMITS.recordsPerChunk;
  const longest = Math.max(...LISTS.map((name) => found[name].length));
  const chunks = Math.max(1, Math.ceil(longest / size));
  return Array.from({ length: chunks }, (_, chunk): QueryReply => {
    const slice = <T>(list: readonly T[]): readonly T[] =>
      list.slice(chunk * size, (chunk + 1) * size);
    return {
      kind: 'query.reply',
      ...found,
      chunk,
      last: chunk === chunks - 1,
      account: chunk === 0 ? found.account : null,
      result: chunk === 0 ? found.result : null,
      orders: slice(found.orders),
      deals: slice(found.deals),
      positions: slice(found.positions),
      symbols: slice(found.symbols),
      sessions: slice(found.sessions),
    };
  });
};

type BarChunk = EaMessageOf<'history'>;
type BarPlan = {
  readonly bars: ReturnType<Market['history']>;
  readonly nextMs: number | null;
};

/** Bars that were asked for by their range: the oldest of it, and where to go on. */
const barsOfRange = (
  ea: EaContext,
  request: RuntimeMessageOf<'history.request'>,
  fromMs: number,
): BarPlan => {
  const { symbol, timeframe, toMs } = request;
  const span = TIMEFRAMES[timeframe];
  const until = Math.min(toMs + span, ea.now());
  const { barsPerRequest } = ANSWER_LIMITS;
  const count = Math.min(barsPerRequest, Math.ceil(Math.max(0, ea.now() - fromMs) / span) + 2);
  const all = ea.market
    .history({ symbol, timeframe, count, to: epochMs(until) })
    .filter(({ at }) => at >= fromMs && at < toMs);
  const bars = all.slice(0, Math.min(request.count, barsPerRequest));
  return { bars, nextMs: all[bars.length]?.at ?? null };
};

const barsFor = (ea: EaContext, request: RuntimeMessageOf<'history.request'>): BarPlan => {
  const { symbol, timeframe, fromMs } = request;
  if (!ea.env.instruments.has(symbol) || request.count === 0) return { bars: [], nextMs: null };
  if (fromMs !== null) return barsOfRange(ea, request, fromMs);
  const count = Math.min(request.count, ANSWER_LIMITS.barsPerRequest);
  // A bar that opened before `toMs` ends before `toMs` + its length; the market asks for the end.
  const to = epochMs(Math.min(request.toMs + TIMEFRAMES[timeframe] - 1, ea.now()));
  const bars = ea.market.history({ symbol, timeframe, count: count + 1, to });
  return { bars: bars.filter(({ at }) => at < request.toMs).slice(-count), nextMs: null };
};

/** Bars in chunks, oldest first; one empty last chunk when there are none. Never of the future. */
export const history = (
  ea: EaContext,
  request: RuntimeMessageOf<'history.request'>,
): readonly BarChunk[] => {
  const { symbol, timeframe } = request;
  const { bars, nextMs } = barsFor(ea, request);
  const size = ANSWER_LIMITS.barsPerChunk;
  const chunks = Math.max(1, Math.ceil(bars.length / size));
  return Array.from({ length: chunks }, (_, chunk): BarChunk => {
    const last = chunk === chunks - 1;
    return {
      kind: 'history',
      symbol,
      timeframe,
      chunk,
      last,
      nextMs: last ? nextMs : null,
      bars: bars.slice(chunk * size, (chunk + 1) * size).map(barToWire),
    };
  });
};

/** Number of the first tick at or after an instant; the market ends where it was. */
const positionAt = (market: Market, atMs: number, played: number): number => {
  let low = 0;
  let high = played;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    market.seek(middle);
    const tick = market.peek();
    if (tick !== undefined && tick.at < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Played ticks of one symbol in [fromMs, toMs), at least `count` of them and whole milliseconds. */
const playedTicks = (
  market: Market,
  request: RuntimeMessageOf<'ticks.request'>,
): { readonly ticks: readonly Tick[]; readonly nextMs: number | null } => {
  const played = market.position();
  const count = Math.min(request.count, ANSWER_LIMITS.ticksPerRequest);
  const ticks: Tick[] = [];
  let nextMs: number | null = null;
  market.seek(positionAt(market, request.fromMs, played));
  while (market.position() < played) {
    const tick = market.next();
    if (tick === undefined || tick.at >= request.toMs) break;
    if (tick.symbol !== request.symbol) continue;
    if (ticks.length >= count && tick.at !== ticks.at(-1)?.at) {
      nextMs = tick.at;
      break;
    }
    ticks.push(tick);
  }
  market.seek(played);
  return { ticks, nextMs };
};

/**
 * Ticks in chunks, oldest first, each a binary frame. A real terminal blocks in CopyTicks
 * meanwhile, so it says so before and after.
 */
export const tickHistory = (
  ea: EaContext,
  request: RuntimeMessageOf<'ticks.request'>,
): readonly Outgoing[] => {
  const { symbol } = request;
  const { ticks, nextMs } = playedTicks(ea.market, request);
  const size = ANSWER_LIMITS.ticksPerChunk;
  const chunks = Math.max(1, Math.ceil(ticks.length / size));
  const answers = Array.from({ length: chunks }, (_, chunk): Outgoing => {
    const last = chunk === chunks - 1;
    return {
      body: { kind: 'ticks.history', symbol, chunk, last, nextMs: last ? nextMs : null },
      attachment: encodeTicks(ticks.slice(chunk * size, (chunk + 1) * size)),
    };
  });
  return [
    { body: { kind: 'busy', op: 'ticks.request', maxMs: 45_000 } },
    ...answers,
    { body: { kind: 'ready' } },
  ];
};

/** OrderCheck: asks the broker's own rules, and changes nothing. */
export const orderChecked = (
  ea: EaContext,
  request: RuntimeMessageOf<'order.check'>,
): EaMessageOf<'order.checked'> => {
  const { engine, view } = ea;
  const body = placeBody(ea, request);
  const { retcode, marginMinor } =
    typeof body === 'string'
      ? { retcode: RETCODE.INVALID, marginMinor: engine.margin() }
      : engine.check(body);
  const money = (value: Minor): string => formatMoney(value, view.units.currencyDigits);
  const equity = engine.equity();
  const balance = engine.state.balanceMinor;
  return {
    kind: 'order.checked',
    retcode,
    balance: money(balance),
    equity: money(equity),
    profit: money(minor(equity - balance)),
    margin: money(marginMinor),
    marginFree: money(minor(equity - marginMinor)),
    comment: typeof body === 'string' ? body : '',
  };
};

/** Releases of the calendar that this terminal was given; without one it says so. */
export const calendar = (
  ea: EaContext,
  request: RuntimeMessageOf<'calendar.request'>,
): readonly EaMessageOf<'calendar'>[] => {
  const { currencies, fromMs, toMs } = request;
  const events = (ea.calendar ?? []).filter(
    ({ atMs, currency }) =>
      atMs >= fromMs && atMs < toMs && (currencies.length === 0 || currencies.includes(currency)),
  );
  const size = ANSWER_LIMITS.eventsPerChunk;
  const chunks = Math.max(1, Math.ceil(events.length / size));
  return Array.from({ length: chunks }, (_, chunk) => ({
    kind: 'calendar' as const,
    chunk,
    last: chunk === chunks - 1,
    available: ea.calendar !== null,
    events: events.slice(chunk * size, (chunk + 1) * size),
  }));
};
