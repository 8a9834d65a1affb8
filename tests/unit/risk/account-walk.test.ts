import { describe, expect, it } from 'vitest';
import { AccountWalk } from '../../../src/risk/account-walk.ts';
import type { AccountEvent } from '../../../src/risk/account-walk-types.ts';
import {
  amount,
  closeAt,
  dealAt,
  depositAt,
  equityAt,
  instant,
  openAt,
  walked,
  withdrawalAt,
} from '../../support/account-history.ts';
import { ftmo } from '../../support/risk-fixtures.ts';

const HOUR = 3_600_000;

describe("FTMO's worked example", () => {
  const monday = [
    equityAt('2024-01-08T08:00:00Z', 200_000),
    dealAt('2024-01-08T10:00:00Z', 4000, { balance: 204_000, equity: 204_000 }),
  ];

  it('permits a loss of 14,000 on Monday after 4,000 of realised profit', () => {
    const held = walked([...monday, equityAt('2024-01-08T15:00:00Z', 190_000)], {
      initial: 200_000,
    });
    expect(held.breach).toBeNull();
    const lost = walked([...monday, equityAt('2024-01-08T15:00:00Z', '189999.99')], {
      initial: 200_000,
    });
    expect(lost.breach).toMatchObject({ rule: 'daily', floor: amount(190_000) });
  });

  it('is breached at 00:00 on Tuesday by 13,000 of floating loss that is carried over', () => {
    const report = walked(
      [
        ...monday,
        equityAt('2024-01-08T22:00:00Z', 191_000),
        equityAt('2024-01-09T09:00:00Z', 203_000),
      ],
      { initial: 200_000 },
    );
    expect(report.verdict).toBe('breached');
    expect(report.breach).toEqual({
      at: instant('2024-01-08T23:00:00Z'),
      rule: 'daily',
      equity: amount(191_000),
      floor: amount(194_000),
    });
    expect(report.days.map(({ dailyFloor }) => dailyFloor)).toEqual([
      amount(190_000),
      amount(194_000),
    ]);
  });

  it('takes what is observed at the reset instant itself as the figures of the reset', () => {
    const carried = (equity: string) =>
      walked([...monday, equityAt('2024-01-08T23:00:00Z', equity, { balance: 204_000 })], {
        initial: 200_000,
      });
    expect(carried('194000').breach).toBeNull();
    expect(carried('193999.99').breach).toMatchObject({ at: instant('2024-01-08T23:00:00Z') });
  });
});

describe('the floors of a walk', () => {
  it('hold exactly at the floor where the rule is strict, and not where it is not', () => {
    const at = (equity: string, rules: string) =>
      walked([equityAt('2024-01-08T10:00:00Z', equity)], { rules }).breach;
    expect(at('95000', 'ftmo-2step')).toBeNull();
    expect(at('94999.99999999', 'ftmo-2step')).not.toBeNull();
    expect(at('95000.01', 'the5ers-high-stakes')).toBeNull();
    expect(at('95000', 'the5ers-high-stakes')).not.toBeNull();
  });

  it('keep figures that were printed from binary floats as they were written', () => {
    const { breach } = walked([equityAt('2024-01-08T10:00:00Z', '94999.999999999985')]);
    expect(breach?.equity).toBe(amount('94999.999999999985'));
  });

  it.each([
    ['23 hours in spring', '2024-03-30T12:00:00Z', '2024-03-31', 23],
    ['24 hours in winter', '2024-01-08T12:00:00Z', '2024-01-09', 24],
    ['25 hours in autumn', '2024-10-26T12:00:00Z', '2024-10-27', 25],
  ])('are re-anchored after %s', (_, from, date, hours) => {
    const events: AccountEvent[] = [dealAt(from, 1000)];
    for (let hour = 1; hour <= 72; hour += 1) {
      const iso = new Date(Date.parse(from) + hour * HOUR).toISOString();
      events.push(equityAt(iso, 101_000));
    }
    const { days } = walked(events);
    const index = days.findIndex((day) => day.date === date);
    const [day, next] = days.slice(index);
    expect(((next?.opensAt ?? 0) - (day?.opensAt ?? 0)) / HOUR).toBe(hours);
    expect(days[0]?.dailyFloor).toBe(amount(95_000));
    expect(day?.dailyFloor).toBe(amount(96_000));
  });

  it('list every day that passed without an entry, with the balance that it had', () => {
    const { days } = walked([
      dealAt('2024-01-05T12:00:00Z', 500),
      equityAt('2024-01-08T12:00:00Z', 100_500),
    ]);
    expect(days.map(({ date }) => date)).toEqual([
      '2024-01-05',
      '2024-01-06',
      '2024-01-07',
      '2024-01-08',
    ]);
    expect(days.map(({ anchor }) => anchor)).toEqual(
      [100_000, 100_500, 100_500, 100_500].map((text) => amount(text)),
    );
  });

  it('note the lowest equity of each day, the one it began with included', () => {
    const { days } = walked([
      equityAt('2024-01-08T10:00:00Z', 97_000),
      equityAt('2024-01-08T20:00:00Z', 98_500),
      equityAt('2024-01-09T10:00:00Z', 99_500),
    ]);
    expect(days.map(({ minEquity }) => minEquity)).toEqual([amount(97_000), amount(98_500)]);
  });

  it('tell the first breach only', () => {
    const { breach } = walked([
      equityAt('2024-01-08T10:00:00Z', 94_000),
      equityAt('2024-01-08T11:00:00Z', 80_000),
    ]);
    expect(breach).toMatchObject({ at: instant('2024-01-08T10:00:00Z'), rule: 'daily' });
  });

  it('name the total floor where both are broken', () => {
    const { breach } = walked([equityAt('2024-01-08T10:00:00Z', '89999.99')]);
    expect(breach).toMatchObject({ rule: 'total', floor: amount(90_000) });
  });
});

