import type { BalanceOperationKind, Deal } from '../domain/trading.ts';
import type { EpochMs, Minor } from '../domain/units.ts';
import { minor, parseDecimal, ZERO_MINOR } from '../domain/units.ts';
import type { Breach } from './floors.ts';
import { breachOf, floors, maxMinor, shareOf } from './floors.ts';
import type { Figures } from './ledger-anchors.ts';
import {
  anchorsAfterTransfer,
  anchorsAtReset,
  anchorsCorrected,
  anchorsInRealTime,
  firstAnchor,
} from './ledger-anchors.ts';
import type {
  Anchored,
  BalanceOperation,
  DaySummary,
  LedgerDay,
  LedgerRules,
  LedgerState,
  Low,
} from './ledger-state.ts';
import type { RuleSet } from './rule-set.ts';
import { phaseOf } from './rule-set.ts';
import { dayOf } from './zone-time.ts';

/**
 * The account's book as the rules see it. Deals and balance operations move B_local; observations
 * of the broker's balance and equity move minima and high waters; reset instants move anchors.
 *
 * Time only goes forward. Each reset instant is crossed once, by the first event at or after it,
 * so a restart (restore, then advance) never re-anchors. A deal that belongs before the last reset
 * but arrives after it corrects that anchor. The caller applies each deal ticket once: the journal
 * knows which it has seen.
 */

export interface OpenLedgerOptions {
  readonly ruleSet: RuleSet;
  readonly phase: string;
  /** I: the account's initial balance under this phase. */
  readonly initial: Minor;
  readonly at: EpochMs;
  readonly balance: Minor;
  /** Default: the balance. */
  readonly equity?: Minor;
  /** Minor digits of the account currency; default 2. */
  readonly currencyDigits?: number;
  /** Balance at the last reset instant where the account has history (see `balanceAtReset`);
   * absent, the first day's rule applies. */
  readonly rebuiltAnchor?: Minor;
}

export interface LedgerUpdate {
  readonly state: LedgerState;
  /** One per reset instant crossed, oldest first. */
  readonly anchored: readonly Anchored[];
  /** Floors that did not hold: at a reset instant, or at the end of this update. */
  readonly breaches: readonly Breach[];
}

const rulesOf = (ruleSet: RuleSet, phaseName: string, currencyDigits: number): LedgerRules => {
  const phase = phaseOf(ruleSet, phaseName);
  if (phase === undefined) {
    const known = ruleSet.phases.map(({ name }) => name).join(', ');
    throw new RangeError(`rule set ${ruleSet.id} has no phase "${phaseName}"; it has: ${known}`);
  }
  for (const rule of [phase.daily, phase.total]) {
    if (rule?.amount.of !== 'absolute') continue;
    if (parseDecimal(rule.amount.value, currencyDigits) === undefined) {
      throw new RangeError(`${ruleSet.id}: ${rule.amount.value} is finer than the currency`);
    }
  }
  return {
    ruleSetId: ruleSet.id,
    ruleSetVersion: ruleSet.version,
    reset: ruleSet.reset,
    phase,
  };
};

const newDay = (
  state: { readonly rules: LedgerRules; readonly balance: Minor },
  at: EpochMs,
  opening: Pick<LedgerDay, 'number' | 'source'> & { readonly figures: Figures },
): LedgerDay => {
  const { zone, localTime } = state.rules.reset;
  const { figures } = opening;
  return {
    ...dayOf(at, zone, localTime),
    number: opening.number,
    balanceAtOpen: figures.balance,
    equityAtOpen: figures.equity,
    source: opening.source,
    localAtOpen: state.balance,
    transfers: ZERO_MINOR,
    low: { equity: figures.equity, at },
    openedPositions: [],
    orders: 0,
    requests: 0,
  };
};

/** A ledger at the start of its phase. Throws RangeError for an unknown phase. */
export const openLedger = (options: OpenLedgerOptions): LedgerState => {
  const { ruleSet, initial, at, balance, rebuiltAnchor, currencyDigits = 2 } = options;
  const rules = rulesOf(ruleSet, options.phase, currencyDigits);
  const equity = options.equity ?? balance;
  const rebuilt = rebuiltAnchor !== undefined;
  const figures = { balance: rebuiltAnchor ?? balance, equity };
  return {
    rules,
    currencyDigits,
    initial,
    openedAt: at,
    at,
    balance,
    credit: ZERO_MINOR,
    equity,
    equityIsCurrent: true,
    day: newDay({ rules, balance: rebuiltAnchor ?? balance }, at, {
      number: 1,
      source: rebuilt ? 'rebuilt' : 'initial',
      figures,
    }),
    anchors: {
      daily:
        rules.phase.daily === null
          ? null
          : firstAnchor(rules.phase.daily, initial, figures, rebuilt),
      total: firstAnchor(rules.phase.total, initial, figures, rebuilt),
    },
    low: { equity, at },
    tradingDays: 0,
    profitDays: 0,
    bestDayProfit: ZERO_MINOR,
    bestDayDate: null,
    netTransfers: ZERO_MINOR,
    lastOpenedAt: null,
    firstOpenedAt: null,
  };
};

