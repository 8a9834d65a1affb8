import type { GuardState } from './guard-state.ts';
import type { ActorContext } from './kernel/types.ts';
import type { ConnectionMessage, GuardMessage } from './messages.ts';

const CANCEL_TTL_MS = 60_000;

/**
 * Takes every working order off the book, ours and others'. A cancel reduces risk: it needs no
 * journal first, and repeating one changes nothing, so each try is an intent of its own, named by
 * order and instant. The flatten chart says when it is tried again.
 */
export const cancelWorking = (
  state: GuardState,
  context: ActorContext<GuardMessage>,
  connection: string,
): void => {
  for (const ticket of state.orders.keys()) {
    const intentId = `cancel-${ticket}-${context.now()}`;
    context.ref<ConnectionMessage>(connection).send({
      type: 'command.send',
      intentId,
      attempt: 1,
      risk: 'reducing',
      body: {
        kind: 'order.cancel',
        intent: intentId,
        attempt: 1,
        seenMono: 0,
        ttlMs: CANCEL_TTL_MS,
        ticket,
      },
    });
  }
};
