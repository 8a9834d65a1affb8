import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { JournalRefusedReason } from './errors.ts';
import { JournalRefused } from './errors.ts';
import { JOURNAL_SCHEMA } from './migrations.ts';
import { migrate, schemaState } from './schema-version.ts';
import type { Durability } from './types.ts';

const REMEDIES: Readonly<Record<JournalRefusedReason, string>> = {
  missing: 'Start the runtime once, or check the data directory',
  damaged:
    'Keep the file for inspection, restore the last backup into its place, and start again: ' +
    'recovery rebuilds what is newer from the terminal',
  newerSchema: 'Use the Bulwark version that wrote it, or a newer one',
  olderSchema: 'Start the runtime once, so that it migrates the file',
  foreign: 'Move that file away, or choose another data directory',
  locked: 'Stop the process that holds it, then try again',
  io: 'Check the permissions and the disk',
};

const refused = (reason: JournalRefusedReason, file: string, detail: string): JournalRefused =>
  new JournalRefused({ reason, file, detail, remedy: REMEDIES[reason] });

/** The extended SQLite code of an error, or undefined when it is none of SQLite's. */
export const sqliteCode = (error: unknown): string | undefined =>
  error instanceof Database.SqliteError ? error.code : undefined;

const refusalOf = (error: unknown, file: string): JournalRefused => {
  if (error instanceof JournalRefused) return error;
  const code = sqliteCode(error) ?? '';
  const detail = error instanceof Error ? error.message : String(error);
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return refused('damaged', file, `The journal is damaged (${detail})`);
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return refused('locked', file, 'The journal is held by another process');
  }
  return refused('io', file, `The journal cannot be opened (${detail})`);
};

const checkIntegrity = (db: Database.Database, file: string): void => {
  const findings = db.pragma('quick_check(1)', { simple: true });
  if (findings !== 'ok') throw refused('damaged', file, `The journal is damaged (${findings})`);
};

const opening = (file: string, prepare: () => Database.Database): Database.Database => {
  try {
    return prepare();
  } catch (error) {
    throw refusalOf(error, file);
  }
};

const closingOnThrow = (db: Database.Database, work: () => void): Database.Database => {
  try {
    work();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
};

const SYNCHRONOUS = ['off', 'normal', 'full', 'extra'] as const;

/** As this very connection has it in force: `synchronous` is a property of the connection. */
export const durabilityOf = (db: Database.Database): Durability => ({
  journalMode: String(db.pragma('journal_mode', { simple: true })),
  synchronous: SYNCHRONOUS[Number(db.pragma('synchronous', { simple: true }))] ?? 'off',
});

export interface WritableOptions {
  readonly file: string;
  readonly busyTimeoutMs: number;
  readonly maxBytes: number;
}

/** Opens the journal to write: checked, migrated, WAL, fsync on every commit. Throws
 * JournalRefused and leaves the file as it was when it is damaged, newer or not a journal. */
export const openWritable = (options: WritableOptions): Database.Database =>
  opening(options.file, () => {
    const db = new Database(options.file, { timeout: options.busyTimeoutMs });
    return closingOnThrow(db, () => {
      const state = schemaState(db, JOURNAL_SCHEMA);
      if (state === 'foreign') throw refused('foreign', options.file, 'This is not a journal');
      if (state === 'newer') {
        throw refused('newerSchema', options.file, 'A newer Bulwark wrote this journal');
      }
      checkIntegrity(db, options.file);
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = FULL');
      // The WAL of a long session is reused; this keeps a burst from leaving a huge file behind.
      db.pragma(`journal_size_limit = ${64 * 1024 ** 2}`);
      migrate(db, JOURNAL_SCHEMA);
      const { journalMode, synchronous } = durabilityOf(db);
      // Some network file systems cannot share memory: SQLite then keeps another mode, and says nothing.
      if (journalMode !== 'wal' || synchronous !== 'full') {
        const detail = `Commits here would not be durable (journal mode ${journalMode}, synchronous ${synchronous})`;
        throw refused('io', options.file, detail);
      }
      const pageSize = Number(db.pragma('page_size', { simple: true }));
      db.pragma(`max_page_count = ${Math.floor(options.maxBytes / pageSize)}`);
    });
  });

/** Opens the journal to read, beside its writer. Throws JournalRefused. */
export const openReadable = (file: string, busyTimeoutMs: number): Database.Database =>
  opening(file, () => {
    if (!existsSync(file)) throw refused('missing', file, 'There is no journal here');
    const db = new Database(file, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
    return closingOnThrow(db, () => {
      const state = schemaState(db, JOURNAL_SCHEMA);
      if (state === 'foreign') throw refused('foreign', file, 'This is not a journal');
      if (state === 'newer')
        throw refused('newerSchema', file, 'A newer Bulwark wrote this journal');
      if (state !== 'current')
        throw refused('olderSchema', file, 'The journal is not migrated yet');
    });
  });
