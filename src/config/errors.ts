import * as Data from 'effect/Data';
import type { FaultKind, FaultRetry } from '../domain/faults.ts';

/** One mistake: where it is, which source made it, what is wrong, and what to do instead. */
export interface ConfigProblem {
  /** Key (`risk.sizing.percent`), variable or file, as a person would look for it. */
  readonly path: string;
  /** Source of the value: a file, `.env`, a variable, a flag, or the defaults. */
  readonly origin: string;
  readonly reason: string;
  readonly remedy: string;
}

const lineOf = ({ path, origin, reason, remedy }: ConfigProblem): string =>
  `${path} (${origin})\n  problem: ${reason}\n  remedy:  ${remedy}`;

/**
 * The configuration is refused; all its problems at once, so that a person mends it in one sitting.
 * Raised before anything was started, so nothing has to be undone; never retried. Holds no value of
 * a secret key.
 */
export class ConfigInvalid extends Data.TaggedError('ConfigInvalid')<{
  readonly problems: readonly ConfigProblem[];
}> {
  readonly kind: FaultKind = 'Validation';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'never';
  override get message(): string {
    const count = this.problems.length;
    const title = `the configuration has ${count} problem${count === 1 ? '' : 's'}`;
    return [title, ...this.problems.map(lineOf)].join('\n');
  }
}
