/**
 * What can fail, in eight kinds. Every error that crosses a folder's border is a tagged class in that
 * folder's `errors.ts` with its own context, and says three things about itself: its kind, whether
 * the outcome of what was tried is known, and who may try again.
 *
 * A refusal is no error: it is a returned value with a code. A defect is an assertion that throws a
 * plain Error, and the supervisor acts.
 */
export const FAULT_KINDS = {
  Init: 'Something cannot start: a file, a port, a data directory, a program.',
  Auth: 'Somebody is not who the configuration says, or shows no key.',
  CircuitBreakerOpen:
    'Requests failed too often on a live session: nothing that opens risk is sent.',
  Timeout: 'No answer came in time. It says nothing about what was done.',
  Data: 'What was read cannot be used: a file, a record of the terminal, a market.',
  Connection: 'There is nobody on the other end, or the link cannot take the message.',
  Validation: 'What a person wrote is wrong, and a remedy is named.',
  State: 'It cannot be done in the present state, or what was known no longer holds.',
} as const;
export type FaultKind = keyof typeof FAULT_KINDS;

/** Who tries again, and when. */
export const RETRIES = {
  never: 'Nobody, until a person has done what the message says.',
  restart: 'The supervisor, by restarting whoever failed.',
  later: 'The caller, after a pause.',
  reconnect: 'The link, with a new session and a new comparison of both sides.',
  whenClosed: 'The guard, when the breaker lets requests through again.',
  afterEvidence: "Nobody, before the other side's own records have told the outcome.",
} as const;
export type FaultRetry = keyof typeof RETRIES;

export interface Fault extends Error {
  readonly _tag: string;
  readonly kind: FaultKind;
  /** False: what was tried may have been done. It is never treated as a refusal. */
  readonly outcomeKnown: boolean;
  readonly retry: FaultRetry;
}

export const isFault = (error: unknown): error is Fault =>
  error instanceof Error &&
  'kind' in error &&
  'outcomeKnown' in error &&
  typeof error.kind === 'string' &&
  Object.hasOwn(FAULT_KINDS, error.kind);
