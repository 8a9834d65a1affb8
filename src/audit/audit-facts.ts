import { openAuditReadable } from './audit-file.ts';
import { moneyText, priceText, timeText, volumeText } from './audit-text.ts';
import { dealRows } from './deal-rows.ts';
import type { AuditRow } from './queries.ts';
import type { DealFact } from './trade-rounds.ts';

/** A deal as the audit database has it, spelt as the tables spell values. */
export interface AuditDeal {
  readonly ticket: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly fact: DealFact;
}
/** Everything of one account that a comparison needs, read in one transaction. */
export interface AuditFacts {
  readonly accountId: string;
  readonly deals: readonly AuditDeal[];
  readonly orders: readonly AuditRow<'orders'>[];
  readonly trades: readonly AuditRow<'trades'>[];
  readonly lastSnapshot: { readonly at: string; readonly balance: string } | undefined;
}

const dealFields = (fact: DealFact, digits: number | null): AuditDeal['fields'] => ({
  orderTicket: fact.orderTicket,
  positionTicket: fact.positionTicket,
  symbol: fact.symbol,
  side: fact.side,
  entry: fact.entry,
  volume: volumeText(fact.volumeE8),
  price: priceText(fact.points, fact.digits),
  profit: moneyText(fact.profitMinor, digits),
  commission: moneyText(fact.commissionMinor, digits),
  swap: moneyText(fact.swapMinor, digits),
  reason: fact.reason,
  at: timeText(fact.atMs),
});

/** Throws AuditRefused when there is no audit database, and RangeError when it holds several
 * accounts and none is named. */
export const readAuditFacts = (file: string, wanted: string | undefined): AuditFacts => {
  const db = openAuditReadable(file);
  try {
    db.exec('BEGIN');
    const accounts = db
      .prepare<[], string>('SELECT account_id FROM accounts ORDER BY 1')
      .pluck()
      .all();
    const accountId = wanted ?? (accounts.length === 1 ? accounts[0] : undefined);
    if (accountId === undefined || !accounts.includes(accountId)) {
      const list = accounts.length === 0 ? 'none' : accounts.join(', ');
      throw new RangeError(`Name an account with --account. The database has: ${list}.`);
    }
    const digits = db
      .prepare<[string], number>('SELECT currency_digits FROM accounts WHERE account_id = ?')
      .pluck()
      .get(accountId);
    const deals = dealRows(db).since(accountId, 0);
    return {
      accountId,
      deals: deals.map((fact) => ({
        ticket: fact.ticket,
        fields: dealFields(fact, digits ?? null),
        fact,
      })),
      orders: db
        .prepare<[string], AuditRow<'orders'>>('SELECT * FROM orders WHERE account_id = ?')
        .all(accountId),
      trades: db
        .prepare<[string], AuditRow<'trades'>>('SELECT * FROM trades WHERE account_id = ?')
        .all(accountId),
      lastSnapshot: db
        .prepare<[string], { readonly at: string; readonly balance: string }>(
          `SELECT at, balance FROM account_snapshots WHERE account_id = ?
           ORDER BY at DESC, journal_seq DESC LIMIT 1`,
        )
        .get(accountId),
    };
  } finally {
    db.close();
  }
};
