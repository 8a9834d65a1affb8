import { describe, expect, it } from 'vitest';
import { builtinRuleSet } from '../../../src/risk/builtin-rule-sets.ts';
import { evaluationFacts as factsOf } from '../../../src/risk/evaluation-facts.ts';
import type { LedgerUpdate } from '../../../src/risk/ledger.ts';
import { advanceTo, applyDeal, applyOperation, openLedger } from '../../../src/risk/ledger.ts';
import type { LedgerState } from '../../../src/risk/ledger-state.ts';
import { objectivesOf } from '../../../src/risk/objectives.ts';
import { payoutProgress } from '../../../src/risk/payout.ts';
import type { PhaseRules, RuleSet } from '../../../src/risk/rule-set.ts';
import { NOT_FUNDED } from '../../support/phase-cases.ts';
import { at, deal, ftmo, ledgerAt, usd } from '../../support/risk-fixtures.ts';

type Funded = Parameters<typeof factsOf>[1];
const evaluationFacts = (update: LedgerUpdate, evaluation: Funded, isFlat = true) =>
  factsOf(update, evaluation, isFlat);
const noon = (day: number): string => new Date(Date.UTC(2024, 0, 8 + day, 12)).toISOString();
const still = (state: LedgerState): LedgerUpdate => ({ state, anchored: [], breaches: [] });
const seen = (state: LedgerState, day: number, equity: number, balance = equity): LedgerUpdate =>
  advanceTo(state, at(noon(day)), { balance: usd(balance), equity: usd(equity) });

/** One position a day, opened and closed with `profit`. */
const traded = (from: LedgerState, days: number, profit: number): LedgerState => {
  let state = from;
  for (let day = 0; day < days; day += 1) {
    const opened = { positionTicket: `p${day}`, at: at(noon(day)) };
    state = applyDeal(state, deal({ ...opened, entry: 'in' })).state;
    state = applyDeal(state, deal({ ...opened, profit: usd(profit) })).state;
    state = { ...state, equity: state.balance };
  }
  return state;
};

describe('the objectives of a phase', () => {
  it('are met by target and trading days, the running day included', () => {
    const three = traded(ledgerAt('2024-01-08T08:00:00Z'), 3, 3_334);
    expect(objectivesOf(three, three.equity)).toMatchObject({ tradingDays: 3, met: false });
    const four = traded(ledgerAt('2024-01-08T08:00:00Z'), 4, 2_500);
    expect(objectivesOf(four, four.equity)).toMatchObject({
      profit: usd(10_000),
      target: usd(10_000),
      tradingDays: 4,
      bestDay: { date: '2024-01-08', profit: usd(2_500) },
      met: true,
    });
    expect(evaluationFacts(still(four), NOT_FUNDED)).toEqual([
      { type: 'objectives.met', at: four.at },
    ]);
  });

  it('are only reached while something is open, and lost again with it', () => {
    const four = traded(ledgerAt('2024-01-08T08:00:00Z'), 4, 2_500);
    const reached = { type: 'objectives.reached', at: four.at } as const;
    expect(evaluationFacts(still(four), NOT_FUNDED, false)).toEqual([reached]);
    const settling = { ...NOT_FUNDED, reachedAt: four.at };
    const floating = { ...four, equity: usd(105_000) };
    expect(evaluationFacts(still(floating), settling, false)).toEqual([reached]);
    const closed = deal({ positionTicket: 'p9', at: four.at, profit: usd(-0.01) });
    const sunk = applyDeal(four, closed).state;
    expect(evaluationFacts(still(sunk), settling, false)).toEqual([
      { type: 'objectives.lost', at: four.at },
    ]);
    expect(evaluationFacts(still(four), settling)).toEqual([
      { type: 'objectives.met', at: four.at },
    ]);
  });

  it('are not met a cent below the target, nor against a floating loss', () => {
    const short = traded(ledgerAt('2024-01-08T08:00:00Z'), 4, 2_499.99);
    expect(objectivesOf(short, short.equity).met).toBe(false);
    const four = traded(ledgerAt('2024-01-08T08:00:00Z'), 4, 2_500);
    expect(objectivesOf(four, usd(109_999.99)).met).toBe(false);
  });

  it('count no deposit as profit', () => {
    const four = traded(ledgerAt('2024-01-08T08:00:00Z'), 4, 1_000);
    const operation = { kind: 'balance', amount: usd(6_000), at: four.at } as const;
    const paid = applyOperation(four, operation).state;
    expect(objectivesOf(paid, paid.equity)).toMatchObject({ profit: usd(4_000), met: false });
  });

  it("hold FTMO 1-Step's best day against the pass, and are no breach", () => {
    const ruleSet = builtinRuleSet('ftmo-1step') ?? ftmo();
    const uneven = (last: number): LedgerState =>
      traded(traded(ledgerAt('2024-01-08T08:00:00Z', 100_000, ruleSet), 1, 6_000), 2, last);
    const best = uneven(2_500);
    expect(objectivesOf(best, best.equity).bestDayHolds).toBe(false);
    expect(evaluationFacts(still(best), NOT_FUNDED)).toEqual([]);
  });
});