/** What a deal adds to the balance, minor units, signed. */
export const netOf = (deal: Pick<Deal, 'profit' | 'commission' | 'swap'>): Minor =>
  minor(deal.profit + deal.commission + deal.swap);

/** What a balance operation is to the book. transfer: money that was brought or taken, no profit.
 * credit: lent by the broker, part of equity only. booking: a cost or a gain of the account. */
export const OPERATION_MEANS: Readonly<
  Record<BalanceOperationKind, 'transfer' | 'credit' | 'booking'>
> = {
  balance: 'transfer',
  // A gift counts toward no target.
  bonus: 'transfer',
  credit: 'credit',
  charge: 'booking',
  correction: 'booking',
  commission: 'booking',
  interest: 'booking',
  dividend: 'booking',
  tax: 'booking',
};

type Typed = Pick<Deal, 'entry' | 'operation'>;
const meaningOf = ({
  entry,
  operation = 'balance',
}: Typed): 'trade' | 'transfer' | 'credit' | 'booking' =>
  entry === 'balance' ? OPERATION_MEANS[operation] : 'trade';

/** True for what trading, or the broker's bookings, made of the balance; transfers and credit are
 * no part of that. */
export const isMade = (deal: Typed): boolean => ['trade', 'booking'].includes(meaningOf(deal));

/** True for money that is taken out of the account, as a payout is. */
export const isWithdrawal = (deal: Pick<Deal, 'entry' | 'operation' | 'profit'>): boolean =>
  deal.entry === 'balance' && (deal.operation ?? 'balance') === 'balance' && deal.profit < 0n;

/**
 * Balance at the reset instant `opensAt`, rebuilt: today's balance less what was made since.
 * Today's transfers stay in: a first deposit must not make the anchor zero, and a later one raises
 * it, which is the safe side.
 */
export const balanceAtReset = (balance: Minor, deals: readonly Deal[], opensAt: EpochMs): Minor => {
  const today = deals.filter((deal) => deal.at >= opensAt && isMade(deal));
  return today.reduce((sum, deal) => minor(sum - netOf(deal)), balance);
};

const summaryOf = (state: LedgerState, balanceAtClose: Minor): DaySummary => {
  const { day } = state;
  const { daily, total } = floors(state);
  return {
    date: day.date,
    opensAt: day.opensAt,
    closedAt: day.closesAt,
    balanceAtOpen: day.balanceAtOpen,
    dailyFloor: daily,
    totalFloor: total,
    low: day.low,
    balanceAtClose,
    profit: minor(balanceAtClose - day.localAtOpen - day.transfers),
    opened: day.openedPositions.length,
  };
};

/** Crosses the end of the running day with the figures of that instant. */
const crossReset = (
  state: LedgerState,
  figures: Figures,
  source: 'observed' | 'rebuilt',
): { readonly state: LedgerState; readonly anchored: Anchored } => {
  const at = state.day.closesAt;
  const closed = summaryOf(state, figures.balance);
  const { minDays } = state.rules.phase;
  const enough = shareOf(state.initial, minDays?.profitPpm ?? 0);
  const profitable = closed.profit > 0n && closed.profit >= enough;
  const day = newDay(state, at, { number: state.day.number + 1, source, figures });
  const next: LedgerState = {
    ...state,
    at,
    anchors: anchorsAtReset(state, figures),
    day: { ...day, low: { equity: source === 'observed' ? figures.equity : state.equity, at } },
    tradingDays: state.tradingDays + (closed.opened > 0 ? 1 : 0),
    profitDays: state.profitDays + (profitable ? 1 : 0),
    bestDayProfit: maxMinor(state.bestDayProfit, closed.profit),
    bestDayDate: closed.profit > state.bestDayProfit ? closed.date : state.bestDayDate,
  };
  const anchored = { date: next.day.date, at, anchor: figures.balance, source, closed };
  return { state: next, anchored };
};

const lowerOf = (low: Low, equity: Minor, at: EpochMs): Low =>
  equity < low.equity ? { equity, at } : low;

/** Crosses every reset up to `at`. The broker's figures count where they were taken at the reset
 * instant itself; for one that passed unobserved the ledger's own balance counts, and the highest
 * equity it knows of, because a higher anchor is the safer one. */
const crossResets = (
  from: LedgerState,
  at: EpochMs,
  observed: Figures | undefined,
): LedgerUpdate => {
  const anchored: Anchored[] = [];
  const breaches: Breach[] = [];
  let state = from;
  while (state.day.closesAt <= at) {
    const seen = state.day.closesAt === at && observed !== undefined;
    const equity = observed === undefined ? state.equity : maxMinor(state.equity, observed.equity);
    const figures = seen ? observed : { balance: state.balance, equity };
    const crossed = crossReset(state, figures, seen ? 'observed' : 'rebuilt');
    state = crossed.state;
    anchored.push(crossed.anchored);
    const breach = breachOf(state, { balance: figures.balance, equity: state.equity });
    if (breach !== undefined && !seen && state.equityIsCurrent) breaches.push(breach);
  }
  return { state: at > state.at ? { ...state, at } : state, anchored, breaches };
};

