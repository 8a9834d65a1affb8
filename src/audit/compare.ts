import { formatDecimal, parseDecimal } from '../domain/units.ts';
import type { AuditFacts } from './audit-facts.ts';
import { readAuditFacts } from './audit-facts.ts';
import { compareOrders } from './compare-orders.ts';
import type { Finding } from './findings.ts';
import { differences } from './findings.ts';
import type { LedgerDeal, LedgerTruth } from './ledger-file.ts';
import { readLedger } from './ledger-file.ts';

export interface Comparison {
  readonly accountId: string;
  readonly checked: { readonly orders: number; readonly deals: number; readonly trades: number };
  /** Balance by the broker's own deals. */
  readonly balance: string;
  /** Empty: both agree order by order and cent by cent. */
  readonly findings: readonly Finding[];
}

const dealTexts = (deal: LedgerDeal): Readonly<Record<string, string | null>> => ({
  orderTicket: deal.orderTicket,
  positionTicket: deal.positionTicket,
  symbol: deal.symbol,
  side: deal.side,
  entry: deal.entry,
  volume: deal.volume,
  price: deal.price,
  profit: deal.profit,
  commission: deal.commission,
  swap: deal.swap,
  reason: deal.reason,
  at: deal.at,
});
const isTrading = (deal: { readonly entry: string }): boolean => deal.entry !== 'balance';

/** Every deal of trading in both, field by field. Deposits may lie before what the runtime asked
 * the terminal for, so the audit may lack them, but must not have others. */
const compareDeals = (facts: AuditFacts, truth: LedgerTruth): readonly Finding[] => {
  const ours = new Map(facts.deals.map((deal) => [deal.ticket, deal]));
  const theirs = new Map(truth.deals.map((deal) => [deal.ticket, deal]));
  const extra = facts.deals
    .filter(({ ticket }) => !theirs.has(ticket))
    .map(({ ticket, fields }): Finding => {
      const audit = fields['entry'] ?? null;
      return { what: 'deal', id: ticket, field: 'existence', audit, ledger: null };
    });
  const rest = truth.deals.flatMap((deal): readonly Finding[] => {
    const own = ours.get(deal.ticket);
    const id = deal.ticket;
    if (own === undefined) {
      const missing = { field: 'existence', audit: null, ledger: deal.entry } as const;
      return isTrading(deal) ? [{ what: 'deal', id, ...missing }] : [];
    }
    if (isTrading(deal)) return differences('deal', id, own.fields, dealTexts(deal));
    return differences('deal', id, own.fields, { profit: deal.profit, entry: deal.entry });
  });
  return [...extra, ...rest];
};

