import { join } from 'node:path';
import Database from 'better-sqlite3';
import { deals, type LedgerLine, ledgerLines, openTickets } from './terminal-ledger.ts';

/**
 * The audit database against the terminal's ledger, written a second time from nothing but NDJSON
 * and SQL: a mistake in src/audit cannot hide in here. Answers with sentences, none of them: both
 * agree order by order and cent by cent.
 */
type Row = Readonly<Record<string, string | number | bigint | null>>;

export interface PlainComparison {
  readonly disagreements: readonly string[];
  /** What was compared, so that an empty comparison cannot pass for agreement. */
  readonly compared: {
    readonly deals: number;
    readonly orders: number;
    readonly requests: number;
    readonly positions: number;
  };
  /** Cents, by the ledger alone. */
  readonly realised: bigint;
  readonly costs: bigint;
}

/** `-12.30` → -1230n; every amount of the account has two digits. */
const cents = (value: unknown): bigint => {
  const text = String(value);
  if (!/^-?\d+\.\d\d$/.test(text)) throw new Error(`${text} is no amount in cents`);
  return BigInt(text.replace('.', ''));
};
/** A decimal as an integer of 10^-digits: `7.24` with 8 digits → 724000000n. */
const scaled = (value: unknown, digits: number): bigint => {
  const [whole = '', part = ''] = String(value).split('.');
  return BigInt(whole + part.slice(0, digits).padEnd(digits, '0'));
};
const words = (value: unknown): readonly string[] =>
  String(value ?? '')
    .split(' ')
    .filter((word) => word !== '');
const sorted = (values: Iterable<unknown>): string => [...values].map(String).sort().join(',');

const readAudit = (file: string) => {
  const db = new Database(file, { readonly: true });
  db.defaultSafeIntegers(true);
  const all = (sql: string): readonly Row[] => db.prepare<[], Row>(sql).all();
  const audit = {
    orders: all('SELECT * FROM orders'),
    deals: all("SELECT * FROM deals WHERE entry <> 'balance'"),
    trades: all('SELECT * FROM trades'),
    digits: new Map(all('SELECT * FROM symbols').map((row) => [row['symbol'], row['digits']])),
    snapshot: all('SELECT * FROM account_snapshots ORDER BY journal_seq DESC LIMIT 1')[0],
  };
  db.close();
  return audit;
};
type Audit = ReturnType<typeof readAudit>;

class Findings {
  readonly list: string[] = [];
  same(what: string, audit: unknown, ledger: unknown): void {
    if (String(audit) === String(ledger)) return;
    this.list.push(`${what}: audit ${String(audit)}, ledger ${String(ledger)}`);
  }
}

const compareDeals = (audit: Audit, lines: readonly LedgerLine[], findings: Findings): void => {
  const theirs = deals(lines);
  findings.same(
    'tickets of deals',
    sorted(audit.deals.map((row) => row['ticket'])),
    sorted(theirs.map((line) => line['ticket'])),
  );
  const ours = new Map(audit.deals.map((row) => [row['ticket'], row]));
  const closedBy = new Set(
    lines.filter(({ action }) => action === 'closeBy').map(({ intent }) => intent),
  );
  for (const line of theirs) {
    const row = ours.get(String(line['ticket']));
    if (row === undefined) continue;
    const same = (field: string, mine: unknown, broker: unknown): void =>
      findings.same(`deal ${String(line['ticket'])} ${field}`, mine, broker);
    const digits = Number(audit.digits.get(String(line['symbol'])));
    same('symbol', row['symbol'], line['symbol']);
    same('side', row['side'], line['side']);
    same('entry', row['entry'], line['entry']);
    same('reason', row['reason'], line['reason']);
    same('order', row['order_ticket'], line['orderTicket']);
    same('position', row['position_ticket'], line['positionTicket']);
    // Of a close-by the order is the first position's; the second one's deal is no order of ours.
    if (row['intent_id'] !== null || !closedBy.has(line['intent'])) {
      same('intent', row['intent_id'] ?? '', line['intent']);
    }
    same('time', row['at_ms'], line['atMs']);
    same('volume', row['volume_e8'], scaled(line['volume'], 8));
    same('price', row['points'], scaled(line['price'], digits));
    same('profit', row['profit_minor'], cents(line['profit']));
    same('commission', row['commission_minor'], cents(line['commission']));
    same('swap', row['swap_minor'], cents(line['swap']));
  }
};

const ENDED = new Set(['filled', 'refused', 'cancelled', 'expired']);
const TRADES = new Set(['place', 'close', 'closeBy']);
const isTrade = (line: LedgerLine): boolean => TRADES.has(String(line['action']));
const CHANGES = new Set(['cancel', 'modifyOrder', 'modifyPosition']);

