import { createHash } from 'node:crypto';
import { encodeEntry } from '../journal/entry-codec.ts';
import type { StoredEntry } from '../journal/types.ts';
import { openAuditWritable } from './audit-file.ts';
import { AuditGap } from './errors.ts';
import { projection } from './projection.ts';

/**
 * The audit database of people: a projection of the journal, in the hands of its only writer.
 */
export interface AuditDb {
  /** Sequence number of the last journal entry that the tables contain; 0 when empty. */
  readonly cursor: () => number;
  /** Digest of that entry; tells whether the journal is still the one that was projected. */
  readonly fingerprint: () => string;
  /**
   * Applies a batch of consecutive entries and moves the cursor, in one transaction: a batch is in
   * the tables once or not at all. Entries at or before the cursor are skipped, so a batch may be
   * given again. Throws AuditGap when entries are missing before the batch.
   */
  readonly project: (entries: readonly StoredEntry[]) => void;
  /** Empties every table and puts the cursor at 0, in one transaction. */
  readonly clear: () => void;
  readonly close: () => void;
}

export const fingerprintOf = (entry: StoredEntry): string => {
  const { seq, ...rest } = entry;
  const { accountId, atMs, kind, payload } = encodeEntry(rest);
  return createHash('sha256')
    .update(JSON.stringify([seq, accountId, atMs, kind, payload]))
    .digest('hex');
};

const TABLES = [
  'signals',
  'orders',
  'trades',
  'events',
  'account_snapshots',
  'deals',
  'symbols',
  'accounts',
] as const;

/** Opens or makes the audit database. Throws AuditRefused; the remedy is always a rebuild. */
export const openAuditDb = (options: { readonly file: string }): AuditDb => {
  const db = openAuditWritable(options.file);
  const apply = projection(db);
  const cursor = db.prepare<[], number>('SELECT journal_seq FROM projection_cursor').pluck();
  const fingerprint = db.prepare<[], string>('SELECT fingerprint FROM projection_cursor').pluck();
  const move = db.prepare('UPDATE projection_cursor SET journal_seq = ?, fingerprint = ?');
  const readCursor = (): number => cursor.get() ?? 0;

  const project = db.transaction((entries: readonly StoredEntry[]): void => {
    let reached = readCursor();
    const fresh = entries.filter((entry) => entry.seq > reached);
    for (const entry of fresh) {
      if (entry.seq !== reached + 1) throw new AuditGap({ cursor: reached, firstSeq: entry.seq });
      apply(entry);
      reached = entry.seq;
    }
    const last = fresh.at(-1);
    if (last !== undefined) move.run(last.seq, fingerprintOf(last));
  });
  const clear = db.transaction((): void => {
    for (const table of TABLES) db.exec(`DELETE FROM ${table}`);
    move.run(0, '');
  });
  return {
    cursor: readCursor,
    fingerprint: () => fingerprint.get() ?? '',
    project,
    clear,
    close: () => {
      db.close();
    },
  };
};
