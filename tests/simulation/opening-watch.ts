import type { ActorStatus } from '../../src/actors/kernel/types.ts';
import { Violation } from './violation.ts';

/** S8: an opening order leaves in the mode `active` alone, and never while no guard lives to say so:
 * what a dead one said last is no permission. */
export const checkOpening = (status: ActorStatus | undefined, mode: string | undefined): void => {
  if (status === 'running' && mode === 'active') return;
  const what = status === 'running' ? `the mode was ${mode}` : `the guard was ${status}`;
  throw new Violation('S8', `an opening order left while ${what}`);
};
