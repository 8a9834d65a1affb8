import type { ActorContext } from '../kernel/types.ts';
import type { GuardMessage, StrategyMessage } from '../messages.ts';
import { type GuardOptions, type GuardState, ordersOf, positionsOf } from './guard-state.ts';

/**
 * Shows every strategy its own positions and orders, or only the one at `path`: a strategy that was restarted
 * missed what was told to the life before it.
 */
export const showPositions = (
  state: GuardState,
  options: GuardOptions,
  context: ActorContext<GuardMessage>,
  only?: string,
): void => {
  for (const { key, path } of options.strategies) {
    if (only !== undefined && only !== path) continue;
    const positions = positionsOf(state, options, key.id);
    const orders = ordersOf(state, options, key.id);
    context.ref<StrategyMessage>(path).send({ type: 'holdings.changed', positions, orders });
  }
};