/** Each audited order: sent once or never, and what the broker did for it. */
const compareOrder = (row: Row, lines: readonly LedgerLine[], findings: Findings): void => {
  const id = row['intent_id'];
  const state = String(row['state']);
  const of = (type: string) => lines.filter((line) => line.type === type && line['intent'] === id);
  const isCloseBy = row['action'] === 'closeBy';
  const same = (field: string, mine: unknown, broker: unknown): void =>
    findings.same(`order ${String(id)} ${field}`, mine, broker);
  const asked = of('request').filter(isTrade);
  if (CHANGES.has(String(row['action']))) {
    const made = of('request').filter((line) => line['action'] === row['action']);
    if (state === 'done') same('requests of a change', 1, made.length);
    return;
  }
  if (state === 'denied') {
    same('requests of a denied order', 0, asked.length);
    return;
  }
  // Overtaken by a halt or a lost link, or refused by the terminal's own checks (no retcode): the
  // broker has not heard of it.
  const ownRefusal = state === 'refused' && row['retcode'] === null;
  const unheard = of('request').length === 0 && of('deal').length === 0;
  if ((state === 'expired' || ownRefusal) && unheard) return;
  if (state === 'accepted') {
    const last = of('order').at(-1);
    same('what rests on the book', row['order_ticket'], last?.['ticket']);
    same('its state', 'placed', last?.['state']);
    same('deals of what rests', 0, of('deal').length);
    return;
  }
  if (!ENDED.has(state)) {
    same('state', state, 'a state in which an order may end');
    return;
  }
  const wanted = asked.at(-1);
  if (row['action'] === 'open') {
    const names = { symbol: 'symbol', side: 'side', stop_loss: 'stopLoss', magic: 'magic' };
    for (const [ours, theirs] of Object.entries(names)) same(ours, row[ours], wanted?.[theirs]);
    same('take_profit', row['take_profit'] ?? null, wanted?.['takeProfit'] ?? null);
  }
  // A close-by states two positions, and their smaller volume follows.
  if (!isCloseBy) same('asked volume', scaled(row['volume'], 8), scaled(wanted?.['volume'], 8));
  const isItsPosition = (line: LedgerLine): boolean =>
    !isCloseBy || line['positionTicket'] === row['position_ticket'];
  const tickets = new Set(
    of('order')
      .filter(isItsPosition)
      .map((line) => line['ticket']),
  );
  same('broker orders (one at most)', Math.min(tickets.size, 1), tickets.size);
  // What a stop closes later is a deal of the same position, but not of this intent.
  const entry = row['action'] === 'open' ? 'in' : 'out';
  const own = of('deal').filter((line) => line['entry'] === entry && isItsPosition(line));
  // A cancelled order may have been filled in part before: its rest was taken off.
  const inPart = state === 'cancelled' && row['filled_volume'] !== null;
  same('filled', state === 'filled' || inPart, own.length > 0);
  if (own.length === 0) return;
  const volume = own.reduce((sum, line) => sum + scaled(line['volume'], 8), 0n);
  same('deals', sorted(words(row['deal_tickets'])), sorted(own.map((line) => line['ticket'])));
  same('order ticket', row['order_ticket'], sorted(tickets));
  same('filled volume', scaled(row['filled_volume'], 8), volume);
  if (own.length === 1) same('fill price', row['fill_price'], own[0]?.['price']);
};

const compareTrades = (audit: Audit, lines: readonly LedgerLine[], findings: Findings): void => {
  const money = new Map<string, bigint>();
  for (const line of deals(lines)) {
    const net = cents(line['profit']) + cents(line['commission']) + cents(line['swap']);
    const ticket = String(line['positionTicket']);
    money.set(ticket, (money.get(ticket) ?? 0n) + net);
  }
  const ours = new Map<string, bigint>();
  const open = new Set<string>();
  for (const row of audit.trades) {
    const ticket = String(row['position_ticket']);
    ours.set(ticket, (ours.get(ticket) ?? 0n) + cents(row['net_profit']));
    if (row['state'] !== 'closed') open.add(ticket);
  }
  const text = (sums: ReadonlyMap<string, bigint>): string =>
    sorted([...sums].map(([ticket, net]) => `${ticket}=${net}`));
  findings.same('net profit of positions', text(ours), text(money));
  findings.same('open positions', sorted(open), sorted(openTickets(lines)));
};

export const comparePlainly = (dataDir: string, ledger: string): PlainComparison => {
  const audit = readAudit(join(dataDir, 'audit.db'));
  const lines = ledgerLines(ledger);
  const findings = new Findings();
  const requests = lines.filter(
    (line) => line.type === 'request' && line['intent'] !== '' && isTrade(line),
  );
  const known = new Set(audit.orders.map((row) => row['intent_id']));
  for (const { intent } of requests as readonly { readonly intent?: string }[]) {
    if (!known.has(intent ?? '')) findings.list.push(`request ${intent} is not in the audit`);
  }
  compareDeals(audit, lines, findings);
  for (const row of audit.orders) compareOrder(row, lines, findings);
  compareTrades(audit, lines, findings);
  const trading = deals(lines);
  const sum = (names: readonly string[], of: readonly LedgerLine[]): bigint =>
    of.reduce((total, line) => names.reduce((t, name) => t + cents(line[name]), total), 0n);
  const all = ['profit', 'commission', 'swap'];
  const balance = sum(
    all,
    lines.filter(({ type }) => type === 'deal'),
  );
  findings.same('balance', cents(audit.snapshot?.['balance']), balance);
  return {
    disagreements: findings.list,
    compared: {
      deals: trading.length,
      orders: audit.orders.length,
      requests: requests.length,
      positions: new Set(trading.map((line) => line['positionTicket'])).size,
    },
    realised: sum(all, trading),
    costs: sum(['commission', 'swap'], trading),
  };
};
