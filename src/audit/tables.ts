import type { Database, Statement } from 'better-sqlite3';

/**
 * The five tables as people get them: columns in export order, with what a cell holds. `text` is
 * free text and is made harmless to spreadsheets on export; the others have a spelling of their
 * own. `orderBy` is a total order that does not depend on how concurrent work was interleaved.
 */
export type CellType = 'text' | 'decimal' | 'time';
export interface AuditTable {
  readonly columns: Readonly<Record<string, CellType>>;
  readonly orderBy: string;
}

export const AUDIT_TABLES = {
  signals: {
    columns: {
      account_id: 'text',
      signal_id: 'text',
      strategy_id: 'text',
      symbol: 'text',
      bar_at: 'time',
      raised_at: 'time',
      action: 'text',
      side: 'text',
      kind: 'text',
      price: 'decimal',
      stop_distance: 'decimal',
      take_profit_distance: 'decimal',
      leg: 'decimal',
      reason: 'text',
      verdict: 'text',
      denial_code: 'text',
      detail: 'text',
    },
    orderBy: 'account_id, raised_at, signal_id',
  },
  orders: {
    columns: {
      account_id: 'text',
      intent_id: 'text',
      signal_id: 'text',
      strategy_id: 'text',
      symbol: 'text',
      action: 'text',
      side: 'text',
      kind: 'text',
      volume: 'decimal',
      price: 'decimal',
      stop_loss: 'decimal',
      take_profit: 'decimal',
      magic: 'text',
      position_ticket: 'text',
      state: 'text',
      denial_code: 'text',
      detail: 'text',
      retcode: 'decimal',
      order_ticket: 'text',
      deal_tickets: 'text',
      created_at: 'time',
      sent_at: 'time',
      done_at: 'time',
      filled_volume: 'decimal',
      fill_price: 'decimal',
      slippage_points: 'decimal',
      attempts: 'decimal',
      reason: 'text',
    },
    orderBy: 'account_id, created_at, intent_id',
  },
  trades: {
    columns: {
      account_id: 'text',
      position_ticket: 'text',
      round: 'decimal',
      strategy_id: 'text',
      symbol: 'text',
      side: 'text',
      state: 'text',
      opened_at: 'time',
      closed_at: 'time',
      volume: 'decimal',
      closed_volume: 'decimal',
      open_price: 'decimal',
      close_price: 'decimal',
      gross_profit: 'decimal',
      commission: 'decimal',
      swap: 'decimal',
      net_profit: 'decimal',
      exit_reason: 'text',
      open_intent_ids: 'text',
      close_intent_ids: 'text',
      order_tickets: 'text',
      deal_tickets: 'text',
    },
    orderBy:
      'account_id, coalesce(opened_at, closed_at), length(position_ticket), position_ticket, round',
  },
  events: {
    columns: {
      account_id: 'text',
      at: 'time',
      severity: 'text',
      kind: 'text',
      code: 'text',
      detail: 'text',
      path: 'text',
    },
    orderBy: 'account_id, at, journal_seq',
  },
  account_snapshots: {
    columns: {
      account_id: 'text',
      at: 'time',
      balance: 'decimal',
      equity: 'decimal',
      floating: 'decimal',
      margin: 'decimal',
      daily_floor: 'decimal',
      total_floor: 'decimal',
      daily_headroom: 'decimal',
      total_headroom: 'decimal',
    },
    orderBy: 'account_id, at, journal_seq',
  },
} as const satisfies Readonly<Record<string, AuditTable>>;

export type AuditTableName = keyof typeof AUDIT_TABLES;
export const AUDIT_TABLE_NAMES = Object.keys(AUDIT_TABLES) as readonly AuditTableName[];
export const isAuditTable = (name: string): name is AuditTableName =>
  Object.hasOwn(AUDIT_TABLES, name);

export type ColumnOf<Table extends AuditTableName> = keyof (typeof AUDIT_TABLES)[Table]['columns'] &
  string;
export type SqlValue = string | number | null;

/** An insert with one named parameter per column; `conflict` is SQL for what happens when the row
 * exists. */
export const insertInto = <Column extends string>(
  db: Database,
  table: string,
  columns: readonly Column[],
  conflict = '',
): Statement<[Readonly<Record<Column, SqlValue>>]> =>
  db.prepare<[Readonly<Record<Column, SqlValue>>]>(
    `INSERT INTO ${table} (${columns.join(', ')})
     VALUES (${columns.map((column) => `@${column}`).join(', ')}) ${conflict}`,
  );

export const columnsOf = <Table extends AuditTableName>(table: Table): readonly ColumnOf<Table>[] =>
  Object.keys(AUDIT_TABLES[table].columns) as readonly ColumnOf<Table>[];
