import type { Intent, IntentType } from '../domain/intent.ts';
import { increasesRisk, isTrade } from '../domain/intent.ts';
import type { Deal, VenueOrder } from '../domain/trading.ts';
import { lotsE8 } from '../domain/units.ts';
import type { StoredEntry } from '../journal/types.ts';
import type { OrderEvent } from '../machines/order.events.ts';
import { orderMachine } from '../machines/order.machine.ts';
import { RETCODE, retcodeClass } from '../mt5/retcodes.ts';
import { type ChartEffect, startChart, stepChart } from './kernel/chart-step.ts';
import type { AttemptResult } from './messages.ts';

/** One order in the executor's hands: its intent and the chart of its life. */
export interface LiveOrder {
  readonly intent: Intent;
  readonly chart: ReturnType<typeof startChart<typeof orderMachine>>['snapshot'];
  /** Highest attempt whose `attempt.sent` is durable. */
  readonly durableAttempt: number;
  readonly retcode: number | null;
  /** Questions asked since the outcome became unknown; each waits longer than the one before. */
  readonly questions: number;
}

export interface OrderStep {
  readonly order: LiveOrder;
  readonly effects: readonly ChartEffect[];
}

export const stateOf = (order: LiveOrder): string => String(order.chart.value);
export const isFinal = (order: LiveOrder): boolean => order.chart.hasTag('final');
export const needsEvidence = (order: LiveOrder): boolean => order.chart.hasTag('needsEvidence');

const LEAVES_NO_DEAL: ReadonlySet<IntentType> = new Set([
  'cancel',
  'modifyOrder',
  'modifyPosition',
]);
const EVIDENCE_MAX_MS = 300_000;
/** Session time until the next question about an unknown outcome: doubles, because each costs a
 * request. */
export const evidenceDelayMs = (order: LiveOrder, settleMs: number): number =>
  Math.min(EVIDENCE_MAX_MS, settleMs * 2 ** Math.min(order.questions, 16));

/** Word of an earlier attempt says nothing about the present one. */
export const isCurrent = (order: LiveOrder, attempt: number): boolean =>
  order.chart.context.attempt === attempt;

export const planOrder = (intent: Intent): LiveOrder => {
  const { snapshot } = startChart(orderMachine, {
    intentId: intent.intentId,
    action: intent.type,
    volumeE8: isTrade(intent) ? intent.volumeE8 : lotsE8(0),
  });
  return { intent, chart: snapshot, durableAttempt: 0, retcode: null, questions: 0 };
};

export const stepOrder = (order: LiveOrder, event: OrderEvent): OrderStep => {
  const { snapshot, effects } = stepChart(orderMachine, order.chart, event);
  return { order: { ...order, chart: snapshot }, effects };
};

/** What a result says about an order. `undefined`: accepted, the deals will tell the rest. What was
 * to be done to a position that is gone did nothing, definitely: what closed it has deals of its
 * own. */
export const eventOfResult = (type: IntentType, result: AttemptResult): OrderEvent | undefined => {
  if (result.retcode === RETCODE.POSITION_CLOSED) return { type: 'result.refused' };
  switch (retcodeClass(result.retcode)) {
    case 'success':
      if (LEAVES_NO_DEAL.has(type)) return { type: 'change.made' };
      return result.dealTicket === null && result.orderTicket !== null
        ? { type: 'order.placed', orderTicket: result.orderTicket }
        : undefined;
    case 'reconcile':
      return { type: 'result.ambiguous' };
    default:
      return { type: 'result.refused' };
  }
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

/** What the book or the order history says; `undefined` for fills, which only deals prove. */
export const eventOfVenueOrder = (order: VenueOrder): OrderEvent | undefined => {
  switch (order.state) {
    case 'placed':
      return { type: 'order.placed', orderTicket: order.ticket };
    case 'cancelled':
      return { type: 'order.cancelled' };
    case 'expired':
      return { type: 'order.expired' };
    case 'rejected':
      return { type: 'result.refused' };
    case 'partial':
    case 'filled':
      return undefined;
  }
};

/**
 * Rebuilds the orders that were alive when the last incarnation ended. What it had sent and not
 * seen answered is `unknown` now: a restart is no evidence.
 */
export const rebuildOrders = (entries: readonly StoredEntry[]): readonly LiveOrder[] => {
  const orders = new Map<string, LiveOrder>();
  const move = (intentId: string, event: OrderEvent): void => {
    const order = orders.get(intentId);
    if (order !== undefined) orders.set(intentId, stepOrder(order, event).order);
  };
  for (const entry of entries) replay(entry, orders, move);
  for (const intentId of orders.keys()) move(intentId, { type: 'link.lost' });
  return [...orders.values()].filter((order) => !isFinal(order));
};

const replay = (
  entry: StoredEntry,
  orders: Map<string, LiveOrder>,
  move: (intentId: string, event: OrderEvent) => void,
): void => {
  switch (entry.kind) {
    case 'intent.planned': {
      const { intentId } = entry.intent;
      orders.set(intentId, planOrder(entry.intent));
      move(intentId, { type: 'verdict.accepted' });
      move(intentId, { type: 'intent.journalled' });
      return;
    }
    case 'attempt.sent': {
      const order = orders.get(entry.intentId);
      if (order === undefined) return;
      orders.set(entry.intentId, { ...order, durableAttempt: entry.attempt });
      move(entry.intentId, { type: 'attempt.sent', attempt: entry.attempt });
      return;
    }
    case 'attempt.result': {
      const event = eventOfOutcome(entry, orders.get(entry.intentId));
      if (event !== undefined) move(entry.intentId, event);
      return;
    }
    case 'order.state':
      // Entered by a time-out or a lost link, which leave no other trace.
      if (entry.state === 'unknown') move(entry.intentId, { type: 'reply.timedOut' });
      return;
    case 'deal.booked':
      if (entry.intentId !== null) move(entry.intentId, eventOfDeal(entry.deal));
      return;
    case 'order.seen': {
      const event = eventOfVenueOrder(entry.order);
      if (entry.intentId !== null && event !== undefined) move(entry.intentId, event);
      return;
    }
    default:
      return;
  }
};

/** A journalled result again as the event it was. */
const eventOfOutcome = (
  entry: Extract<StoredEntry, { kind: 'attempt.result' }>,
  order: LiveOrder | undefined,
): OrderEvent | undefined => {
  if (order === undefined || !isCurrent(order, entry.attempt)) return undefined;
  if (entry.outcome === 'absentConfirmed') {
    return { type: 'absence.confirmed', mayRetry: !increasesRisk(order.intent) };
  }
  if (entry.retcode === undefined) {
    return entry.outcome === 'refused' ? { type: 'ack.refused' } : undefined;
  }
  return eventOfResult(order.intent.type, {
    intentId: entry.intentId,
    attempt: entry.attempt,
    retcode: entry.retcode,
    orderTicket: entry.orderTicket ?? null,
    dealTicket: entry.dealTicket ?? null,
  });
};
