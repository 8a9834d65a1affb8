import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { migrate, schemaState } from '../journal/schema-version.ts';
import { AuditRefused } from './errors.ts';
import { AUDIT_SCHEMA } from './migrations.ts';

const BUSY_TIMEOUT_MS = 2_000;
const REBUILD = 'It holds nothing of its own: run bulwark audit rebuild';

const refuse = (reason: AuditRefused['reason'], file: string, detail: string): never => {
  throw new AuditRefused({ reason, file, detail });
};

const isDamage = (error: unknown): boolean =>
  error instanceof Database.SqliteError &&
  (error.code === 'SQLITE_NOTADB' || error.code.startsWith('SQLITE_CORRUPT'));

/** The disk is full or fails, or somebody else holds the file: it passes, or a person mends it. */
export const isDiskFault = (error: unknown): error is Error =>
  error instanceof Database.SqliteError &&
  /^SQLITE_(FULL|IOERR|CANTOPEN|READONLY|BUSY|LOCKED)/.test(error.code);

const prepared = (
  file: string,
  db: Database.Database,
  prepare: (state: ReturnType<typeof schemaState>) => void,
): Database.Database => {
  try {
    const state = schemaState(db, AUDIT_SCHEMA);
    if (state === 'foreign') refuse('foreign', file, 'This is not an audit database');
    if (state === 'newer') refuse('newerSchema', file, `A newer Bulwark wrote it. ${REBUILD}`);
    prepare(state);
    return db;
  } catch (error) {
    db.close();
    if (isDamage(error)) refuse('damaged', file, `The audit database is damaged. ${REBUILD}`);
    throw error;
  }
};

/** Opens (or makes) the audit database to write. NORMAL is enough: what a power cut takes away is
 * projected again from the journal. Throws AuditRefused. */
export const openAuditWritable = (file: string): Database.Database => {
  const db = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  return prepared(file, db, () => {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    migrate(db, AUDIT_SCHEMA);
  });
};

/** Opens an existing audit database to read, beside its writer. Throws AuditRefused. */
export const openAuditReadable = (file: string): Database.Database => {
  if (!existsSync(file)) {
    refuse('missing', file, 'There is no audit database here. Check the data directory');
  }
  const db = new Database(file, { readonly: true, timeout: BUSY_TIMEOUT_MS });
  return prepared(file, db, (state) => {
    if (state !== 'current') refuse('olderSchema', file, `It is not migrated yet. ${REBUILD}`);
  });
};
