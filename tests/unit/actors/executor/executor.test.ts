import { describe, expect, it } from 'vitest';
import { LinkDown } from '../../../../src/actors/errors.ts';
import { executor } from '../../../../src/actors/executor/executor.ts';
import type { AttemptResult, ExecutorMessage } from '../../../../src/actors/messages.ts';
import { did } from '../../../../src/actors/recovery/recovery-findings.ts';
import type { Intent } from '../../../../src/domain/intent.ts';
import { epochMs, points } from '../../../../src/domain/units.ts';
import type { Entry, EntryBody } from '../../../../src/journal/types.ts';
import { RETCODE } from '../../../../src/mt5/retcodes.ts';
import { type DeskBench, deskBench } from '../../../support/desk-bench.ts';
import { closeIntent, deal, openIntent, planned } from '../../../support/entries.ts';
import { NOW, opening, snapshotOf } from '../../../support/guard-fixtures.ts';
import { EURUSD } from '../../../support/risk-fixtures.ts';

const LIMITS = { replyTimeoutMs: 5_000, settleMs: 2_000, finalOrders: 10 };
const past = (...bodies: readonly EntryBody[]): readonly Entry[] =>
  bodies.map((body) => ({ ...body, accountId: 'acc', at: NOW }));
const bench = (before: readonly Entry[] = []): Promise<DeskBench> =>
  deskBench('executor', (deps) => executor(deps, LIMITS), before);

const admitted = (intent: Intent): ExecutorMessage => ({
  type: 'intent.admitted',
  raised: opening(),
  signalId: `s-${intent.intentId}`,
  intent,
  reservedMinor: '0',
});
const reconciled = async (desk: DeskBench): Promise<void> => {
  await desk.tell('executor', { type: 'recovery.match', snapshot: snapshotOf(), epoch: 3 });
  await desk.tell('executor', { type: 'mode.changed', mayOpen: true });
  for (const name of ['connection', 'risk-guard', 'recovery'] as const) desk.heard(name);
};
const types = (desk: DeskBench, name: 'connection' | 'risk-guard' | 'recovery') =>
  desk.heard(name).map(({ type }) => type);
const live = (desk: DeskBench) =>
  desk.summary<{ live: readonly { intentId: string; state: string; request: string }[] }>(
    'executor',
  ).live;
const resultOf = (intentId: string, name: keyof typeof RETCODE): AttemptResult => ({
  intentId,
  attempt: 1,
  retcode: RETCODE[name],
  orderTicket: null,
  dealTicket: null,
});
const ack = (intent: string, attempt: number, status: 'accepted' | 'refused') =>
  ({
    type: 'attempt.acked',
    ack: { kind: 'ack', intent, attempt, status, reason: null, result: null },
  }) as const;

