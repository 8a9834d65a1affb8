import { existsSync, renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { openJournalReader } from '../journal/journal-reader.ts';
import { openAuditDb } from './audit-db.ts';
import { openAuditReadable, openAuditWritable } from './audit-file.ts';
import { catchUp } from './catch-up.ts';
import type { AuditTableName } from './tables.ts';
import { AUDIT_TABLE_NAMES } from './tables.ts';

export interface RebuiltAudit {
  /** Journal entries read. */
  readonly entries: number;
  readonly rows: Readonly<Record<AuditTableName, number>>;
}

const SIDE_FILES = ['-wal', '-shm', '-journal'] as const;
const removeDatabase = (file: string): void => {
  for (const suffix of ['', ...SIDE_FILES]) rmSync(`${file}${suffix}`, { force: true });
};

/** Folds the WAL into the file, so that the file alone is the database and can be renamed. */
const sealFile = (file: string): void => {
  const db = openAuditWritable(file);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.pragma('journal_mode = DELETE');
  db.close();
};

/** A WAL left beside the old file would be applied to the new one. A sound old file takes its WAL
 * in first, so that it stays whole if we are killed before the rename. */
const retireSideFiles = (file: string): void => {
  if (!existsSync(file)) return;
  try {
    const db = new Database(file, { timeout: 0 });
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
  } catch {
    // A damaged old file is exactly what people rebuild for; it is about to be replaced.
  }
  for (const suffix of SIDE_FILES) rmSync(`${file}${suffix}`, { force: true });
};

const countRows = (file: string): RebuiltAudit['rows'] => {
  const db = openAuditReadable(file);
  const count = (table: string): number =>
    Number(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  const rows = AUDIT_TABLE_NAMES.map((table) => [table, count(table)] as const);
  db.close();
  return Object.fromEntries(rows) as RebuiltAudit['rows'];
};

/**
 * Builds the audit database anew from the journal, beside the old one, and puts it in its place by
 * one rename. The runtime must not be running (hold the instance lock): it would keep writing to
 * the replaced file. Throws JournalRefused when the journal cannot be read; the old file then stays.
 */
export const rebuildAudit = (options: {
  readonly journalFile: string;
  readonly auditFile: string;
}): RebuiltAudit => {
  const { journalFile, auditFile } = options;
  const fresh = `${auditFile}.rebuild`;
  const reader = openJournalReader({ file: journalFile });
  try {
    removeDatabase(fresh);
    const audit = openAuditDb({ file: fresh });
    const { projected } = catchUp(audit, reader);
    audit.close();
    sealFile(fresh);
    retireSideFiles(auditFile);
    renameSync(fresh, auditFile);
    return { entries: projected, rows: countRows(auditFile) };
  } finally {
    reader.close();
    removeDatabase(fresh);
  }
};
