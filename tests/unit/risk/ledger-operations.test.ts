import { describe, expect, it } from 'vitest';
import { floors } from '../../../src/risk/floors.ts';
import { advanceTo, applyDeal, applyOperation, balanceAtReset } from '../../../src/risk/ledger.ts';
import { profitOfToday } from '../../../src/risk/objectives.ts';
import { at, deal, ftmoWith, ledgerAt, usd } from '../../support/risk-fixtures.ts';

const show = (balance: number, equity = balance) => ({
  balance: usd(balance),
  equity: usd(equity),
});

describe('money without a trade', () => {
  const withdrawal = {
    kind: 'balance',
    amount: usd(-3_000),
    at: at('2024-01-08T12:00:00Z'),
  } as const;

  it.each([
    ['shiftAnchor', 92_000],
    ['resetToInitial', 95_000],
    ['none', 95_000],
  ] as const)('moves the anchor as %s says', (policy, floor) => {
    const ruleSet = ftmoWith({ daily: { withdrawal: policy } });
    const { state } = applyOperation(
      ledgerAt('2024-01-08T08:00:00Z', 100_000, ruleSet),
      withdrawal,
    );
    expect(state.balance).toBe(usd(97_000));
    expect(floors(state)).toMatchObject({ daily: usd(floor), total: usd(90_000) });
  });

  it.each([
    // profit of the day, transfers, balance, floor of the day after 1,000 of profit at 09:00
    ['balance', 1_000, -500, 100_500, 94_500],
    ['bonus', 1_000, -500, 100_500, 94_500],
    ['charge', 500, 0, 100_500, 95_000],
    ['correction', 500, 0, 100_500, 95_000],
    ['commission', 500, 0, 100_500, 95_000],
    ['interest', 500, 0, 100_500, 95_000],
    ['dividend', 500, 0, 100_500, 95_000],
    ['tax', 500, 0, 100_500, 95_000],
    ['credit', 1_000, 0, 101_000, 95_000],
  ] as const)('is to the book what its kind says: %s', (operation, made, moved, balance, floor) => {
    const won = deal({ at: at('2024-01-08T09:00:00Z'), profit: usd(1_000) });
    const money = deal({
      ...({ at: at('2024-01-08T10:00:00Z'), entry: 'balance', operation } as const),
      profit: usd(-500),
    });
    const { state } = applyDeal(applyDeal(ledgerAt('2024-01-08T08:00:00Z'), won).state, money);
    expect(profitOfToday(state)).toBe(usd(made));
    expect(state.day.transfers).toBe(usd(moved));
    expect(state.balance).toBe(usd(balance));
    expect(floors(state).daily).toBe(usd(floor));
    // At the midnight before, the account had what it has now, less what was made since.
    const opensAt = at('2024-01-07T23:00:00Z');
    expect(balanceAtReset(state.balance, [won, money], opensAt)).toBe(
      usd(100_000 + (operation === 'balance' || operation === 'bonus' ? -500 : 0)),
    );
  });

  it('is no profit of its day', () => {
    const state = applyOperation(ledgerAt('2024-01-08T08:00:00Z'), {
      kind: 'balance',
      amount: usd(5_000),
      at: at('2024-01-08T12:00:00Z'),
    }).state;
    const { anchored } = advanceTo(state, at('2024-01-08T23:00:00Z'), show(105_000));
    expect(anchored[0]?.closed).toMatchObject({ profit: 0n, balanceAtClose: usd(105_000) });
  });

  it('is a charge when it is not a transfer, and no balance when it is credit', () => {
    const now = at('2024-01-08T12:00:00Z');
    const charged = applyOperation(ledgerAt('2024-01-08T08:00:00Z'), {
      kind: 'charge',
      amount: usd(-10),
      at: now,
    }).state;
    expect(charged.balance).toBe(usd(99_990));
    expect(floors(charged).daily).toBe(usd(95_000));
    const credited = applyOperation(charged, { kind: 'credit', amount: usd(50), at: now }).state;
    expect(credited.balance).toBe(usd(99_990));
    expect(credited.credit).toBe(usd(50));
  });
});
