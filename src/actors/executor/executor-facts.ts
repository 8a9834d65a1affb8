import type { Deal, VenueOrder } from '../../domain/trading.ts';
import type { EntryBody } from '../../journal/types.ts';
import type { OrderEvent } from '../../machines/order.events.ts';
import { RETCODE, retcodeClass } from '../../mt5/retcodes.ts';
import type { EaMessageOf } from '../../mt5/wire/messages.ts';
import { ReplyTimedOut } from '../errors.ts';
import type { AttemptResult, ExecutorMessage, SignalRaised } from '../messages.ts';
import { ownerOfDeal, ownerOfOrder } from '../recovery/recovery-match.ts';
import { eventOfDeal, eventOfVenueOrder, isFinal, type LiveOrder } from './executor-orders.ts';

/** Something the terminal told, ready for the journal, and the order that it moves. */
export interface Fact {
  readonly entry: EntryBody;
  readonly intentId: string | null;
  readonly event: OrderEvent | undefined;
}
type Orders = ReadonlyMap<string, LiveOrder>;

/** Intents by order ticket, as the terminal's own journal has them. */
type Told = ReadonlyMap<string, string>;
const NOTHING: Told = new Map();

const isOnTheBook = ({ chart }: LiveOrder, ticket: string): boolean =>
  chart.context.orderTicket === ticket && chart.hasTag('inFlight');

export const factsOfDeals = (
  orders: Orders,
  deals: readonly Deal[],
  told: Told = NOTHING,
): readonly Fact[] =>
  deals.map((deal) => {
    const intentId = ownerOfDeal(orders, deal, told);
    // A venue that charges swap by closing and opening again fills no order of ours.
    const event = deal.reason === 'rollover' ? undefined : eventOfDeal(deal);
    return { entry: { kind: 'deal.booked', intentId, deal }, intentId, event };
  });

/** Orders that are not ours, that are over for us, or that work as we know, teach nothing. */
export const factsOfOrders = (
  orders: Orders,
  seen: readonly VenueOrder[],
  told: Told = NOTHING,
): readonly Fact[] =>
  seen.flatMap((order): readonly Fact[] => {
    const intentId = ownerOfOrder(orders, order, told);
    const known = intentId === null ? undefined : orders.get(intentId);
    if (known === undefined || isFinal(known)) return [];
    const event = eventOfVenueOrder(known.intent, order);
    if (event === undefined) return [];
    if (event.type === 'order.placed' && isOnTheBook(known, event.orderTicket)) return [];
    return [{ entry: { kind: 'order.seen', intentId, order }, intentId, event }];
  });

export const resultFromWire = (wire: EaMessageOf<'result'>['result']): AttemptResult => ({
  intentId: wire.intent,
  attempt: wire.attempt,
  retcode: wire.retcode,
  orderTicket: wire.order,
  dealTicket: wire.deal,
});

/** A position that is gone was not closed by this attempt, for certain. */
const isInDoubt = (retcode: number): boolean =>
  retcodeClass(retcode) === 'reconcile' && retcode !== RETCODE.POSITION_CLOSED;

export const resultEntry = (
  result: AttemptResult,
  willRetry = false,
): Extract<EntryBody, { kind: 'attempt.result' }> => {
  const verdict = retcodeClass(result.retcode);
  const executed = result.dealTicket === null ? 'placed' : 'filled';
  return {
    kind: 'attempt.result',
    intentId: result.intentId,
    attempt: result.attempt,
    outcome: verdict === 'success' ? executed : isInDoubt(result.retcode) ? 'unknown' : 'refused',
    retcode: result.retcode,
    ...(result.orderTicket === null ? {} : { orderTicket: result.orderTicket }),
    ...(result.dealTicket === null ? {} : { dealTicket: result.dealTicket }),
    ...(willRetry ? { willRetry } : {}),
  };
};

/** The terminal's side refused before anything reached the broker: a definite no. */
export const refusalEntry = (ack: EaMessageOf<'ack'>, willRetry = false): EntryBody => ({
  kind: 'attempt.result',
  intentId: ack.intent,
  attempt: ack.attempt,
  outcome: 'refused',
  detail: ack.reason ?? 'refused by the terminal',
  ...(willRetry ? { willRetry } : {}),
});

/** Nobody answered: the outcome is not known, and the journal says why it is asked for. */
export const timedOutEntry = (intentId: string, attempt: number, afterMs: number): EntryBody => {
  const { message: detail, kind: fault } = new ReplyTimedOut({ afterMs });
  return { kind: 'attempt.result', intentId, attempt, outcome: 'unknown', detail, fault };
};

/** Our own guard does not want it any more; the attempts before were refused by the venue. */
export const retryDeniedEntry = (
  { intent, chart }: LiveOrder,
  denial: { readonly code: string; readonly detail: string },
): EntryBody => ({
  kind: 'event',
  severity: 'info',
  code: 'retry.denied',
  detail:
    `${intent.type} ${intent.intentId} on ${intent.symbol} after attempt ` +
    `${chart.context.attempt}: ${denial.code}, ${denial.detail}`,
});

export const signalEntry = (raised: SignalRaised, signalId: string): EntryBody => ({
  kind: 'signal.raised',
  signalId,
  strategyId: raised.strategy.id,
  symbol: raised.strategy.symbol,
  barAt: raised.barAt,
  signal: raised.signal,
});

export const notReconciledEntry = (
  admitted: Extract<ExecutorMessage, { type: 'intent.admitted' }>,
): EntryBody => ({
  kind: 'order.denied',
  signalId: admitted.signalId,
  intentId: admitted.intent.intentId,
  strategyId: admitted.intent.strategyId,
  symbol: admitted.intent.symbol,
  code: 'GATE_CLOSED',
  detail: 'the executor restarted and has not been reconciled yet',
  signal: admitted.raised.signal,
});
