import type { Writable } from 'node:stream';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openAuditReadable } from './audit-file.ts';
import { csvCell, csvRecord } from './csv.ts';
import type { AuditTable, AuditTableName, SqlValue } from './tables.ts';
import { AUDIT_TABLES } from './tables.ts';

export interface ExportOptions {
  readonly auditFile: string;
  readonly table: AuditTableName;
  /** Only this account's rows; all accounts when absent. */
  readonly accountId?: string | undefined;
}

/** Characters gathered before they are handed to the stream. */
const CHUNK_CHARS = 64 * 1024;

/** Header and rows, one record at a time. The read transaction lasts as long as the reader takes;
 * it never blocks the writer (WAL). */
function* records({ auditFile, table, accountId }: ExportOptions): Generator<string, void> {
  const { columns, orderBy }: AuditTable = AUDIT_TABLES[table];
  const names = Object.keys(columns);
  const types = Object.values(columns);
  const db = openAuditReadable(auditFile);
  try {
    const where = accountId === undefined ? '' : 'WHERE account_id = ?';
    const rows = db
      .prepare<string[], SqlValue[]>(
        `SELECT ${names.join(', ')} FROM ${table} ${where} ORDER BY ${orderBy}`,
      )
      .raw()
      .iterate(...(accountId === undefined ? [] : [accountId]));
    yield csvRecord(names);
    for (const row of rows) {
      yield csvRecord(row.map((value, index) => csvCell(value, types[index] ?? 'text')));
    }
  } finally {
    db.close();
  }
}

/**
 * Writes one table as CSV, header first, without holding it in memory; resolves to the number of
 * rows. Equal tables give equal bytes. `out` is left open. Rejects with AuditRefused when there is
 * no audit database, and with the stream's error when it breaks.
 */
export const exportCsv = async (options: ExportOptions, out: Writable): Promise<number> => {
  let written = 0;
  function* chunks(): Generator<string, void> {
    let chunk = '';
    for (const record of records(options)) {
      chunk += record;
      written += 1;
      if (chunk.length < CHUNK_CHARS) continue;
      yield chunk;
      chunk = '';
    }
    yield chunk;
  }
  await pipeline(Readable.from(chunks()), out, { end: false });
  return written - 1;
};
