import type { Fault, Plan } from './faults.ts';
import { type Outcome, play } from './play.ts';

/** Runs that a shrinking may cost. */
const BUDGET = 40;

const sameFailure = (a: Outcome, b: Outcome): boolean =>
  a.failure !== null && a.failure.invariant === b.failure?.invariant;

const without = (faults: readonly Fault[], index: number): readonly Fault[] =>
  faults.filter((_, at) => at !== index);

/** The smallest list of faults, of those tried, that breaks the same promise: faults are left out one
 * by one, then made to strike as early as they may. */
export const shrink = async (
  failed: Outcome,
): Promise<{ readonly outcome: Outcome; readonly runs: number }> => {
  let best = failed;
  let runs = 0;
  const attempt = async (faults: readonly Fault[]): Promise<boolean> => {
    if (runs >= BUDGET) return false;
    runs += 1;
    const plan: Plan = { ...failed.plan, faults };
    const outcome = await play(plan);
    if (!sameFailure(failed, outcome)) return false;
    best = outcome;
    return true;
  };
  for (let index = 0; index < best.plan.faults.length; ) {
    const removed = await attempt(without(best.plan.faults, index));
    if (!removed) index += 1;
  }
  for (let index = 0; index < best.plan.faults.length; index += 1) {
    const simpler = best.plan.faults.map((fault, at) =>
      at === index ? { ...fault, steps: 0 } : fault,
    );
    await attempt(simpler);
  }
  return { outcome: best, runs };
};
