import type { EntryRow } from './entry-codec.ts';
import { decodeEntry } from './entry-codec.ts';
import { openReadable } from './journal-file.ts';
import { JOURNAL_LIMITS } from './journal-limits.ts';
import type { JournalReader } from './types.ts';

/**
 * Opens a read-only connection to the journal; it sees what is committed and never blocks the
 * writer. Throws JournalRefused when the file is missing, damaged or of another schema version.
 */
export const openJournalReader = (options: { readonly file: string }): JournalReader => {
  const db = openReadable(options.file, JOURNAL_LIMITS.busyTimeoutMs);
  const columns = 'entries.seq, entries.account_id, entries.at_ms, entries.kind, entries.payload';
  const after = db.prepare<[number, number], EntryRow>(
    `SELECT ${columns} FROM entries WHERE seq > ? ORDER BY seq LIMIT ?`,
  );
  const lastSeq = db.prepare<[], number>('SELECT coalesce(max(seq), 0) FROM entries').pluck();
  const key = db
    .prepare<[string, string], number>('SELECT 1 FROM intents WHERE account_id = ? AND key = ?')
    .pluck();
  const deal = db
    .prepare<[string, string], number>('SELECT 1 FROM deals WHERE account_id = ? AND ticket = ?')
    .pluck();
  const planned = db
    .prepare<[string], number>('SELECT count(*) FROM intents WHERE account_id = ?')
    .pluck();
  const open = db.prepare<[string], EntryRow>(
    `SELECT ${columns} FROM intents
     JOIN entries ON entries.account_id = intents.account_id
       AND entries.intent_id = intents.intent_id
     WHERE intents.account_id = ? AND intents.is_final = 0 ORDER BY entries.seq`,
  );
  const ofIntent = db.prepare<[string, string], EntryRow>(
    `SELECT ${columns} FROM entries WHERE account_id = ? AND intent_id = ? ORDER BY seq`,
  );
  const last = db.prepare<[string, string], EntryRow>(
    `SELECT ${columns} FROM entries WHERE account_id = ? AND kind = ? ORDER BY seq DESC LIMIT 1`,
  );
  const ofKind = db.prepare<[string, string, number], EntryRow>(
    `SELECT ${columns} FROM entries WHERE account_id = ? AND kind = ? AND seq > ? ORDER BY seq`,
  );
  // Each step is one look into the index; a DISTINCT would read every entry.
  const accounts = db
    .prepare<[], string>(
      `WITH RECURSIVE known (name) AS (
         SELECT min(account_id) FROM entries
         UNION ALL
         SELECT (SELECT min(account_id) FROM entries WHERE account_id > known.name) FROM known
         WHERE known.name IS NOT NULL)
       SELECT name FROM known WHERE name IS NOT NULL`,
    )
    .pluck();
  const recordedAt = db
    .prepare<[number], number>('SELECT recorded_at_ms FROM entries WHERE seq = ?')
    .pluck();
  return {
    recordedAt: (seq) => recordedAt.get(seq) ?? 0,
    after: (seq, limit) => after.all(seq, limit).map(decodeEntry),
    lastSeq: () => lastSeq.get() ?? 0,
    hasIntentKey: (accountId, intentKey) => key.get(accountId, intentKey) !== undefined,
    hasDeal: (accountId, dealTicket) => deal.get(accountId, dealTicket) !== undefined,
    plannedIntents: (accountId) => planned.get(accountId) ?? 0,
    openIntents: (accountId) => open.all(accountId).map(decodeEntry),
    ofIntent: (accountId, intentId) => ofIntent.all(accountId, intentId).map(decodeEntry),
    ofKind: (accountId, kind, seq = 0) =>
      ofKind.all(accountId, kind, seq).map((row) => decodeEntry(row) as never),
    last: (accountId, kind) => {
      const row = last.get(accountId, kind);
      return row === undefined ? undefined : decodeEntry(row);
    },
    accounts: () => accounts.all(),
    close: () => db.close(),
  };
};
