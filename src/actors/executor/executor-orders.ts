import type { Intent } from '../../domain/intent.ts';
import { isTrade } from '../../domain/intent.ts';
import type { Deal, VenueOrder } from '../../domain/trading.ts';
import { type EpochMs, epochMs, lotsE8 } from '../../domain/units.ts';
import type { Levels } from '../../journal/types.ts';
import type { OrderEvent } from '../../machines/order.events.ts';
import { orderMachine } from '../../machines/order.machine.ts';
import { type ChartEffect, startChart, stepChart } from '../kernel/chart-step.ts';
import { isLevels } from './executor-levels.ts';
import { EXECUTOR_LIMITS } from './executor-limits.ts';

/** One order in the executor's hands: its intent and the chart of its life. */
export interface LiveOrder {
  readonly intent: Intent;
  readonly chart: ReturnType<typeof startChart<typeof orderMachine>>['snapshot'];
  /** Highest attempt whose `attempt.sent` is durable. */
  readonly durableAttempt: number;
  /** Of the attempt that ended last. */
  readonly retcode: number | null;
  /** Refused attempts by retcode. */
  readonly refusals: ReadonlyMap<number, number>;
  /** Levels of the next attempt, where they are no longer the intent's first ones. */
  readonly repriced: Levels | null;
  /** Questions asked since the outcome became unknown; each waits longer than the one before. */
  readonly questions: number;
  /** Session time from which absence is evidence: before it, what the terminal lacks may still come.
   * Null while nothing is in doubt. */
  readonly settlesAt: EpochMs | null;
}

export interface OrderStep {
  readonly order: LiveOrder;
  readonly effects: readonly ChartEffect[];
}

/** Leaf of its life: what has become of the intent. */
export const stateOf = (order: LiveOrder): string => order.chart.value.life;
export const isFinal = (order: LiveOrder): boolean => order.chart.hasTag('final');
/** Refused for certain, and to be tried again. */
export const isWaiting = (order: LiveOrder): boolean => stateOf(order) === 'waiting';
/** Not settled, and not resting on the terminal's book either: an answer is due soon. Levels that were
 * refused have had theirs, and may wait for the market for a day. */
export const isUnderWay = (order: LiveOrder): boolean => {
  const { chart, intent } = order;
  if (isFinal(order) || (isWaiting(order) && isLevels(intent))) return false;
  const rests = intent.type === 'open' && intent.kind !== 'market';
  return !rests || chart.context.orderTicket === null || chart.hasTag('requestOpen');
};
/** The terminal has said nothing that names an order, and no deal came. */
export const isUnanswered = ({ chart }: LiveOrder): boolean =>
  chart.hasTag('inFlight') && chart.context.orderTicket === null && chart.context.filledE8 === 0;
/** Of these intents, those that nothing is known of or that are over. */
export const missingOf = (
  orders: ReadonlyMap<string, LiveOrder>,
  intentIds: readonly string[],
): readonly string[] =>
  intentIds.filter((intentId) => {
    const order = orders.get(intentId);
    return order === undefined || isFinal(order);
  });
export const needsEvidence = (order: LiveOrder): boolean => order.chart.hasTag('needsEvidence');

/** A second request finds nothing left to do: the position is gone, the order off the book, the level
 * set. An opening order and a partial close would be carried out twice. */
const isRepeatable = (intent: Intent): boolean =>
  intent.type === 'close' ? intent.scope === 'full' : intent.type !== 'open';

/** Has it been in doubt for its settling time, on a link that held? */
export const isSettled = ({ settlesAt }: LiveOrder, now: EpochMs): boolean =>
  settlesAt !== null && now >= settlesAt;

/** The outcome is in doubt from `now` on: the settling time of what would be done twice is the whole,
 * of the rest the pause until the first question, so that an emergency does not wait for it. */
