import type { EpochMs, LotsE8, Points } from '../domain/units.ts';

/** Facts that move an order. Only the terminal's word or our own durable decisions are facts. */
export type OrderEvent = LifeEvent | RequestEvent;

export type LifeEvent =
  | { readonly type: 'verdict.accepted' }
  | { readonly type: 'verdict.denied' }
  /** The intent and its first attempt are durable; bytes may leave now. */
  | { readonly type: 'intent.journalled' }
  /** Without a durable journal nothing that opens risk is sent. */
  | { readonly type: 'journal.failed' }
  | { readonly type: 'attempt.sent'; readonly attempt: number }
  /** The link could not take the bytes, or may not: nothing left this process. */
  | { readonly type: 'attempt.unsent'; readonly mayRetry: boolean }
  | { readonly type: 'ack.accepted' }
  | { readonly type: 'ack.refused' }
  | { readonly type: 'ack.unknown' }
  | { readonly type: 'reply.timedOut' }
  | { readonly type: 'link.lost' }
  /** A retcode whose outcome only a reconciliation can tell. */
  | { readonly type: 'result.ambiguous' }
  | { readonly type: 'result.refused' }
  /** Refused for certain, and another attempt may be made: when, and whether, the guard says. */
  | { readonly type: 'result.retryable' }
  | { readonly type: 'retry.granted' }
  | { readonly type: 'retry.denied' }
  | { readonly type: 'retry.expired' }
  /** A change (cancel, modify) is made: it leaves no deal that could tell. */
  | { readonly type: 'change.made' }
  | { readonly type: 'order.placed'; readonly orderTicket: string }
  | { readonly type: 'order.triggered' }
  | OrderFilled
  | { readonly type: 'order.cancelled' }
  | { readonly type: 'order.expired' }
  /** History proven complete shows no trace of the attempt. */
  | { readonly type: 'absence.confirmed'; readonly mayRetry: boolean };

/** What has been asked about an order that lives: a change of its levels, or its end. */
export type RequestEvent =
  | { readonly type: 'modify.sent' }
  | { readonly type: 'cancel.sent' }
  | { readonly type: 'request.made' }
  /** Refused, denied locally, or never left: the order is as it was. */
  | { readonly type: 'request.refused' }
  /** Whether it was carried out is not known. */
  | { readonly type: 'request.lost' };

export interface OrderFilled {
  readonly type: 'order.filled';
  readonly orderTicket: string;
  readonly dealTicket: string;
  readonly positionTicket: string;
  readonly price: Points;
  readonly volumeE8: LotsE8;
  readonly at: EpochMs;
}