describe('the executor', () => {
  it('sends nothing before the intent and its attempt are durable', async () => {
    const desk = await bench();
    await reconciled(desk);
    desk.system.ref('desk.executor').send(admitted(openIntent('i1')));
    await desk.system.quiescent();
    const [sent] = desk.heard('connection');
    expect(sent).toMatchObject({ type: 'command.send', intentId: 'i1', attempt: 1 });
    expect(desk.entries('intent.planned')).toMatchObject([{ intent: { intentId: 'i1' } }]);
    expect(desk.entries('attempt.sent')).toMatchObject([{ intentId: 'i1', attempt: 1, epoch: 3 }]);
    expect(live(desk)).toMatchObject([{ state: 'sent' }]);
    const durability = { journalMode: 'wal', synchronous: 'full' };
    expect(desk.system.info('journal')?.summary).toMatchObject(durability);
  });

  it('denies what would open risk before it was reconciled, and lets a close through', async () => {
    const desk = await bench();
    await desk.tell('executor', admitted(openIntent('i1')));
    expect(desk.entries('order.denied')).toMatchObject([{ intentId: 'i1', code: 'GATE_CLOSED' }]);
    expect(desk.heard('risk-guard')).toMatchObject([
      { type: 'order.settled', settlement: { state: 'denied' } },
    ]);
    expect(types(desk, 'connection')).toEqual([]);
    await reconciled(desk);
    await desk.tell('executor', { type: 'mode.changed', mayOpen: false });
    await desk.tell('executor', admitted(closeIntent('c1')));
    expect(desk.heard('connection')).toMatchObject([{ type: 'command.send', intentId: 'c1' }]);
  });

  it('carries every kind of change to the terminal, and lets what reduces risk through a halt', async () => {
    const desk = await bench();
    await reconciled(desk);
    await desk.tell('executor', { type: 'mode.changed', mayOpen: false });
    const base = { strategyId: 's', symbol: 'EURUSD', at: NOW, reason: 'test' };
    const names = (id: string) => ({ ...base, intentId: id, key: `key-${id}` });
    const levels = { stopLoss: points(109_000), takeProfit: points(111_000), ttlMs: 5_000 };
    const book = { orderTicket: '9', price: points(110_000), tif: 'gtc', ...levels } as const;
    const held = { positionTicket: '7', ...levels };
    const intents: readonly Intent[] = [
      { type: 'cancel', ...names('i1'), orderTicket: '9' },
      { type: 'modifyOrder', ...names('i2'), ...book, risk: 'reducing' },
      { type: 'modifyPosition', ...names('i3'), ...held, risk: 'reducing' },
      { type: 'modifyPosition', ...names('i4'), ...held, risk: 'increasing' },
    ];
    for (const intent of intents) await desk.tell('executor', admitted(intent));
    expect(desk.heard('connection')).toMatchObject([
      { risk: 'reducing', body: { kind: 'order.cancel', ticket: '9' } },
      { risk: 'reducing', body: { kind: 'order.modify', price: '1.10000', stopLimitPrice: null } },
      { risk: 'reducing', body: { kind: 'position.modify', ticket: '7', stopLoss: '1.09000' } },
    ]);
    expect(desk.heard('risk-guard')).toMatchObject([
      { type: 'order.settled', settlement: { intentId: 'i4', state: 'expired' } },
    ]);
    const made = { attempt: 1, retcode: RETCODE.DONE, orderTicket: '9', dealTicket: null };
    await desk.tell('executor', { type: 'attempt.finished', result: { ...made, intentId: 'i1' } });
    expect(desk.heard('risk-guard')).toMatchObject([
      { settlement: { intentId: 'i1', action: 'cancel', state: 'done' } },
    ]);
  });

  it('takes the same intent once', async () => {
    const desk = await bench();
    await reconciled(desk);
    await desk.tell('executor', admitted(openIntent('i1')));
    await desk.tell('executor', admitted(openIntent('i1')));
    expect(types(desk, 'connection')).toEqual(['command.send']);
  });

  it('calls an unanswered attempt unknown, asks with growing pauses, and believes only evidence', async () => {
    const desk = await bench();
    await reconciled(desk);
    await desk.tell('executor', admitted(openIntent('i1')));
    desk.heard('connection');
    desk.clock.advanceTo(NOW + 5_000);
    await desk.system.quiescent();
    expect(live(desk)).toMatchObject([{ state: 'unknown' }]);
    expect(types(desk, 'risk-guard')).toEqual(['order.unresolved']);
    expect(types(desk, 'connection')[0]).toBe('evidence.seek');
    const asked: number[] = [];
    for (let ms = 5_000; ms <= 25_000; ms += 500) {
      desk.clock.advanceTo(NOW + ms);
      await desk.system.quiescent();
      if (types(desk, 'connection').includes('evidence.seek')) asked.push(ms);
    }
    expect(asked).toEqual([7_000, 11_000, 19_000]);
    const nothing = { complete: false, orders: [], deals: [], result: null };
    await desk.tell('executor', {
      type: 'evidence.found',
      intentId: 'i1',
      attempt: 1,
      evidence: nothing,
    });
    expect(live(desk)).toMatchObject([{ state: 'unknown' }]);
    await desk.tell('executor', {
      type: 'evidence.found',
      intentId: 'i1',
      attempt: 1,
      evidence: { ...nothing, complete: true },
    });
    expect(desk.entries('attempt.result')).toMatchObject([
      { outcome: 'unknown', fault: 'Timeout' },
      { outcome: 'absentConfirmed' },
    ]);
    expect(desk.heard('risk-guard')).toMatchObject([{ settlement: { state: 'expired' } }]);
  });

  it('makes a close that is absent for certain again, and is not told off by its first attempt', async () => {
    const desk = await bench(
      past(planned(closeIntent('c1')), {
        kind: 'attempt.sent',
        intentId: 'c1',
        attempt: 1,
        epoch: 2,
      }),
    );
    await reconciled(desk);
    desk.clock.advanceTo(NOW + LIMITS.settleMs);
    await desk.system.quiescent();
    expect(types(desk, 'connection')).toEqual(['evidence.seek']);
    const evidence = { complete: true, orders: [], deals: [], result: null };
    await desk.tell('executor', { type: 'evidence.found', intentId: 'c1', attempt: 1, evidence });
    expect(desk.entries('attempt.result')).toMatchObject([
      { attempt: 1, outcome: 'absentConfirmed', willRetry: true },
    ]);
    desk.clock.advanceTo(NOW + LIMITS.settleMs + 1_000);
    await desk.system.quiescent();
    expect(desk.heard('connection')).toEqual([]);
    expect(types(desk, 'risk-guard')).toContain('retry.wanted');
    await desk.tell('executor', { type: 'retry.granted', intentId: 'c1' });
    expect(desk.heard('connection')).toMatchObject([
      { type: 'command.send', intentId: 'c1', attempt: 2 },
    ]);
    await desk.tell('executor', ack('c1', 1, 'refused'));
    await desk.tell('executor', {
      type: 'attempt.unsent',
      intentId: 'c1',
      attempt: 1,
      fault: new LinkDown({ detail: 'gone' }),
    });
    const late = {
      intentId: 'c1',
      attempt: 1,
      retcode: RETCODE.NO_MONEY,
      orderTicket: null,
      dealTicket: null,
    };
    await desk.tell('executor', { type: 'attempt.finished', result: late });
    expect(live(desk)).toMatchObject([{ intentId: 'c1', state: 'sent' }]);
    await desk.tell('executor', ack('c1', 2, 'refused'));
    expect(live(desk)).toEqual([]);
  });

  it('makes the next attempt of a refused order at the price that the guard grants', async () => {
    const desk = await bench();
    await reconciled(desk);
    await desk.tell('executor', admitted(openIntent('i1', { at: NOW })));
    desk.heard('connection');
    await desk.tell('executor', { type: 'attempt.finished', result: resultOf('i1', 'REQUOTE') });
    expect(live(desk)).toMatchObject([{ state: 'waiting' }]);
    desk.clock.advanceTo(NOW + 200);
    await desk.system.quiescent();
    expect(desk.heard('risk-guard')).toMatchObject([
      { type: 'retry.wanted', intent: { intentId: 'i1', price: 138_700 } },
    ]);
    const levels = { price: points(138_710), stopLoss: points(138_510) };
    await desk.tell('executor', { type: 'retry.granted', intentId: 'i1', levels });
    expect(desk.heard('connection')).toMatchObject([
      { attempt: 2, body: { price: '1.38710', stopLoss: '1.38510', ttlMs: 4_800 } },
    ]);
    expect(desk.entries('attempt.sent')).toMatchObject([{ attempt: 1 }, { attempt: 2, levels }]);
    expect(desk.entries('attempt.result')).toMatchObject([
      { attempt: 1, outcome: 'refused', retcode: RETCODE.REQUOTE, willRetry: true },
    ]);
  });

  it('lets an opening order expire while it waits, and a close wait for its session', async () => {
    const desk = await bench();
    await reconciled(desk);
    await desk.tell('executor', admitted(openIntent('i1', { at: NOW })));
    await desk.tell('executor', admitted(closeIntent('c1')));
    desk.heard('connection');
    for (const intentId of ['i1', 'c1']) {
      const result = resultOf(intentId, 'MARKET_CLOSED');
      await desk.tell('executor', { type: 'attempt.finished', result });
    }
    desk.clock.advanceTo(NOW + 1_000);
    await desk.system.quiescent();
    const until = epochMs(NOW + 3_600_000);
    desk.heard('risk-guard');
    for (const intentId of ['i1', 'c1']) {
      await desk.tell('executor', { type: 'retry.deferred', intentId, until });
    }
    expect(desk.heard('risk-guard')).toMatchObject([
      { type: 'order.settled', settlement: { intentId: 'i1', state: 'expired' } },
    ]);
    desk.clock.advanceTo(until);
    await desk.system.quiescent();
    expect(desk.heard('risk-guard')).toMatchObject([{ intent: { intentId: 'c1' } }]);
    await desk.tell('executor', { type: 'retry.granted', intentId: 'c1' });
    expect(desk.heard('connection')).toMatchObject([{ intentId: 'c1', attempt: 2 }]);
  });

  it('ends an order whose retry the guard does not want, and says why', async () => {
    const desk = await bench();
    await reconciled(desk);
    await desk.tell('executor', admitted(openIntent('i1', { at: NOW })));
    await desk.tell('executor', { type: 'attempt.finished', result: resultOf('i1', 'REQUOTE') });
    const denial = { code: 'DAILY_FLOOR', detail: 'too near' };
    await desk.tell('executor', { type: 'retry.denied', intentId: 'i1', ...denial });
    expect(desk.heard('risk-guard')).toMatchObject([{ settlement: { state: 'refused' } }]);
    expect(desk.entries('event')).toMatchObject([{ code: 'retry.denied' }]);
    expect(desk.entries('event')[0]).toMatchObject({ detail: expect.stringMatching(/too near/) });
  });

  it('tells an account that is switched off from a symbol that is', async () => {
    const disabled = { ...EURUSD, tradeMode: 'disabled' as const };
    for (const [spec, told] of [
      [disabled, []],
      [EURUSD, ['venue.disabled']],
    ] as const) {
      const desk = await bench();
      await reconciled(desk);
      await desk.tell('executor', admitted(openIntent('i1', { at: NOW })));
      desk.heard('connection');
      const result = resultOf('i1', 'TRADE_DISABLED');
      await desk.tell('executor', { type: 'attempt.finished', result });
      expect(types(desk, 'connection')).toEqual(['reconciliation.wanted']);
      expect(types(desk, 'risk-guard')).toEqual(['order.settled']);
      const snapshot = snapshotOf({ instruments: [spec] });
      await desk.tell('executor', { type: 'recovery.match', snapshot, epoch: 3 });
      expect(types(desk, 'risk-guard')).toEqual(told);
    }
  });

  it('shows on an order of its own what is asked about it', async () => {
    const desk = await bench();
    await reconciled(desk);
    await desk.tell('executor', admitted(openIntent('i1', { kind: 'limit', at: NOW })));
    const placed = { ...resultOf('i1', 'PLACED'), orderTicket: '9' };
    await desk.tell('executor', { type: 'attempt.finished', result: placed });
    const names = { strategyId: 's', symbol: 'EURUSD', at: NOW, reason: 'test' };
    const cancel = {
      type: 'cancel',
      ...names,
      intentId: 'x1',
      key: 'x1',
      orderTicket: '9',
    } as const;
    await desk.tell('executor', admitted(cancel));
    expect(live(desk)).toMatchObject([{ state: 'accepted', request: 'cancelling' }, {}]);
    desk.clock.advanceTo(NOW + 5_000);
    await desk.system.quiescent();
    expect(live(desk)).toMatchObject([{ state: 'accepted', request: 'requestUnknown' }, {}]);
    const result = { ...resultOf('x1', 'DONE'), orderTicket: '9' };
    const evidence = { complete: true, orders: [], deals: [], result };
    await desk.tell('executor', { type: 'evidence.found', intentId: 'x1', attempt: 1, evidence });
    expect(live(desk)).toMatchObject([{ intentId: 'i1', request: 'idle' }]);
  });

  it('lets a halt overtake an order that is not durable yet', async () => {
    const desk = await bench();
    await reconciled(desk);
    desk.system.ref('desk.executor').send(admitted(openIntent('i1')));
    await desk.tell('executor', { type: 'mode.changed', mayOpen: false });
    expect(types(desk, 'connection')).toEqual([]);
    expect(desk.heard('risk-guard')).toMatchObject([
      { type: 'order.settled', settlement: { state: 'expired' } },
    ]);
  });

  it('books a deal once, whoever tells it and however often', async () => {
    const desk = await bench();
    await reconciled(desk);
    await desk.tell('executor', admitted(openIntent('i1')));
    const report = {
      account: snapshotOf().account,
      deals: [deal('7')],
      orders: [],
      positions: [],
      closedPositions: [],
    };
    await desk.tell('executor', { type: 'trade.reported', report });
    await desk.tell('executor', { type: 'trade.reported', report });
    await desk.tell('executor', {
      type: 'recovery.match',
      snapshot: snapshotOf({ deals: [deal('7')] }),
      epoch: 4,
    });
    expect(desk.entries('deal.booked')).toHaveLength(1);
    expect(live(desk)).toEqual([]);
    expect(desk.heard('recovery').at(-1)).toEqual({ type: 'executor.reconciled', actions: [] });
  });

  it('finds in a snapshot what became of its orders, and names what it could not find', async () => {
    const desk = await bench(
      past(
        planned(openIntent('i1')),
        { kind: 'attempt.sent', intentId: 'i1', attempt: 1, epoch: 2 },
        planned(openIntent('i2', { magic: '9' })),
        { kind: 'attempt.sent', intentId: 'i2', attempt: 1, epoch: 2 },
      ),
    );
    await desk.tell('executor', {
      type: 'recovery.match',
      snapshot: snapshotOf({ deals: [deal('7')] }),
      epoch: 3,
    });
    const [answer] = desk.heard('recovery');
    expect(answer).toEqual({
      type: 'executor.reconciled',
      actions: [did('booked deal 7 (expert)'), did('outcome of i2 is not known yet')],
    });
    expect(live(desk)).toMatchObject([{ intentId: 'i2', state: 'unknown' }]);
  });

  it('says which intents it does not know, or has seen the end of', async () => {
    const desk = await bench();
    await reconciled(desk);
    await desk.tell('executor', admitted(openIntent('i1')));
    await desk.tell('executor', admitted(openIntent('i2', { magic: '9', key: 'k2' })));
    await desk.tell('executor', ack('i1', 1, 'refused'));
    desk.heard('risk-guard');
    await desk.tell('executor', { type: 'orders.wanted', intentIds: ['i1', 'i2', 'i3'] });
    expect(desk.heard('risk-guard')).toEqual([{ type: 'orders.missing', intentIds: ['i1', 'i3'] }]);
  });

  it('forgets the oldest orders that ended, and no other', async () => {
    const desk = await bench();
    await reconciled(desk);
    for (let n = 0; n < 15; n += 1) {
      const id = `i${n}`;
      await desk.tell('executor', admitted(openIntent(id, { magic: String(n), key: id })));
      if (n > 0) await desk.tell('executor', ack(id, 1, 'refused'));
    }
    await desk.tell('executor', { type: 'orders.wanted', intentIds: ['i0'] });
    expect(live(desk)).toMatchObject([{ intentId: 'i0' }]);
    expect(desk.heard('risk-guard').at(-1)).toEqual({ type: 'orders.missing', intentIds: [] });
  });
});
