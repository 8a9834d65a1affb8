import type { Fault, FaultKind, FaultRetry } from '../domain/faults.ts';

/** A mistake of the caller: told in two sentences, ended with exit code 2, never a stack. */
export class CliError extends Error implements Fault {
  readonly _tag = 'CliError';
  readonly kind: FaultKind = 'Validation';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'never';
  readonly remedy: string;

  constructor(reason: string, remedy: string) {
    const advice = remedy.charAt(0).toUpperCase() + remedy.slice(1);
    super(`${reason}. ${advice}${advice.endsWith('.') ? '' : '.'}`);
    this.name = 'CliError';
    this.remedy = remedy;
  }
}
