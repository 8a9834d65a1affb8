import { describe, expect, it } from 'vitest';
import { breachOf, floors } from '../../../src/risk/floors.ts';
import {
  advanceTo,
  applyDeal,
  balanceAtReset,
  countOrder,
  countRequest,
  mismatchOf,
  openLedger,
} from '../../../src/risk/ledger.ts';
import { restore, serialise } from '../../../src/risk/ledger-codec.ts';
import { at, deal, ftmo, ftmoWith, ledgerAt, usd } from '../../support/risk-fixtures.ts';

const show = (balance: number, equity = balance) => ({
  balance: usd(balance),
  equity: usd(equity),
});

describe("FTMO's worked example", () => {
  // 200,000 with a daily limit of 10,000; Monday 2024-01-08 in Prague.
  const monday = ledgerAt('2024-01-08T08:00:00Z', 200_000);
  const afterProfit = applyDeal(
    monday,
    deal({ at: at('2024-01-08T10:00:00Z'), profit: usd(4_000) }),
  ).state;

  it('permits a loss of 14,000 on Monday after 4,000 of realised profit', () => {
    expect(floors(afterProfit).daily).toBe(usd(190_000));
    expect(breachOf(afterProfit, show(204_000, 190_000))).toBeUndefined();
    expect(breachOf(afterProfit, show(204_000, 189_999.99))).toMatchObject({ rule: 'daily' });
  });

  it('breaches at 00:00 Tuesday when 13,000 of floating loss are carried over midnight', () => {
    const late = advanceTo(afterProfit, at('2024-01-08T22:59:59.999Z'), show(204_000, 191_000));
    expect(late.breaches).toEqual([]);
    const midnight = at('2024-01-08T23:00:00Z');
    const tuesday = advanceTo(late.state, midnight, show(204_000, 191_000));
    expect(floors(tuesday.state).daily).toBe(usd(194_000));
    expect(tuesday.breaches).toEqual([
      {
        rule: 'daily',
        at: midnight,
        measured: usd(191_000),
        floor: usd(194_000),
        onBreach: 'terminate',
      },
    ]);
  });

  it('is held to an equity at midnight that was seen before, not to one from before a deal', () => {
    const seen = advanceTo(afterProfit, at('2024-01-08T22:00:00Z'), show(204_000, 191_000)).state;
    const later = deal({ at: at('2024-01-09T01:00:00Z'), profit: usd(10) });
    expect(applyDeal(seen, later).breaches).toMatchObject([{ rule: 'daily' }]);
    // A winner of 20,000 closed, and nobody has told what the equity became.
    const won = deal({ at: at('2024-01-08T22:30:00Z'), profit: usd(20_000) });
    expect(applyDeal(applyDeal(seen, won).state, later).breaches).toEqual([]);
    const low = advanceTo(applyDeal(seen, won).state, later.at, show(224_000, 213_999.99));
    expect(low.breaches).toMatchObject([{ rule: 'daily', floor: usd(214_000) }]);
  });
});