describe('deposits and withdrawals', () => {
  it('move the daily anchor and are no profit', () => {
    const report = walked([
      equityAt('2024-01-08T08:00:00Z', 100_000),
      depositAt('2024-01-08T09:00:00Z', 12_000),
      equityAt('2024-01-08T10:00:00Z', 107_000),
    ]);
    expect(report.breach).toBeNull();
    expect(report.progress.profit).toBe(amount(0));
    expect(report.days[0]?.dailyFloor).toBe(amount(107_000));
    expect(report.progress.targetMetAt).toBeNull();
  });

  it('breach a static total floor when a withdrawal goes below it', () => {
    const events = [
      equityAt('2024-01-08T08:00:00Z', 100_000),
      withdrawalAt('2024-01-08T09:00:00Z', '10000.01'),
    ];
    expect(walked(events).breach).toMatchObject({ rule: 'total', equity: amount('89999.99') });
  });

  it('keep the floating loss that is there when money comes in', () => {
    const report = walked([
      equityAt('2024-01-08T08:00:00Z', 96_000, { balance: 100_000 }),
      depositAt('2024-01-08T09:00:00Z', 1000),
    ]);
    expect(report.progress.headroom.daily).toBe(amount(1000));
  });

  it('count the deposit that opens the account as the initial balance', () => {
    const stated = walked([depositAt('2024-01-08T08:00:00Z', 100_000, { balance: 100_000 })]);
    const bare = walked([depositAt('2024-01-08T08:00:00Z', 100_000)]);
    for (const report of [stated, bare]) {
      expect(report.days[0]?.balanceAtClose).toBe(amount(100_000));
      expect(report.days[0]?.anchor).toBe(amount(100_000));
    }
  });

  it('are refused when the account was opened with another balance than given', () => {
    const opened = depositAt('2024-01-08T08:00:00Z', 50_000, { balance: 50_000 });
    expect(() => walked([opened])).toThrow(/initial/);
  });
});