/**
 * Time passes to `at`, where the broker shows `observed`. Deals booked before `at` must have been
 * applied first, oldest first, or a reset in between is anchored without them (and corrected when
 * they come). An `at` in the past counts as now.
 */
export const advanceTo = (state: LedgerState, at: EpochMs, observed: Figures): LedgerUpdate => {
  const crossed = crossResets(state, at, observed);
  const now = crossed.state.at;
  const next: LedgerState = {
    ...crossed.state,
    equity: observed.equity,
    equityIsCurrent: true,
    anchors: anchorsInRealTime(crossed.state, observed),
    day: { ...crossed.state.day, low: lowerOf(crossed.state.day.low, observed.equity, now) },
    low: lowerOf(crossed.state.low, observed.equity, now),
  };
  const breach = breachOf(next, observed);
  const breaches = breach === undefined ? crossed.breaches : [...crossed.breaches, breach];
  return { state: next, anchored: crossed.anchored, breaches };
};

/** Adds `amount` to B_local; where it belongs before the running day, corrects that day's start. */
const book = (from: LedgerState, amount: Minor, at: EpochMs): LedgerState => {
  const state = { ...from, equityIsCurrent: false };
  const balance = minor(state.balance + amount);
  if (at >= state.day.opensAt) {
    const next = { ...state, balance };
    return { ...next, anchors: anchorsInRealTime(next, { balance, equity: next.equity }) };
  }
  const { day } = state;
  const localAtOpen = minor(day.localAtOpen + amount);
  // An observed balance that fits neither before nor after the late deal is the broker's word
  // against ours: the higher one counts until the ledgers agree.
  const known = day.balanceAtOpen === day.localAtOpen || day.balanceAtOpen === localAtOpen;
  const balanceAtOpen = known ? localAtOpen : maxMinor(day.balanceAtOpen, localAtOpen);
  const next = { ...state, balance, day: { ...day, localAtOpen, balanceAtOpen } };
  const figures = { balance: balanceAtOpen, equity: day.equityAtOpen };
  const corrected = { ...next, anchors: anchorsCorrected(next, figures) };
  return { ...corrected, anchors: anchorsInRealTime(corrected, { balance, equity: state.equity }) };
};

/** Books a deposit, withdrawal, charge or credit. */
export const applyOperation = (state: LedgerState, operation: BalanceOperation): LedgerUpdate => {
  const crossed = crossResets(state, operation.at, undefined);
  const now = crossed.state;
  const { amount, kind, at } = operation;
  const means = OPERATION_MEANS[kind];
  if (means === 'credit') {
    return { ...crossed, state: { ...now, credit: minor(now.credit + amount) } };
  }
  if (means === 'booking') return { ...crossed, state: book(now, amount, at) };
  const next: LedgerState = {
    ...now,
    balance: minor(now.balance + amount),
    equity: minor(now.equity + amount),
    anchors: anchorsAfterTransfer(now, amount),
    netTransfers: minor(now.netTransfers + amount),
    day: { ...now.day, transfers: minor(now.day.transfers + amount) },
  };
  return { ...crossed, state: next };
};

/** Books one deal as the broker reported it. Advances to the deal's instant first. */
export const applyDeal = (state: LedgerState, deal: Deal): LedgerUpdate => {
  if (deal.entry === 'balance') {
    const { operation: kind = 'balance', at } = deal;
    return applyOperation(state, { kind, amount: netOf(deal), at });
  }
  const crossed = crossResets(state, deal.at, undefined);
  const booked = book(crossed.state, netOf(deal), deal.at);
  const { day } = booked;
  const isNew = deal.entry === 'in' && !day.openedPositions.includes(deal.positionTicket);
  if (!isNew || deal.at < day.opensAt) return { ...crossed, state: booked };
  const openedPositions = [...day.openedPositions, deal.positionTicket];
  return {
    ...crossed,
    state: {
      ...booked,
      firstOpenedAt: booked.firstOpenedAt ?? deal.at,
      lastOpenedAt: deal.at,
      day: { ...day, openedPositions },
    },
  };
};

/** One more opening order today. */
export const countOrder = (state: LedgerState): LedgerState => ({
  ...state,
  day: { ...state.day, orders: state.day.orders + 1 },
});

/** One more request to the terminal today, of whatever kind. */
export const countRequest = (state: LedgerState): LedgerState => ({
  ...state,
  day: { ...state.day, requests: state.day.requests + 1 },
});

/** Broker's balance less ours: anything but zero halts trading. */
export const mismatchOf = (state: LedgerState, brokerBalance: Minor): Minor =>
  minor(brokerBalance - state.balance);