describe('the anchor', () => {
  it('is I on the first day, whatever happens in it', () => {
    let state = ledgerAt('2024-01-08T08:00:00Z');
    state = applyDeal(state, deal({ at: at('2024-01-08T09:00:00Z'), profit: usd(900) })).state;
    state = advanceTo(state, at('2024-01-08T15:00:00Z'), show(100_900)).state;
    expect(floors(state)).toMatchObject({ daily: usd(95_000), total: usd(90_000) });
  });

  it('is the observed balance when the clock stops at the reset instant', () => {
    const update = advanceTo(
      ledgerAt('2024-01-08T08:00:00Z'),
      at('2024-01-08T23:00:00Z'),
      show(100_000, 99_000),
    );
    expect(update.anchored).toMatchObject([
      { date: '2024-01-09', anchor: usd(100_000), source: 'observed' },
    ]);
  });

  it('is rebuilt from deals when midnight passed unobserved', () => {
    let state = ledgerAt('2024-01-08T08:00:00Z');
    state = applyDeal(state, deal({ at: at('2024-01-08T22:00:00Z'), profit: usd(1_000) })).state;
    const next = applyDeal(state, deal({ at: at('2024-01-09T03:00:00Z'), profit: usd(-400) }));
    expect(next.anchored).toMatchObject([{ anchor: usd(101_000), source: 'rebuilt' }]);
    expect(floors(next.state).daily).toBe(usd(96_000));
    expect(advanceTo(next.state, at('2024-01-09T04:00:00Z'), show(100_600)).anchored).toEqual([]);
  });

  it('is rebuilt once per day over several days of downtime', () => {
    const update = advanceTo(
      ledgerAt('2024-03-29T08:00:00Z'),
      at('2024-04-02T08:00:00Z'),
      show(100_000),
    );
    expect(update.anchored.map(({ date }) => date)).toEqual([
      '2024-03-30',
      '2024-03-31',
      '2024-04-01',
      '2024-04-02',
    ]);
    // 31 March has 23 hours.
    const resets = update.anchored.map((anchored) => new Date(anchored.at).toISOString());
    expect(resets).toContain('2024-03-30T23:00:00.000Z');
    expect(resets).toContain('2024-03-31T22:00:00.000Z');
  });

  it('is corrected by a deal of yesterday that arrives after midnight', () => {
    const midnight = at('2024-01-08T23:00:00Z');
    let state = advanceTo(ledgerAt('2024-01-08T08:00:00Z'), midnight, show(100_000)).state;
    state = applyDeal(state, deal({ at: at('2024-01-08T22:59:59Z'), profit: usd(2_000) })).state;
    expect(floors(state).daily).toBe(usd(97_000));
  });

  it('is not corrected twice when the broker had already shown that deal', () => {
    const midnight = at('2024-01-08T23:00:00Z');
    let state = advanceTo(ledgerAt('2024-01-08T08:00:00Z'), midnight, show(102_000)).state;
    expect(floors(state).daily).toBe(usd(97_000));
    state = applyDeal(state, deal({ at: at('2024-01-08T22:59:59Z'), profit: usd(2_000) })).state;
    expect(floors(state).daily).toBe(usd(97_000));
    expect(mismatchOf(state, usd(102_000))).toBe(0n);
  });

  it('never moves by a restart, at any minute around midnight of any day length', () => {
    for (const midnight of ['2024-01-08T23:00Z', '2024-03-31T22:00Z', '2024-10-27T23:00Z']) {
      const noon = at(midnight) - 11 * 3_600_000;
      let straight = ledgerAt(new Date(noon).toISOString());
      let restarted = straight;
      for (let minute = -90; minute <= 90; minute += 1) {
        const now = (at(midnight) + minute * 60_000) as typeof straight.at;
        const seen = show(100_000 + minute, 99_000 - minute);
        const booked = deal({ at: now, profit: usd(1) });
        const a = applyDeal(straight, booked);
        const b = applyDeal(restore(serialise(restarted)), booked);
        expect(b.anchored).toEqual(a.anchored);
        straight = advanceTo(a.state, now, seen).state;
        restarted = advanceTo(restore(serialise(b.state)), now, seen).state;
        expect(restarted).toEqual(straight);
        expect(advanceTo(restarted, now, seen).anchored).toEqual([]);
      }
    }
  });

  it.each([
    ['24 hours', '2024-01-08T23:00Z'],
    ['23 hours', '2024-03-30T23:00Z'],
    ['25 hours', '2024-10-26T22:00Z'],
  ])(
    'is the same after any downtime, whenever it began around the midnight before %s',
    (_, iso) => {
      const minute = 60_000;
      const midnight = at(iso);
      // A deal every 7 minutes for two hours; the account is looked at every minute.
      const deals = Array.from({ length: 18 }, (_gap, i) =>
        deal({ at: (midnight + (7 * i - 60) * minute) as typeof midnight, profit: usd(i - 6) }),
      );
      const balanceAt = (now: number) =>
        deals
          .filter((one) => one.at <= now)
          .reduce((sum, { profit }) => sum + profit, usd(100_000) as bigint);
      const run = (downFrom: number, downFor: number) => {
        let state = ledgerAt(new Date(midnight - 11 * 3_600_000).toISOString());
        const anchors: string[] = [];
        let told = 0;
        for (let now = midnight - 60 * minute; now <= midnight + 65 * minute; now += minute) {
          if (now >= downFrom && now < downFrom + downFor) continue;
          // What was booked meanwhile is told at once, oldest first, then the account is seen.
          for (const one of deals.slice(told).filter((later) => later.at <= now)) {
            const update = applyDeal(restore(serialise(state)), one);
            state = update.state;
            told += 1;
            anchors.push(...update.anchored.map(({ date, anchor }) => `${date} ${anchor}`));
          }
          const balance = balanceAt(now) as typeof state.balance;
          const seen = advanceTo(state, now as typeof midnight, { balance, equity: balance });
          state = seen.state;
          anchors.push(...seen.anchored.map(({ date, anchor }) => `${date} ${anchor}`));
        }
        return { anchors, daily: floors(state).daily, balance: state.balance };
      };
      const straight = run(0, 0);
      expect(straight.anchors).toHaveLength(1);
      for (let begins = -45; begins <= 20; begins += 1) {
        for (const minutes of [1, 40]) {
          expect(run(midnight + begins * minute, minutes * minute)).toEqual(straight);
        }
      }
    },
  );

  it('is the balance at the last reset for an account that has history', () => {
    const opensAt = at('2024-01-08T23:00:00Z');
    const today = [
      deal({ at: at('2024-01-09T06:00:00Z'), entry: 'balance', profit: usd(50_000) }),
      deal({ at: at('2024-01-08T22:00:00Z'), profit: usd(500) }),
      deal({ at: at('2024-01-09T07:00:00Z'), profit: usd(-700), commission: usd(-3) }),
    ];
    const rebuiltAnchor = balanceAtReset(usd(104_297), today, opensAt);
    expect(rebuiltAnchor).toBe(usd(105_000));
    const state = openLedger({
      ruleSet: ftmo(),
      phase: 'challenge',
      initial: usd(100_000),
      at: at('2024-01-09T08:00:00Z'),
      balance: usd(104_297),
      rebuiltAnchor,
    });
    expect(floors(state).daily).toBe(usd(100_000));
    expect(state.day.source).toBe('rebuilt');
  });
});

