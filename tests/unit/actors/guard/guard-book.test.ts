import { describe, expect, it } from 'vitest';
import {
  bookReport,
  bookSnapshot,
  headroomEvent,
  isBookkeeping,
  savedEntries,
} from '../../../../src/actors/guard/guard-book.ts';
import { APPLIED_DEALS_KEPT, type GuardState } from '../../../../src/actors/guard/guard-state.ts';
import type { TradeReport } from '../../../../src/actors/messages.ts';
import type { Deal } from '../../../../src/domain/trading.ts';
import { epochMs, points } from '../../../../src/domain/units.ts';
import { floors } from '../../../../src/risk/floors.ts';
import { restore } from '../../../../src/risk/ledger-codec.ts';
import {
  guardOptions,
  guardState,
  NOW,
  position,
  positions,
  snapshotOf,
  workingOrder,
} from '../../../support/guard-fixtures.ts';
import { account, deal, lots, usd } from '../../../support/risk-fixtures.ts';

const options = guardOptions();
const report = (change: Partial<TradeReport>): TradeReport => ({
  account: account(),
  deals: [],
  orders: [],
  positions: [],
  closedPositions: [],
  ...change,
});
const loss = (ticket: string, amount: number, afterMs = 0): Deal =>
  deal({ ticket, at: epochMs(NOW + afterMs), profit: usd(-amount) });
const losses = (count: number): readonly Deal[] =>
  Array.from({ length: count }, (_, index) => loss(`d${index}`, 1, index));

describe('a trade report', () => {
  it('moves positions, orders and money together', () => {
    const state = guardState({
      positions: positions(position('1')),
      orders: new Map([['9', workingOrder('9')]]),
    });
    const booked = bookReport(
      state,
      report({
        account: account({ balance: usd(99_990), equity: usd(99_985) }),
        deals: [loss('d1', 10)],
        positions: [position('2')],
        closedPositions: ['1'],
        orders: [workingOrder('9', { state: 'filled' }), workingOrder('10')],
      }),
    );
    expect([...booked.state.positions.keys()]).toEqual(['2']);
    expect([...booked.state.orders.keys()]).toEqual(['10']);
    expect([booked.state.equity, booked.state.ledger?.balance, booked.mismatch]).toEqual([
      usd(99_985),
      usd(99_990),
      undefined,
    ]);
  });

  it('books a deal that is told twice once', () => {
    const told = report({ account: account({ balance: usd(99_990) }), deals: [loss('d1', 10)] });
    const once = bookReport(guardState(), told);
    const twice = bookReport(once.state, told);
    expect([once.mismatch, twice.mismatch]).toEqual([undefined, undefined]);
    expect(twice.state.ledger?.balance).toBe(usd(99_990));
  });

  it('says with both figures when the balances differ by a cent', () => {
    const { mismatch } = bookReport(
      guardState(),
      report({
        account: account({ balance: usd(99_990.01) }),
        deals: [loss('d1', 10)],
      }),
    );
    expect(mismatch).toContain('9999001');
    expect(mismatch).toContain('9999000');
  });

  it('remembers only the newest deals, and takes older ones for counted', () => {
    const many = losses(APPLIED_DEALS_KEPT + 10);
    const balance = account({ balance: usd(100_000 - many.length) });
    const once = bookReport(guardState(), report({ account: balance, deals: many }));
    expect(once.state.applied.tickets).toHaveLength(APPLIED_DEALS_KEPT);
    expect(once.state.applied.since).toBe(NOW + 10);
    const again = bookReport(once.state, report({ account: balance, deals: many }));
    expect([again.mismatch, again.state.ledger?.balance]).toEqual([undefined, balance.balance]);
  });
});

describe('credit of the broker', () => {
  const lent = deal({
    ...({ ticket: 'c', entry: 'balance', operation: 'credit' } as const),
    profit: usd(5_000),
    at: epochMs(NOW - 86_400_000),
  });
  const shown = account({ balance: usd(100_000), equity: usd(105_000) });

  it('moves no balance, and stands in for no floor', () => {
    const { state, mismatch } = bookReport(
      guardState(),
      report({ account: shown, deals: [{ ...lent, at: NOW }] }),
    );
    expect([mismatch, state.equity]).toEqual([undefined, usd(100_000)]);
    expect(state.ledger).toMatchObject({ balance: usd(100_000), credit: usd(5_000) });
  });

  it('is known from the history of an account that is seen for the first time', () => {
    const snapshot = snapshotOf({ account: shown, deals: [lent] });
    const { state } = bookSnapshot(guardState({ ledger: null }), options, snapshot);
    expect(state.ledger).toMatchObject({ equity: usd(100_000), credit: usd(5_000) });
    const later = bookReport(state, report({ account: shown }));
    expect(later.state.equity).toBe(usd(100_000));
  });
});

