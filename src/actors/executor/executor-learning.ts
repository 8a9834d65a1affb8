import type { Deal, VenueOrder } from '../../domain/trading.ts';
import { retcodeClass } from '../../mt5/retcodes.ts';
import type { AttemptResult, RecoveryMessage, Snapshot } from '../messages.ts';
import { did, type Finding } from '../recovery/recovery-findings.ts';
import type { ExecutorCore } from './executor-core.ts';
import { type Fact, factsOfDeals, factsOfOrders, resultEntry } from './executor-facts.ts';
import { EXECUTOR_LIMITS } from './executor-limits.ts';
import { isCurrent, isFinal, type LiveOrder, needsEvidence } from './executor-orders.ts';

/**
 * What the terminal's records teach the executor: in a snapshot, in the answer to a question, or in
 * a report. All three tell the same facts, in any order and more than once; a deal counts once.
 */

/** Durable, or on its way to the disk. */
export const isBooked = ({ deps, state }: ExecutorCore, ticket: string): boolean =>
  state.booked.has(ticket) || deps.journal.reader().hasDeal(deps.accountId, ticket);

export const markBooked = ({ state }: ExecutorCore, ticket: string): void => {
  state.booked.add(ticket);
  const [oldest] = state.booked;
  if (state.booked.size > EXECUTOR_LIMITS.bookedTickets && oldest !== undefined)
    state.booked.delete(oldest);
};

/** A close that nobody here knows of ended with it; a deal is booked once, and to whom it belongs. */
export const isUnrecorded = ({ state }: ExecutorCore, { entry, orderTicket }: Deal): boolean =>
  entry === 'out' && state.unrecorded.has(orderTicket);

const take = (core: ExecutorCore, facts: readonly Fact[]): void => {
  for (const { entry, intentId, event } of facts) {
    core.entries.push(entry);
    if (intentId !== null && event !== undefined) core.move(intentId, event);
  }
};

/** Books what the journal does not hold yet, but for deals of unrecorded closes, and moves the orders it belongs to. `told` names the
 * intents of order tickets that the terminal's own journal knows. */
export const absorb = (
  core: ExecutorCore,
  deals: readonly Deal[],
  orders: readonly VenueOrder[],
  told: ReadonlyMap<string, string> = new Map(),
): readonly Finding[] => {
  const fresh = deals.filter((deal) => {
    if (isBooked(core, deal.ticket) || isUnrecorded(core, deal)) return false;
    markBooked(core, deal.ticket);
    return true;
  });
  const booked = factsOfDeals(core.orders, fresh, told);
  take(core, booked);
  // A deal may be the first to tell the ticket by which an order is known.
  take(core, factsOfOrders(core.orders, orders, told));
  return booked.flatMap(({ entry, intentId }) => {
    if (entry.kind !== 'deal.booked') return [];
    const { ticket, entry: side, reason } = entry.deal;
    const whose = side === 'balance' || intentId !== null ? '' : ', of no order of ours';
    return [did(`booked deal ${ticket} (${reason}${whose})`)];
  });
};

/** Deals of the terminal that nobody told us about: a message was lost without a gap. */
export const comparison = (
  core: ExecutorCore,
  { deals }: Snapshot,
): Extract<RecoveryMessage, { type: 'executor.compared' }> => {
  const missed = deals.filter(({ ticket }) => !isBooked(core, ticket));
  const differences = missed.map(
    ({ ticket, reason }) => `deal ${ticket} (${reason}) was never reported`,
  );
  return { type: 'executor.compared', differences };
};

/** Writes down how attempts went, before the deals that they led to: an order that is filled by its
 * deals alone would keep the retcode of the attempt before. */
export const noteSuccess = (core: ExecutorCore, results: readonly AttemptResult[]): void => {
  for (const result of results) {
    const { intentId, attempt, retcode } = result;
    const order = core.orders.get(intentId);
    if (order === undefined || isFinal(order) || !isCurrent(order, attempt)) continue;
    if (retcodeClass(retcode) !== 'success' || result.dealTicket === null) continue;
    if (order.retcode === retcode) continue;
    core.entries.push(resultEntry(result));
    core.orders.set(intentId, { ...order, retcode });
  }
};

export const toldBy = (results: readonly AttemptResult[]): ReadonlyMap<string, string> =>
  new Map(
    results.flatMap(({ orderTicket, intentId }) =>
      orderTicket === null ? [] : [[orderTicket, intentId] as const],
    ),
  );

/** A result that is told again, of an order that works or is in doubt because of it, changes nothing
 * and is not written down again. */
export const isKnownResult = (order: LiveOrder, { retcode }: AttemptResult): boolean => {
  if (order.retcode !== retcode) return false;
  const isOnTheBook = order.chart.context.orderTicket !== null && !needsEvidence(order);
  return isOnTheBook || retcodeClass(retcode) === 'reconcile';
};
