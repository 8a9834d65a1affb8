import { describe, expect, it } from 'vitest';
import { epochMs, minor, parseDecimal } from '../../../src/domain/units.ts';
import { evaluationFacts } from '../../../src/risk/evaluation-facts.ts';
import { applyDeal, openLedger } from '../../../src/risk/ledger.ts';
import type { LedgerState } from '../../../src/risk/ledger-state.ts';
import { payoutProgress } from '../../../src/risk/payout.ts';
import { NOT_FUNDED, type PhaseCase, phasesHaving } from '../../support/phase-cases.ts';
import { at, deal, usd } from '../../support/risk-fixtures.ts';

const DAY_MS = 86_400_000;
const FUNDED = at('2024-01-08T12:00:00Z');
const from = { ...NOT_FUNDED, fundedAt: FUNDED, cycleFrom: FUNDED };

const opened = ({ ruleSet, phase }: PhaseCase, initial = usd(100_000)): LedgerState =>
  openLedger({ ruleSet, phase: phase.name, initial, at: FUNDED, balance: initial });

/** The account of a phase at an instant, flat, with its profits closed; its first trade is at once. */
const earned = (one: PhaseCase, atMs: number, cents: readonly bigint[]): LedgerState => {
  const first = applyDeal(opened(one), deal({ at: FUNDED, entry: 'in' })).state;
  const state = cents.reduce<LedgerState>((before, profit, index) => {
    const day = epochMs(Math.min(atMs, FUNDED + index * DAY_MS));
    return applyDeal(before, deal({ at: day, profit: minor(profit) })).state;
  }, first);
  return { ...state, at: epochMs(atMs), equity: state.balance };
};
const firstDays = ({ phase }: PhaseCase): number => phase.payout?.firstAfterDays ?? 0;
/** Profit on as many days as let each best-day rule hold. */
const EVEN = [30_000n, 30_000n, 30_000n, 30_000n];

describe('the payouts of every rule set', () => {
  const paying = phasesHaving(({ payout }) => payout !== null);

  it.each(paying)(
    'are due when the days of the cycle are over, to the millisecond: %s',
    (_, one) => {
      const blocked = (payouts: number, days: number, offsetMs: number): boolean => {
        const state = earned(one, FUNDED + days * DAY_MS + offsetMs, EVEN);
        const progress = payoutProgress(state, { cycleFrom: FUNDED, payouts }, true);
        return progress?.blockedBy.includes('cycle') ?? true;
      };
      const first = firstDays(one);
      const later = one.phase.payout?.everyDays ?? 0;
      for (const [payouts, days] of [
        [0, first],
        [1, later],
      ] as const) {
        const seen = [-1, 0, 1].map((offsetMs) => blocked(payouts, days, offsetMs));
        expect(seen).toEqual([true, false, false]);
      }
    },
  );

  it.each(paying)('are of a profit, from the first cent: %s', (_, one) => {
    const due = FUNDED + Math.max(firstDays(one), 1) * DAY_MS;
    const seen = [-1n, 0n, 1n].map((cents) => {
      const progress = payoutProgress(earned(one, due, [cents]), from, true);
      return [progress?.blockedBy.includes('profit'), progress?.withdrawable];
    });
    expect(seen).toEqual([
      [true, 0n],
      [true, 0n],
      [false, 1n],
    ]);
  });

  it.each(phasesHaving(({ payout }) => payout?.requiresFlat === true))(
    'wait for what is open, and are due nevertheless: %s',
    (_, one) => {
      const state = earned(one, FUNDED + firstDays(one) * DAY_MS, EVEN);
      const seen = [true, false].map((flat) => payoutProgress(state, from, flat)?.blockedBy);
      expect(seen).toEqual([[], ['open']]);
      const facts = evaluationFacts({ state, anchored: [], breaches: [] }, from, false);
      expect(facts.map(({ type }) => type)).toEqual(['payout.due']);
    },
  );

  it.each(phasesHaving(({ consistency }) => consistency?.blocks === 'payout'))(
    'wait for the best day to be small enough, to the cent: %s',
    (_, one) => {
      const share = BigInt(one.phase.consistency?.bestDayMaxPpm ?? 0);
      const best = 400_000n;
      const rest = (best * 1_000_000n) / share - best;
      const blocked = (cents: bigint): boolean | undefined => {
        const parts = [best, rest / 3n, rest / 3n, rest - 2n * (rest / 3n) + cents];
        const due = FUNDED + Math.max(firstDays(one), parts.length) * DAY_MS;
        const progress = payoutProgress(earned(one, due, parts), from, true);
        return progress?.blockedBy.includes('consistency');
      };
      expect([1n, 0n, -1n].map(blocked)).toEqual([false, false, true]);
    },
  );
});

describe('the scaling of every rule set', () => {
  const scaling = phasesHaving((phase) => phase.scaling !== null);
  const isEarned = (state: LedgerState, payouts: number): boolean =>
    evaluationFacts({ state, anchored: [], breaches: [] }, { ...from, payouts }, true).some(
      ({ type }) => type === 'scaling.earned',
    );

  it.each(scaling)('needs months, profit, payouts, and room below the cap: %s', (_, one) => {
    const rule = one.phase.scaling;
    if (rule === null) throw new Error('no scaling');
    const after = new Date(FUNDED);
    after.setUTCMonth(after.getUTCMonth() + rule.afterMonths);
    const state = (initial: bigint, cents: bigint, offsetMs: number): LedgerState => {
      const money = minor(initial);
      const target = (initial * BigInt(rule.profitPpm)) / 1_000_000n;
      const balance = minor(initial + target + cents);
      return {
        ...opened(one, money),
        ...{ at: epochMs(after.getTime() + offsetMs), balance, equity: balance },
      };
    };
    const I = 10_000_000n;
    const months = [-1, 0, 1].map((ms) => isEarned(state(I, 0n, ms), rule.payouts));
    expect(months).toEqual([false, true, true]);
    const profit = [-1n, 0n, 1n].map((cents) => isEarned(state(I, cents, 0), rule.payouts));
    expect(profit).toEqual([false, true, true]);
    const payouts = [-1, 0, 1].map((more) => isEarned(state(I, 0n, 0), rule.payouts + more));
    expect(payouts).toEqual([false, true, true]);
    const cap = parseDecimal(rule.cap, 2) ?? 0n;
    const room = [-1n, 0n, 1n].map((cents) => isEarned(state(cap + cents, 1n, 0), rule.payouts));
    expect(room).toEqual([true, false, false]);
  });
});
