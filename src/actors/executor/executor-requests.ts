import type { Intent } from '../../domain/intent.ts';
import type { OrderEvent } from '../../machines/order.events.ts';
import { isFinal, type LiveOrder, stateOf } from './executor-orders.ts';

/**
 * A cancel or a change of levels is an intent with a life of its own, and an order on the book has a
 * region that shows what has been asked about it. Here the one tells the other.
 */

/** Our own order on the book that an intent wants to change; it may be somebody else's. */
export const targetOf = (
  orders: ReadonlyMap<string, LiveOrder>,
  intent: Intent,
): LiveOrder | undefined => {
  if (intent.type !== 'cancel' && intent.type !== 'modifyOrder') return undefined;
  for (const order of orders.values()) {
    const { orderTicket, action } = order.chart.context;
    if (action === 'open' && orderTicket === intent.orderTicket && !isFinal(order)) return order;
  }
  return undefined;
};

/** What the target hears when the request has come this far. */
export const requestEventOf = (order: LiveOrder): OrderEvent | undefined => {
  switch (stateOf(order)) {
    case 'sent':
      return { type: order.intent.type === 'cancel' ? 'cancel.sent' : 'modify.sent' };
    case 'done':
      return { type: 'request.made' };
    case 'unknown':
      return { type: 'request.lost' };
    case 'waiting':
    case 'refused':
    case 'expired':
    case 'denied':
      return { type: 'request.refused' };
    default:
      return undefined;
  }
};
