import type { RuntimeStatus, SymbolExplanation } from './operator-view.ts';

/**
 * What a person may ask of a running system, whichever way it comes in: the command line, the API,
 * a chat, a file, a signal. Everybody uses this one door, so that every order of a person is
 * judged, journalled and answered alike.
 */
export const OPERATOR_ORIGINS = ['cli', 'api', 'telegram', 'file', 'signal'] as const;
export type OperatorOrigin = (typeof OPERATOR_ORIGINS)[number];

/** At most this many characters of a reason are kept. */
export const OPERATOR_TEXT_CHARS = 200;

/** What an evaluation may be called. */
export const EVALUATION_ID = /^[\w.-]{1,64}$/;

export type OperatorCommand =
  /** Opens nothing more. What is open stays, with its stops. */
  | { readonly type: 'halt'; readonly reason: string }
  /** Lifts an operator's halt; other holds, and a lock, stay. */
  | { readonly type: 'resume'; readonly reason: string }
  /** Halts, cancels every order and closes every position. `resume` lifts the halt. */
  | { readonly type: 'flatten'; readonly reason: string }
  /** Flattens and locks: only `rearm` leads out, also after a restart. */
  | { readonly type: 'kill'; readonly reason: string }
  /** Leaves a lock. `typed` is the login as the person typed it; it has to be the account's. */
  | { readonly type: 'rearm'; readonly typed: string; readonly reason: string }
  | { readonly type: 'strategy.enable'; readonly id: string }
  /** Stops the strategy. Its positions stay open, with their stops. */
  | { readonly type: 'strategy.disable'; readonly id: string }
  /** Ends an actor, or a part of the tree, and lets its supervisor start it again. */
  | { readonly type: 'actor.restart'; readonly path: string }
  /** Closes the link's circuit breaker before its pause is over. */
  | { readonly type: 'breaker.reset' }
  /** Begins an evaluation with the phase of the account. `reason` may be empty. */
  | { readonly type: 'evaluation.start'; readonly id: string; readonly reason: string }
  /** The firm has issued the account of the next phase, or a larger funded one. */
  | {
      readonly type: 'evaluation.bind';
      readonly id: string;
      readonly login: string;
      readonly reason: string;
    }
  | { readonly type: 'status' }
  /** Why is this symbol (every symbol) not trading now? */
  | { readonly type: 'why'; readonly symbol?: string };
export type OperatorVerb = OperatorCommand['type'];
export type OperatorCommandOf<Verb extends OperatorVerb> = Extract<
  OperatorCommand,
  { readonly type: Verb }
>;

export interface OperatorRequest<Verb extends OperatorVerb = OperatorVerb> {
  readonly origin: OperatorOrigin;
  /** Who, as far as the way in can tell: a user name, a chat. */
  readonly by?: string;
  /** A login, or `all`. */
  readonly account: string;
  readonly command: OperatorCommandOf<Verb>;
}

/** Why an order of a person was not carried out: shown by every way in, with cause and remedy. */
export const OPERATOR_REFUSALS = {
  INVALID: 'The command could not be read.',
  REASON_MISSING: 'A person must say why.',
  UNKNOWN_ACCOUNT: 'No such account runs here.',
  UNKNOWN_SYMBOL: 'No strategy trades that symbol here.',
  UNKNOWN_STRATEGY: 'No such strategy runs on the account.',
  UNKNOWN_ACTOR: 'Nothing lives at that path.',
  WRONG_ACCOUNT_TYPED: "The login that was typed is not the account's.",
  UNKNOWN_EVALUATION: 'No such evaluation is known here.',
  EVALUATION_EXISTS: 'An evaluation of that name is known already.',
  EVALUATION_STATE: 'The evaluation cannot take this step now.',
  LOGIN_BOUND: 'The login is bound to a phase already.',
  NOT_HALTED: 'No operator has halted the account.',
  LOCKED: 'The account is locked.',
  NOT_LOCKED: 'The account is not locked.',
  NOT_RECONCILED: 'Both sides have not been compared, or they disagree.',
  NOT_FLAT: 'Something is open still.',
  KILL_FILE: 'A file named KILL lies in the data directory.',
  FLOOR_BREACHED: 'Equity is below a floor of the rules.',
  NO_ANSWER: 'The account gave no answer in time.',
  PARKED: 'That part of the tree used up its restarts and is down.',
} as const;
export type OperatorRefusalCode = keyof typeof OPERATOR_REFUSALS;

export interface OperatorRefusal {
  readonly code: OperatorRefusalCode;
  /** Null: the whole command. */
  readonly account: string | null;
  readonly cause: string;
  readonly remedy: string;
}
/** What was done, as a sentence. */
export interface OperatorDone {
  readonly account: string | null;
  readonly text: string;
}

/** What a command brings besides the sentences. */
export type OperatorResult<Verb extends OperatorVerb> = Verb extends 'status'
  ? RuntimeStatus
  : Verb extends 'why'
    ? readonly SymbolExplanation[]
    : null;

export type OperatorReply<Verb extends OperatorVerb = OperatorVerb> =
  | {
      readonly ok: true;
      readonly done: readonly OperatorDone[];
      readonly result: OperatorResult<Verb>;
    }
  /** With several accounts, some may have done it all the same: `done` says which. */
  | {
      readonly ok: false;
      readonly done: readonly OperatorDone[];
      readonly refusals: readonly OperatorRefusal[];
    };

/** The door. Never rejects. */
export interface Operator {
  readonly execute: <Verb extends OperatorVerb>(
    request: OperatorRequest<Verb>,
  ) => Promise<OperatorReply<Verb>>;
  /** The same as the command `status`, read at once and without an answer's wait. */
  readonly status: () => RuntimeStatus;
}
