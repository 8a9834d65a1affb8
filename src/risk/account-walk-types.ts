import type { EpochMs, Minor } from '../domain/units.ts';

/**
 * Decimals of every amount in an audit. Histories come in any currency and from any program; with
 * twenty decimals even figures that were printed from binary floats are kept as they were written.
 */
export const WALK_DIGITS = 20;

export const ACCOUNT_EVENT_TYPES = [
  'deal',
  'equity',
  'deposit',
  'withdrawal',
  'open',
  'close',
  'reversal',
] as const;
export type AccountEventType = (typeof ACCOUNT_EVENT_TYPES)[number];

/** One entry of an account's history. Money has WALK_DIGITS decimals. */
export interface AccountEvent {
  readonly at: EpochMs;
  readonly type: AccountEventType;
  /** What this entry itself adds to the balance: profit, commission, swap and fee of a trade; a
   * deposit is positive, a withdrawal negative; zero for an observation. */
  readonly amount: Minor;
  /** Balance after the entry as the broker states it; its word outweighs our sum. */
  readonly balance?: Minor;
  /** Equity at the instant as the broker states it. */
  readonly equity?: Minor;
  /** Balance before the entry; only where the source is complete enough to know it. */
  readonly balanceBefore?: Minor;
  readonly symbol?: string;
  /** 1e-8 lots. */
  readonly volumeE8?: bigint;
}

/** Why a history cannot be walked any further. */
export interface WalkRefusal {
  readonly reason: string;
  readonly remedy: string;
}

/** One trading day as it ended, or as far as the history goes. */
export interface WalkedDay {
  readonly date: string;
  readonly opensAt: EpochMs;
  /** The figure below which the daily floor hung; of the total floor where there is no daily. */
  readonly anchor: Minor;
  readonly dailyFloor: Minor | null;
  readonly totalFloor: Minor;
  readonly minEquity: Minor;
  readonly balanceAtClose: Minor;
}

export interface WalkedBreach {
  readonly at: EpochMs;
  /** daily and total are floors; the others are rules about time. */
  readonly rule: 'daily' | 'total' | 'maxDays' | 'inactivityDays';
  /** The figure that the rule measures: equity, or the balance where the rule says so. */
  readonly equity: Minor;
  /** null: the rule has no floor. */
  readonly floor: Minor | null;
}

/** A daily floor that only stops trading until the next reset. */
export interface WalkedPause {
  readonly at: EpochMs;
  readonly until: EpochMs;
  readonly equity: Minor;
  readonly floor: Minor;
}

/** An instant at which equity may have been below a floor, but the history does not say. */
export interface WalkedDoubt {
  readonly at: EpochMs;
  readonly rule: 'daily' | 'total';
  /** The lowest figure that fits the history. */
  readonly equity: Minor;
  readonly floor: Minor;
}

export interface WalkProgress {
  /** Balance less I and less net deposits: what trading made. */
  readonly profit: Minor;
  readonly target: Minor | null;
  /** When target, days and consistency were first met, observed or not; null: not yet. */
  readonly targetMetAt: EpochMs | null;
  readonly tradingDays: number;
  readonly minDays: number | null;
  readonly bestDay: { readonly date: string; readonly profit: Minor } | null;
  /** Largest part of the profit that one day may have made, parts per million; null: no rule. */
  readonly bestDayMaxPpm: number | null;
  readonly bestDayHolds: boolean;
  /** Equity above each floor at the end of the history. */
  readonly headroom: { readonly daily: Minor | null; readonly total: Minor };
  readonly daysElapsed: number;
  readonly maxDays: number | null;
  /** Days with trades for which the history states no equity at all. */
  readonly daysWithoutEquity: number;
  readonly pauses: readonly WalkedPause[];
  readonly doubt: WalkedDoubt | null;
}

export type WalkVerdict = 'breached' | 'passed' | 'inProgress' | 'inconclusive';

export interface WalkReport {
  readonly rules: string;
  readonly phase: string;
  readonly days: readonly WalkedDay[];
  readonly breach: WalkedBreach | null;
  readonly passedAt: EpochMs | null;
  readonly verdict: WalkVerdict;
  /** closedOnly: not one entry states equity, so the balance stood in for it. */
  readonly equitySource: 'observed' | 'closedOnly';
  readonly progress: WalkProgress;
}
