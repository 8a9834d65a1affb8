import type { JournalReader, StoredEntry } from '../journal/types.ts';
import type { AuditDb } from './audit-db.ts';
import { fingerprintOf } from './audit-db.ts';

export interface CaughtUp {
  /** Entries applied now. */
  readonly projected: number;
  /** True when the tables were emptied first, because they followed another journal. */
  readonly startedOver: boolean;
}

const BATCH_ENTRIES = 2_000;

/** Whether the entry at the audit's cursor is, in this journal, the entry it was made from. A
 * journal that was started afresh or restored from a backup fails this. */
export const followsJournal = (audit: AuditDb, reader: JournalReader): boolean => {
  const cursor = audit.cursor();
  if (cursor === 0) return true;
  const entry: StoredEntry | undefined = reader.after(cursor - 1, 1)[0];
  return entry !== undefined && fingerprintOf(entry) === audit.fingerprint();
};

/**
 * Brings the tables up to the end of the journal, from nothing when they belong to another one.
 * With `maxEntries` it stops early, so that an actor can give others a turn: it is at the end when
 * fewer were projected.
 */
export const catchUp = (
  audit: AuditDb,
  reader: JournalReader,
  maxEntries = Number.POSITIVE_INFINITY,
): CaughtUp => {
  const startedOver = !followsJournal(audit, reader);
  if (startedOver) audit.clear();
  let projected = 0;
  while (projected < maxEntries) {
    const size = Math.min(BATCH_ENTRIES, maxEntries - projected);
    const batch = reader.after(audit.cursor(), size);
    if (batch.length === 0) break;
    audit.project(batch);
    projected += batch.length;
  }
  return { projected, startedOver };
};
