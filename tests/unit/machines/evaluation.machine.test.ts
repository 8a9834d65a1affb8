import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../src/domain/units.ts';
import type {
  EvaluationContext,
  EvaluationEvent,
  EvaluationPhase,
} from '../../../src/machines/evaluation.events.ts';
import { evaluationMachine } from '../../../src/machines/evaluation.machine.ts';
import { type DrivenChart, drivePure } from '../../support/chart-drive.ts';
import { PHASES } from '../../support/chart-events.ts';

const at = epochMs;
const start: EvaluationEvent = { type: 'operator.start', login: '100', at: at(1) };
const bind = (login: string, when: number): EvaluationEvent => ({
  type: 'operator.bind',
  login,
  at: at(when),
});
const met = (when: number): EvaluationEvent => ({ type: 'objectives.met', at: at(when) });
const breach: EvaluationEvent = { type: 'rule.breached', rule: 'daily', at: at(9) };
const limit: EvaluationEvent = { type: 'limit.reached', rule: 'daily', until: at(50) };
const paid = (when: number): EvaluationEvent => ({ type: 'payout.made', at: at(when) });
const lifted: EvaluationEvent = { type: 'limit.lifted', at: at(50) };

const chartAfter = (
  events: readonly EvaluationEvent[],
  phases: readonly EvaluationPhase[] = PHASES,
): DrivenChart => {
  const chart = drivePure(evaluationMachine, { phases });
  for (const event of events) {
    chart.take();
    chart.send(event);
  }
  return chart;
};
const contextOf = (chart: DrivenChart): EvaluationContext => chart.context() as EvaluationContext;
const FUNDED = [start, met(2), bind('200', 3), met(4), bind('300', 5)] as const;

