import { direction, formatPrice } from '../domain/instrument.ts';
import type { RefusalCode } from './codes.ts';
import type { SymbolRisk } from './exposure.ts';
import { closestStop, entryGap } from './levels.ts';
import { refuse } from './refuse.ts';
import { isStale } from './risk-limits.ts';
import type { AssessInput, Assessment, Refusal } from './verdict-types.ts';

/** Checks that do not depend on the volume, in the order in which a person would ask them. */

/** May anything add risk now? */
export const checkMode = ({
  mode,
  gateOpen,
}: Pick<AssessInput, 'mode' | 'gateOpen'>): Refusal | undefined => {
  if (mode !== 'active') {
    return refuse('MODE', `Trading mode is ${mode}; only "active" opens new risk.`, { mode });
  }
  return gateOpen ? undefined : refuse('GATE_CLOSED', '', { gate: 'shut' });
};

/** May anything be opened at all, and is this order new? */
export const checkPermission = (input: AssessInput): Refusal | undefined => {
  const { duplicate, order } = input;
  const shut = checkMode(input);
  if (shut !== undefined) return shut;
  if (duplicate) return refuse('DUPLICATE', '', { intent: order.intentId });
  return checkResolved(input);
};

/** Is the outcome of every earlier order of this strategy on this symbol known? */
export const checkResolved = ({
  order,
  orders,
}: Pick<AssessInput, 'order' | 'orders'>): Refusal | undefined => {
  const unresolved = orders.find(
    (other) =>
      other.status === 'unknown' &&
      other.symbol === order.symbol &&
      other.strategyId === order.strategyId,
  );
  if (unresolved === undefined) return undefined;
  const detail = `The outcome of ${unresolved.id} on ${order.symbol} is not known yet.`;
  return refuse('UNRESOLVED_ORDER', detail, { intent: unresolved.id });
};

/** May this side be opened, and is there a market to decide on? */
export const checkMarket = (input: AssessInput, symbol: SymbolRisk): Refusal | undefined => {
  const { order } = input;
  const { tradeMode } = symbol.instrument;
  const { side } = order.signal;
  const allowed = tradeMode === 'full' || tradeMode === (side === 'buy' ? 'longOnly' : 'shortOnly');
  if (!allowed) {
    const detail = `${order.symbol} is ${tradeMode}; a ${side} is not possible.`;
    return refuse('SYMBOL_DISABLED', detail, { tradeMode });
  }
  return checkQuote(input, symbol);
};

/** Is there a fresh price, and a rate to count it with? */
export const checkQuote = (
  { at, limits, account }: Pick<AssessInput, 'at' | 'limits' | 'account'>,
  symbol: SymbolRisk,
): Refusal | undefined => {
  const { symbol: name } = symbol.instrument;
  if (!symbol.sessionOpen) {
    const detail = `The trading session of ${name} is closed.`;
    return refuse('MARKET_CLOSED', detail, { symbol: name });
  }
  if (symbol.bid <= 0 || symbol.ask <= 0 || isStale(symbol.quotedAt, at, limits)) {
    const ageMs = at - symbol.quotedAt;
    const detail = `The quote of ${name} is ${ageMs} ms old; ${limits.maxQuoteAgeMs} ms are allowed.`;
    return refuse('STALE_QUOTE', detail, { ageMs: String(ageMs) });
  }
  if (symbol.rate !== undefined) return undefined;
  const currencies = `${symbol.instrument.quoteCurrency} to ${account.currency}`;
  return refuse('NO_RATE', `No conversion rate from ${currencies} is known.`, { currencies });
};

/** A stop-limit's limit lies behind its trigger: it wants a better price than the trigger's. */
const checkStopLimit = ({ order, levels, symbol }: Assessment): Refusal | undefined => {
  const { kind, side } = order.signal;
  if (kind !== 'stopLimit') return undefined;
  const { trigger, entry } = levels;
  if (trigger !== undefined && direction(side) * (trigger - entry) > 0) return undefined;
  const limit = formatPrice(entry, symbol.instrument.digits);
  const where = side === 'buy' ? 'below' : 'above';
  return refuse(
    'ENTRY_PRICE',
    `The limit ${limit} of a stop-limit must lie ${where} its trigger.`,
    {
      entry: limit,
    },
  );
};

