import type { Deal, VenueOrder } from '../../domain/trading.ts';
import { type EpochMs, type Minor, minor, ZERO_MINOR } from '../../domain/units.ts';
import type { EntryBody } from '../../journal/types.ts';
import type { TradingModeEvent } from '../../machines/trading-mode.machine.ts';
import { exposureOf } from '../../risk/exposure.ts';
import { floors, shareOf } from '../../risk/floors.ts';
import {
  applyDeal,
  balanceAtReset,
  isMade,
  isWithdrawal,
  type LedgerUpdate,
  openLedger,
} from '../../risk/ledger.ts';
import { serialise } from '../../risk/ledger-codec.ts';
import type { LedgerState } from '../../risk/ledger-state.ts';
import { dayOf } from '../../risk/zone-time.ts';
import type { Snapshot, TradeReport } from '../messages.ts';
import type { Finding } from '../recovery/recovery-findings.ts';
import {
  APPLIED_DEALS_KEPT,
  type AppliedDeals,
  atRisk,
  equityOf,
  type GuardOptions,
  type GuardState,
  NO_DEALS,
  symbolRisks,
} from './guard-state.ts';
import { survey } from './guard-survey.ts';

export interface Booked {
  readonly state: GuardState;
  readonly update: LedgerUpdate | null;
  /** The books differ: the balance, or two orders of one intent. A sentence. */
  readonly mismatch: string | undefined;
  /** Instants at which profit was withdrawn, among the deals that were new. */
  readonly withdrawals: readonly EpochMs[];
}

/** One transaction: positions, orders and balance change together, and the book follows. */
export const bookReport = (state: GuardState, report: TradeReport): Booked => {
  const positions = new Map(state.positions);
  for (const position of report.positions) positions.set(position.ticket, position);
  for (const ticket of report.closedPositions) positions.delete(ticket);
  const orders = new Map(state.orders);
  for (const order of report.orders) {
    if (isWorking(order)) orders.set(order.ticket, order);
    else orders.delete(order.ticket);
  }
  const { account } = report;
  const next = { ...state, positions, orders, account, equity: account.equity };
  return applyDeals(next, report.deals);
};

/** A partly filled order with an end is over: its rest was taken off. */
const isWorking = ({ state, doneAt }: VenueOrder): boolean =>
  state === 'placed' || (state === 'partial' && doneAt === undefined);

/** The terminal's whole truth replaces what we believed; the book catches up with its deals. */
export const bookSnapshot = (
  state: GuardState,
  options: GuardOptions,
  snapshot: Snapshot,
): Booked & { readonly actions: readonly Finding[] } => {
  const { findings: actions, duplicate } = survey(state, options, snapshot);
  const next: GuardState = {
    ...state,
    account: snapshot.account,
    equity: snapshot.account.equity,
    instruments: new Map(snapshot.instruments.map((spec) => [spec.symbol, spec])),
    positions: new Map(snapshot.positions.map((position) => [position.ticket, position])),
    orders: new Map(snapshot.orders.map((order) => [order.ticket, order])),
  };
  if (next.ledger !== null) {
    const booked = applyDeals(next, snapshot.deals);
    return { ...booked, mismatch: booked.mismatch ?? duplicate, actions };
  }
  const ledger = firstLedger(options, snapshot);
  const applied = remember(NO_DEALS, snapshot.deals);
  const opened = { ...next, ledger, applied };
  const equity = equityOf(opened, options) ?? snapshot.account.equity;
  const known = { state: { ...opened, equity }, update: null, mismatch: duplicate };
  return { ...known, withdrawals: [], actions };
};

/** A book for an account seen for the first time. Its first day begins with the balance at the
 * reset that lies behind us, rebuilt from today's deals when there are any. */
const firstLedger = (options: GuardOptions, snapshot: Snapshot): LedgerState => {
  const { ruleSet, phase, initial, currencyDigits } = options;
  const { account, deals, at } = snapshot;
  const traded = deals.some(isMade);
  const { opensAt } = dayOf(at, ruleSet.reset.zone, ruleSet.reset.localTime);
  const credits = deals.filter(({ operation }) => operation === 'credit');
  const credit = credits.reduce((sum, { profit }) => minor(sum + profit), ZERO_MINOR);
  const opened = openLedger({
    ruleSet,
    phase,
    initial,
    at,
    balance: account.balance,
    equity: minor(account.equity - credit),
    currencyDigits,
    ...(traded ? { rebuiltAnchor: balanceAtReset(account.balance, deals, opensAt) } : {}),
  });
  return { ...opened, credit };
};

