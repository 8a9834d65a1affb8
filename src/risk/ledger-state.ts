import type { BalanceOperationKind } from '../domain/trading.ts';
import type { EpochMs, Minor } from '../domain/units.ts';
import type { PhaseRules } from './rule-set.ts';
import type { ResetTime } from './zone-time.ts';

/** The rules that a ledger runs under, copied in: editing a rule set never changes a running
 * phase behind its back, and a restored ledger needs no second document. */
export interface LedgerRules {
  readonly ruleSetId: string;
  readonly ruleSetVersion: string;
  readonly reset: ResetTime;
  readonly phase: PhaseRules;
}

/** A figure and the instant at which it was true. */
export interface Low {
  readonly equity: Minor;
  readonly at: EpochMs;
}

/** observed: the broker's figure at the reset instant. rebuilt: from deals. initial: first day. */
export type AnchorSource = 'observed' | 'rebuilt' | 'initial';

/** The figure that one floor hangs below. Each floor keeps its own, because a withdrawal may move
 * one and leave the other. */
export interface FloorAnchor {
  readonly level: Minor;
  /** Level before the last reset, and what transfers added since: a deal that belongs before the
   * reset but arrives later makes the ledger compute the reset again. */
  readonly before: Minor;
  readonly shift: Minor;
}

/** The running trading day. */
export interface LedgerDay {
  /** 1 for the day in which the ledger was opened. */
  readonly number: number;
  readonly date: string;
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
  /** Balance and equity at `opensAt`, as the anchors use them. */
  readonly balanceAtOpen: Minor;
  readonly equityAtOpen: Minor;
  readonly source: AnchorSource;
  /** The ledger's own balance at `opensAt`. */
  readonly localAtOpen: Minor;
  /** Deposits less withdrawals of the day: no profit. */
  readonly transfers: Minor;
  readonly low: Low;
  /** Tickets of positions opened today; a partly filled order opens one position. */
  readonly openedPositions: readonly string[];
  readonly orders: number;
  readonly requests: number;
}

/** Everything the floors depend on. Plain data: `serialise` and `restore` are exact inverses. */
export interface LedgerState {
  readonly rules: LedgerRules;
  readonly currencyDigits: number;
  /** I. */
  readonly initial: Minor;
  readonly openedAt: EpochMs;
  /** Last instant seen; time never goes back. */
  readonly at: EpochMs;
  /** B_local: opening balance plus every deal and balance operation. */
  readonly balance: Minor;
  /** Broker credit: part of equity, not of the balance, never counted against a floor. */
  readonly credit: Minor;
  /** Last equity the broker reported. */
  readonly equity: Minor;
  /** False from a deal on until the broker's equity is seen again: what it was in between nobody
   * knows, so it is no evidence of a breach. */
  readonly equityIsCurrent: boolean;
  readonly day: LedgerDay;
  readonly anchors: { readonly daily: FloorAnchor | null; readonly total: FloorAnchor };
  /** Lowest equity since the ledger was opened. */
  readonly low: Low;
  /** Closed days, the running one excluded. */
  readonly tradingDays: number;
  readonly profitDays: number;
  readonly bestDayProfit: Minor;
  /** The day of that profit; null while no closed day made one. */
  readonly bestDayDate: string | null;
  /** Deposits less withdrawals since the ledger was opened: no profit. */
  readonly netTransfers: Minor;
  readonly lastOpenedAt: EpochMs | null;
  /** The first opening under this book; null: none, or none that was kept. */
  readonly firstOpenedAt: EpochMs | null;
}

/** What a closed day was, handed out at its reset. */
export interface DaySummary {
  readonly date: string;
  readonly opensAt: EpochMs;
  readonly closedAt: EpochMs;
  readonly balanceAtOpen: Minor;
  readonly dailyFloor: Minor | null;
  readonly totalFloor: Minor;
  readonly low: Low;
  readonly balanceAtClose: Minor;
  readonly profit: Minor;
  readonly opened: number;
}

/** One re-anchoring: the day `date` began. */
export interface Anchored {
  readonly date: string;
  readonly at: EpochMs;
  /** Balance at the reset instant. */
  readonly anchor: Minor;
  readonly source: AnchorSource;
  readonly closed: DaySummary;
}

/** Money that moved without a trade. */
export interface BalanceOperation {
  readonly kind: BalanceOperationKind;
  readonly amount: Minor;
  readonly at: EpochMs;
}
