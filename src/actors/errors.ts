import { TaggedError } from 'effect/Data';
import type { FaultKind, FaultRetry } from '../domain/faults.ts';

/** The terminal sent a record that cannot be converted exactly. Half a truth about an account is
 * worse than none: the connection crashes, and a new session begins with a snapshot. */
export class VenueDataError extends TaggedError('VenueDataError')<{
  readonly subject: string;
  readonly detail: string;
}> {
  readonly kind: FaultKind = 'Data';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'reconnect';
  override get message(): string {
    return `the terminal sent ${this.subject}: ${this.detail}`;
  }
}

/** What an actor has to know as written down was not written: it crashes rather than go on from what
 * nobody would find again. Whether the entries turn up is told by the journal. */
export class NotDurable extends TaggedError('NotDurable')<{
  readonly what: string;
  readonly detail: string;
}> {
  readonly kind: FaultKind = 'State';
  readonly outcomeKnown: boolean = false;
  readonly retry: FaultRetry = 'restart';
  override get message(): string {
    return `${this.what} could not be recorded: ${this.detail}`;
  }
}

/** A strategy is too slow for its market, or was asked before it was there. It is restarted alone. */
export class StrategyBehind extends TaggedError('StrategyBehind')<{
  readonly waiting: number;
}> {
  readonly kind: FaultKind = 'State';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'restart';
  override get message(): string {
    return `${this.waiting} messages wait: it cannot keep up with its market`;
  }
}

/** A terminal of another account, or without the token. It is told why, and may knock again after a
 * growing pause; nothing was sent to it. */
export class PeerRefused extends TaggedError('PeerRefused')<{
  readonly detail: string;
  readonly pauseMs: number;
}> {
  readonly kind: FaultKind = 'Auth';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'later';
  override get message(): string {
    return `${this.detail}; not heard again for ${this.pauseMs / 1000} s`;
  }
}

/** An order was not sent: the breaker is open. Closes and cancels are never held back by it. */
export class CircuitBreakerOpen extends TaggedError('CircuitBreakerOpen')<{
  readonly state: string;
}> {
  readonly kind: FaultKind = 'CircuitBreakerOpen';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'whenClosed';
  override get message(): string {
    return `the circuit breaker is ${this.state}`;
  }
}

/** A command did not leave: no session that may take it, or the socket took nothing. */
export class LinkDown extends TaggedError('LinkDown')<{ readonly detail: string }> {
  readonly kind: FaultKind = 'Connection';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'reconnect';
  override get message(): string {
    return this.detail;
  }
}

/** An order was not sent: a halt overtook it, or nothing is known of its symbol. What reduces risk is
 * tried again; what increases it has missed its time. */
export class Held extends TaggedError('Held')<{ readonly detail: string }> {
  readonly kind: FaultKind = 'State';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'later';
  override get message(): string {
    return this.detail;
  }
}

/** An attempt was sent and not answered. The order is `unknown` until the terminal's records tell. */
export class ReplyTimedOut extends TaggedError('ReplyTimedOut')<{ readonly afterMs: number }> {
  readonly kind: FaultKind = 'Timeout';
  readonly outcomeKnown: boolean = false;
  readonly retry: FaultRetry = 'afterEvidence';
  override get message(): string {
    return `no answer within ${this.afterMs} ms of session time`;
  }
}
