import type { Database } from 'better-sqlite3';
import type { JournalUnavailableReason } from './errors.ts';
import { JournalConflict } from './errors.ts';
import { factTables } from './fact-tables.ts';
import { sqliteCode } from './journal-file.ts';
import type { AppendRequest, AppendResult } from './writer-protocol.ts';

const reasonOf = (code: string): JournalUnavailableReason => {
  if (code === 'SQLITE_FULL') return 'diskFull';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'torn';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'locked';
  return 'io';
};

type Failure = Pick<
  Extract<AppendResult, { readonly type: 'unavailable' }>,
  'type' | 'reason' | 'detail'
>;

const failureOf = (error: unknown): Failure => {
  const detail = error instanceof Error ? error.message : String(error);
  return { type: 'unavailable', reason: reasonOf(sqliteCode(error) ?? ''), detail };
};

export interface GroupCommit {
  /** Stores all requests in one transaction and one fsync. A request that conflicts is left out
   * alone; any other error leaves out all of them. */
  readonly commit: (requests: readonly AppendRequest[]) => readonly AppendResult[];
}

export const groupCommit = (db: Database): GroupCommit => {
  const facts = factTables(db);
  const insert = db.prepare(
    `INSERT INTO entries (account_id, at_ms, recorded_at_ms, kind, intent_id, payload)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const begin = db.prepare('BEGIN IMMEDIATE');
  const end = db.prepare('COMMIT');
  const mark = db.prepare('SAVEPOINT request');
  const keep = db.prepare('RELEASE request');
  const undo = db.prepare('ROLLBACK TO request');
  let broken: Failure | undefined;

  const store = (request: AppendRequest): number => {
    let seq = 0;
    for (const row of request.rows) {
      const { accountId, atMs, kind, intentId, payload } = row;
      const recordedAtMs = request.recordedAtMs;
      const stored = insert.run(accountId, atMs, recordedAtMs, kind, intentId, payload);
      seq = Number(stored.lastInsertRowid);
      if (row.fact !== null) facts.record(row.accountId, seq, row.fact);
    }
    return seq;
  };
  const attempt = (request: AppendRequest): AppendResult => {
    mark.run();
    try {
      const lastSeq = store(request);
      keep.run();
      return { id: request.id, type: 'stored', lastSeq };
    } catch (error) {
      if (!(error instanceof JournalConflict)) throw error;
      undo.run();
      keep.run();
      return { id: request.id, type: 'conflict', what: error.what, key: error.key };
    }
  };
  const commit = (requests: readonly AppendRequest[]): readonly AppendResult[] => {
    const refuseAll = (failure: Failure): readonly AppendResult[] =>
      requests.map(({ id }) => ({ id, ...failure }));
    if (broken !== undefined) return refuseAll(broken);
    try {
      begin.run();
      const results = requests.map(attempt);
      end.run();
      return results;
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK');
      const failure = failureOf(error);
      // After a damaged page or a failed fsync nothing this connection believes can be trusted.
      if (failure.reason === 'torn' || failure.reason === 'io') broken = failure;
      return refuseAll(failure);
    }
  };
  return { commit };
};
