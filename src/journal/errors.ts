import { TaggedError } from 'effect/Data';
import type { FaultKind, FaultRetry } from '../domain/faults.ts';

/**
 * The append was not acknowledged and none of its entries is visible to a reader.
 *
 * - `diskFull`: no room (or the journal's own size limit). Later appends may succeed.
 * - `locked`: another process held the file longer than the writer waits. Later ones may succeed.
 * - `overloaded`: too many appends are waiting; this one was never handed over.
 * - `closed`: the writer was closed before this append.
 * - `torn`: the file is damaged. The writer refuses everything from here on.
 * - `io`: the disk reported an error. The writer refuses everything from here on. The kernel may
 *   still hold the pages, so after a crash of the machine the entries may turn up: recovery treats
 *   an intent that was journalled and never sent like any other such intent.
 * - `died`: the writer's thread ended. Whether the last appends were durable is told by reopening.
 *
 * The journal's keeper opens the file again after `torn` and `io`, its supervisor restarts it after
 * `died`; meanwhile nothing that increases risk is sent.
 */
export class JournalUnavailable extends TaggedError('JournalUnavailable')<{
  readonly reason: JournalUnavailableReason;
  readonly detail: string;
}> {
  readonly kind: FaultKind = 'State';
  readonly outcomeKnown: boolean = false;
  readonly retry: FaultRetry = 'restart';
  override get message(): string {
    return `The journal cannot be written (${this.reason}): ${this.detail}`;
  }
}
export type JournalUnavailableReason =
  | 'diskFull'
  | 'locked'
  | 'overloaded'
  | 'closed'
  | 'torn'
  | 'io'
  | 'died';

/**
 * The append contradicts what the journal already holds: an intent key planned twice, a deal booked
 * twice, an attempt made before the previous one definitely failed. Nothing of this append is
 * stored; other appends are not affected. The caller treats it as "already happened".
 */
export class JournalConflict extends TaggedError('JournalConflict')<{
  readonly what: ConflictKind;
  /** The intent key, deal ticket, `intentId#attempt` or epoch that is taken. */
  readonly key: string;
}> {
  readonly kind: FaultKind = 'State';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'never';
  override get message(): string {
    return `The journal already holds this ${this.what}: ${this.key}`;
  }
}
export type ConflictKind = 'intentKey' | 'intent' | 'attempt' | 'deal' | 'epoch';

/** The journal could not be opened. Nothing was changed; `remedy` says what a person can do. */
export class JournalRefused extends TaggedError('JournalRefused')<{
  readonly reason: JournalRefusedReason;
  readonly file: string;
  readonly detail: string;
  readonly remedy: string;
}> {
  readonly kind: FaultKind = 'Init';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'never';
  override get message(): string {
    return `${this.file}: ${this.detail}. ${this.remedy}`;
  }
}
export type JournalRefusedReason =
  | 'missing'
  | 'damaged'
  | 'newerSchema'
  | 'olderSchema'
  | 'foreign'
  | 'locked'
  | 'io';

/** Another live process owns the data directory. */
export class InstanceLocked extends TaggedError('InstanceLocked')<{
  readonly dataDir: string;
  /** Null in the short moment between taking the lock and writing the holder's name. */
  readonly holderPid: number | null;
}> {
  readonly kind: FaultKind = 'Init';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'never';
  override get message(): string {
    const holder = this.holderPid === null ? 'another process' : `process ${this.holderPid}`;
    return (
      `${this.dataDir} is in use by ${holder}. ` +
      'Stop it first, or choose another data directory with --data-dir.'
    );
  }
}

/** A backup could not be taken or put back. Nothing that was in the data directory is lost; `remedy`
 * says what a person can do. */
export class BackupRefused extends TaggedError('BackupRefused')<{
  readonly reason: BackupRefusedReason;
  readonly path: string;
  readonly detail: string;
  readonly remedy: string;
}> {
  readonly kind: FaultKind = 'Init';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'never';
  override get message(): string {
    return `${this.path}: ${this.detail}. ${this.remedy}`;
  }
}
export type BackupRefusedReason = 'missing' | 'exists' | 'damaged' | 'newerThere' | 'io';
