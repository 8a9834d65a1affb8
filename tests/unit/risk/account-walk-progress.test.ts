import { describe, expect, it } from 'vitest';
import type { AccountEvent } from '../../../src/risk/account-walk-types.ts';
import type { PhaseRules, RuleSet } from '../../../src/risk/rule-set.ts';
import {
  amount,
  closeAt,
  dealAt,
  equityAt,
  instant,
  openAt,
  walked,
} from '../../support/account-history.ts';
import { ftmo } from '../../support/risk-fixtures.ts';

/** One trade per day from Monday, 8 January 2024, observed while it is open unless told not to. */
const tradedDays = (profits: readonly number[], observed = true): readonly AccountEvent[] => {
  let balance = 100_000;
  return profits.flatMap((profit, index) => {
    const date = new Date(Date.UTC(2024, 0, 8 + index)).toISOString().slice(0, 10);
    const seen = observed ? [equityAt(`${date}T10:00:00Z`, balance - 100)] : [];
    balance += profit;
    return [openAt(`${date}T09:00:00Z`), ...seen, closeAt(`${date}T11:00:00Z`, profit)];
  });
};
const ftmoPhase = (change: Partial<PhaseRules>): RuleSet => ({
  ...ftmo(),
  phases: ftmo().phases.map((phase) => ({ ...phase, ...change })),
});

describe('passing a phase', () => {
  it('needs the target to the cent', () => {
    const short = walked(tradedDays([2500, 2500, 2500, 2499.99]));
    expect(short).toMatchObject({ verdict: 'inProgress', passedAt: null });
    const met = walked(tradedDays([2500, 2500, 2500, 2500]));
    expect(met).toMatchObject({ verdict: 'passed', breach: null });
    expect(met.passedAt).toBe(instant('2024-01-11T11:00:00Z'));
  });

  it('needs the trading days, and comes with the opening on the last of them', () => {
    const three = tradedDays([4000, 4000, 2500]);
    expect(walked(three)).toMatchObject({ verdict: 'inProgress', progress: { tradingDays: 3 } });
    const report = walked([...three, openAt('2024-01-11T09:30:00Z')]);
    expect(report.verdict).toBe('passed');
    expect(report.passedAt).toBe(instant('2024-01-11T09:30:00Z'));
  });

  it('needs closed profit: a floating one meets no target', () => {
    const events = [...tradedDays([1, 1, 1, 1]), equityAt('2024-01-11T12:00:00Z', 115_000)];
    expect(walked(events)).toMatchObject({ verdict: 'inProgress', passedAt: null });
  });

  it('waits while a floating loss stands against the profit', () => {
    const loss = equityAt('2024-01-11T10:30:00Z', 107_000, { balance: 107_500 });
    const events = [
      ...tradedDays([2500, 2500, 2500]),
      openAt('2024-01-11T09:00:00Z', { symbol: 'A' }),
      openAt('2024-01-11T09:00:00Z', { symbol: 'B' }),
      loss,
      closeAt('2024-01-11T11:00:00Z', 3000, { symbol: 'A' }),
    ];
    expect(walked(events).passedAt).toBeNull();
    const closed = closeAt('2024-01-11T12:00:00Z', -400, { symbol: 'B' });
    expect(walked([...events, closed]).passedAt).toBe(instant('2024-01-11T12:00:00Z'));
  });

  it('is never certified by deals alone', () => {
    const report = walked(tradedDays([2500, 2500, 2500, 2500], false));
    expect(report).toMatchObject({
      verdict: 'inconclusive',
      passedAt: null,
      equitySource: 'closedOnly',
      breach: null,
    });
    expect(report.progress.targetMetAt).toBe(instant('2024-01-11T11:00:00Z'));
    expect(report.progress.daysWithoutEquity).toBe(4);
  });

  it('is still refused by deals alone when they break a floor', () => {
    const report = walked([dealAt('2024-01-08T10:00:00Z', '-5000.01')]);
    expect(report).toMatchObject({ verdict: 'breached', equitySource: 'closedOnly' });
  });

  it('ends the rules of the phase: what comes later belongs to the next one', () => {
    const later = equityAt('2024-01-12T10:00:00Z', 80_000);
    const report = walked([...tradedDays([2500, 2500, 2500, 2500]), later]);
    expect(report).toMatchObject({ verdict: 'passed', breach: null });
    expect(report.days.at(-1)?.minEquity).toBe(amount(80_000));
  });

  it('does not come after a breach', () => {
    const broken = equityAt('2024-01-08T07:00:00Z', 90_000);
    const report = walked([broken, ...tradedDays([2500, 2500, 2500, 2500])]);
    expect(report).toMatchObject({ verdict: 'breached', passedAt: null });
  });

  it('does not exist where a phase has no target', () => {
    const report = walked(tradedDays([5000, 5000, 5000, 5000]), { phase: 'funded' });
    expect(report).toMatchObject({ verdict: 'inProgress', passedAt: null });
  });
});

