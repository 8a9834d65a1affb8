import type { CancelIntent } from '../../domain/intent.ts';
import type { VenueOrder } from '../../domain/trading.ts';
import { intentIdOf } from '../../strategy/intent-key.ts';
import { namesOf, safetySignal } from './guard-intents.ts';
import { ownerOf } from './guard-state.ts';
import type { GuardWork } from './guard-work.ts';

/**
 * Takes one working order off the book. A cancel reduces risk, so it goes out even without a
 * journal; one that is out is not repeated, and one that was refused is a new decision.
 */
export const cancelOrder = (work: GuardWork, order: VenueOrder, reason: string): void => {
  const { ticket, symbol } = order;
  if (work.state.cancelling.has(ticket)) return;
  const at = work.context.now();
  const raised = safetySignal(order, ownerOf(work.options, order.magic), at, reason);
  const names = namesOf(work.deps.accountId, raised);
  const key = `${names.key}:cancel:${ticket}:${at}`;
  const intentId = intentIdOf(key, at);
  const intent: CancelIntent = {
    type: 'cancel',
    intentId,
    key,
    strategyId: raised.strategy.id,
    symbol,
    orderTicket: ticket,
    at,
    reason,
  };
  work.state = {
    ...work.state,
    cancelling: new Map(work.state.cancelling).set(ticket, intentId),
  };
  work.admit(raised, names.signalId, intent, '0');
};

/** The cancel has ended, or its order is gone: another may be made. */
export const forgetCancels = (work: GuardWork, settledId?: string): void => {
  const cancelling = [...work.state.cancelling].filter(
    ([ticket, intentId]) => intentId !== settledId && work.state.orders.has(ticket),
  );
  work.state = { ...work.state, cancelling: new Map(cancelling) };
};
