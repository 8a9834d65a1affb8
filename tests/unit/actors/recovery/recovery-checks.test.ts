import { describe, expect, it } from 'vitest';
import type { Deal } from '../../../../src/domain/trading.ts';
import { minor } from '../../../../src/domain/units.ts';
import { workingOrder } from '../../../support/guard-fixtures.ts';
import { booked, bought, holding, ours, sold } from '../../../support/recovery-trades.ts';
import { lots, usd } from '../../../support/risk-fixtures.ts';
import { Venue } from '../../../support/venue-by-hand.ts';

describe('while trading goes on', () => {
  it('finds a deal that was never told within five minutes, and compares everything again', async () => {
    const bench = await holding();
    const completed = bench.entries('recovery.completed').length;
    for (let turn = 0; turn < 59; turn += 1) await bench.wait(5_000);
    expect(bench.entries('recovery.completed')).toHaveLength(completed);
    // Swap booked on the closed books of a partner: balance and positions look as they did.
    bench.venue.book(
      bought('d8', { volumeE8: lots(0), positionTicket: '8', orderTicket: '8', magic: '0' }),
    );
    await bench.wait(5_000);
    expect(bench.codes()).toEqual(['recovery.drift']);
    expect(booked(bench).at(-1)).toEqual(['d8', null]);
    expect(bench.guard.gateOpen).toBe(true);
  });

  it('goes on after a report whose balance was ahead of its deals, as when two stops are hit at once', async () => {
    const theirs = { magic: '0', orderTicket: '3', positionTicket: '3' };
    const venue = new Venue().book(bought('d0', theirs)).open(ours('3', { magic: '0' }));
    const bench = await holding(venue);
    const before = bench.venue.account;
    venue.close('1').book(sold('d2', { reason: 'sl', profit: usd(-2) }));
    venue.close('3').book(sold('d3', { ...theirs, reason: 'sl', profit: usd(-1) }));
    const told = (deals: readonly Deal[]) => ({
      ...{ account: bench.venue.account, deals, orders: [], positions: [] },
      closedPositions: ['1', '3'],
    });
    expect(bench.venue.account.balance).toBe(minor(before.balance - 300n));
    const [first, second] = bench.venue.deals.slice(-2);
    if (first === undefined || second === undefined) throw new Error('no deals');
    await bench.tell('guard', { type: 'trade.reported', report: told([first]) });
    await bench.tell('guard', { type: 'trade.reported', report: told([second]) });
    expect(bench.guard).toMatchObject({ gateOpen: true, mode: 'active', balance: usd(99_997) });
    expect(bench.codes()).toEqual(['ledger.ahead']);
  });

  it('finds a position, an order or a balance that differ within five seconds', async () => {
    const bench = await holding();
    bench.venue.work(workingOrder('44', { magic: '0' }));
    await bench.wait(5_000);
    expect(bench.said.filter((line) => line.startsWith('recovery.drift'))).toEqual([
      'recovery.drift: order 44 was never reported',
    ]);
    bench.venue.close('1').book(sold('d2', { reason: 'client', profit: usd(2) }));
    await bench.wait(5_000);
    expect(bench.guard).toMatchObject({ gateOpen: true, positions: [], balance: usd(100_002) });
    const before = bench.entries('event').length;
    for (let turn = 0; turn < 70; turn += 1) await bench.wait(5_000);
    expect(bench.entries('event')).toHaveLength(before);
  });
});
