import { describe, expect, it } from 'vitest';
import { minor } from '../../../src/domain/units.ts';
import { evaluationFacts } from '../../../src/risk/evaluation-facts.ts';
import { advanceTo, applyDeal, openLedger } from '../../../src/risk/ledger.ts';
import type { LedgerState } from '../../../src/risk/ledger-state.ts';
import { objectivesOf } from '../../../src/risk/objectives.ts';
import { NOT_FUNDED, type PhaseCase, phasesHaving } from '../../support/phase-cases.ts';
import { at, deal, usd } from '../../support/risk-fixtures.ts';

const DAY_MS = 86_400_000;
const START = at('2024-01-08T12:00:00Z');
const noon = (day: number) => (START + day * DAY_MS) as typeof START;
const opened = ({ ruleSet, phase }: PhaseCase): LedgerState =>
  openLedger({
    ...{ ruleSet, phase: phase.name, initial: usd(100_000) },
    ...{ at: START, balance: usd(100_000) },
  });
const earned = (state: LedgerState, day: number, cents: bigint): LedgerState =>
  applyDeal(state, deal({ at: noon(day), profit: minor(cents) })).state;
describe('the days of every rule set', () => {
  it.each(phasesHaving(({ consistency }) => consistency !== null))(
    'lets the best day make its part of the profit, to the cent: %s',
    (_, one) => {
      const share = BigInt(one.phase.consistency?.bestDayMaxPpm ?? 0);
      // The best day makes 4,000; the others together make the rest of a whole of 4,000 ÷ share.
      const best = 400_000n;
      const rest = (best * 1_000_000n) / share - best;
      const holds = (cents: bigint): boolean => {
        const parts = [rest / 3n, rest / 3n, rest - 2n * (rest / 3n) + cents];
        const days = parts.reduce<LedgerState>(
          (state, part, index) => earned(state, index + 1, part),
          earned(opened(one), 0, best),
        );
        return objectivesOf(days, days.equity).bestDayHolds;
      };
      expect([1n, 0n, -1n].map(holds)).toEqual([true, true, false]);
    },
  );

  it.each(phasesHaving(({ maxDays }) => maxDays !== null))(
    'ends on the day after the last that it allows: %s',
    (_, one) => {
      const { maxDays } = one.phase;
      const facts = (day: number) => {
        const figures = { balance: usd(100_000), equity: usd(100_000) };
        return evaluationFacts(advanceTo(opened(one), noon(day), figures), NOT_FUNDED, true);
      };
      const last = (maxDays ?? 0) - 1;
      const isOver = (day: number): boolean =>
        facts(day).some((fact) => fact.type === 'rule.breached' && fact.rule === 'maxDays');
      expect([last - 1, last, last + 1].map(isOver)).toEqual([false, false, true]);
    },
  );

  it.each(phasesHaving(({ inactivityDays }) => inactivityDays !== null))(
    'ends after more days without an opening than it allows, to the millisecond: %s',
    (_, one) => {
      const days = one.phase.inactivityDays ?? 0;
      const figures = { balance: usd(100_000), equity: usd(100_000) };
      const isOver = (extraMs: number): boolean => {
        const instant = (noon(days) + extraMs) as typeof START;
        const facts = evaluationFacts(advanceTo(opened(one), instant, figures), NOT_FUNDED, true);
        return facts.some(
          (fact) => fact.type === 'rule.breached' && fact.rule === 'inactivityDays',
        );
      };
      expect([-1, 0, 1].map(isOver)).toEqual([false, false, true]);
    },
  );

  it.each(phasesHaving(({ minDays }) => minDays?.countBy === 'profit'))(
    'counts a day with its least profit, to the cent: %s',
    (_, one) => {
      const least = (10_000_000n * BigInt(one.phase.minDays?.profitPpm ?? 0)) / 1_000_000n;
      const counted = (cents: bigint): number => {
        const day = earned(opened(one), 0, least + cents);
        const { state } = advanceTo(day, noon(1), { balance: day.balance, equity: day.balance });
        return objectivesOf(state, state.equity).tradingDays;
      };
      expect([1n, 0n, -1n].map(counted)).toEqual([1, 1, 0]);
    },
  );
});