describe('equity between two observations', () => {
  it('is the balance once every position is closed', () => {
    const report = walked([
      openAt('2024-01-08T08:00:00Z'),
      equityAt('2024-01-08T09:00:00Z', 96_000, { balance: 100_000 }),
      closeAt('2024-01-08T10:00:00Z', 2600),
      equityAt('2024-01-09T10:00:00Z', 102_600),
    ]);
    expect(report.breach).toBeNull();
    expect(report.days[1]?.minEquity).toBe(amount(102_600));
  });

  it('stays where it was when one of two positions closes, so the new floor is broken', () => {
    const report = walked([
      openAt('2024-01-08T08:00:00Z', { symbol: 'EURUSD', lots: 1 }),
      openAt('2024-01-08T08:01:00Z', { symbol: 'GBPUSD', lots: 2 }),
      equityAt('2024-01-08T22:00:00Z', 96_000, { balance: 100_000 }),
      closeAt('2024-01-08T22:59:00Z', 4000, { symbol: 'EURUSD', lots: 1 }),
      equityAt('2024-01-09T10:00:00Z', 104_000),
    ]);
    expect(report.breach).toMatchObject({
      at: instant('2024-01-08T23:00:00Z'),
      equity: amount(96_000),
      floor: amount(99_000),
    });
  });

  it('is in doubt when the history lost track of what is open, and is never certified then', () => {
    const report = walked([
      openAt('2024-01-08T08:00:00Z', { symbol: 'EURUSD', lots: 1 }),
      closeAt('2024-01-08T09:00:00Z', 0, { symbol: 'GBPUSD', lots: 1 }),
      equityAt('2024-01-08T22:00:00Z', 96_000, { balance: 100_000 }),
      closeAt('2024-01-08T22:59:00Z', 4000, { symbol: 'GBPUSD', lots: 1 }),
      equityAt('2024-01-09T10:00:00Z', 104_000),
    ]);
    expect(report.breach).toBeNull();
    expect(report.verdict).toBe('inconclusive');
    expect(report.progress.doubt).toMatchObject({ rule: 'daily', equity: amount(96_000) });
  });

  it('is in doubt where finished trades are listed while equity shows that something is open', () => {
    const events = (equity: number) => [
      dealAt('2024-01-08T08:00:00Z', 4000),
      equityAt('2024-01-08T20:00:00Z', equity),
      dealAt('2024-01-08T21:00:00Z', 100),
      equityAt('2024-01-09T10:00:00Z', 104_100),
    ];
    expect(walked(events(98_000)).progress.doubt).toMatchObject({
      at: instant('2024-01-08T23:00:00Z'),
      equity: amount(98_000),
      floor: amount(99_100),
    });
    expect(walked(events(104_000))).toMatchObject({ verdict: 'inProgress', breach: null });
  });

  it('takes the stated balance for the truth, whatever the entries add up to', () => {
    const { days } = walked([dealAt('2024-01-08T08:00:00Z', 100, { balance: '100093.50' })]);
    expect(days[0]?.balanceAtClose).toBe(amount('100093.5'));
  });
});

describe('a history that begins in the middle', () => {
  const first = { ...dealAt('2024-01-08T10:00:00Z', -500), balanceBefore: amount(104_000) };

  it('hangs its first daily floor below the balance before its first deal', () => {
    const { days, progress } = walked([first]);
    expect(days[0]).toMatchObject({ anchor: amount(104_000), dailyFloor: amount(99_000) });
    expect(progress.profit).toBe(amount(3500));
  });
});

describe('an entry at the reset instant itself', () => {
  it('belongs to the day that begins: its money is not in the anchor', () => {
    const { days } = walked([
      equityAt('2024-01-08T10:00:00Z', 100_000),
      dealAt('2024-01-08T23:00:00Z', -1000),
    ]);
    expect(days.map(({ anchor }) => anchor)).toEqual([amount(100_000), amount(100_000)]);
    expect(days.map(({ balanceAtClose }) => balanceAtClose)).toEqual([
      amount(100_000),
      amount(99_000),
    ]);
  });

  it('puts money that it shows, and no entry explains, into the day that ends', () => {
    const { days } = walked([
      equityAt('2024-01-08T10:00:00Z', 100_000),
      equityAt('2024-01-08T23:00:00Z', 101_000, { balance: 101_000 }),
    ]);
    expect(days[0]?.balanceAtClose).toBe(amount(101_000));
    expect(days[1]?.anchor).toBe(amount(101_000));
  });
});

describe('what a walk refuses', () => {
  it('is an entry that is earlier than the one before it', () => {
    const walk = new AccountWalk({ ruleSet: ftmo(), phase: 'challenge', initial: amount(100_000) });
    expect(walk.push(equityAt('2024-01-08T10:00:00Z', 100_000))).toBeUndefined();
    expect(walk.push(equityAt('2024-01-08T10:00:00Z', 100_001))).toBeUndefined();
    const refused = walk.push(equityAt('2024-01-08T09:59:59.999Z', 100_000));
    expect(refused).toMatchObject({ remedy: expect.stringMatching(/Sort/) });
  });

  it('is a phase that the rules do not have', () => {
    const options = { ruleSet: ftmo(), phase: 'final', initial: amount(100_000) };
    expect(() => new AccountWalk(options)).toThrow(/final/);
  });

  it('has no report before the first entry', () => {
    const options = { ruleSet: ftmo(), phase: 'challenge', initial: amount(100_000) };
    expect(new AccountWalk(options).report()).toBeUndefined();
  });
});
