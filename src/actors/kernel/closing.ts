import type { Clock } from '../../domain/ports.ts';
import type { Incarnation } from './incarnation.ts';
import { KERNEL_LIMITS } from './kernel-limits.ts';
import type { Shutdown } from './types.ts';

/**
 * Runs an actor's `terminate` within its shutdown budget. The supervisor guards the stops it
 * orders itself; this guards an actor that ends on its own and then hangs while it cleans up.
 */
export const closeWithin = (closing: {
  readonly clock: Clock;
  readonly budget: Shutdown;
  readonly life: Incarnation;
  readonly close: () => void | Promise<void>;
  readonly done: () => void;
  readonly threw: (error: unknown) => void;
  readonly late: () => void;
}): void => {
  let closed: void | Promise<void>;
  try {
    closed = closing.close();
  } catch (error) {
    closing.threw(error);
    return;
  }
  if (!(closed instanceof Promise)) {
    closing.done();
    return;
  }
  const { budget, life } = closing;
  if (budget !== 'infinity') {
    // brutalKill is about a stop that is ordered; an actor that ends by itself may clean up.
    const budgetMs = budget === 'brutalKill' ? KERNEL_LIMITS.workerShutdownMs : budget;
    const guard = closing.clock.schedule(budgetMs, closing.late);
    life.onEnd(guard.cancel);
  }
  closed.then(closing.done, closing.threw);
};
