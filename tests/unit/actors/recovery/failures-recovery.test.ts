import { describe, expect, it } from 'vitest';
import { epochMs, points } from '../../../../src/domain/units.ts';
import { deal, openIntent, planned } from '../../../support/entries.ts';
import { KEY, NOW, OURS, position } from '../../../support/guard-fixtures.ts';
import { RecoveryBench } from '../../../support/recovery-bench.ts';
import { lots, usd } from '../../../support/risk-fixtures.ts';
import { Venue } from '../../../support/venue-by-hand.ts';

const at = (iso: string): number => Date.parse(iso);
const dealt = (ticket: string, iso: string, profit: number) =>
  deal(ticket, {
    ...{ commission: usd(0), profit: usd(profit), at: epochMs(at(iso)), volumeE8: lots(1) },
    ...{ magic: '0', reason: 'client', positionTicket: '900' },
  });
/** A round trip of somebody's that moved the balance by `profit`. */
const roundTrip = (name: string, iso: string, profit: number) => [
  dealt(`${name}-in`, iso, 0),
  { ...dealt(`${name}-out`, iso, profit), entry: 'out' as const, side: 'sell' as const },
];
const ticks = (...bids: readonly number[]) => ({
  type: 'market.ticks' as const,
  at: NOW,
  ticks: bids.map((bid) => ({
    symbol: 'EURUSD',
    at: NOW,
    bid: points(bid),
    ask: points(bid + 10),
  })),
});
const dailyFloor = (bench: RecoveryBench) => bench.guard.floors?.daily;
const anchors = (bench: RecoveryBench) =>
  bench.entries('day.anchored').map(({ at: when, day }) => [new Date(when).toISOString(), day]);

describe('what a restart finds', () => {
  it('failure 2: adopts an orphan by its magic, under its own ticket, and counts it', async () => {
    const venue = new Venue().open(position('1')).book(
      deal('d1', {
        commission: usd(0),
        volumeE8: lots(1),
        magic: OURS,
        positionTicket: '1',
        at: NOW,
      }),
    );
    const bench = await RecoveryBench.start({ venue });
    expect(bench.found()).toContain(`position 1 is open, adopted by ${KEY.id}`);
    expect(bench.guard).toMatchObject({ gateOpen: true, positions: [{ ticket: '1' }] });
  });

  it('failure 2: halts on a phantom, a position that only the journal holds', async () => {
    const phantom = deal('d1', { volumeE8: lots(1), positionTicket: '1', at: NOW });
    const bench = await RecoveryBench.start({
      venue: new Venue(),
      past: [
        planned(openIntent('i1', { magic: OURS })),
        { kind: 'deal.booked', intentId: 'i1', deal: phantom },
        { kind: 'order.state', intentId: 'i1', state: 'filled' },
      ],
    });
    expect(bench.guard).toMatchObject({ gateOpen: false, mode: 'halted' });
    expect(bench.codes()).toEqual(['recovery.unexplained']);
    expect(bench.entries('deal.booked')).toHaveLength(1);
  });

  it('failure 2: closes what comes back without its stop, within T_naked', async () => {
    const { stopLoss: _, ...naked } = position('1');
    const bench = await RecoveryBench.start({ venue: new Venue().open(naked) });
    await bench.tell('guard', ticks(110_000));
    expect(bench.commands).toEqual([]);
    await bench.wait(2_000);
    expect(bench.commands.map(({ body }) => body)).toMatchObject([
      { kind: 'position.close', ticket: '1' },
    ]);
    expect(bench.codes()).toEqual(['position.naked']);
  });
});