describe("the terminal's whole truth", () => {
  it('opens a first book with the balance at the last reset, rebuilt from deals of today', () => {
    const deals = [
      deal({ ticket: 'b', entry: 'balance', profit: usd(100_000), at: epochMs(NOW - 86_400_000) }),
      loss('d1', 500, -3_600_000),
    ];
    const snapshot = snapshotOf({
      account: account({ balance: usd(99_500), equity: usd(99_500) }),
      deals,
    });
    const { state, mismatch } = bookSnapshot(guardState({ ledger: null }), options, snapshot);
    expect(mismatch).toBeUndefined();
    expect(state.ledger?.day).toMatchObject({ balanceAtOpen: usd(100_000), source: 'rebuilt' });
    expect(state.ledger && floors(state.ledger).daily).toBe(usd(95_000));
  });

  it('replaces what was believed, and says what had changed', () => {
    const state = guardState({ positions: positions(position('1'), position('2')) });
    const { state: next, actions } = bookSnapshot(
      state,
      options,
      snapshotOf({ positions: [position('2'), position('3')] }),
    );
    expect([...next.positions.keys()]).toEqual(['2', '3']);
    expect(actions.map(({ detail }) => detail)).toEqual([
      'position 3 is open, adopted by pulse:EURUSD',
      'position 1 was closed meanwhile',
    ]);
  });

  it('says nothing of its own when nothing had changed', () => {
    const first = bookSnapshot(guardState(), options, snapshotOf({ positions: [position('2')] }));
    const again = bookSnapshot(first.state, options, snapshotOf({ positions: [position('2')] }));
    expect([again.actions, again.mismatch]).toEqual([[], undefined]);
  });

  it('finds the deals that were missed, and a balance that they do not explain', () => {
    const missed = snapshotOf({
      account: account({ balance: usd(99_990) }),
      deals: [loss('d1', 10)],
    });
    expect(bookSnapshot(guardState(), options, missed).mismatch).toBeUndefined();
    const unexplained = snapshotOf({ account: account({ balance: usd(99_990) }) });
    expect(bookSnapshot(guardState(), options, unexplained).mismatch).toBeDefined();
  });
});

describe('headroom', () => {
  const using = (points_: number, count: number): GuardState =>
    guardState({
      positions: positions(
        ...Array.from({ length: count }, (_, index) =>
          position(String(index), { stopLoss: points(110_000 - points_), volumeE8: lots(1) }),
        ),
      ),
    });

  it('is thin above 80 percent of the way to the higher floor, and wide again below 70', () => {
    // 5,000.00 above the daily floor; a lot loses its stop distance, slippage, commission and swap.
    expect(headroomEvent(using(4_200, 1), options, NOW)).toEqual({ type: 'headroom.thin' });
    expect(headroomEvent(using(3_700, 1), options, NOW)).toBeUndefined();
    expect(headroomEvent(using(3_000, 1), options, NOW)).toEqual({ type: 'headroom.restored' });
  });

  it('is thin when there is none, and unknown while the account is', () => {
    const broke = guardState({ account: account({ balance: usd(95_000) }) });
    expect(headroomEvent(broke, options, NOW)).toEqual({ type: 'headroom.thin' });
    expect(headroomEvent(guardState({ account: null }), options, NOW)).toBeUndefined();
  });

  it('counts a reservation as much as a position', () => {
    const held = {
      magic: '1',
      order: {
        id: 'i1',
        strategyId: 's',
        status: 'unknown' as const,
        symbol: 'EURUSD',
        side: 'buy' as const,
        volumeE8: lots(1),
        entry: points(110_000),
        stopLoss: points(105_800),
      },
    };
    const state = guardState({ held: new Map([['i1', held]]) });
    expect(headroomEvent(state, options, NOW)).toEqual({ type: 'headroom.thin' });
  });
});

describe('what is written down of the account', () => {
  it('is the account for people and the book for a restart, exactly', () => {
    const state = guardState({ equity: usd(99_999) });
    const entries = savedEntries(state);
    expect(entries.map(({ kind }) => kind)).toEqual(['account.snapshot', 'ledger.saved']);
    expect(entries.every(isBookkeeping)).toBe(true);
    const [shown, saved] = entries;
    expect(shown).toMatchObject({
      equityMinor: '9999900',
      dailyFloorMinor: '9500000',
      totalFloorMinor: '9000000',
    });
    expect(saved?.kind === 'ledger.saved' && restore(saved.ledger)).toEqual(state.ledger);
  });

  it('is nothing before the account is known', () => {
    expect(savedEntries(guardState({ account: null }))).toEqual([]);
  });
});
