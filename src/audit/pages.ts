import type { Database } from 'better-sqlite3';
import { openAuditReadable } from './audit-file.ts';
import { timeText } from './audit-text.ts';
import type { AuditRow } from './queries.ts';
import type { AuditTableName, SqlValue } from './tables.ts';
import { columnsOf } from './tables.ts';

/**
 * The tables in pages, newest first. A page ends with a cursor that names its last row, not a
 * number of rows: whatever is projected meanwhile moves no page.
 */
export interface PageFilter {
  readonly accountId: string;
  /** Session time, ms since the epoch, both ends included. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Column → the one value that it has to have. Columns that the table lacks are refused. */
  readonly equal?: Readonly<Record<string, string>> | undefined;
}
export interface PageRequest extends PageFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
}
export interface Page<Table extends AuditTableName> {
  readonly rows: readonly AuditRow<Table>[];
  /** Of the page after this one; null when there is none. */
  readonly next: string | null;
}
/** A cursor that this table never gave. */
export class BadCursor extends Error {
  constructor() {
    super('this cursor is not one of this list');
    this.name = 'BadCursor';
  }
}

/** A total order per table, by which its pages follow each other. */
const ORDER = {
  signals: ['raised_at', 'signal_id'],
  orders: ['created_at', 'intent_id'],
  trades: ['coalesce(opened_at, closed_at)', 'position_ticket', 'round'],
  events: ['at', 'journal_seq'],
  account_snapshots: ['at', 'journal_seq'],
} as const satisfies Readonly<Record<AuditTableName, readonly string[]>>;

const encodeCursor = (key: readonly SqlValue[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url');

const decodeCursor = (cursor: string, length: number): readonly SqlValue[] => {
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new BadCursor();
  }
  const isKey =
    Array.isArray(key) &&
    key.length === length &&
    key.every((part) => typeof part === 'string' || typeof part === 'number');
  if (!isKey) throw new BadCursor();
  return key as readonly SqlValue[];
};

const conditionsOf = (
  table: AuditTableName,
  filter: PageRequest,
): { readonly where: readonly string[]; readonly values: readonly SqlValue[] } => {
  const order: readonly string[] = ORDER[table];
  const time = order[0] ?? '';
  const columns: readonly string[] = columnsOf(table);
  const where = ['account_id = ?'];
  const values: SqlValue[] = [filter.accountId];
  const add = (condition: string, ...bound: readonly SqlValue[]): void => {
    where.push(condition);
    values.push(...bound);
  };
  if (filter.fromMs !== undefined) add(`${time} >= ?`, timeText(filter.fromMs));
  if (filter.toMs !== undefined) add(`${time} <= ?`, timeText(filter.toMs));
  for (const [column, value] of Object.entries(filter.equal ?? {})) {
    if (!columns.includes(column)) throw new RangeError(`${table} has no column ${column}`);
    add(`${column} = ?`, value);
  }
  if (filter.cursor !== undefined) {
    const places = order.map(() => '?').join(', ');
    add(`(${order.join(', ')}) < (${places})`, ...decodeCursor(filter.cursor, order.length));
  }
  return { where, values };
};

const pageOf = <Table extends AuditTableName>(
  db: Database,
  table: Table,
  request: PageRequest,
): Page<Table> => {
  const order: readonly string[] = ORDER[table];
  const { where, values } = conditionsOf(table, request);
  const keys = order.map((part, index) => `${part} AS _key${index}`);
  const rows = db
    .prepare<SqlValue[], Record<string, SqlValue>>(
      `SELECT ${[...columnsOf(table), ...keys].join(', ')} FROM ${table}
       WHERE ${where.join(' AND ')}
       ORDER BY ${order.map((part) => `${part} DESC`).join(', ')} LIMIT ?`,
    )
    .all(...values, request.limit + 1);
  const shown = rows.slice(0, request.limit);
  const last = shown.at(-1);
  const next =
    rows.length > request.limit && last !== undefined
      ? encodeCursor(order.map((_, index) => last[`_key${index}`] ?? null))
      : null;
  return {
    rows: shown.map(
      (row) =>
        Object.fromEntries(
          columnsOf(table).map((column) => [column, row[column] ?? null]),
        ) as AuditRow<Table>,
    ),
    next,
  };
};

export interface AuditPages {
  /** Throws BadCursor. */
  readonly page: <Table extends AuditTableName>(table: Table, request: PageRequest) => Page<Table>;
  readonly close: () => void;
}

/** Opens an audit database for reading in pages, beside its writer. Throws AuditRefused. */
export const openAuditPages = (options: { readonly file: string }): AuditPages => {
  const db = openAuditReadable(options.file);
  return {
    page: (table, request) => pageOf(db, table, request),
    close: () => {
      db.close();
    },
  };
};
