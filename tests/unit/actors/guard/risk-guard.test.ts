import { describe, expect, it } from 'vitest';
import { advanceSettled } from '../../../../src/actors/kernel/virtual-clock.ts';
import type { GuardMessage, TradeReport } from '../../../../src/actors/messages.ts';
import type { Position } from '../../../../src/domain/trading.ts';
import { epochMs, points } from '../../../../src/domain/units.ts';
import type { DeskBench } from '../../../support/desk-bench.ts';
import { guardBench, guardOf, ready, say } from '../../../support/guard-bench.ts';
import {
  NOW,
  opening,
  position,
  snapshotOf,
  tick,
  workingOrder,
} from '../../../support/guard-fixtures.ts';
import { account, deal, usd } from '../../../support/risk-fixtures.ts';

/** Ready, and what the siblings were told on the way is forgotten. */
const quiet = async (desk: DeskBench, ...open: readonly Position[]): Promise<void> => {
  await ready(desk, ...open);
  for (const name of ['connection', 'executor', 'recovery'] as const) desk.heard(name);
};
const kill = (reason: string): GuardMessage => ({
  type: 'operator.kill',
  reason,
  by: 'cli',
  reply: () => undefined,
});
const admissions = (desk: DeskBench) =>
  desk
    .heard('executor')
    .flatMap((message) => (message.type === 'intent.admitted' ? [message] : []));
const pass = (desk: DeskBench, ms: number): Promise<void> =>
  advanceSettled(desk.clock, desk.clock.now() + ms, desk.system.quiescent);
const closes = (desk: DeskBench): readonly string[] =>
  admissions(desk).flatMap((message) => {
    const { intent } = message as unknown as { intent: { type: string; positionTicket: string } };
    return intent.type === 'close' ? [intent.positionTicket] : [];
  });
const report = (change: Partial<TradeReport>): GuardMessage => ({
  type: 'trade.reported',
  report: {
    account: account(),
    deals: [],
    orders: [],
    positions: [],
    closedPositions: [],
    ...change,
  },
});
const naked = (ticket: string): Position => {
  const { stopLoss: _, ...rest } = position(ticket);
  return rest;
};