describe('the clock of the daily loss', () => {
  it('failure 4: does not re-anchor the day when it is restarted after a loss', async () => {
    const venue = new Venue();
    const first = await RecoveryBench.start({ venue, atMs: at('2024-01-09T09:00:00Z') });
    expect(dailyFloor(first)).toBe(usd(95_000));
    await first.loseLink();
    venue.book(...roundTrip('a', '2024-01-09T10:00:00Z', -2_000));
    await first.link();
    await first.stop();
    const { dataDir } = first;
    const second = await RecoveryBench.start({ venue, dataDir, atMs: at('2024-01-09T12:00:00Z') });
    expect(second.guard).toMatchObject({ balance: usd(98_000), gateOpen: true });
    expect(dailyFloor(second)).toBe(usd(95_000));
  });

  it('failure 4: rebuilds the anchor of a midnight that it slept through from the deals', async () => {
    const venue = new Venue();
    const first = await RecoveryBench.start({ venue, atMs: at('2024-01-09T21:00:00Z') });
    await first.stop();
    venue.book(
      ...roundTrip('a', '2024-01-09T22:30:00Z', -1_000),
      ...roundTrip('b', '2024-01-09T23:30:00Z', -500),
    );
    const { dataDir } = first;
    const second = await RecoveryBench.start({ venue, dataDir, atMs: at('2024-01-09T23:45:00Z') });
    expect(second.guard.balance).toBe(usd(98_500));
    expect(dailyFloor(second)).toBe(usd(94_000));
  });

  it.each([
    ['before the change, in winter time', '2024-03-30T22:30:00Z', '2024-03-30T23:00:00.000Z'],
    [
      'after the change, an hour earlier in UTC',
      '2024-03-31T21:30:00Z',
      '2024-03-31T22:00:00.000Z',
    ],
    ['in autumn, before it changes back', '2024-10-26T21:30:00Z', '2024-10-26T22:00:00.000Z'],
    ['in autumn, after a day of 25 hours', '2024-10-27T22:30:00Z', '2024-10-27T23:00:00.000Z'],
  ])('failure 4: begins the day at midnight in Prague %s', async (_, from, midnight) => {
    const bench = await RecoveryBench.start({ venue: new Venue(), atMs: at(from) });
    await bench.wait(29 * 60_000);
    expect(anchors(bench)).toHaveLength(1);
    await bench.wait(60_000);
    expect(anchors(bench).at(-1)?.[0]).toBe(midnight);
  });
});

describe('a floating loss over midnight', () => {
  it('failure 5: a loss that floats over midnight is measured against the new day and locks at 00:00, not at the next tick', async () => {
    const venue = new Venue();
    const bench = await RecoveryBench.start({ venue, atMs: at('2024-01-09T22:30:00Z') });
    await bench.loseLink();
    // Monday's profit of 2,000 makes room for a loss that Tuesday does not have.
    venue.book(...roundTrip('a', '2024-01-09T22:40:00Z', 2_000));
    venue.open(position('1', { stopLoss: points(102_000) }));
    venue.book(
      deal('d1', { commission: usd(0), volumeE8: lots(1), magic: OURS, positionTicket: '1' }),
    );
    await bench.link();
    await bench.tell('guard', ticks(103_500));
    expect(bench.guard).toMatchObject({ equity: usd(95_500) });
    expect(bench.guard.mode).not.toBe('locked');
    await bench.wait(30 * 60_000);
    expect(dailyFloor(bench)).toBe(usd(97_000));
    expect(bench.guard.mode).toBe('locked');
    expect(bench.codes()).toContain('floor.breached');
    expect(bench.commands.map(({ body }) => body.kind)).toEqual(['position.close']);
  });
});

describe('a loss between two bars', () => {
  it('failure 6: locks on the one tick of a batch that touched the floor, however the batch ended', async () => {
    const venue = new Venue().open(position('1', { stopLoss: points(104_000) }));
    const bench = await RecoveryBench.start({ venue });
    await bench.tell('guard', ticks(110_000, 109_000, 110_000));
    expect(bench.guard.mode).not.toBe('locked');
    await bench.tell('guard', ticks(110_000, 105_050, 110_500));
    expect(bench.guard.mode).toBe('locked');
    expect(bench.codes()).toContain('floor.near');
    expect(bench.commands.map(({ body }) => body.kind)).toEqual(['position.close']);
  });
});