describe('the facts of an evaluation', () => {
  it('tell a floor that ends the account with its own instant', () => {
    const update = seen(ledgerAt('2024-01-08T08:00:00Z'), 0, 94_999.99, 100_000);
    expect(evaluationFacts(update, NOT_FUNDED)).toEqual([
      { type: 'rule.breached', rule: 'daily', at: at(noon(0)) },
    ]);
  });

  it('tell a soft limit once, and its end at the reset', () => {
    const ruleSet = builtinRuleSet('the5ers-hyper-growth') ?? ftmo();
    const opened = ledgerAt('2024-01-08T08:00:00Z', 100_000, ruleSet);
    const lost = applyDeal(opened, deal({ at: at(noon(0)), profit: usd(-3_000) })).state;
    const update = seen(lost, 0, 97_000);
    const until = update.state.day.closesAt;
    const reached = { type: 'limit.reached', rule: 'daily', until } as const;
    expect(evaluationFacts(update, NOT_FUNDED)).toEqual([reached]);
    const paused = { ...NOT_FUNDED, pause: { rule: 'daily', until } };
    expect(evaluationFacts(seen(update.state, 0, 96_900, 97_000), paused)).toEqual([]);
    const next = seen(update.state, 1, 97_000);
    expect(evaluationFacts(next, paused)).toEqual([{ type: 'limit.lifted', at: at(noon(1)) }]);
  });

  it('tell a time limit on the day after its last', () => {
    const ruleSet = builtinRuleSet('classic-8-5') ?? ftmo();
    const ledger = ledgerAt('2024-01-08T08:00:00Z', 100_000, ruleSet);
    expect(evaluationFacts(seen(ledger, 29, 100_000), NOT_FUNDED)).toEqual([]);
    expect(evaluationFacts(seen(ledger, 30, 100_000), NOT_FUNDED)).toEqual([
      { type: 'rule.breached', rule: 'maxDays', at: at(noon(30)) },
    ]);
  });
});

describe('the facts of a funded account', () => {
  const base = ftmo();
  const funded: PhaseRules = {
    ...(base.phases[2] as PhaseRules),
    payout: {
      everyDays: 14,
      firstAfterDays: 21,
      countFrom: 'activation',
      requiresFlat: true,
      sharePpm: 800_000,
    },
  };
  const rules: RuleSet = { ...base, phases: [funded] };
  const opened = (): LedgerState =>
    openLedger({
      ruleSet: rules,
      phase: 'funded',
      initial: usd(100_000),
      at: at(noon(0)),
      balance: usd(100_000),
    });
  const from = { ...NOT_FUNDED, fundedAt: at(noon(0)), cycleFrom: at(noon(0)) };
  const factsAt = (day: number, balance: number, evaluation: Funded): readonly string[] => {
    const booked = deal({ at: at(noon(day)), profit: usd(balance - 100_000) });
    const { state } = applyDeal(opened(), booked);
    return evaluationFacts(still({ ...state, equity: state.balance }), evaluation).map(
      ({ type }) => type,
    );
  };

  it('ask for a payout after the cycle, and only of a profit', () => {
    expect(factsAt(20, 101_000, from)).toEqual([]);
    expect(factsAt(21, 101_000, from)).toEqual(['payout.due']);
    expect(factsAt(21, 100_000, from)).toEqual([]);
    expect(factsAt(21, 100_000, { ...from, payoutDueAt: at(noon(21)) })).toEqual(['payout.lost']);
    const second = { ...from, payouts: 1, cycleFrom: at(noon(30)) };
    expect(factsAt(43, 101_000, second)).toEqual([]);
    expect(factsAt(44, 101_000, second)).toEqual(['payout.due']);
  });

  it('show what the next payout waits for, and how much it would be', () => {
    const booked = deal({ at: at(noon(21)), profit: usd(1_000) });
    const { state } = applyDeal(opened(), booked);
    const floating = { ...state, equity: usd(100_600) };
    expect(payoutProgress(floating, from, false)).toMatchObject({
      from: at(noon(0)),
      dueAt: at(noon(21)),
      withdrawable: usd(600),
      share: usd(480),
      blockedBy: ['open'],
    });
    expect(payoutProgress(floating, NOT_FUNDED, false)).toBeNull();
  });

  it('count the first cycle from the first trade where the firm does', () => {
    const ledger = openLedger({
      ruleSet: ftmo(),
      phase: 'funded',
      initial: usd(100_000),
      at: at(noon(0)),
      balance: usd(100_000),
    });
    expect(payoutProgress(ledger, from, true)).toMatchObject({ from: null, dueAt: null });
    const opening = deal({ entry: 'in', at: at(noon(3)), positionTicket: 'p' });
    const { state } = applyDeal(ledger, opening);
    const later = applyDeal(state, deal({ entry: 'in', at: at(noon(5)) })).state;
    expect(payoutProgress(later, from, true)).toMatchObject({
      from: at(noon(3)),
      dueAt: at(noon(17)),
      blockedBy: ['cycle', 'profit'],
    });
  });

  it('tell a scaling after four months, two payouts and 10 %', () => {
    const scaled = { ...from, payouts: 2, cycleFrom: null };
    expect(factsAt(121, 110_000, scaled)).toEqual(['scaling.earned']);
    expect(factsAt(120, 110_000, scaled)).toEqual([]);
    expect(factsAt(121, 109_999.99, scaled)).toEqual([]);
    expect(factsAt(121, 110_000, { ...scaled, payouts: 1 })).toEqual([]);
  });
});
