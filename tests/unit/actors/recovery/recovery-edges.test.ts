import { describe, expect, it } from 'vitest';
import { packMagic } from '../../../../src/domain/magic.ts';
import { epochMs, minor, points } from '../../../../src/domain/units.ts';
import { RETCODE } from '../../../../src/mt5/retcodes.ts';
import { closeIntent, deal } from '../../../support/entries.ts';
import { KEY, NOW, workingOrder } from '../../../support/guard-fixtures.ts';
import { RecoveryBench } from '../../../support/recovery-bench.ts';
import {
  at,
  booked,
  bought,
  FREE,
  holding,
  intent,
  ours,
  sent,
  sold,
} from '../../../support/recovery-trades.ts';
import { account, EURUSD, lots, usd } from '../../../support/risk-fixtures.ts';
import { Venue } from '../../../support/venue-by-hand.ts';

const states = (bench: RecoveryBench) => bench.orders().map(({ state }) => state);
const finals = (bench: RecoveryBench, id: string) =>
  bench
    .entries('order.state')
    .filter(({ intentId }) => intentId === id)
    .at(-1)?.state;

describe('recovery', () => {
  it('partial fill then cancel: books the part, and the order ends cancelled', async () => {
    const order = workingOrder('1', { state: 'cancelled', filledE8: lots(0.4), doneAt: at(9_000) });
    const venue = new Venue().book(bought('d1', { volumeE8: lots(0.4) })).end(order);
    venue.open(ours('1', { volumeE8: lots(0.4) }));
    const past = sent(intent('i1', { kind: 'limit' }));
    const bench = await RecoveryBench.start({ venue, past });
    expect(booked(bench)).toEqual([['d1', 'i1']]);
    expect(finals(bench, 'i1')).toBe('cancelled');
    expect(bench.guard).toMatchObject({ gateOpen: true, reservations: 0 });
    expect(await bench.again()).toEqual([]);
  });

  it('fill before ack: the fill counts once, and the ack that comes late changes nothing', async () => {
    const bench = await RecoveryBench.start({ venue: new Venue() });
    bench.venue.open(ours('1')).book(bought('d1'));
    const live = await RecoveryBench.start({ venue: bench.venue, past: sent(intent('i1')) });
    expect(finals(live, 'i1')).toBe('filled');
    const ack = {
      kind: 'ack',
      intent: 'i1',
      attempt: 1,
      status: 'accepted',
      reason: null,
    } as const;
    await live.tell('executor', { type: 'attempt.acked', ack: { ...ack, result: null } });
    expect(live.orders()).toEqual([]);
    expect(booked(live)).toEqual([['d1', 'i1']]);
  });

  it.each([
    ['SL', 'sl', -500],
    ['TP', 'tp', 900],
  ] as const)('%s hit while disconnected: books the closing deal', async (_, reason, profit) => {
    const bench = await holding();
    await bench.loseLink();
    bench.venue.close('1').book(sold('d2', { reason, profit: usd(profit), magic: '0' }));
    await bench.link();
    expect(bench.found()).toEqual([
      `booked deal d2 (${reason}, of no order of ours)`,
      'position 1 was closed meanwhile',
    ]);
    expect(bench.guard).toMatchObject({ gateOpen: true, positions: [] });
    expect(bench.guard.balance).toBe(usd(100_000 + profit));
    expect(await bench.again()).toEqual([]);
  });

  it('stop-out deal: books what the broker did, and opens the gate on what is left', async () => {
    const bench = await holding();
    await bench.loseLink();
    bench.venue.close('1').book(sold('d2', { reason: 'stopOut', profit: usd(-4_000) }));
    await bench.link();
    expect(bench.guard).toMatchObject({ gateOpen: true, balance: usd(96_000) });
    expect(bench.found()[0]).toBe('booked deal d2 (stopOut, of no order of ours)');
  });

  it('netting position id reused: every deal counts, whatever the id was before', async () => {
    const venue = new Venue();
    venue.account = account({ marginMode: 'netting' });
    const bench = await holding(venue);
    await bench.loseLink();
    const again = { magic: packMagic({ strategy: KEY.number, epoch: 1, sequence: 2 }) };
    venue.book(
      sold('d2', { reason: 'client', profit: usd(10) }),
      bought('d3', { orderTicket: '3', at: at(90_000), volumeE8: lots(2), ...again }),
    );
    venue.open(ours('1', { volumeE8: lots(2), ...again }));
    await bench.link();
    expect(bench.guard).toMatchObject({ gateOpen: true, positions: [{ volumeE8: lots(2) }] });
    expect(await bench.again()).toEqual([]);
  });

  it('ticket changed by swap re-open: one position before, one after, and no order is filled twice', async () => {
    const bench = await holding();
    await bench.loseLink();
    bench.venue.close('1').open(ours('77'));
    bench.venue.book(
      sold('d2', { reason: 'rollover', swap: minor(-150n) }),
      bought('d3', { reason: 'rollover', positionTicket: '77', orderTicket: '77', at: at(60_001) }),
    );
    await bench.link();
    expect(bench.guard).toMatchObject({ gateOpen: true, mode: 'active' });
    expect(bench.guard.positions.map(({ ticket }) => ticket)).toEqual(['77']);
    expect(bench.found()).toContain(`position 77 is open, adopted by ${KEY.id}`);
  });

  it('duplicate intent: two positions of one intent halt, and both count', async () => {
    const bench = await holding();
    await bench.loseLink();
    bench.venue.open(ours('9')).book(bought('d2', { orderTicket: '9', positionTicket: '9' }));
    await bench.link();
    expect(bench.state).toBe('mismatched');
    expect(bench.guard).toMatchObject({ gateOpen: false, mode: 'halted' });
    expect(bench.guard.holds).toContain('ledger');
    expect(bench.guard.positions.map(({ ticket }) => ticket)).toEqual(['1', '9']);
    expect(bench.found().join()).toContain('2 positions bear the magic');
    expect(bench.commands).toEqual([]);
  });

  it('comment overwritten: the magic and the ticket say whose it is, the comment nothing', async () => {
    const venue = new Venue().book(bought('d1', { comment: '[sl 1.09800]' }));
    venue.open(ours('1', { comment: 'somebody else' }));
    venue.book(bought('d2', { magic: '4', orderTicket: '5', positionTicket: '5', comment: 'i1' }));
    venue.open(ours('5', { magic: '4', comment: 'i1' }));
    const bench = await RecoveryBench.start({ venue, past: sent(intent('i1')) });
    expect(booked(bench)).toEqual([
      ['d1', 'i1'],
      ['d2', null],
    ]);
  });

  it('server DST change inside the history window: no deal is lost or booked twice', async () => {
    // Europe changes on 2024-03-31 at 01:00 UTC: a window in local time would be an hour off.
    const change = Date.parse('2024-03-31T01:00:00Z');
    const venue = new Venue()
      .open(ours('1'))
      .book(bought('d1', { at: epochMs(change - 3_600_000) }));
    const bench = await RecoveryBench.start({
      venue,
      past: sent(intent('i1')),
      atMs: change - 1_000,
    });
    await bench.loseLink();
    for (const [ticket, after] of [
      ['d2', -500],
      ['d3', 0],
      ['d4', 500],
    ] as const) {
      const dealt = { at: epochMs(change + after), profit: usd(1), volumeE8: lots(0.2) };
      venue.book(sold(ticket, { ...dealt, reason: 'client' }));
    }
    venue.open(ours('1', { volumeE8: lots(0.4) }));
    await bench.wait(3_600_000);
    await bench.link();
    expect(booked(bench).map(([ticket]) => ticket)).toEqual(['d1', 'd2', 'd3', 'd4']);
    expect(bench.guard).toMatchObject({ gateOpen: true, balance: usd(100_003) });
    expect(await bench.again()).toEqual([]);
  });

  it('manual close: the deal is booked to nobody, and nothing is closed again', async () => {
    const bench = await holding();
    await bench.loseLink();
    bench.venue.close('1').book(sold('d2', { reason: 'client', magic: '0', profit: usd(5) }));
    await bench.link();
    expect(booked(bench).at(-1)).toEqual(['d2', null]);
    expect(bench.guard.positions).toEqual([]);
    expect(bench.commands).toEqual([]);
  });

  it('manual SL change: what the terminal has counts, and a person is told', async () => {
    const bench = await holding();
    await bench.loseLink();
    bench.venue.open(ours('1', { stopLoss: points(109_000) }));
    await bench.link();
    expect(bench.guard).toMatchObject({ gateOpen: true, positions: [{ stopLoss: 109_000 }] });
    expect(bench.codes()).toContain('recovery.stopMoved');
    expect(bench.found()).toEqual([
      'the stop of position 1 moved from 109800 to 109000 points at the terminal; what the terminal has counts',
    ]);
    expect(await bench.again()).toEqual([]);
  });

  it('trade disabled: reconciles all the same, and a symbol that may not be traded stays shut', async () => {
    const venue = new Venue();
    venue.instruments = [{ ...EURUSD, tradeMode: 'disabled' }];
    const bench = await holding(venue);
    expect(bench.guard).toMatchObject({ gateOpen: true, positions: [{ ticket: '1' }] });
    const quote = { symbol: 'EURUSD', bid: points(110_000), ask: points(110_010), at: NOW };
    await bench.tell('guard', { type: 'market.ticks', ticks: [quote], at: NOW });
    await bench.signal();
    expect(bench.entries('order.denied').map(({ code }) => code)).toEqual(['SYMBOL_DISABLED']);
  });

  it('market closed: a close that was refused so is taken up again, not forgotten', async () => {
    const venue = new Venue().book(bought('d1')).open(ours('1'));
    const closing = closeIntent('c1', { positionTicket: '1', volumeE8: lots(1), at: NOW });
    venue.results = [
      {
        intentId: 'c1',
        attempt: 1,
        retcode: RETCODE.MARKET_CLOSED,
        orderTicket: null,
        dealTicket: null,
      },
    ];
    const past = [...sent(intent('i1')), ...sent(closing)];
    const bench = await RecoveryBench.start({ venue, past });
    expect(bench.guard.gateOpen).toBe(true);
    expect(bench.orders()).toMatchObject([{ intentId: 'c1', state: 'waiting' }]);
    expect(await bench.again()).toEqual([]);
  });

  it('account switch: nothing is concluded from another account, whatever it shows', async () => {
    const bench = await holding();
    await bench.loseLink();
    const mine = bench.venue.account;
    bench.venue.account = account({ login: '999', balance: usd(7) });
    bench.venue.close('1');
    await bench.link();
    expect(bench.state).toBe('barred');
    expect(bench.codes()).toEqual(['recovery.foreignAccount']);
    expect(bench.guard).toMatchObject({ gateOpen: false, balance: usd(100_000) });
    bench.venue.account = mine;
    bench.venue.open(ours('1'));
    await bench.wait(10_000);
    expect(bench.guard).toMatchObject({ gateOpen: true, positions: [{ ticket: '1' }] });
  });

  it('clock skew: beyond the bound nothing is reconciled, and it heals by itself', async () => {
    const venue = new Venue();
    venue.skewMs = -61_000;
    const bench = await holding(venue);
    expect([bench.state, bench.guard.gateOpen]).toEqual(['barred', false]);
    expect(bench.codes()).toEqual(['recovery.clockSkewed']);
    venue.skewMs = 900;
    await bench.wait(10_000);
    expect([bench.state, bench.guard.gateOpen]).toEqual(['granted', true]);
  });

  it('history not loaded yet: absence is no evidence, and it asks again every second', async () => {
    const venue = new Venue();
    venue.complete = false;
    const bench = await RecoveryBench.start({ venue, past: sent(intent('i1')) });
    for (let second = 0; second < 20; second += 1) await bench.wait(1_000);
    expect([bench.state, bench.guard.gateOpen]).toEqual(['pausing', false]);
    expect(states(bench)).toEqual(['unknown']);
    venue.complete = true;
    await bench.wait(1_000);
    expect(bench.guard.gateOpen).toBe(true);
  });

  it('EA journal lost: an order is found by its magic alone', async () => {
    const venue = new Venue().book(bought('d1')).open(ours('1'));
    venue.results = [];
    const bench = await RecoveryBench.start({ venue, past: sent(intent('i1')) });
    expect(booked(bench)).toEqual([['d1', 'i1']]);
    expect(finals(bench, 'i1')).toBe('filled');
    expect(bench.guard.reservations).toBe(0);
  });

  it('fresh data directory against an account with history: adopts, books, and owes nothing', async () => {
    const venue = new Venue().skipEpochs(4);
    const earlier = { magic: packMagic({ strategy: KEY.number, epoch: 1, sequence: 9 }) };
    venue.book(
      deal('b1', { ...FREE, entry: 'balance', reason: 'balance', profit: usd(0), at: at(-9e6) }),
      bought('d1', { at: at(-9e6), positionTicket: '8', orderTicket: '8', ...earlier }),
      sold('d2', { at: at(-8e6), positionTicket: '8', profit: usd(120), ...earlier }),
      bought('d3', { at: at(-7e6) }),
    );
    venue.open(ours('1'), ours('5', { magic: '0', stopLoss: points(109_000) }));
    venue.book(
      bought('d4', { magic: '0', positionTicket: '5', orderTicket: '5', reason: 'client' }),
    );
    const bench = await RecoveryBench.start({ venue });
    expect(bench.guard).toMatchObject({ gateOpen: true, balance: usd(100_120) });
    expect(bench.found()).toContain(`position 1 is open, adopted by ${KEY.id}`);
    expect(bench.found()).toContain('position 5 is open, of no strategy of ours');
    expect(bench.found().join()).toContain('gave 4 leases that this journal knows nothing of');
    expect(booked(bench)).toHaveLength(5);
    expect(await bench.again()).toEqual([]);
  });

  it('a position that is gone without a deal: halts, invents nothing, and heals with the deal', async () => {
    const bench = await holding();
    await bench.loseLink();
    bench.venue.close('1');
    await bench.link();
    expect([bench.state, bench.guard.gateOpen]).toEqual(['mismatched', false]);
    expect(bench.codes()).toEqual(['recovery.unexplained']);
    await bench.wait(60_000);
    expect(bench.codes(), 'the same again is not told again').toEqual(['recovery.unexplained']);
    bench.venue.book(sold('d2', { reason: 'client', profit: usd(3) }));
    await bench.wait(60_000);
    expect(bench.guard).toMatchObject({ gateOpen: true, mode: 'active', balance: usd(100_003) });
  });

  it('a balance that differs by a cent: halts and tells, and flattens nothing', async () => {
    const bench = await holding();
    await bench.loseLink();
    bench.venue.account = {
      ...bench.venue.account,
      balance: minor(bench.venue.account.balance + 1n),
    };
    await bench.link();
    expect(bench.state).toBe('mismatched');
    expect(bench.guard).toMatchObject({ gateOpen: false, mode: 'halted' });
    expect(bench.codes()).toEqual(['ledger.mismatch']);
    expect(bench.commands).toEqual([]);
  });

  it('an unknown intent keeps its reservation and does not keep the gate shut', async () => {
    const bench = await RecoveryBench.start({ venue: new Venue(), past: sent(intent('i1')) });
    expect(bench.guard).toMatchObject({ gateOpen: true, reservations: 1 });
    expect(bench.found()).toEqual(['outcome of i1 is not known yet']);
    await bench.wait(1_900);
    expect([bench.asked, states(bench)]).toEqual([[], ['unknown']]);
    await bench.wait(200);
    expect(bench.asked).toEqual(['i1']);
    expect(finals(bench, 'i1')).toBe('expired');
    expect(bench.guard.reservations).toBe(0);
  });

  it('an order without a magic is ours only when it fits one order in doubt, and no other', async () => {
    const nameless = { magic: '0', orderTicket: '5', positionTicket: '5', at: at(300) };
    const one = await RecoveryBench.start({
      venue: new Venue().book(bought('d1', nameless)).open(ours('5', { magic: '0' })),
      past: sent(intent('i1')),
    });
    expect(booked(one)).toEqual([['d1', 'i1']]);
    const other = packMagic({ strategy: KEY.number, epoch: 1, sequence: 2 });
    const two = await RecoveryBench.start({
      venue: new Venue().book(bought('d1', nameless)).open(ours('5', { magic: '0' })),
      past: [...sent(intent('i1')), ...sent(intent('i2', { magic: other }))],
    });
    expect(booked(two)).toEqual([['d1', null]]);
  });
});
