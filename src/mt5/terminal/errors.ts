import * as Data from 'effect/Data';
import type { FaultKind, FaultRetry } from '../../domain/faults.ts';

/**
 * The simulated terminal cannot start, or cannot go on without lying. Raised before the first order,
 * or with the log intact, so the outcome of everything acknowledged is known. The CLI prints the
 * message and exits with code 2; a restart changes nothing until a person does what `remedy` says.
 */
export class TerminalRefused extends Data.TaggedError('TerminalRefused')<{
  readonly subject: string;
  readonly reason: string;
  readonly remedy: string;
}> {
  readonly kind: FaultKind = 'Init';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'never';
  override get message(): string {
    return `${this.subject}: ${this.reason}. ${this.remedy}`;
  }
}