const applyDeals = (state: GuardState, deals: readonly Deal[]): Booked => {
  const { ledger, account } = state;
  if (ledger === null || account === null) {
    return { state, update: null, mismatch: undefined, withdrawals: [] };
  }
  const fresh = deals.filter(
    ({ ticket, at }) => at >= state.applied.since && !state.applied.tickets.includes(ticket),
  );
  let book = ledger;
  const anchored: LedgerUpdate['anchored'][number][] = [];
  const breaches: LedgerUpdate['breaches'][number][] = [];
  const withdrawals: EpochMs[] = [];
  for (const deal of fresh) {
    if (isProfitWithdrawn(book, deal)) withdrawals.push(deal.at);
    const update = applyDeal(book, deal);
    book = update.state;
    anchored.push(...update.anchored);
    breaches.push(...update.breaches);
  }
  const mismatch =
    book.balance === account.balance
      ? undefined
      : `the broker's balance is ${account.balance}, ours ${book.balance} minor units`;
  const applied = remember(state.applied, fresh);
  // Credit is the broker's: it stands in for no floor.
  const equity = minor(account.equity - book.credit);
  return {
    state: { ...state, ledger: book, applied, equity },
    update: { state: book, anchored, breaches },
    mismatch,
    withdrawals,
  };
};

/** Money that leaves an account above its initial balance. */
const isProfitWithdrawn = (book: LedgerState, deal: Deal): boolean =>
  isWithdrawal(deal) && book.balance > book.initial;

/** Forgets the oldest; from then on a deal from before the oldest kept counts as known. A deal
 * that was really missed shows as a mismatch of the balances, which halts. */
const remember = (applied: AppliedDeals, deals: readonly Deal[]): AppliedDeals => {
  const tickets = [...applied.tickets, ...deals.map(({ ticket }) => ticket)];
  if (tickets.length <= APPLIED_DEALS_KEPT) return { ...applied, tickets };
  const kept = tickets.slice(-APPLIED_DEALS_KEPT);
  const oldest = deals.find(({ ticket }) => kept.includes(ticket));
  const { since } = applied;
  return { tickets: kept, since: oldest === undefined || oldest.at < since ? since : oldest.at };
};

/** Percent of the headroom above the higher floor that the worst case uses; undefined while the
 * account is not known. */
const headroomUse = (state: GuardState, options: GuardOptions, at: EpochMs): number | undefined => {
  const { account, ledger } = state;
  if (account === null || ledger === null) return undefined;
  const symbols = symbolRisks(state, options, at);
  const exposure = exposureOf({
    ...atRisk(state),
    symbolOf: (symbol) => symbols.get(symbol),
    accountDigits: options.currencyDigits,
  });
  // What has no stop has no worst case: it counts as the whole buffer above the floor.
  const buffer = shareOf(ledger.initial, options.limits.floorBufferPpm);
  const worst = exposure.worst - buffer * BigInt(exposure.naked.length);
  const headroom: bigint = account.balance - floors(ledger).max;
  if (headroom <= 0n) return 100;
  return worst >= 0n ? 0 : Number((-worst * 100n) / headroom);
};

/** Share of the headroom (percent) above which nothing more is opened, and below which it is again. */
const THIN_PERCENT = 80;
const WIDE_PERCENT = 70;

export const headroomEvent = (
  state: GuardState,
  options: GuardOptions,
  at: EpochMs,
): TradingModeEvent | undefined => {
  const used = headroomUse(state, options, at);
  if (used === undefined) return undefined;
  if (used > THIN_PERCENT) return { type: 'headroom.thin' };
  return used < WIDE_PERCENT ? { type: 'headroom.restored' } : undefined;
};

/** The account for the audit, and the book for a restart. */
export const savedEntries = (state: GuardState): readonly EntryBody[] => {
  const { account, ledger } = state;
  if (account === null || ledger === null) return [];
  const { daily, total } = floors(ledger);
  const equity: Minor = state.equity ?? account.equity;
  return [
    {
      kind: 'account.snapshot',
      balanceMinor: account.balance.toString(),
      equityMinor: equity.toString(),
      marginMinor: account.margin.toString(),
      dailyFloorMinor: (daily ?? total).toString(),
      totalFloorMinor: total.toString(),
    },
    {
      kind: 'ledger.saved',
      ledger: serialise(ledger),
      applied: state.applied.tickets,
      appliedSinceMs: state.applied.since,
    },
  ];
};

/** The first day of a new book. */
export const anchorEntries = ({ ledger }: GuardState): readonly EntryBody[] => {
  if (ledger === null) return [];
  const { date, balanceAtOpen, source } = ledger.day;
  return [{ kind: 'day.anchored', day: date, anchorMinor: balanceAtOpen.toString(), source }];
};

const BOOKKEEPING: ReadonlySet<EntryBody['kind']> = new Set(['account.snapshot', 'ledger.saved']);

/** Nothing waits for such an entry: it is written in order like all others, but time goes on. */
export const isBookkeeping = ({ kind }: EntryBody): boolean => BOOKKEEPING.has(kind);
