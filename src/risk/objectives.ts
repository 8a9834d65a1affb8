import type { Minor } from '../domain/units.ts';
import { minor } from '../domain/units.ts';
import { floors, MILLION, shareOf } from './floors.ts';
import type { LedgerState } from './ledger-state.ts';
import type { ConsistencyRule, PhaseRules } from './rule-set.ts';

/** The day with the highest profit, and that profit. */
export interface BestDay {
  readonly date: string;
  readonly profit: Minor;
}

/** What an account has achieved under its phase, account currency. */
export interface Objectives {
  /** Balance less I and less net deposits: what trading made. */
  readonly profit: Minor;
  /** null: the phase has no target. */
  readonly target: Minor | null;
  readonly tradingDays: number;
  readonly minDays: number | null;
  readonly bestDay: BestDay | null;
  /** Largest part of the profit that one day may have made, parts per million; null: no rule. */
  readonly bestDayMaxPpm: number | null;
  readonly bestDayHolds: boolean;
  readonly daysElapsed: number;
  readonly maxDays: number | null;
  /** Equity above each floor. */
  readonly headroom: { readonly daily: Minor | null; readonly total: Minor };
  /** Everything that a pass needs besides unbroken floors. */
  readonly met: boolean;
}

/** Profit of the running day so far, deposits and withdrawals excluded. */
export const profitOfToday = (state: LedgerState): Minor =>
  minor(state.balance - state.day.localAtOpen - state.day.transfers);

/** The better of the best closed day and the running one; null while no day made a profit. */
export const bestDayWith = (closed: BestDay | null, state: LedgerState): BestDay | null => {
  const profit = profitOfToday(state);
  return profit > (closed?.profit ?? 0n) ? { date: state.day.date, profit } : closed;
};

/** May the best day have made that much of the whole profit? */
export const isConsistent = (
  rule: ConsistencyRule | null,
  best: BestDay | null,
  profit: Minor,
): boolean =>
  rule === null || best === null || best.profit * MILLION <= profit * BigInt(rule.bestDayMaxPpm);

/** Target, days and consistency. The target counts in closed money, and no floating loss may stand
 * against it. */
export const areMet = (
  phase: PhaseRules,
  initial: Minor,
  achieved: {
    readonly profit: Minor;
    /** Equity less balance. */
    readonly floating: Minor;
    readonly tradingDays: number;
    readonly bestDay: BestDay | null;
  },
): boolean => {
  const { targetPpm, minDays, consistency } = phase;
  if (targetPpm === null) return false;
  const { profit, floating, tradingDays, bestDay } = achieved;
  const target = shareOf(initial, targetPpm);
  if (profit < target || profit + floating < target) return false;
  if (tradingDays < (minDays?.count ?? 0)) return false;
  return consistency?.blocks !== 'pass' || isConsistent(consistency, bestDay, profit);
};

/** Days that count for the phase; the running one as soon as it has an opening. A day that must
 * close with a profit counts once it has closed. */
const tradingDaysOf = (state: LedgerState): number =>
  state.rules.phase.minDays?.countBy === 'profit'
    ? state.profitDays
    : state.tradingDays + (state.day.openedPositions.length > 0 ? 1 : 0);

/** The objectives at the ledger's instant, with the equity of that instant. */
export const objectivesOf = (state: LedgerState, equity: Minor): Objectives => {
  const { phase } = state.rules;
  const { daily, total } = floors(state);
  const profit = minor(state.balance - state.initial - state.netTransfers);
  const closed =
    state.bestDayDate === null ? null : { date: state.bestDayDate, profit: state.bestDayProfit };
  const bestDay = bestDayWith(closed, state);
  const tradingDays = tradingDaysOf(state);
  const floating = minor(equity - state.balance);
  return {
    profit,
    target: phase.targetPpm === null ? null : shareOf(state.initial, phase.targetPpm),
    tradingDays,
    minDays: phase.minDays?.count ?? null,
    bestDay,
    bestDayMaxPpm: phase.consistency?.bestDayMaxPpm ?? null,
    bestDayHolds: isConsistent(phase.consistency, bestDay, profit),
    daysElapsed: state.day.number,
    maxDays: phase.maxDays,
    headroom: {
      daily: daily === null ? null : minor(equity - daily),
      total: minor(equity - total),
    },
    met: areMet(phase, state.initial, { profit, floating, tradingDays, bestDay }),
  };
};
