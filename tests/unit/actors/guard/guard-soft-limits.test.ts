import { describe, expect, it } from 'vitest';
import { advanceSettled } from '../../../../src/actors/kernel/virtual-clock.ts';
import { type EpochMs, epochMs, points } from '../../../../src/domain/units.ts';
import type { Entry } from '../../../../src/journal/types.ts';
import { DEFAULT_RISK_LIMITS } from '../../../../src/risk/risk-limits.ts';
import type { DeskBench } from '../../../support/desk-bench.ts';
import { guardBench, guardOf, say, shown } from '../../../support/guard-bench.ts';
import {
  NOW,
  opening,
  position,
  type snapshotOf,
  tick,
  workingOrder,
} from '../../../support/guard-fixtures.ts';
import { account, at, lots, usd } from '../../../support/risk-fixtures.ts';

/** Half of 5,000 and 80 % of 10,000: the daily level is 97,500, the total one 92,000. */
const limits = { ...DEFAULT_RISK_LIMITS, softDailyPpm: 500_000, softTotalPpm: 800_000 };
const bench = (before: readonly Entry[] = []): Promise<DeskBench> => guardBench({ limits }, before);
/** Ten lots, bought at 110,000: a point is 10.00. */
const ten = position('1', { volumeE8: lots(10), stopLoss: points(109_650) });

const ready = async (desk: DeskBench, more: Parameters<typeof snapshotOf>[0] = {}) => {
  await shown(desk, [ten], more);
  await say(desk, { type: 'link.live' });
  await say(desk, { type: 'gate.granted', grantedBy: 1 });
};
const quoted = (desk: DeskBench, bid: number, afterMs = 0): Promise<void> => {
  const ticks = [tick(afterMs, bid)];
  return say(desk, { type: 'market.ticks', ticks, at: epochMs(NOW + afterMs) });
};
/** Ten lots closed where they were opened, by a person or a stop. */
const closed = (desk: DeskBench): Promise<void> =>
  say(desk, {
    type: 'trade.reported',
    report: { account: account(), deals: [], orders: [], positions: [], closedPositions: ['1'] },
  });
const pass = (desk: DeskBench, until: EpochMs): Promise<void> =>
  advanceSettled(desk.clock, until, desk.system.quiescent);
const codes = (desk: DeskBench): readonly string[] =>
  desk.entries('event').flatMap((entry) => (entry.kind === 'event' ? [entry.code] : []));
const everything = (desk: DeskBench): readonly Entry[] =>
  desk.deps.journal
    .reader()
    .after(0, 10_000)
    .map(({ seq: _, ...entry }) => entry as Entry);

const RESET = at('2024-01-09T23:00:00Z');

describe('a soft limit', () => {
  it('lets nothing open from its level on, says so with the figures, and takes orders off', async () => {
    const desk = await bench();
    await ready(desk, { orders: [workingOrder('5', { volumeE8: lots(0.1) })] });
    await quoted(desk, 109_751);
    expect(guardOf(desk)).toMatchObject({ mode: 'active', limits: [] });
    desk.heard('executor');
    await quoted(desk, 109_750, 1_000);
    const detail =
      '97500.00 is at or below the daily soft limit 97500.00; nothing opens before the reset at 2024-01-09T23:00:00.000Z';
    expect(guardOf(desk)).toMatchObject({
      mode: 'reducing',
      reason: detail,
      limits: [{ name: 'daily', detail, until: RESET }],
    });
    expect(desk.entries('mode.changed').at(-1)).toMatchObject({ to: 'reducing', reason: detail });
    expect(codes(desk)).toContain('limit.reached');
    const told = desk.heard('executor');
    expect(told).toContainEqual({ type: 'mode.changed', mayOpen: false });
    expect(told).toContainEqual(
      expect.objectContaining({ intent: expect.objectContaining({ orderTicket: '5' }) }),
    );
    await say(desk, { ...opening(), at: epochMs(NOW + 1_000) });
    expect(desk.entries('order.denied').at(-1)).toMatchObject({ code: 'MODE' });
  });

  it('stays when equity recovers, is told once, and is lifted by the reset', async () => {
    const desk = await bench();
    await ready(desk);
    await quoted(desk, 109_740);
    await quoted(desk, 110_200, 1_000);
    await quoted(desk, 109_730, 2_000);
    await quoted(desk, 110_000, 3_000);
    await closed(desk);
    expect(guardOf(desk).mode).toBe('reducing');
    expect(codes(desk).filter((code) => code === 'limit.reached')).toHaveLength(1);
    await pass(desk, RESET);
    expect(guardOf(desk)).toMatchObject({ mode: 'active', limits: [] });
    expect(codes(desk)).toContain('limit.lifted');
  });

  it('outlives a restart, and the holds of the boot', async () => {
    const first = await bench();
    await ready(first);
    await quoted(first, 109_740);
    const again = await bench(everything(first));
    expect(guardOf(again)).toMatchObject({ mode: 'halted', limits: [{ name: 'daily' }] });
    await ready(again);
    await closed(again);
    expect(guardOf(again).mode).toBe('reducing');
    await pass(again, RESET);
    expect(guardOf(again).mode).toBe('active');
  });

  it('is lifted by a restart that comes only after the reset', async () => {
    const first = await bench();
    await ready(first);
    await quoted(first, 109_740);
    const again = await bench(everything(first));
    await pass(again, epochMs(RESET + 60_000));
    await ready(again, { at: epochMs(RESET + 60_000), positions: [] });
    await quoted(again, 110_000, RESET + 60_000 - NOW);
    expect(guardOf(again)).toMatchObject({ mode: 'active', limits: [] });
  });

  it('of the total amount holds another day while equity is below it', async () => {
    const desk = await bench();
    const low = account({ balance: usd(91_900), equity: usd(91_900) });
    await ready(desk, { positions: [], account: low });
    expect(guardOf(desk)).toMatchObject({
      mode: 'reducing',
      limits: [{ name: 'daily' }, { name: 'total' }],
    });
    await pass(desk, RESET);
    const { mode, limits: now } = guardOf(desk);
    expect([mode, now.map(({ name, until }) => [name, until])]).toEqual([
      'reducing',
      [['total', at('2024-01-10T23:00:00Z')]],
    ]);
    // It was told when it was reached, once for each of the two.
    expect(codes(desk).filter((code) => code === 'limit.reached')).toHaveLength(2);
    expect(desk.entries('mode.changed').at(-1)).toMatchObject({
      limits: [{ name: 'total', until: at('2024-01-10T23:00:00Z') }],
    });
  });

  it('is no thin headroom, which is found as soon as what is open can be valued', async () => {
    const desk = await bench();
    await ready(desk, {
      positions: [position('1', { volumeE8: lots(10), stopLoss: points(109_550) })],
    });
    expect(guardOf(desk).mode).toBe('active');
    await quoted(desk, 110_000);
    expect(guardOf(desk)).toMatchObject({ mode: 'reducing', reason: 'headroom', limits: [] });
  });
});
