import { describe, expect, it } from 'vitest';
import type { GuardOptions } from '../../../../src/actors/guard/guard-state.ts';
import type { GuardSummary } from '../../../../src/actors/guard/guard-summary.ts';
import { riskGuard } from '../../../../src/actors/guard/risk-guard.ts';
import { advanceSettled } from '../../../../src/actors/kernel/virtual-clock.ts';
import type { GuardMessage } from '../../../../src/actors/messages.ts';
import type { Position } from '../../../../src/domain/trading.ts';
import { type EpochMs, epochMs } from '../../../../src/domain/units.ts';
import { type DeskBench, deskBench } from '../../../support/desk-bench.ts';
import {
  guardOptions,
  KEY,
  NOW,
  opening,
  position,
  snapshotOf,
  tick,
} from '../../../support/guard-fixtures.ts';

const bench = (change: Partial<GuardOptions> = {}): Promise<DeskBench> =>
  deskBench('risk-guard', (deps) => riskGuard(deps, guardOptions(change)));
const say = (desk: DeskBench, message: GuardMessage): Promise<void> =>
  desk.tell('risk-guard', message);
const ready = async (desk: DeskBench, ...open: readonly Position[]): Promise<void> => {
  await say(desk, {
    type: 'recovery.balance',
    snapshot: snapshotOf({ positions: open }),
    epoch: 2,
  });
  await say(desk, { type: 'link.live' });
  await say(desk, { type: 'gate.granted', grantedBy: 1 });
  await say(desk, { type: 'market.ticks', ticks: [tick(0, 110_000)], at: NOW });
};
const standing = (desk: DeskBench): readonly string[] =>
  (desk.summary<GuardSummary>('risk-guard').standing[KEY.id] ?? []).map(({ code }) => code);
/** The code with which an opening order is refused now; null: it is let through. */
const refusedWith = async (desk: DeskBench, at: EpochMs = NOW): Promise<string | null> => {
  await say(desk, { ...opening(), at });
  const denied = desk.entries('order.denied').at(-1);
  return denied?.kind === 'order.denied' ? denied.code : null;
};
const HOUR_MS = 3_600_000;

describe('what the guard says stands against an opening order', () => {
  it('is nothing when the order goes through', async () => {
    const desk = await bench();
    await ready(desk);
    expect(standing(desk)).toEqual([]);
    expect(await refusedWith(desk)).toBeNull();
  });

  it('is the open breaker, as long as it is open', async () => {
    const desk = await bench();
    await ready(desk);
    await say(desk, { type: 'breaker.moved', open: true });
    expect(standing(desk)).toEqual(['BREAKER_OPEN']);
    expect(await refusedWith(desk)).toBe('BREAKER_OPEN');
    await say(desk, { type: 'breaker.moved', open: false });
    expect(standing(desk)).toEqual([]);
  });

  it('is the closed session of now, not of the last quote', async () => {
    const desk = await bench({ isOpen: (_, at) => at < NOW + HOUR_MS });
    await ready(desk);
    expect(standing(desk)).toEqual([]);
    await advanceSettled(desk.clock, NOW + HOUR_MS, desk.system.quiescent);
    expect(standing(desk)).toEqual(['MARKET_CLOSED']);
    const [symbol] = desk.summary<GuardSummary>('risk-guard').symbols;
    expect(symbol).toMatchObject({ isOpen: false, quotedAt: NOW });
    expect(await refusedWith(desk, epochMs(NOW + HOUR_MS))).toBe('MARKET_CLOSED');
  });

  it('is a quote that is too old, or has not come', async () => {
    const desk = await bench();
    await say(desk, { type: 'recovery.balance', snapshot: snapshotOf({}), epoch: 2 });
    expect(standing(desk)).toContain('STALE_QUOTE');
    await ready(desk);
    await advanceSettled(desk.clock, NOW + 60_001, desk.system.quiescent);
    expect(standing(desk)).toEqual(['STALE_QUOTE']);
    expect(await refusedWith(desk, epochMs(NOW + 60_001))).toBe('STALE_QUOTE');
  });

  it('is news that is near, or not known', async () => {
    const release = { at: epochMs(NOW + 60_000), currency: 'USD', impact: 'high', title: 'CPI' };
    const known = {
      ...{ updatedAt: NOW, from: epochMs(NOW - 24 * HOUR_MS), until: epochMs(NOW + 96 * HOUR_MS) },
      releases: [{ ...release, impact: 'high' as const }],
    };
    for (const [calendar, code] of [
      [known, 'NEWS'],
      [null, 'NEWS_UNKNOWN'],
    ] as const) {
      const desk = await bench({ phase: 'funded', calendar: () => calendar });
      await ready(desk);
      expect(standing(desk)[0]).toBe(code);
      expect(await refusedWith(desk)).toBe(code);
    }
  });

  it('is a cap that is used up', async () => {
    const limits = { ...guardOptions().limits, maxPositions: 1 };
    const desk = await bench({ limits });
    await ready(desk, position('1'));
    expect(standing(desk)).toEqual(['MAX_POSITIONS']);
    expect(await refusedWith(desk)).toBe('MAX_POSITIONS');
  });

  it('is the gate, while the account is not known', async () => {
    const desk = await bench();
    expect(standing(desk)).toEqual(['GATE_CLOSED']);
    expect(await refusedWith(desk)).toBe('GATE_CLOSED');
  });
});
