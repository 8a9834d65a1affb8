import { TaggedError } from 'effect/Data';
import type { FaultKind, FaultRetry } from '../domain/faults.ts';

/**
 * The projection cannot go on from where it is: the audit database follows another journal, or
 * entries are missing between its cursor and the batch. Nothing was changed. The audit database
 * holds nothing of its own, so the cure is always to rebuild it.
 */
export class AuditGap extends TaggedError('AuditGap')<{
  readonly cursor: number;
  readonly firstSeq: number;
}> {
  readonly kind: FaultKind = 'State';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'never';
  override get message(): string {
    return (
      `The audit database has read the journal up to ${this.cursor}, ` +
      `and was then given entry ${this.firstSeq}. Run: bulwark audit rebuild`
    );
  }
}

/** An audit database could not be opened or is not ours. Trading does not depend on it. */
export class AuditRefused extends TaggedError('AuditRefused')<{
  readonly reason: 'missing' | 'damaged' | 'newerSchema' | 'olderSchema' | 'foreign';
  readonly file: string;
  readonly detail: string;
}> {
  readonly kind: FaultKind = 'Init';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'never';
  override get message(): string {
    return `${this.file}: ${this.detail}`;
  }
}

/** A ledger of the simulated terminal cannot be read; `line` is null when it is not about one. */
export class LedgerRefused extends TaggedError('LedgerRefused')<{
  readonly file: string;
  readonly line: number | null;
  readonly detail: string;
}> {
  readonly kind: FaultKind = 'Data';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'never';
  override get message(): string {
    const place = this.line === null ? this.file : `${this.file}:${this.line}`;
    return `${place}: ${this.detail}. Name the file that bulwark terminal --ledger wrote`;
  }
}