/** Exact sums of decimal texts that all have the currency's digits. */
class Money {
  readonly #digits: number;
  constructor(digits: number) {
    this.#digits = digits;
  }
  sum(texts: readonly string[]): string {
    const total = texts.reduce((sum, text) => {
      const value = parseDecimal(text, this.#digits);
      if (value === undefined) throw new RangeError(`${text} is no amount of the account`);
      return sum + value;
    }, 0n);
    return formatDecimal(total, this.#digits);
  }
}

const byPosition = (deals: readonly LedgerDeal[]): ReadonlyMap<string, readonly LedgerDeal[]> => {
  const groups = new Map<string, LedgerDeal[]>();
  for (const deal of deals.filter(isTrading)) {
    groups.set(deal.positionTicket, [...(groups.get(deal.positionTicket) ?? []), deal]);
  }
  return groups;
};

const tradeTexts = (
  rows: AuditFacts['trades'],
  money: Money,
): Readonly<Record<string, string | null>> => {
  const total = (column: keyof (typeof rows)[number]): string =>
    money.sum(rows.map((row) => String(row[column])));
  return {
    grossProfit: total('gross_profit'),
    commission: total('commission'),
    swap: total('swap'),
    netProfit: total('net_profit'),
    state: rows.some((row) => row.state !== 'closed') ? 'open' : 'closed',
  };
};

/** Positions one by one: what each earned and cost, and whether it is still open. The ledger's side
 * is added up from its deals and position changes, not by the code that fills the tables. */
const compareTrades = (facts: AuditFacts, truth: LedgerTruth): readonly Finding[] => {
  const money = new Money(truth.account.currencyDigits);
  const positions = byPosition(truth.deals);
  const tickets = new Set([
    ...positions.keys(),
    ...facts.trades.map((row) => String(row.position_ticket)),
  ]);
  return [...tickets].flatMap((ticket): readonly Finding[] => {
    const rows = facts.trades.filter((row) => row.position_ticket === ticket);
    const deals = positions.get(ticket) ?? [];
    const id = ticket;
    const missing = (audit: string | null, ledger: string | null): readonly Finding[] => [
      { what: 'trade', id, field: 'existence', audit, ledger },
    ];
    if (rows.length === 0) return missing(null, 'traded');
    if (deals.length === 0) return missing('traded', null);
    return differences('trade', id, tradeTexts(rows, money), {
      grossProfit: money.sum(deals.map((deal) => deal.profit)),
      commission: money.sum(deals.map((deal) => deal.commission)),
      swap: money.sum(deals.map((deal) => deal.swap)),
      netProfit: money.sum(deals.flatMap((deal) => [deal.profit, deal.commission, deal.swap])),
      state: truth.openPositions.has(ticket) ? 'open' : 'closed',
    });
  });
};

/** The last snapshot against the broker's balance of that instant. Deals of the very instant may
 * have come before or after it. */
const compareBalance = (
  facts: AuditFacts,
  truth: LedgerTruth,
  money: Money,
): readonly Finding[] => {
  const { lastSnapshot } = facts;
  if (lastSnapshot === undefined) {
    return [{ what: 'balance', id: '', field: 'snapshot', audit: null, ledger: 'an account' }];
  }
  const upTo = truth.deals.filter((deal) => deal.at <= lastSnapshot.at);
  const before = upTo.filter((deal) => deal.at < lastSnapshot.at).length;
  const balances = Array.from({ length: upTo.length - before + 1 }, (_, more) =>
    balanceOf(upTo.slice(0, before + more), money),
  );
  if (balances.includes(lastSnapshot.balance)) return [];
  const ledger = balances.at(-1) ?? null;
  const { balance: audit, at } = lastSnapshot;
  return [{ what: 'balance', id: '', field: `at ${at}`, audit, ledger }];
};

const balanceOf = (deals: readonly LedgerDeal[], money: Money): string =>
  money.sum(
    deals
      .filter(({ operation }) => operation !== 'credit')
      .flatMap((deal) => [deal.profit, deal.commission, deal.swap]),
  );

/**
 * Compares the audit database with the ledger of the simulated terminal. Both are read only, and
 * every disagreement is reported, not the first one. Rejects with AuditRefused or LedgerRefused
 * when a file cannot be read, and with RangeError when the account is not clear.
 */
export const compareWithLedger = async (options: {
  readonly auditFile: string;
  readonly ledgerFile: string;
  readonly accountId?: string | undefined;
}): Promise<Comparison> => {
  const facts = readAuditFacts(options.auditFile, options.accountId);
  const truth = await readLedger(options.ledgerFile);
  const money = new Money(truth.account.currencyDigits);
  const gap: Finding = {
    what: 'ledger',
    id: '',
    field: 'completeness',
    audit: null,
    ledger: 'begins in the middle',
  };
  return {
    accountId: facts.accountId,
    checked: {
      orders: facts.orders.length,
      deals: truth.deals.length,
      trades: facts.trades.length,
    },
    balance: balanceOf(truth.deals, money),
    findings: [
      ...(truth.complete ? [] : [gap]),
      ...compareDeals(facts, truth),
      ...compareOrders(facts, truth),
      ...compareTrades(facts, truth),
      ...compareBalance(facts, truth, money),
    ],
  };
};