describe('the evaluation chart', () => {
  it('waits for its first account and then trades the first phase', () => {
    const chart = chartAfter([]);
    expect([chart.value(), chart.tags()]).toEqual(['notStarted', []]);
    for (const event of [bind('200', 3), met(2), breach, limit]) chart.send(event);
    expect(chart.value()).toBe('notStarted');
    chart.send(start);
    expect([chart.value(), chart.tags()]).toEqual(['inPhase.trading', ['mayTrade']]);
    expect(contextOf(chart).bindings).toEqual([{ phase: 'challenge', login: '100', at: 1 }]);
  });

  it('binds every phase to an account of its own, and ends up funded', () => {
    const chart = chartAfter([start, met(2)]);
    expect([chart.value(), chart.tags()]).toEqual(['awaitingReview', []]);
    expect(chart.take()).toEqual(['haltAccount', 'askForReview', 'recordEvaluation']);
    expect(contextOf(chart).metAt).toBe(2);
    chart.send(bind('200', 3));
    expect([chart.value(), contextOf(chart).metAt]).toEqual(['inPhase.trading', null]);
    const funded = chartAfter(FUNDED);
    expect([funded.value(), funded.tags()]).toEqual(['funded.earning', ['mayTrade']]);
    expect(contextOf(funded)).toMatchObject({ phaseIndex: 2, fundedAt: 5, cycleFrom: 5 });
    expect(contextOf(funded).bindings.map(({ login }) => login)).toEqual(['100', '200', '300']);
  });

  it('is completed by its last phase when that one has a target too', () => {
    const [challenge] = PHASES;
    const chart = chartAfter([start, met(2)], [challenge]);
    expect([chart.value(), chart.tags()]).toEqual(['completed', ['over']]);
  });

  it('is funded at once where the first phase has no target', () => {
    const chart = chartAfter([start], [{ name: 'instant', hasTarget: false }]);
    expect([chart.value(), contextOf(chart).fundedAt]).toEqual(['funded.earning', 1]);
  });

  it.each([
    ['a phase', [start]],
    ['a pause', [start, limit]],
    ['the review', [start, met(2)]],
    ['the funded phase', FUNDED],
    ['a pause of the funded phase', [...FUNDED, limit]],
    ['a payout that is due', [...FUNDED, { type: 'payout.due', at: at(8) } as const]],
  ])('is over for good when a rule is breached in %s', (_, events) => {
    const chart = chartAfter([...events, breach]);
    expect([chart.value(), chart.tags()]).toEqual(['breached', ['over']]);
    expect(chart.take()).toEqual(['haltAccount', 'recordEvaluation']);
    expect(contextOf(chart).failure).toEqual({ rule: 'daily', at: 9 });
    for (const event of [bind('900', 10), met(11), lifted]) chart.send(event);
    expect(chart.value()).toBe('breached');
  });

  it('pauses at a soft limit, and trades again when it is lifted', () => {
    const chart = chartAfter([start, limit]);
    expect([chart.value(), chart.tags()]).toEqual(['inPhase.paused', []]);
    expect(contextOf(chart).pause).toEqual({ rule: 'daily', until: 50 });
    chart.take();
    chart.send(lifted);
    expect(chart.value()).toBe('inPhase.trading');
    expect(chart.take()).toEqual(['recordEvaluation', 'allowAccount']);
    expect(contextOf(chart).pause).toBeNull();
  });

  it('adds nothing while the target is reached and something is open', () => {
    const reached: EvaluationEvent = { type: 'objectives.reached', at: at(2) };
    const chart = chartAfter([start, reached]);
    expect([chart.value(), chart.tags()]).toEqual(['inPhase.settling', []]);
    expect(chart.take()).toEqual(['haltAccount', 'recordEvaluation']);
    expect(contextOf(chart).reachedAt).toBe(2);
    const lost: EvaluationEvent = { type: 'objectives.lost', at: at(3) };
    chart.send(lost);
    expect([chart.value(), contextOf(chart).reachedAt]).toEqual(['inPhase.trading', null]);
    expect(chart.take()).toEqual(['recordEvaluation', 'allowAccount']);
    const passed = chartAfter([start, reached, met(4)]);
    expect([passed.value(), contextOf(passed).reachedAt]).toEqual(['awaitingReview', null]);
  });

  it('begins in the phase that the account is in', () => {
    const chart = chartAfter([{ ...start, phaseIndex: 1 }]);
    expect(contextOf(chart)).toMatchObject({
      phaseIndex: 1,
      bindings: [{ phase: 'verification', login: '100' }],
    });
    expect(chartAfter([{ ...start, phaseIndex: 2 }]).value()).toBe('funded.earning');
  });

  it('counts payouts, and begins a new cycle with each', () => {
    const chart = chartAfter([...FUNDED, { type: 'payout.due', at: at(19) }]);
    expect([chart.value(), chart.tags()]).toEqual(['funded.payoutDue', ['mayTrade']]);
    expect(chart.take()).toContain('askForPayout');
    const [again, made]: readonly EvaluationEvent[] = [
      { type: 'payout.due', at: at(20) },
      { type: 'payout.made', at: at(21) },
    ];
    chart.send(again as EvaluationEvent);
    expect(chart.take()).toEqual([]);
    chart.send(made as EvaluationEvent);
    expect(chart.value()).toBe('funded.earning');
    expect(contextOf(chart)).toMatchObject({ payouts: 1, cycleFrom: 21, payoutDueAt: null });
    // The firm's part is booked hours after the trader's; the next payout on another day.
    for (const when of [22, 86_400_020]) chart.send(paid(when));
    expect(contextOf(chart)).toMatchObject({ payouts: 1, cycleFrom: 21 });
    chart.send(paid(86_400_021));
    expect(contextOf(chart)).toMatchObject({ payouts: 2, cycleFrom: 86_400_021 });
  });

  it('earns on when the profit of a payout that was due is lost', () => {
    const chart = chartAfter([...FUNDED, { type: 'payout.due', at: at(19) }]);
    expect(contextOf(chart).payoutDueAt).toBe(19);
    const lost: EvaluationEvent = { type: 'payout.lost', at: at(20) };
    chart.send(lost);
    expect([chart.value(), contextOf(chart).payoutDueAt]).toEqual(['funded.earning', null]);
  });

  it('asks for a scaling once, and takes the larger account', () => {
    const earned: EvaluationEvent = { type: 'scaling.earned', at: at(30) };
    const chart = chartAfter([...FUNDED, earned]);
    expect(chart.take()).toContain('askForScaling');
    chart.send(earned);
    expect(chart.take()).toEqual([]);
    chart.send(bind('400', 31));
    expect(contextOf(chart)).toMatchObject({ scalings: 1, scalingEarnedAt: null, fundedAt: 5 });
    expect(contextOf(chart).bindings.map(({ login }) => login)).toEqual(['100', '200', '400']);
    chart.send(earned);
    expect(chart.take()).toContain('askForScaling');
  });
});
