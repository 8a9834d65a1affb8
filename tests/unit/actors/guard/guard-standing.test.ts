import { describe, expect, it } from 'vitest';
import { advanceSettled } from '../../../../src/actors/kernel/virtual-clock.ts';
import { type EpochMs, epochMs } from '../../../../src/domain/units.ts';
import type { DeskBench } from '../../../support/desk-bench.ts';
import { guardBench, guardOf, ready, say, shown } from '../../../support/guard-bench.ts';
import { guardOptions, KEY, NOW, opening, position } from '../../../support/guard-fixtures.ts';

const standing = (desk: DeskBench): readonly string[] =>
  (guardOf(desk).standing[KEY.id] ?? []).map(({ code }) => code);
/** The code with which an opening order is refused now; null: it is let through. */
const refusedWith = async (desk: DeskBench, at: EpochMs = NOW): Promise<string | null> => {
  await say(desk, { ...opening(), at });
  const denied = desk.entries('order.denied').at(-1);
  return denied?.kind === 'order.denied' ? denied.code : null;
};
const HOUR_MS = 3_600_000;

describe('what the guard says stands against an opening order', () => {
  it('is nothing when the order goes through', async () => {
    const desk = await guardBench();
    await ready(desk);
    expect(standing(desk)).toEqual([]);
    expect(await refusedWith(desk)).toBeNull();
  });

  it('is the open breaker, as long as it is open', async () => {
    const desk = await guardBench();
    await ready(desk);
    await say(desk, { type: 'breaker.moved', open: true });
    expect(standing(desk)).toEqual(['BREAKER_OPEN']);
    expect(await refusedWith(desk)).toBe('BREAKER_OPEN');
    await say(desk, { type: 'breaker.moved', open: false });
    expect(standing(desk)).toEqual([]);
  });

  it('is the closed session of now, not of the last quote', async () => {
    const desk = await guardBench({ isOpen: (_, at) => at < NOW + HOUR_MS });
    await ready(desk);
    expect(standing(desk)).toEqual([]);
    await advanceSettled(desk.clock, NOW + HOUR_MS, desk.system.quiescent);
    expect(standing(desk)).toEqual(['MARKET_CLOSED']);
    const [symbol] = guardOf(desk).symbols;
    expect(symbol).toMatchObject({ isOpen: false, quotedAt: NOW });
    expect(await refusedWith(desk, epochMs(NOW + HOUR_MS))).toBe('MARKET_CLOSED');
  });

  it('is a quote that is too old, or has not come', async () => {
    const desk = await guardBench();
    await shown(desk, []);
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
      const desk = await guardBench({ phase: 'funded', calendar: () => calendar });
      await ready(desk);
      expect(standing(desk)[0]).toBe(code);
      expect(await refusedWith(desk)).toBe(code);
    }
  });

  it('is a cap that is used up', async () => {
    const limits = { ...guardOptions().limits, maxPositions: 1 };
    const desk = await guardBench({ limits });
    await ready(desk, position('1'));
    expect(standing(desk)).toEqual(['MAX_POSITIONS']);
    expect(await refusedWith(desk)).toBe('MAX_POSITIONS');
  });

  it('is the gate, while the account is not known', async () => {
    const desk = await guardBench();
    expect(standing(desk)).toEqual(['GATE_CLOSED']);
    expect(await refusedWith(desk)).toBe('GATE_CLOSED');
  });
});
