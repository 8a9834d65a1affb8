import { increasesRisk } from '../../domain/intent.ts';
import type { EntryBody, StoredEntry } from '../../journal/types.ts';
import type { OrderEvent } from '../../machines/order.events.ts';
import {
  countRefusal,
  eventOfDeal,
  eventOfVenueOrder,
  isCurrent,
  isFinal,
  type LiveOrder,
  planOrder,
  reprice,
  stateOf,
  stepOrder,
} from './executor-orders.ts';
import { requestEventOf, targetOf } from './executor-requests.ts';
import { eventOfResult } from './executor-retry.ts';

export interface Rebuilt {
  readonly live: readonly LiveOrder[];
  /** Ended by what is written down, and nobody lived to write that they ended. */
  readonly ended: readonly EntryBody[];
}

/**
 * Rebuilds the orders that were alive when the last incarnation ended. What it had sent and not
 * seen answered is `unknown` now: a restart is no evidence.
 */
export const rebuildOrders = (entries: readonly StoredEntry[]): Rebuilt => {
  const orders = new Map<string, LiveOrder>();
  const move = (intentId: string, event: OrderEvent): void => {
    const order = orders.get(intentId);
    if (order !== undefined) orders.set(intentId, stepOrder(order, event).order);
  };
  for (const entry of entries) replay(entry, orders, move);
  for (const intentId of orders.keys()) move(intentId, { type: 'link.lost' });
  for (const order of orders.values()) {
    const target = targetOf(orders, order.intent);
    const event = requestEventOf(order);
    if (target !== undefined && event !== undefined) move(target.intent.intentId, event);
  }
  const all = [...orders.values()];
  return {
    live: all.filter((order) => !isFinal(order)),
    ended: all.filter(isFinal).map((order) => ({
      kind: 'order.state',
      intentId: order.intent.intentId,
      state: stateOf(order),
    })),
  };
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
      const { intentId, attempt, levels } = entry;
      orders.set(intentId, { ...reprice(order, levels), durableAttempt: attempt });
      // A second attempt is made of one that waits; nobody wrote down who granted it.
      if (attempt > 1) move(intentId, { type: 'retry.granted' });
      move(intentId, { type: 'attempt.sent', attempt });
      return;
    }
    case 'attempt.result': {
      const order = orders.get(entry.intentId);
      const event = eventOfOutcome(entry, order);
      if (order === undefined || event === undefined) return;
      if (entry.outcome === 'refused') {
        orders.set(entry.intentId, countRefusal(order, entry.retcode ?? null));
      } else orders.set(entry.intentId, { ...order, retcode: entry.retcode ?? null });
      move(entry.intentId, event);
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
      const order = entry.intentId === null ? undefined : orders.get(entry.intentId);
      const event = order === undefined ? undefined : eventOfVenueOrder(order.intent, entry.order);
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
  if (entry.willRetry === true) return { type: 'result.retryable' };
  if (entry.outcome === 'absentConfirmed') {
    return { type: 'absence.confirmed', mayRetry: !increasesRisk(order.intent) };
  }
  if (entry.outcome === 'refused') return { type: 'result.refused' };
  if (entry.retcode === undefined) return undefined;
  return eventOfResult(order, {
    intentId: entry.intentId,
    attempt: entry.attempt,
    retcode: entry.retcode,
    orderTicket: entry.orderTicket ?? null,
    dealTicket: entry.dealTicket ?? null,
  });
};
