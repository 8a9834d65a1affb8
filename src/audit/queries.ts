import type { Minor } from '../domain/units.ts';
import { minor } from '../domain/units.ts';
import { openAuditReadable } from './audit-file.ts';
import { moneyText, timeText } from './audit-text.ts';
import { dealRows } from './deal-rows.ts';
import type { AuditTableName, ColumnOf, SqlValue } from './tables.ts';
import { AUDIT_TABLES, columnsOf } from './tables.ts';

export type AuditRow<Table extends AuditTableName> = Readonly<Record<ColumnOf<Table>, SqlValue>>;

/** Which rows: one account (amounts of two currencies are never added up), from an instant on. */
export interface AuditFilter {
  readonly accountId: string;
  /** Session time, milliseconds since the epoch; rows before it are left out. Default: all. */
  readonly fromMs?: number;
}

/** Money booked by deals, exact. Costs are signed as MT5 signs them: negative costs money. */
export interface AuditTotals {
  readonly deals: number;
  /** Price differences of closing deals, before costs. */
  readonly gross: Minor;
  readonly commission: Minor;
  readonly swap: Minor;
  /** commission + swap. */
  readonly costs: Minor;
  /** gross + costs: what trading changed the balance by. Deposits do not count. */
  readonly net: Minor;
}
export interface EquityPoint {
  readonly at: string;
  readonly balance: string;
  readonly equity: string;
}
export type TradeState = 'open' | 'partlyClosed' | 'closed';

export interface AuditQueries {
  readonly accounts: () => readonly string[];
  /** Number of signals raised; a repeated one counts once. */
  readonly signalCount: (filter: AuditFilter) => number;
  /** Number of orders in each state, sorted by state. */
  readonly orderCounts: (filter: AuditFilter) => Readonly<Record<string, number>>;
  /** Number of denied orders for each denial code, sorted by code. */
  readonly denialCounts: (filter: AuditFilter) => Readonly<Record<string, number>>;
  readonly totals: (filter: AuditFilter) => AuditTotals;
  /** An amount in the account's currency as decimal text. */
  readonly money: (accountId: string, amount: Minor) => string;
  /** Oldest first. */
  readonly trades: (
    filter: AuditFilter & { readonly states?: readonly TradeState[] },
  ) => readonly AuditRow<'trades'>[];
  /** The newest `limit` rows, oldest first. */
  readonly lastEvents: (filter: AuditFilter, limit: number) => readonly AuditRow<'events'>[];
  readonly lastSignals: (filter: AuditFilter, limit: number) => readonly AuditRow<'signals'>[];
  readonly lastOrders: (filter: AuditFilter, limit: number) => readonly AuditRow<'orders'>[];
  readonly equityCurve: (filter: AuditFilter) => readonly EquityPoint[];
  readonly close: () => void;
}

const TIME_COLUMN = {
  signals: 'raised_at',
  orders: 'created_at',
  trades: 'coalesce(opened_at, closed_at)',
  events: 'at',
  account_snapshots: 'at',
} as const satisfies Readonly<Record<AuditTableName, string>>;

const NEWEST_FIRST = {
  signals: 'raised_at DESC, signal_id DESC',
  orders: 'created_at DESC, intent_id DESC',
  events: 'at DESC, journal_seq DESC',
} as const;

interface CountRow {
  readonly name: string;
  readonly count: number;
}
const counted = (rows: readonly CountRow[]): Readonly<Record<string, number>> =>
  Object.fromEntries(rows.map(({ name, count }) => [name, count]));

const fromText = ({ fromMs }: AuditFilter): string =>
  fromMs === undefined ? '' : timeText(fromMs);

/** Opens an audit database for questions; sees what is projected so far. Throws AuditRefused. */
export const openAuditQueries = (options: { readonly file: string }): AuditQueries => {
  const db = openAuditReadable(options.file);
  const deals = dealRows(db);
  const digits = db
    .prepare<[string], number>('SELECT currency_digits FROM accounts WHERE account_id = ?')
    .pluck();
  const counts = (column: string, where: string) =>
    db.prepare<[string, string], CountRow>(
      `SELECT ${column} AS name, count(*) AS count FROM orders
       WHERE account_id = ? AND created_at >= ? ${where} GROUP BY 1 ORDER BY 1`,
    );
  const since = (table: AuditTableName): string =>
    `SELECT ${columnsOf(table).join(', ')} FROM ${table}
     WHERE account_id = ? AND ${TIME_COLUMN[table]} >= ?`;
  const newest = <Table extends keyof typeof NEWEST_FIRST>(table: Table) => {
    const statement = db.prepare<[string, string, number], AuditRow<Table>>(
      `${since(table)} ORDER BY ${NEWEST_FIRST[table]} LIMIT ?`,
    );
    return (filter: AuditFilter, limit: number): readonly AuditRow<Table>[] =>
      statement.all(filter.accountId, fromText(filter), limit).reverse();
  };
  const signals = db
    .prepare<[string, string], number>(
      'SELECT count(*) FROM signals WHERE account_id = ? AND raised_at >= ?',
    )
    .pluck();
  const byState = counts('state', '');
  const byCode = counts('denial_code', "AND state = 'denied' AND denial_code IS NOT NULL");
  const trades = db.prepare<[string, string], AuditRow<'trades'>>(
    `${since('trades')} ORDER BY ${AUDIT_TABLES.trades.orderBy}`,
  );
  const curve = db.prepare<[string, string], EquityPoint>(
    `SELECT at, balance, equity FROM account_snapshots
     WHERE account_id = ? AND at >= ? ORDER BY at, journal_seq`,
  );
  return {
    accounts: () =>
      db.prepare<[], string>('SELECT account_id FROM accounts ORDER BY 1').pluck().all(),
    signalCount: (filter) => signals.get(filter.accountId, fromText(filter)) ?? 0,
    orderCounts: (filter) => counted(byState.all(filter.accountId, fromText(filter))),
    denialCounts: (filter) => counted(byCode.all(filter.accountId, fromText(filter))),
    totals: (filter) => totalsOf(deals.since(filter.accountId, filter.fromMs ?? 0)),
    money: (accountId, amount) => moneyText(amount, digits.get(accountId) ?? null),
    trades: (filter) =>
      trades
        .all(filter.accountId, fromText(filter))
        .filter((row) => filter.states?.some((state) => state === row.state) ?? true),
    lastEvents: newest('events'),
    lastSignals: newest('signals'),
    lastOrders: newest('orders'),
    equityCurve: (filter) => curve.all(filter.accountId, fromText(filter)),
    close: () => {
      db.close();
    },
  };
};

const totalsOf = (deals: ReturnType<ReturnType<typeof dealRows>['since']>): AuditTotals => {
  const trading = deals.filter((deal) => deal.entry !== 'balance');
  let [gross, commission, swap] = [0n, 0n, 0n];
  for (const deal of trading) {
    gross += deal.profitMinor;
    commission += deal.commissionMinor;
    swap += deal.swapMinor;
  }
  const costs = commission + swap;
  return {
    deals: trading.length,
    gross: minor(gross),
    commission: minor(commission),
    swap: minor(swap),
    costs: minor(costs),
    net: minor(gross + costs),
  };
};
