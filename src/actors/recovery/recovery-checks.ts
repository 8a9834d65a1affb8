import type { EpochMs } from '../../domain/units.ts';
import type { ActorContext } from '../kernel/types.ts';
import type { RecoveryMessage, Snapshot } from '../messages.ts';
import { RECOVERY_LIMITS } from './recovery-limits.ts';

/**
 * Checks while trading goes on. Reports are hints: one that was lost without a gap in the numbers is
 * found by comparing snapshots, and a difference makes recovery begin again. They are paced by wall
 * time and write nothing as long as they find nothing, so that a replay does not depend on them.
 */
export interface Checks {
  /** Ticks since the whole history was last proven. */
  readonly sinceHistory: number;
  /** What was asked for with the last question. */
  readonly asked: 'book' | 'history';
  /** The snapshot that is being compared. */
  readonly comparing: Snapshot | null;
  readonly differences: readonly string[];
  /** Answers still to come. */
  readonly awaited: number;
}
export const NO_CHECKS: Checks = {
  sinceHistory: 0,
  asked: 'book',
  comparing: null,
  differences: [],
  awaited: 0,
};

const TICKS_PER_HISTORY = RECOVERY_LIMITS.historyCheckMs / RECOVERY_LIMITS.bookCheckMs;

export const scheduleCheck = (
  context: ActorContext<RecoveryMessage>,
  wall: NonNullable<Parameters<ActorContext['after']>[2]>['clock'],
): void => {
  const { bookCheckMs } = RECOVERY_LIMITS;
  const options = { key: 'check', ...(wall === undefined ? {} : { clock: wall }) };
  context.after(bookCheckMs, { type: 'check.due' }, options);
};

/** The next question: the book every time, the history when it is due. A question that got no answer
 * is simply asked again by the next one. */
export const nextCheck = (checks: Checks): Checks => {
  const sinceHistory = checks.sinceHistory + 1;
  const asked = sinceHistory >= TICKS_PER_HISTORY ? 'history' : 'book';
  return { ...NO_CHECKS, sinceHistory, asked };
};

/** Where the history of a question begins. The book alone needs none. */
export const checkedFrom = (checks: Checks, watermark: EpochMs, now: EpochMs): EpochMs =>
  checks.asked === 'history' ? watermark : now;

export const beginComparison = (checks: Checks, snapshot: Snapshot): Checks => ({
  ...checks,
  comparing: snapshot,
  differences: [],
  awaited: 2,
});

export const addAnswer = (checks: Checks, differences: readonly string[]): Checks => ({
  ...checks,
  differences: [...checks.differences, ...differences],
  awaited: checks.awaited - 1,
});

export const isAnswered = ({ comparing, awaited }: Checks): boolean =>
  comparing !== null && awaited === 0;