describe('trading days', () => {
  it('count openings, not closes', () => {
    const report = walked([
      openAt('2024-01-08T09:00:00Z'),
      openAt('2024-01-08T10:00:00Z'),
      closeAt('2024-01-09T09:00:00Z', 10),
      closeAt('2024-01-10T09:00:00Z', 10),
    ]);
    expect(report.progress.tradingDays).toBe(1);
  });

  it('count days with deals where a history tells no openings', () => {
    const days = ['08', '09', '09', '10'].map((day) => dealAt(`2024-01-${day}T09:00:00Z`, 10));
    expect(walked(days).progress.tradingDays).toBe(3);
  });

  it('belong to the day of the rules: 23:30 in Prague and half past midnight are two', () => {
    const events = [openAt('2024-01-08T22:30:00Z'), openAt('2024-01-08T23:30:00Z')];
    expect(walked(events).progress.tradingDays).toBe(2);
  });

  it('count by profit once the day is closed, at the least profit exactly', () => {
    const days = (profit: number) => [
      ...tradedDays([profit, profit, profit]),
      equityAt('2024-01-11T12:00:00Z', 100_000 + 3 * profit),
    ];
    const rules = 'the5ers-high-stakes';
    expect(walked(days(500), { rules }).progress.tradingDays).toBe(3);
    expect(walked(days(499.99), { rules }).progress.tradingDays).toBe(0);
  });
});

describe('the best day', () => {
  const rules = 'ftmo-1step';

  it('may be exactly half of the profit, and not a cent more', () => {
    expect(walked(tradedDays([5000, 2500, 2500]), { rules }).verdict).toBe('passed');
    const over = walked(tradedDays([5000.01, 2500, 2499.99]), { rules });
    expect(over).toMatchObject({ verdict: 'inProgress', breach: null });
    expect(over.progress).toMatchObject({
      bestDayHolds: false,
      bestDay: { date: '2024-01-08', profit: amount('5000.01') },
    });
  });

  it('holds again when other days have made enough', () => {
    const report = walked(tradedDays([6000, 4000, 2000]), { rules });
    expect(report.passedAt).toBe(instant('2024-01-10T11:00:00Z'));
  });
});

describe('rules about time', () => {
  it('end the classic challenge after 30 days, at the reset', () => {
    const rules = 'classic-8-5';
    const first = dealAt('2024-01-08T10:00:00Z', 10);
    const inTime = [first, equityAt('2024-02-06T22:59:59.999Z', 100_010)];
    expect(walked(inTime, { rules })).toMatchObject({
      breach: null,
      progress: { daysElapsed: 30, maxDays: 30 },
    });
    const late = [first, equityAt('2024-02-06T23:00:00Z', 100_010)];
    expect(walked(late, { rules }).breach).toEqual({
      at: instant('2024-02-06T23:00:00Z'),
      rule: 'maxDays',
      equity: amount(100_010),
      floor: null,
    });
  });

  it('end an account that was left alone for too long', () => {
    const rules = ftmoPhase({ inactivityDays: 30 });
    const from = openAt('2024-01-07T23:00:00Z');
    const at = (iso: string) => walked([from, equityAt(iso, 100_000)], { rules }).breach;
    expect(at('2024-02-06T23:00:00Z')).toBeNull();
    expect(at('2024-02-07T23:00:00Z')).toMatchObject({ rule: 'inactivityDays' });
  });
});