/** Are entry, stop and take-profit where the broker takes them? */
export const checkLevels = (a: Assessment): Refusal | undefined => {
  const { symbol, levels } = a;
  const { signal } = a.order;
  const { digits, stopsLevelPoints } = symbol.instrument;
  if (!(signal.stopDistance > 0) || levels.stopLoss <= 0) {
    return refuse('NO_STOP', '', { stopDistancePoints: String(signal.stopDistance) });
  }
  if (signal.kind !== 'market') {
    const level = levels.trigger ?? levels.entry;
    const gap = entryGap(signal, level, symbol);
    if (signal.price === undefined || gap <= 0 || gap < stopsLevelPoints) {
      const entry = formatPrice(level, digits);
      const detail = `Entry ${entry} lies ${gap} points from the market; ${Math.max(1, stopsLevelPoints)} are needed.`;
      return refuse('ENTRY_PRICE', detail, { entry, gapPoints: String(gap) });
    }
  }
  const limitOf = checkStopLimit(a);
  if (limitOf !== undefined) return limitOf;
  const closest = closestStop(signal, levels, symbol);
  if (closest > 0 && closest >= stopsLevelPoints) return undefined;
  const detail = `Stop or take-profit is ${closest} points away; the broker needs ${Math.max(1, stopsLevelPoints)}.`;
  return refuse('STOP_TOO_CLOSE', detail, { points: String(closest) });
};

/** Can what is already open be valued? */
export const checkExposure = (a: Pick<Assessment, 'exposure'>): Refusal | undefined => {
  const [naked] = a.exposure.naked;
  if (naked !== undefined) {
    const detail = `${naked} has no stop; no new risk until it has one.`;
    return refuse('NAKED_POSITION', detail, { id: naked });
  }
  const [unpriced] = a.exposure.unpriced;
  if (unpriced === undefined) return undefined;
  const detail = `${unpriced} cannot be valued: no symbol data or conversion rate.`;
  return refuse('NO_RATE', detail, { id: unpriced });
};

const tighter = (own: number, firm: number | null): number =>
  firm === null ? own : Math.min(own, firm);

const full = (code: RefusalCode, what: string, used: number, most: number): Refusal =>
  refuse(code, `${used} of ${most} ${what} are used.`, {
    used: String(used),
    allowed: String(most),
  });

/** Are the counts inside the trader's and the firm's bounds? */
export const checkCounts = (a: Assessment): Refusal | undefined => {
  const { limits, ledger, positions, orders, order } = a;
  const { activity } = ledger.rules.phase;
  const { day } = ledger;
  const held = positions.length + orders.length;
  const mostHeld = tighter(limits.maxPositions, activity.openOrders);
  if (held >= mostHeld) return full('MAX_POSITIONS', 'positions and orders', held, mostHeld);
  const onSymbol = [...positions, ...orders].filter(({ symbol }) => symbol === order.symbol).length;
  if (onSymbol >= limits.maxPositionsPerSymbol) {
    const what = `positions and orders on ${order.symbol}`;
    return full('MAX_POSITIONS_SYMBOL', what, onSymbol, limits.maxPositionsPerSymbol);
  }
  if (day.orders >= limits.ordersPerDay) {
    return full('ORDERS_PER_DAY', 'opening orders of the day', day.orders, limits.ordersPerDay);
  }
  const opened = day.openedPositions.length + orders.length;
  if (activity.positionsPerDay !== null && opened >= activity.positionsPerDay) {
    return full('POSITIONS_PER_DAY', 'new positions', opened, activity.positionsPerDay);
  }
  return checkRequests(a, held + 1);
};

/** Is a request left that no close will need? `toClose`: positions and orders to be closed then. */
export const checkRequests = (
  { limits, ledger }: Pick<Assessment, 'limits' | 'ledger'>,
  toClose: number,
): Refusal | undefined => {
  const { day } = ledger;
  const { activity } = ledger.rules.phase;
  const requests = tighter(limits.requestsPerDay, activity.requestsPerDay);
  // Openings have their share, and of that only what closing everything afterwards does not need.
  const shared = Math.floor((requests * limits.openingsSharePpm) / 1_000_000);
  const forOpenings = Math.min(shared, requests - toClose * limits.requestsPerClose);
  if (day.requests < forOpenings) return undefined;
  const what = `requests (${requests} a day, the rest is kept for closes)`;
  return full('REQUESTS_PER_DAY', what, day.requests, Math.max(0, forOpenings));
};
