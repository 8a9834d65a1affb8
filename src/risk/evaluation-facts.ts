import type { EpochMs } from '../domain/units.ts';
import { parseDecimal } from '../domain/units.ts';
import type { EvaluationContext, EvaluationEvent } from '../machines/evaluation.events.ts';
import { shareOf } from './floors.ts';
import type { LedgerUpdate } from './ledger.ts';
import type { LedgerState } from './ledger-state.ts';
import { objectivesOf } from './objectives.ts';
import { isPayoutDue, payoutProgress } from './payout.ts';

const DAY_MS = 86_400_000;

/** The same day of the month `months` later, UTC; the last day of a shorter month. */
const monthsLater = (at: EpochMs, months: number): number => {
  const then = new Date(at);
  const day = then.getUTCDate();
  then.setUTCDate(1);
  then.setUTCMonth(then.getUTCMonth() + months + 1, 0);
  then.setUTCDate(Math.min(day, then.getUTCDate()));
  return then.getTime();
};

/** Rules about time count whole days, so they are looked at when a day has begun. */
const timeBreach = (state: LedgerState): string | undefined => {
  const { maxDays, inactivityDays } = state.rules.phase;
  if (maxDays !== null && state.day.number > maxDays) return 'maxDays';
  const idleMs = state.at - (state.lastOpenedAt ?? state.openedAt);
  return inactivityDays !== null && idleMs > inactivityDays * DAY_MS ? 'inactivityDays' : undefined;
};

type Funded = Pick<
  EvaluationContext,
  'fundedAt' | 'cycleFrom' | 'payouts' | 'bindings' | 'scalings'
>;

/** Whether a payout can be asked for, and that it cannot any more. */
const payoutFacts = (
  state: LedgerState,
  evaluation: Funded & Pick<EvaluationContext, 'payoutDueAt'>,
  isFlat: boolean,
): readonly EvaluationEvent[] => {
  const progress = payoutProgress(state, evaluation, isFlat);
  if (progress === null) return [];
  const { at } = state;
  if (isPayoutDue(progress)) return [{ type: 'payout.due', at }];
  return evaluation.payoutDueAt === null ? [] : [{ type: 'payout.lost', at }];
};

const isScalingEarned = (state: LedgerState, funded: Funded): boolean => {
  const { scaling } = state.rules.phase;
  if (scaling === null || funded.fundedAt === null) return false;
  const since = funded.scalings === 0 ? funded.fundedAt : (funded.bindings.at(-1)?.at ?? null);
  if (since === null || state.at < monthsLater(since, scaling.afterMonths)) return false;
  if (funded.payouts < scaling.payouts) return false;
  const cap = parseDecimal(scaling.cap, state.currencyDigits) ?? 0n;
  const { profit } = objectivesOf(state, state.equity);
  return state.initial < cap && profit >= shareOf(state.initial, scaling.profitPpm);
};

/** Target, days and consistency in closed money: a pass only where nothing is open that could still
 * lose it. Floating money is left out, or a position around zero would reach and lose the target
 * with every tick. */
const objectiveFacts = (
  state: LedgerState,
  { reachedAt }: Pick<EvaluationContext, 'reachedAt'>,
  isFlat: boolean,
): readonly EvaluationEvent[] => {
  const { at } = state;
  if (!objectivesOf(state, state.balance).met) {
    return reachedAt === null ? [] : [{ type: 'objectives.lost', at }];
  }
  return [{ type: isFlat ? 'objectives.met' : 'objectives.reached', at }];
};

/**
 * What an update of the ledger means for its evaluation, in the order in which the chart should
 * hear it. Facts are repeated for as long as they are true: the chart takes each once. `isFlat`:
 * nothing is open, works, or may still become a position.
 */
export const evaluationFacts = (
  update: LedgerUpdate,
  evaluation: Funded & Pick<EvaluationContext, 'pause' | 'reachedAt' | 'payoutDueAt'>,
  isFlat: boolean,
): readonly EvaluationEvent[] => {
  const { state, breaches, anchored } = update;
  const { at } = state;
  const facts: EvaluationEvent[] = [];
  if (evaluation.pause !== null && at >= evaluation.pause.until) {
    facts.push({ type: 'limit.lifted', at });
  }
  for (const breach of breaches) {
    if (breach.onBreach === 'terminate') {
      facts.push({ type: 'rule.breached', rule: breach.rule, at: breach.at });
    } else if (evaluation.pause?.until !== state.day.closesAt) {
      facts.push({ type: 'limit.reached', rule: breach.rule, until: state.day.closesAt });
    }
  }
  const late = anchored.length > 0 ? timeBreach(state) : undefined;
  if (late !== undefined) facts.push({ type: 'rule.breached', rule: late, at });
  facts.push(...objectiveFacts(state, evaluation, isFlat));
  facts.push(...payoutFacts(state, evaluation, isFlat));
  if (isScalingEarned(state, evaluation)) facts.push({ type: 'scaling.earned', at });
  return facts;
};
