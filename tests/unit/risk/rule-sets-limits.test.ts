import { describe, expect, it } from 'vitest';
import type { AccountEvent } from '../../../src/risk/account-walk-types.ts';
import { BUILTIN_RULE_SET_IDS, builtinRuleSet } from '../../../src/risk/builtin-rule-sets.ts';
import { phaseOf } from '../../../src/risk/rule-set.ts';
import { amount, closeAt, equityAt, openAt, walked } from '../../support/account-history.ts';

/** The limits of every phase of every rule set as a person writes them down for 100,000. */
interface Limits {
  readonly rules: string;
  readonly phase: string;
  /** Daily floor of the first day, and the total floor while the account only loses. */
  readonly daily: number;
  readonly total: number;
  /** Equity exactly at the floor holds. */
  readonly holdsAtFloor: boolean;
  readonly pauses?: boolean;
  readonly target: number | null;
  readonly minDays?: number;
}

const LIMITS: readonly Limits[] = [
  ...['ftmo-2step', 'ftmo-2step-swing', 'ftmo-us'].flatMap((rules): readonly Limits[] => {
    const floors = { rules, daily: 95_000, total: 90_000, holdsAtFloor: true };
    return [
      { ...floors, phase: 'challenge', target: 10_000, minDays: 4 },
      { ...floors, phase: 'verification', target: 5000, minDays: 4 },
      { ...floors, phase: 'funded', target: null },
    ];
  }),
  ...[
    { phase: 'challenge', target: 10_000 },
    { phase: 'funded', target: null },
  ].map((phase) => ({
    rules: 'ftmo-1step',
    daily: 97_000,
    total: 90_000,
    holdsAtFloor: true,
    ...phase,
  })),
  ...[
    { phase: 'challenge', target: 8000 },
    { phase: 'verification', target: 8000 },
    { phase: 'funded', target: null },
  ].map((phase) => ({
    rules: 'classic-8-5',
    daily: 95_000,
    total: 90_000,
    holdsAtFloor: false,
    ...phase,
  })),
  ...[
    { phase: 'challenge', target: 8000, minDays: 5 },
    { phase: 'verification', target: 5000, minDays: 5 },
    { phase: 'funded', target: null },
  ].map((phase) => ({
    rules: 'fundednext-2step',
    daily: 95_000,
    total: 90_000,
    holdsAtFloor: true,
    ...phase,
  })),
  ...[
    { phase: 'challenge', target: 8000, minDays: 3 },
    { phase: 'verification', target: 5000, minDays: 3 },
    { phase: 'funded', target: null },
  ].map((phase) => ({
    rules: 'the5ers-high-stakes',
    daily: 95_000,
    total: 90_000,
    holdsAtFloor: false,
    ...phase,
  })),
  ...[
    { phase: 'challenge', target: 10_000 },
    { phase: 'funded', target: null },
  ].map((phase) => ({
    rules: 'the5ers-hyper-growth',
    daily: 97_000,
    total: 94_000,
    holdsAtFloor: false,
    pauses: true,
    ...phase,
  })),
  ...[
    { phase: 'challenge', target: 6000 },
    { phase: 'funded', target: null },
  ].map((phase) => ({
    rules: 'e8-one',
    daily: 97_000,
    total: 94_000,
    holdsAtFloor: false,
    ...phase,
  })),
];

/** Minutes before and after a release in which a firm other than FTMO lets no order through. */
const NEWS_MINUTES: Readonly<Record<string, number>> = {
  'the5ers-high-stakes': 2,
  'e8-one funded': 5,
};

const noon = (day: number): string => new Date(Date.UTC(2024, 0, 8 + day, 12)).toISOString();
const named = LIMITS.map((limits) => [`${limits.rules} ${limits.phase}`, limits] as const);

