import { describe, expect, it } from 'vitest';
import {
  forgetIntents,
  heldIntents,
  restoreIntents,
} from '../../../../src/actors/guard/guard-restore.ts';
import { atRisk, type GuardState } from '../../../../src/actors/guard/guard-state.ts';
import type { GuardSummary } from '../../../../src/actors/guard/guard-summary.ts';
import {
  forgetWidenings,
  type LevelIntent,
  reserveChange,
  settleWidening,
} from '../../../../src/actors/guard/guard-widening.ts';
import { riskGuard } from '../../../../src/actors/guard/risk-guard.ts';
import type { FinalOrderState } from '../../../../src/domain/order-state.ts';
import { points } from '../../../../src/domain/units.ts';
import type { Entry } from '../../../../src/journal/types.ts';
import { exposureOf } from '../../../../src/risk/exposure.ts';
import { deskBench } from '../../../support/desk-bench.ts';
import {
  guardOptions,
  guardState,
  NOW,
  position,
  positions,
  workingOrder,
} from '../../../support/guard-fixtures.ts';
import { symbolRisk, usd } from '../../../support/risk-fixtures.ts';

const base = { intentId: 'i1', key: 'k1', strategyId: 's', symbol: 'EURUSD', at: NOW };
const wider: LevelIntent = {
  ...{ ...base, reason: 'test', type: 'modifyPosition', positionTicket: '5' },
  ...{ stopLoss: points(109_700), risk: 'increasing', ttlMs: 5_000 },
};
const start = (change: Partial<GuardState> = {}): GuardState =>
  reserveChange(guardState({ positions: positions(position('5')), ...change }), wider);
const settled = (state: GuardState, end: FinalOrderState): GuardState =>
  settleWidening(state, {
    ...{ intentId: 'i1', strategyId: 's', action: 'modifyPosition', retcode: null },
    state: end,
  });
const worst = (state: GuardState) =>
  exposureOf({ ...atRisk(state), symbolOf: () => symbolRisk(), accountDigits: 2 }).worst;
const shown = (state: GuardState, stopLoss: number): GuardState => ({
  ...state,
  positions: positions(position('5', { stopLoss: points(stopLoss) })),
});

describe('a wider stop that was granted', () => {
  const plain = worst(guardState({ positions: positions(position('5')) }));

  it('counts from the moment of its verdict, at the worse of both levels', () => {
    expect(worst(start())).toBe(plain - usd(100));
    const tighter = { ...wider, stopLoss: points(109_900), risk: 'reducing' } as const;
    expect(worst(reserveChange(start(), { ...tighter, intentId: 'i2' }))).toBe(plain - usd(100));
  });

  it('is free when it is refused, expired or denied', () => {
    for (const end of ['refused', 'expired', 'denied'] as const) {
      expect(worst(settled(start(), end))).toBe(plain);
    }
  });

  it('counts on when it was made, until the terminal shows it', () => {
    const made = settled(start(), 'done');
    expect(worst(made)).toBe(plain - usd(100));
    const told = forgetWidenings(shown(made, 109_700));
    expect([told.widening.size, worst(told)]).toEqual([0, plain - usd(100)]);
    expect(settled(shown(start(), 109_700), 'done').widening.size).toBe(0);
  });

  it('counts on while its outcome is not known, whatever the terminal shows', () => {
    expect(forgetWidenings(shown(start(), 109_800)).widening.size).toBe(1);
  });

  it('ends with its position', () => {
    const gone = forgetWidenings(start({ positions: new Map() }));
    expect(gone.widening.size).toBe(0);
  });

  it('is asked about after a restart, and forgotten when it was never sent', async () => {
    const plan = { kind: 'intent.planned', signalId: 's1', intent: wider, reservedMinor: '10000' };
    const planned = { ...plan, accountId: 'acc', at: NOW } as Entry;
    const bench = await deskBench('risk-guard', (deps) => riskGuard(deps, guardOptions()), [
      planned,
    ]);
    expect(bench.summary<GuardSummary>('risk-guard').reservations).toBe(1);
    const { widening } = restoreIntents(bench.deps.journal.reader(), 'acc');
    const again = guardState({ positions: positions(position('5')), widening });
    expect(worst(again)).toBe(plain - usd(100));
    expect(heldIntents(again)).toContain('i1');
    expect(worst(forgetIntents(again, ['i1']).state)).toBe(plain);
  });

  it('of an order counts the pair of entry and stop that loses more', () => {
    const orders = new Map([['9', workingOrder('9')]]);
    const state = guardState({ orders });
    const moved: LevelIntent = {
      ...{ ...base, reason: 'test', type: 'modifyOrder', orderTicket: '9', tif: 'gtc' },
      ...{ price: points(109_950), stopLoss: points(109_700), risk: 'increasing', ttlMs: 5_000 },
    };
    const after = reserveChange(state, moved);
    expect(worst(after)).toBe(worst(state) - usd(50));
    const nearer = { ...moved, price: points(109_800), stopLoss: points(109_690) };
    expect(worst(reserveChange(state, nearer))).toBe(worst(state));
    const done = settled(after, 'done');
    expect(done.widening.size).toBe(1);
    const seen = {
      ...done,
      orders: new Map([['9', workingOrder('9', { price: points(109_950) })]]),
    };
    expect(settled({ ...seen, widening: after.widening }, 'done').widening.size).toBe(0);
  });
});
