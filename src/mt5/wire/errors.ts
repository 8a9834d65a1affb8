import * as Data from 'effect/Data';
import type { FaultKind, FaultRetry } from '../../domain/faults.ts';

/**
 * Faults of opening either end of the link. None of them leaves an outcome unknown: no message had
 * been sent. A supervisor may retry `GatewayPortInUse`; the others need a person, who is told how
 * by `remedy`.
 */
export class GatewayPortInUse extends Data.TaggedError('GatewayPortInUse')<{
  readonly host: string;
  readonly port: number;
  readonly remedy: string;
}> {
  readonly kind: FaultKind = 'Init';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'restart';
  override get message(): string {
    return `port ${this.port} on ${this.host} is in use. ${this.remedy}`;
  }
}

/** A bind to a reachable network without CURVE keys would let anyone there trade the account. */
export class GatewayExposed extends Data.TaggedError('GatewayExposed')<{
  readonly host: string;
  readonly remedy: string;
}> {
  readonly kind: FaultKind = 'Auth';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'never';
  override get message(): string {
    return `${this.host} is not a loopback address and no CURVE keys are set. ${this.remedy}`;
  }
}

export class GatewayBindFailed extends Data.TaggedError('GatewayBindFailed')<{
  readonly host: string;
  readonly port: number;
  readonly code: string;
  readonly remedy: string;
}> {
  readonly kind: FaultKind = 'Init';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'restart';
  override get message(): string {
    return `cannot listen on ${this.host}:${this.port} (${this.code}). ${this.remedy}`;
  }
}

/** A key, endpoint or identity that can never work, found before a socket is opened. */
export class LinkMisconfigured extends Data.TaggedError('LinkMisconfigured')<{
  readonly field: string;
  readonly detail: string;
  readonly remedy: string;
}> {
  readonly kind: FaultKind = 'Validation';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'never';
  override get message(): string {
    return `${this.field}: ${this.detail}. ${this.remedy}`;
  }
}