describe('the limits of every rule set', () => {
  it('are written down here for every phase that is shipped', () => {
    const shipped = BUILTIN_RULE_SET_IDS.flatMap((id) =>
      (builtinRuleSet(id)?.phases ?? []).map(({ name }) => `${id} ${name}`),
    );
    expect(named.map(([name]) => name).sort()).toEqual([...shipped].sort());
  });

  it.each(named)('has the daily floor just inside, at and just outside: %s', (_, limits) => {
    const { rules, phase, daily, holdsAtFloor, pauses = false } = limits;
    const broken = (cents: number): boolean => {
      const text = (daily + cents / 100).toFixed(2);
      const report = walked([equityAt(noon(0), text)], { rules, phase });
      if (pauses) expect(report.breach).toBeNull();
      else expect(report.breach?.rule ?? 'daily').toBe('daily');
      return pauses ? report.progress.pauses.length > 0 : report.breach !== null;
    };
    expect([1, 0, -1].map(broken)).toEqual([false, !holdsAtFloor, true]);
  });

  it.each(named)('has the total floor just inside, at and just outside: %s', (_, limits) => {
    const { rules, phase, total, holdsAtFloor } = limits;
    const broken = (cents: number): boolean => {
      // Down by 2 % a day, which no daily floor minds, and on the last day to the total floor.
      const events: AccountEvent[] = [];
      for (let level = 98_000, day = 0; level > total; level -= 2000, day += 1) {
        events.push(equityAt(noon(day), level, { balance: level }));
      }
      const last = (total + cents / 100).toFixed(2);
      events.push(equityAt(noon(events.length), last));
      const { breach } = walked(events, { rules, phase });
      expect(breach?.rule ?? 'total').toBe('total');
      return breach !== null;
    };
    expect([1, 0, -1].map(broken)).toEqual([false, !holdsAtFloor, true]);
  });

  it.each(named)('has target and trading days to the cent and the day: %s', (_, limits) => {
    const { rules, phase, target, minDays = 1 } = limits;
    const verdictAfter = (profit: number, days: number): string => {
      const events: AccountEvent[] = [equityAt(noon(-1), 100_000)];
      for (let day = 0; day < days; day += 1) {
        const part = (profit / days).toFixed(10);
        events.push(openAt(noon(day)), closeAt(noon(day), part));
      }
      events.push(equityAt(noon(days), (100_000 + profit).toFixed(2)));
      return walked(events, { rules, phase }).verdict;
    };
    const days = Math.max(minDays, 4);
    if (target === null) {
      expect(verdictAfter(50_000, days)).toBe('inProgress');
      return;
    }
    expect(verdictAfter(target, days)).toBe('passed');
    expect(verdictAfter(target + 0.04, days)).toBe('passed');
    expect(verdictAfter(target - 0.04, days)).toBe('inProgress');
    if (minDays > 1) expect(verdictAfter(target, minDays - 1)).toBe('inProgress');
  });

  it.each(named)('has the lots, orders, news and holding of the firm: %s', (_, limits) => {
    const ruleSet = builtinRuleSet(limits.rules);
    const phase = ruleSet === undefined ? undefined : phaseOf(ruleSet, limits.phase);
    const isFtmo = limits.rules.startsWith('ftmo');
    const orders = limits.rules === 'e8-one' ? 100 : isFtmo ? 200 : null;
    expect(phase?.activity).toEqual(
      orders === null
        ? { requestsPerDay: null, openOrders: null, positionsPerDay: null, lotsPerOrder: null }
        : { requestsPerDay: 2000, openOrders: orders, positionsPerDay: 2000, lotsPerOrder: 50 },
    );
    const restricted = isFtmo && limits.phase === 'funded' && limits.rules !== 'ftmo-2step-swing';
    const aroundNews = `${limits.rules} ${limits.phase}`;
    const minutes = NEWS_MINUTES[limits.rules] ?? (restricted ? 2 : NEWS_MINUTES[aroundNews]);
    expect([phase?.news?.minutesBefore, phase?.news?.minutesAfter]).toEqual([minutes, minutes]);
    expect(phase?.holding.flatBeforeWeekend).toBe(restricted);
    expect(phase?.holding.noOpenBeforeBreak).toEqual(
      isFtmo ? { withinHours: 2, breakHours: 2 } : null,
    );
    const isUs = limits.rules === 'ftmo-us';
    expect(phase?.account.fifo).toBe(isUs);
    if (isUs) expect(phase?.account.marginMode).toBe('netting');
  });

  it('are the floors of an account of any size', () => {
    const [day] = walked([equityAt(noon(0), '10000')], { initial: '10000' }).days;
    expect([day?.dailyFloor, day?.totalFloor]).toEqual([amount(9500), amount(9000)]);
  });
});