describe('floors of other firms', () => {
  it('follow the highest balance at a reset, and only up', () => {
    const ruleSet = ftmoWith({ total: { anchor: 'endOfDayHighWater', ratchet: 'atReset' } });
    let state = ledgerAt('2024-01-08T08:00:00Z', 100_000, ruleSet);
    state = applyDeal(state, deal({ at: at('2024-01-08T09:00:00Z'), profit: usd(5_000) })).state;
    expect(floors(state).total).toBe(usd(90_000));
    state = advanceTo(state, at('2024-01-08T23:00:00Z'), show(105_000)).state;
    expect(floors(state).total).toBe(usd(95_000));
    state = applyDeal(state, deal({ at: at('2024-01-09T09:00:00Z'), profit: usd(-3_000) })).state;
    state = advanceTo(state, at('2024-01-09T23:00:00Z'), show(102_000)).state;
    expect(floors(state)).toMatchObject({ total: usd(95_000), daily: usd(97_000) });
  });

  it('follow the closed balance in real time and lock at I', () => {
    const total = {
      anchor: 'closedBalanceHighWater',
      ratchet: 'realtime',
      amount: { of: 'initial', ppm: 60_000 },
      lockAtPpm: 1_000_000,
    } as const;
    let state = ledgerAt('2024-01-08T08:00:00Z', 100_000, ftmoWith({ total }));
    state = applyDeal(state, deal({ at: at('2024-01-08T09:00:00Z'), profit: usd(4_000) })).state;
    expect(floors(state).total).toBe(usd(98_000));
    state = applyDeal(state, deal({ at: at('2024-01-08T10:00:00Z'), profit: usd(-1_000) })).state;
    expect(floors(state).total).toBe(usd(98_000));
    state = applyDeal(state, deal({ at: at('2024-01-08T11:00:00Z'), profit: usd(9_000) })).state;
    expect(floors(state).total).toBe(usd(100_000));
  });

  it('follow the higher of balance and equity at day start, in percent of it', () => {
    const daily = { anchor: 'dayStartMax', amount: { of: 'anchor', ppm: 50_000 } } as const;
    let state = ledgerAt('2024-01-08T08:00:00Z', 100_000, ftmoWith({ daily }));
    state = advanceTo(state, at('2024-01-08T23:00:00Z'), show(100_000, 110_000)).state;
    expect(floors(state).daily).toBe(usd(104_500));
  });

  it('follow the highest equity with every observation', () => {
    const total = { anchor: 'equityHighWater', ratchet: 'realtime' } as const;
    let state = ledgerAt('2024-01-08T08:00:00Z', 100_000, ftmoWith({ total }));
    state = advanceTo(state, at('2024-01-08T09:00:00Z'), show(100_000, 103_000)).state;
    state = advanceTo(state, at('2024-01-08T10:00:00Z'), show(100_000, 101_000)).state;
    expect(floors(state).total).toBe(usd(93_000));
  });

  it('breach on reaching the floor where the rule is not strict', () => {
    const ruleSet = ftmoWith({ total: { strict: false } });
    const state = ledgerAt('2024-01-08T08:00:00Z', 100_000, ruleSet);
    expect(breachOf(state, show(100_000, 90_000))).toMatchObject({ rule: 'total' });
    expect(breachOf(state, show(100_000, 90_000.01))).toMatchObject({ rule: 'daily' });
  });

  it('measure the balance, or the lower figure, where the rule says so', () => {
    const byBalance = ledgerAt(
      '2024-01-08T08:00:00Z',
      100_000,
      ftmoWith({
        daily: { measure: 'balance' },
        total: { measure: 'balance' },
      }),
    );
    expect(breachOf(byBalance, show(95_000, 80_000))).toBeUndefined();
    const byLower = ledgerAt(
      '2024-01-08T08:00:00Z',
      100_000,
      ftmoWith({
        daily: { measure: 'minOfBoth' },
      }),
    );
    expect(breachOf(byLower, show(94_999, 100_000))).toMatchObject({ measured: usd(94_999) });
  });
});

