import type { ActorContext } from '../kernel/types.ts';
import type { GuardMessage } from '../messages.ts';
import type { GuardOptions, GuardState } from './guard-state.ts';

type Context = ActorContext<GuardMessage>;

/** Wakes the guard at the next reset of the rules' day. */
export const scheduleDay = ({ ledger }: GuardState, context: Context): void => {
  if (ledger === null) return;
  const delayMs = Math.max(0, ledger.day.closesAt - context.now());
  context.after(delayMs, { type: 'day.began' }, { key: 'day' });
};

/** At multiples of the interval, so that it falls together with bars; a flat account stands
 * still, and so do its snapshots. */
export const scheduleSnapshot = (
  state: GuardState,
  { snapshotEveryMs: every }: GuardOptions,
  context: Context,
): void => {
  if (state.positions.size === 0) {
    context.cancel('snapshot');
    return;
  }
  const delayMs = every - (context.now() % every);
  context.after(delayMs, { type: 'snapshot.due' }, { key: 'snapshot' });
};