describe('the risk guard', () => {
  it('opens nothing before a recovery has granted the gate, and says why', async () => {
    const desk = await guardBench();
    await say(desk, opening());
    await say(desk, { type: 'recovery.balance', snapshot: snapshotOf(), epoch: 2 });
    await say(desk, { type: 'market.ticks', ticks: [tick(0, 110_000)], at: NOW });
    await say(desk, opening({ leg: 1 }));
    expect(admissions(desk)).toEqual([]);
    expect(desk.entries('order.denied')).toMatchObject([{ code: 'GATE_CLOSED' }, { code: 'MODE' }]);
  });

  it('reserves with the verdict, so that a second signal finds the headroom taken', async () => {
    const desk = await guardBench();
    await quiet(desk);
    await say(desk, opening());
    expect(guardOf(desk).reservations).toBe(1);
    await say(desk, opening());
    expect(admissions(desk)).toHaveLength(1);
  });

  it('takes working orders off the book when it is killed, until none is left', async () => {
    const desk = await guardBench();
    await say(desk, {
      type: 'recovery.balance',
      snapshot: snapshotOf({ orders: [workingOrder('77'), workingOrder('78')] }),
      epoch: 2,
    });
    const intents: { readonly intentId: string; readonly orderTicket: string }[] = [];
    const cancelled = (): readonly string[] =>
      admissions(desk).flatMap((message) => {
        const { intent } = message as unknown as { intent: (typeof intents)[number] };
        intents.push(intent);
        return [intent.orderTicket];
      });
    await say(desk, kill('test'));
    expect(cancelled()).toEqual(['77', '78']);
    await say(desk, report({ orders: [workingOrder('77', { state: 'cancelled' })] }));
    await pass(desk, 5_000);
    expect(cancelled(), 'one that is out is not repeated').toEqual([]);
    const [, second] = intents;
    const refused = { action: 'cancel', state: 'refused', strategyId: '', retcode: 1 } as const;
    await say(desk, {
      type: 'order.settled',
      settlement: { ...refused, intentId: second?.intentId ?? '' },
    });
    await pass(desk, 5_000);
    expect(cancelled()).toEqual(['78']);
    expect(new Set(intents.map(({ intentId }) => intentId)).size).toBe(3);
    await say(desk, report({ orders: [workingOrder('78', { state: 'cancelled' })] }));
    await pass(desk, 60_000);
    expect(cancelled()).toEqual([]);
  });

  it('rearms nothing while both sides are not known to agree', async () => {
    const desk = await guardBench();
    await quiet(desk);
    await say(desk, kill('enough'));
    const answers: unknown[] = [];
    const rearm = (): Promise<void> =>
      say(desk, {
        type: 'operator.rearm',
        typed: 'acc',
        reason: 'looked at it',
        by: 'cli',
        reply: (answer) => answers.push(answer),
      });
    await say(desk, { type: 'gate.revoked' });
    await rearm();
    expect(answers).toMatchObject([{ ok: false, code: 'NOT_RECONCILED' }]);
    const account = { balance: usd(99_999), equity: usd(99_999) };
    await say(desk, {
      type: 'recovery.balance',
      snapshot: snapshotOf({ account: { ...snapshotOf().account, ...account } }),
      epoch: 3,
    });
    await say(desk, { type: 'gate.granted', grantedBy: 1 });
    await rearm();
    expect(answers.at(-1)).toMatchObject({
      code: 'NOT_RECONCILED',
      cause: expect.stringContaining('ledger'),
    });
    await say(desk, { type: 'recovery.balance', snapshot: snapshotOf(), epoch: 4 });
    await say(desk, { type: 'gate.granted', grantedBy: 1 });
    await rearm();
    expect(answers.at(-1)).toMatchObject({ ok: true });
    expect(guardOf(desk)).toMatchObject({ mode: 'halted', gateOpen: false });
  });

  it('shuts the gate with the death of recovery', async () => {
    const desk = await guardBench();
    await quiet(desk);
    expect(guardOf(desk)).toMatchObject({ gateOpen: true, mode: 'active' });
    desk.system.kill('desk.recovery');
    await desk.system.quiescent();
    expect(guardOf(desk)).toMatchObject({ gateOpen: false, mode: 'halted', holds: ['gate'] });
    expect(desk.heard('executor')).toContainEqual({ type: 'mode.changed', mayOpen: false });
  });

  it('halts and tells recovery when the balances differ, and closes nothing', async () => {
    const desk = await guardBench();
    await quiet(desk, position('1'));
    await say(desk, {
      type: 'recovery.balance',
      snapshot: snapshotOf({
        positions: [position('1')],
        account: account({ balance: usd(99_999) }),
      }),
      epoch: 3,
    });
    expect(desk.heard('recovery')).toMatchObject([{ type: 'guard.mismatch' }]);
    expect(guardOf(desk)).toMatchObject({ mode: 'halted', holds: ['ledger'] });
    expect(closes(desk)).toEqual([]);
  });

  it('shuts the gate while the balance is ahead of the deals that were told, until both sides are compared', async () => {
    const desk = await guardBench();
    await quiet(desk, position('1'));
    const ahead = account({ balance: usd(99_900), equity: usd(99_900) });
    await say(desk, report({ account: ahead, closedPositions: ['1'] }));
    expect(guardOf(desk)).toMatchObject({ mode: 'halted', gateOpen: false, holds: ['gate'] });
    const wanted = { type: 'reconciliation.wanted' };
    expect(desk.heard('connection')).toContainEqual(wanted);
    // Asked for once, however much is told meanwhile.
    await say(desk, report({ account: ahead }));
    expect(desk.heard('connection')).not.toContainEqual(wanted);
    const loss = deal({ ticket: '2', entry: 'out', profit: usd(-100), at: epochMs(NOW + 1) });
    await say(desk, {
      type: 'recovery.balance',
      epoch: 3,
      snapshot: snapshotOf({ account: ahead, deals: [loss] }),
    });
    await say(desk, { type: 'gate.granted', grantedBy: 1 });
    expect(guardOf(desk)).toMatchObject({ mode: 'active', gateOpen: true, balance: usd(99_900) });
    const codes = desk.entries('event').map((entry) => entry.kind === 'event' && entry.code);
    expect(codes).toEqual(['ledger.ahead']);
  });

  it('does not open a gate that was granted while a later report had its balance ahead of its deals', async () => {
    const desk = await guardBench();
    await quiet(desk);
    await say(desk, { type: 'gate.revoked' });
    const ahead = account({ balance: usd(100_007) });
    await say(desk, report({ account: ahead }));
    await say(desk, { type: 'gate.granted', grantedBy: 1 });
    expect(guardOf(desk)).toMatchObject({ mode: 'halted', gateOpen: false });
    expect(desk.heard('connection')).toContainEqual({ type: 'reconciliation.wanted' });
  });

  it('finds its book different from the balance of a snapshot, whatever was told of the account', async () => {
    const desk = await guardBench();
    await quiet(desk);
    const ahead = account({ balance: usd(100_007) });
    await say(desk, report({ account: ahead }));
    await say(desk, { type: 'recovery.compare', snapshot: snapshotOf({ account: ahead }) });
    const differences = [`the balance is ${usd(100_007)}, not ${usd(100_000)} minor units`];
    expect(desk.heard('recovery')).toContainEqual({ type: 'guard.compared', differences });
  });

  it('closes everything and locks when equity comes near a floor, and says so once', async () => {
    const desk = await guardBench();
    await quiet(desk, position('1'), position('2'));
    // Two lots, 2,460 points down: 95,080, less than the buffer of 100 above the daily floor.
    for (const after of [1, 2, 3]) {
      const ticks = [tick(after, 107_540)];
      await say(desk, { type: 'market.ticks', ticks, at: epochMs(NOW + after) });
    }
    expect(guardOf(desk)).toMatchObject({ mode: 'locked', reason: 'floor' });
    expect(closes(desk)).toEqual(['1', '2']);
    const told = desk
      .entries('event')
      .filter((entry) => entry.kind === 'event' && entry.code === 'floor.near');
    expect(told).toHaveLength(1);
  });

  it('tries a close again until the position is gone, and not while one is out', async () => {
    const desk = await guardBench();
    await quiet(desk, position('1'));
    await say(desk, kill('enough'));
    await say(desk, kill('again'));
    const [first] = admissions(desk) as unknown as {
      intent: { intentId: string; strategyId: string };
    }[];
    const { intentId = '', strategyId = '' } = first?.intent ?? {};
    const settlement = {
      intentId,
      strategyId,
      action: 'close',
      state: 'refused',
      retcode: 10_018,
    } as const;
    await say(desk, { type: 'order.settled', settlement });
    expect(closes(desk)).toEqual([]);
    desk.clock.advanceTo(NOW + 1_000);
    await desk.system.quiescent();
    expect(closes(desk)).toEqual(['1']);
    await say(desk, report({ closedPositions: ['1'] }));
    desk.clock.advanceTo(NOW + 600_000);
    await desk.system.quiescent();
    expect(closes(desk)).toEqual([]);
  });

  it('closes a position of ours that has no stop two seconds after it was seen', async () => {
    const desk = await guardBench();
    await quiet(desk);
    await say(
      desk,
      report({ positions: [naked('1'), position('2'), { ...naked('3'), magic: '0' }] }),
    );
    desk.clock.advanceTo(NOW + 1_999);
    await desk.system.quiescent();
    expect(closes(desk)).toEqual([]);
    desk.clock.advanceTo(NOW + 2_000);
    await desk.system.quiescent();
    expect(closes(desk)).toEqual(['1']);
  });

  it('leaves a position alone that got its stop in time', async () => {
    const desk = await guardBench();
    await quiet(desk);
    await say(desk, report({ positions: [naked('1')] }));
    await say(desk, report({ positions: [position('1', { stopLoss: points(109_900) })] }));
    desk.clock.advanceTo(NOW + 10_000);
    await desk.system.quiescent();
    expect(closes(desk)).toEqual([]);
  });

  it('locks when the terminal’s own guard tripped', async () => {
    const desk = await guardBench();
    await quiet(desk, position('1'));
    await say(desk, { type: 'terminalGuard.tripped' });
    expect(guardOf(desk).mode).toBe('locked');
    expect(closes(desk)).toEqual(['1']);
  });

  it('begins the next day at the reset with the balance of that instant', async () => {
    const desk = await guardBench();
    await quiet(desk);
    desk.clock.advanceTo(Date.parse('2024-01-09T23:00:00Z'));
    await desk.system.quiescent();
    expect(desk.entries('day.anchored')).toMatchObject([
      { day: '2024-01-09', source: 'initial' },
      { day: '2024-01-10', source: 'observed', anchorMinor: '10000000' },
    ]);
  });

  it('finds its book again after a crash, and never re-anchors the day', async () => {
    const desk = await guardBench();
    await quiet(desk);
    const low = [tick(1, 110_000)];
    await say(desk, { type: 'market.ticks', ticks: low, at: epochMs(NOW + 1) });
    await say(desk, { type: 'market.ended', at: NOW });
    const { floors } = guardOf(desk);
    desk.system.kill('desk.risk-guard');
    await desk.system.quiescent();
    expect(guardOf(desk)).toMatchObject({ floors, mode: 'halted', gateOpen: false });
    await quiet(desk);
    expect(desk.entries('day.anchored')).toHaveLength(1);
  });
});
