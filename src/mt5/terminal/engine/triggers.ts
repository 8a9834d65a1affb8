import { formatPrice } from '../../../domain/instrument.ts';
import type { Tick } from '../../../domain/market.ts';
import type { EpochMs, Points } from '../../../domain/units.ts';
import { epochMs, points } from '../../../domain/units.ts';
import { checkMargin } from './checks.ts';
import type { Desk } from './desk.ts';
import { entryPrice, exitPrice, instrumentOf } from './desk.ts';
import { closeVolume, fillOrder } from './fills.ts';
import type { BrokerOrder, BrokerPosition, BrokerQuote } from './records.ts';

/**
 * What one tick sets off, in this order: pending orders, then each position's stop, then its
 * take-profit. The `honest` convention of fills:
 *
 * - A stop (protective or entry) is reached at its level. It fills at the level, or at the quote
 *   when the market gapped over it, and the slippage of its class on top.
 * - A take-profit or limit fills at its level only when the market traded through it by a point.
 * - Ticks derived from a bar carry its extremes in a conventional order. Their first tick is the
 *   open, so only that one can be a gap; and a take-profit they reach fills at the bar's end, so
 *   that a stop reached anywhere in the same bar comes first.
 */
interface TickContext {
  readonly quote: BrokerQuote;
  /** The tick may be beyond a level because the market jumped there. */
  readonly gapped: boolean;
  /** Instant at which a take-profit reached now is granted; null: now. */
  readonly grantAt: EpochMs | null;
}

const contextOf = (desk: Desk, tick: Tick, previous: BrokerQuote | undefined): TickContext => {
  const barMs = desk.env.sourceBarMs(tick.symbol);
  const quote = { bid: tick.bid, ask: tick.ask, at: tick.at };
  if (barMs === undefined) return { quote, gapped: true, grantAt: null };
  // Bars longer than an hour begin at server time, not at UTC.
  const offset = desk.env.serverOffsetMs(tick.at);
  const barOf = (at: EpochMs): number => Math.floor((at + offset) / barMs);
  const gapped = previous === undefined || barOf(previous.at) !== barOf(tick.at);
  return { quote, gapped, grantAt: epochMs((barOf(tick.at) + 1) * barMs - offset - 1) };
};

/** Worst of level and quote for a stop of this direction, plus slippage against the client. */
const stopFill = (
  desk: Desk,
  symbol: string,
  level: Points,
  market: Points,
  context: TickContext,
  buying: boolean,
): Points => {
  const slippage = desk.env.slippagePoints(symbol);
  const reached = context.gapped ? market : level;
  return points(
    buying ? Math.max(level, reached) + slippage : Math.max(1, Math.min(level, reached) - slippage),
  );
};

const closeAt = (
  desk: Desk,
  position: BrokerPosition,
  price: Points,
  reason: 'sl' | 'tp',
  level: Points,
): void => {
  const { digits } = instrumentOf(desk, position.symbol);
  closeVolume(desk, {
    position,
    volumeE8: position.volumeE8,
    price,
    reference: { intent: '', attempt: 0 },
    reason,
    comment: `[${reason} ${formatPrice(level, digits)}]`,
  });
};

/** A take-profit that a bar reached and whose bar ended without reaching the stop. */
export const grantTakeProfit = (desk: Desk, position: BrokerPosition): void => {
  if (position.takeProfit === null) return;
  closeAt(desk, position, position.takeProfit, 'tp', position.takeProfit);
};

const triggerPosition = (desk: Desk, position: BrokerPosition, context: TickContext): void => {
  const { side, symbol, stopLoss, takeProfit } = position;
  const market = exitPrice(side, context.quote);
  const long = side === 'buy';
  if (stopLoss !== null && (long ? market <= stopLoss : market >= stopLoss)) {
    const price = stopFill(desk, symbol, stopLoss, market, context, !long);
    closeAt(desk, position, price, 'sl', stopLoss);
    return;
  }
  if (takeProfit === null || position.takeProfitDueAt !== null) return;
  if (long ? market < takeProfit + 1 : market > takeProfit - 1) return;
  if (context.grantAt === null) {
    closeAt(desk, position, takeProfit, 'tp', takeProfit);
    return;
  }
  desk.emit({ type: 'takeProfit.reached', ticket: position.ticket, grantAt: context.grantAt });
};

const fillPending = (desk: Desk, order: BrokerOrder, price: Points, equity: () => bigint): void => {
  const broke = checkMargin(desk, equity(), order, price) !== undefined;
  if (!broke && desk.state.positions.size < desk.env.maxPositions) {
    fillOrder(desk, order, price);
    return;
  }
  const done = { ...order, state: 'rejected' as const, doneAt: desk.state.now };
  desk.emit({ type: 'order.done', order: { ...done, comment: broke ? 'no money' : 'limit' } });
};

const triggerOrder = (
  desk: Desk,
  order: BrokerOrder,
  context: TickContext,
  equity: () => bigint,
): void => {
  const { side, kind, price, symbol } = order;
  const market = entryPrice(side, context.quote);
  const buying = side === 'buy';
  if (kind === 'limit') {
    if (buying ? market <= price - 1 : market >= price + 1) fillPending(desk, order, price, equity);
    return;
  }
  if (buying ? market < price : market > price) return;
  if (kind === 'stopLimit' && order.stopLimitPrice !== null) {
    const price = order.stopLimitPrice;
    const limit = { ...order, kind: 'limit' as const, price, stopLimitPrice: null };
    desk.emit({ type: 'order.changed', order: limit, at: desk.state.now });
    return;
  }
  fillPending(desk, order, stopFill(desk, symbol, price, market, context, buying), equity);
};

/** Runs the tick against the book. The quote itself must already be in the state. */
export const runTriggers = (
  desk: Desk,
  tick: Tick,
  previous: BrokerQuote | undefined,
  equity: () => bigint,
): void => {
  const { orders, positions } = desk.state;
  if (orders.size === 0 && positions.size === 0) return;
  let context: TickContext | undefined;
  for (const order of [...orders.values()]) {
    if (order.symbol !== tick.symbol) continue;
    context ??= contextOf(desk, tick, previous);
    if (!desk.env.isOpen(tick.symbol, tick.at)) return;
    triggerOrder(desk, order, context, equity);
  }
  for (const position of [...positions.values()]) {
    if (position.symbol !== tick.symbol) continue;
    context ??= contextOf(desk, tick, previous);
    if (!desk.env.isOpen(tick.symbol, tick.at)) return;
    triggerPosition(desk, position, context);
  }
};
