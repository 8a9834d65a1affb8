import { formatDecimal } from '../../domain/units.ts';
import type { Objectives } from '../../risk/objectives.ts';
import type { PayoutProgress } from '../../risk/payout.ts';
import { evaluationState, type RecordedEvaluation } from '../guard/evaluation-record.ts';
import type { EvaluationStatus, PayoutStatus, ProgressStatus } from './operator-view.ts';

/** An evaluation and its progress as plain data for people. */
export const progressStatus = (progress: Objectives, digits: number): ProgressStatus => {
  const { profit, target, bestDay, bestDayMaxPpm, headroom, maxDays, daysElapsed } = progress;
  const money = (value: bigint): string => formatDecimal(value, digits);
  const { tradingDays, minDays, bestDayHolds, met } = progress;
  return {
    profit: money(profit),
    target: target === null ? null : money(target),
    tradingDays,
    minDays,
    bestDay: bestDay === null ? null : { date: bestDay.date, profit: money(bestDay.profit) },
    bestDayMaxPercent: bestDayMaxPpm === null ? null : bestDayMaxPpm / 10_000,
    bestDayHolds,
    daysElapsed,
    maxDays,
    daysLeft: maxDays === null ? null : Math.max(0, maxDays - daysElapsed + 1),
    headroom: {
      daily: headroom.daily === null ? null : money(headroom.daily),
      total: money(headroom.total),
    },
    met,
  };
};

const payoutStatus = (payout: PayoutProgress, digits: number): PayoutStatus => {
  const { everyDays, from, dueAt, withdrawable, share, blockedBy } = payout;
  const money = (value: bigint): string => formatDecimal(value, digits);
  const amounts = { withdrawable: money(withdrawable), share: money(share) };
  return { everyDays, from, dueAt, ...amounts, blockedBy };
};

/** `payout`: of the account that is traded; null where it has no cycle. */
export const evaluationStatus = (
  { id, ruleSet, chart }: RecordedEvaluation,
  payout: PayoutProgress | null,
  digits: number,
): EvaluationStatus => {
  const { phases, phaseIndex, bindings, metAt, failure, pause, payouts, scalings } = chart.context;
  return {
    id,
    ruleSet,
    state: evaluationState(chart),
    phase: phases[phaseIndex]?.name ?? '',
    accounts: bindings,
    metAt,
    failure,
    pause,
    payouts,
    payout: payout === null ? null : payoutStatus(payout, digits),
    scalings,
  };
};