export const beginDoubt = (order: LiveOrder, settleMs: number, now: EpochMs): LiveOrder => {
  const shortMs = Math.min(settleMs, EXECUTOR_LIMITS.firstEvidenceMs);
  const settlesAt = epochMs(now + (isRepeatable(order.intent) ? shortMs : settleMs));
  return { ...order, questions: 0, settlesAt };
};

/** Session time until the next question about an unknown outcome: doubles, because each costs a
 * request. */
export const evidenceDelayMs = ({ questions }: LiveOrder, settleMs: number): number => {
  const { evidenceMaxMs, firstEvidenceMs } = EXECUTOR_LIMITS;
  const firstMs = Math.min(settleMs, firstEvidenceMs);
  return Math.min(evidenceMaxMs, firstMs * 2 ** Math.min(questions, 16));
};

/** The attempt was refused with this retcode (null: without one). */
export const countRefusal = (order: LiveOrder, retcode: number | null): LiveOrder => {
  if (retcode === null) return { ...order, retcode };
  const refusals = new Map(order.refusals).set(retcode, (order.refusals.get(retcode) ?? 0) + 1);
  return { ...order, retcode, refusals };
};

/** The intent with the levels that the guard granted for its next attempt. */
export const reprice = (order: LiveOrder, levels: Levels | undefined): LiveOrder => {
  if (levels === undefined) return order;
  const { intent } = order;
  if (intent.type === 'open')
    return { ...order, repriced: levels, intent: { ...intent, ...levels } };
  if (intent.type !== 'close') return order;
  const { price } = levels;
  return { ...order, repriced: { price }, intent: { ...intent, price } };
};

/** Word of an earlier attempt says nothing about the present one. */
export const isCurrent = (order: LiveOrder, attempt: number): boolean =>
  order.chart.context.attempt === attempt;

export const planOrder = (intent: Intent): LiveOrder => {
  const { snapshot } = startChart(orderMachine, {
    intentId: intent.intentId,
    action: intent.type,
    volumeE8: isTrade(intent) ? intent.volumeE8 : lotsE8(0),
  });
  return {
    intent,
    chart: snapshot,
    durableAttempt: 0,
    retcode: null,
    refusals: new Map(),
    repriced: null,
    questions: 0,
    settlesAt: null,
  };
};

export const stepOrder = (order: LiveOrder, event: OrderEvent): OrderStep => {
  const { snapshot, effects } = stepChart(orderMachine, order.chart, event);
  return { order: { ...order, chart: snapshot }, effects };
};

/** A duplicate without a result is an attempt whose end the terminal does not know either. */
export const eventOfAck = (
  status: 'accepted' | 'refused' | 'unknown' | 'duplicate',
): OrderEvent => {
  switch (status) {
    case 'accepted':
      return { type: 'ack.accepted' };
    case 'refused':
      return { type: 'ack.refused' };
    case 'unknown':
    case 'duplicate':
      return { type: 'ack.unknown' };
  }
};

export const eventOfDeal = (deal: Deal): OrderEvent => ({
  type: 'order.filled',
  orderTicket: deal.orderTicket,
  dealTicket: deal.ticket,
  positionTicket: deal.positionTicket,
  price: deal.price,
  volumeE8: deal.volumeE8,
  at: deal.at,
});

/** What the book or the order history says of an intent's order; `undefined` for fills, which only
 * deals prove. A stop-limit on the book as a limit order has triggered. */
export const eventOfVenueOrder = (intent: Intent, order: VenueOrder): OrderEvent | undefined => {
  switch (order.state) {
    case 'placed':
      if (intent.type === 'open' && intent.kind === 'stopLimit' && order.kind === 'limit') {
        return { type: 'order.triggered' };
      }
      return { type: 'order.placed', orderTicket: order.ticket };
    case 'cancelled':
      return { type: 'order.cancelled' };
    case 'expired':
      return { type: 'order.expired' };
    case 'rejected':
      return { type: 'result.refused' };
    case 'partial':
      // In the history it is over: its rest was not filled at once, and was taken off.
      return order.doneAt === undefined ? undefined : { type: 'order.cancelled' };
    case 'filled':
      return undefined;
  }
};