describe('the day', () => {
  it('counts positions opened once, orders, requests, trading days and the best day', () => {
    let state = ledgerAt('2024-01-08T08:00:00Z');
    const now = at('2024-01-08T09:00:00Z');
    for (const positionTicket of ['7', '7', '8']) {
      state = applyDeal(state, deal({ at: now, entry: 'in', positionTicket })).state;
    }
    state = countRequest(countOrder(state));
    expect(state.day).toMatchObject({ openedPositions: ['7', '8'], orders: 1, requests: 1 });
    state = applyDeal(state, deal({ at: now, profit: usd(600), commission: usd(-6) })).state;
    state = advanceTo(state, at('2024-01-09T23:00:00Z'), show(100_594)).state;
    expect(state).toMatchObject({ tradingDays: 1, profitDays: 1, bestDayProfit: usd(594) });
    expect(state.day).toMatchObject({ number: 3, openedPositions: [], orders: 0, requests: 0 });
  });

  it('remembers the lowest equity of the day and of all days', () => {
    let state = ledgerAt('2024-01-08T08:00:00Z');
    state = advanceTo(state, at('2024-01-08T09:00:00Z'), show(100_000, 98_000)).state;
    state = advanceTo(state, at('2024-01-08T23:00:00Z'), show(100_000, 99_500)).state;
    expect(state.day.low.equity).toBe(usd(99_500));
    expect(state.low).toEqual({ equity: usd(98_000), at: at('2024-01-08T09:00:00Z') });
  });

  it('does not go back: an event of the past counts as now', () => {
    const state = advanceTo(
      ledgerAt('2024-01-09T08:00:00Z'),
      at('2024-01-09T09:00:00Z'),
      show(1e5),
    );
    const again = advanceTo(state.state, at('2024-01-08T09:00:00Z'), show(1e5));
    expect(again.state.at).toBe(at('2024-01-09T09:00:00Z'));
    expect(again.anchored).toEqual([]);
  });
});

describe('a stored ledger', () => {
  it('comes back equal, money included', () => {
    const daily = { amount: { of: 'absolute', value: '5000.00' } } as const;
    let state = ledgerAt('2024-01-08T08:00:00Z', 100_000, ftmoWith({ daily }));
    state = applyDeal(state, deal({ at: at('2024-01-08T09:00:00Z'), entry: 'in' })).state;
    expect(floors(state).daily).toBe(usd(95_000));
    expect(restore(serialise(state))).toEqual(state);
    expect(serialise(state)).toContain('"balance":"10000000"');
  });

  it('is refused when it is something else', () => {
    expect(() => restore('{"format":0}')).toThrow(/format/);
    expect(() => restore('{')).toThrow();
  });

  it('refuses a phase that the rules do not have', () => {
    expect(() =>
      openLedger({
        ruleSet: ftmo(),
        phase: 'final',
        initial: usd(1),
        at: at('2024-01-08T08:00Z'),
        balance: usd(1),
      }),
    ).toThrow(/challenge, verification, funded/);
  });
});
