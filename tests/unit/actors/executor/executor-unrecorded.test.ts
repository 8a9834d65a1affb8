import { describe, expect, it } from 'vitest';
import { executor } from '../../../../src/actors/executor/executor.ts';
import type { AttemptResult, ExecutorMessage, Snapshot } from '../../../../src/actors/messages.ts';
import type { Deal } from '../../../../src/domain/trading.ts';
import { epochMs } from '../../../../src/domain/units.ts';
import type { Entry, EntryBody } from '../../../../src/journal/types.ts';
import { RETCODE } from '../../../../src/mt5/retcodes.ts';
import { type DeskBench, deskBench } from '../../../support/desk-bench.ts';
import { closeIntent, deal, openIntent, planned } from '../../../support/entries.ts';
import { NOW, position, snapshotOf } from '../../../support/guard-fixtures.ts';
import { lots } from '../../../support/risk-fixtures.ts';

const LIMITS = { replyTimeoutMs: 5_000, settleMs: 2_000, finalOrders: 10 };
const past = (...bodies: readonly EntryBody[]): readonly Entry[] =>
  bodies.map((body) => ({ ...body, accountId: 'acc', at: NOW }));
const opened = past(
  planned(openIntent('i1')),
  { kind: 'attempt.sent', intentId: 'i1', attempt: 1, epoch: 2 },
  { kind: 'deal.booked', intentId: 'i1', deal: deal('7') },
  { kind: 'order.state', intentId: 'i1', state: 'filled' },
);
const bench = (before: readonly Entry[] = opened): Promise<DeskBench> =>
  deskBench('executor', (deps) => executor(deps, LIMITS), before);

const closing = (ticket: string, change: Partial<Deal> = {}): Deal =>
  deal(ticket, { entry: 'out', side: 'sell', at: epochMs(NOW + 1_000), ...change });
const result = (
  intentId: string,
  attempt: number,
  name: keyof typeof RETCODE,
  dealt?: Deal,
): AttemptResult => ({
  intentId,
  attempt,
  retcode: RETCODE[name],
  orderTicket: dealt?.orderTicket ?? null,
  dealTicket: dealt?.ticket ?? null,
});
const match = (change: Partial<Snapshot>): ExecutorMessage => ({
  type: 'recovery.match',
  snapshot: snapshotOf({ deals: [deal('7'), ...(change.deals ?? [])], ...without(change) }),
  epoch: 3,
});
const without = ({ deals: _, ...rest }: Partial<Snapshot>): Partial<Snapshot> => rest;
const answer = (desk: DeskBench) => desk.heard('recovery').at(-1);
const story = (desk: DeskBench, intentId: string): readonly string[] =>
  desk.deps.journal
    .reader()
    .ofIntent('acc', intentId)
    .map((entry) => (entry.kind === 'order.state' ? entry.state : entry.kind));

describe('what left while nothing could be written down', () => {
  it('is written down from the terminal: intent, attempts, result and deal, once', async () => {
    const desk = await bench();
    const out = closing('8');
    const results = [result('c1', 2, 'REQUOTE'), result('c1', 3, 'DONE', out)];
    await desk.tell('executor', match({ deals: [out], results }));
    expect(story(desk, 'c1')).toEqual([
      'intent.planned',
      'attempt.sent',
      'attempt.result',
      'attempt.sent',
      'attempt.result',
      'attempt.sent',
      'attempt.result',
      'deal.booked',
      'filled',
    ]);
    expect(desk.entries('intent.planned').at(-1)).toMatchObject({
      intent: {
        type: 'close',
        strategyId: 'atr-breakout:EURUSD',
        positionTicket: '7001',
        scope: 'full',
        volumeE8: out.volumeE8,
      },
    });
    expect(desk.entries('attempt.result')).toMatchObject([
      { attempt: 1, outcome: 'refused', willRetry: true },
      { attempt: 2, outcome: 'refused', retcode: RETCODE.REQUOTE, willRetry: true },
      { attempt: 3, outcome: 'filled', retcode: RETCODE.DONE, dealTicket: '8' },
    ]);
    expect(answer(desk)).toMatchObject({
      actions: [{ detail: expect.stringContaining('wrote down close c1') }, {}],
    });
    const before = desk.deps.journal.reader().lastSeq();
    await desk.tell('executor', match({ deals: [out], results }));
    expect(desk.deps.journal.reader().lastSeq()).toBe(before);
    expect(answer(desk)).toMatchObject({ actions: [] });
  });

  it('took nothing before its last attempt, also where the terminal answered in doubt', async () => {
    const desk = await bench();
    const out = closing('8');
    const results = [
      result('c1', 1, 'REJECT'),
      result('c1', 2, 'REQUOTE'),
      result('c1', 3, 'DONE', out),
    ];
    await desk.tell('executor', match({ deals: [out], results }));
    expect(desk.crashes()).toEqual([]);
    expect(story(desk, 'c1').at(-1)).toBe('filled');
    expect(desk.entries('attempt.result')).toMatchObject([
      { attempt: 1, outcome: 'absentConfirmed', retcode: RETCODE.REJECT, willRetry: true },
      { attempt: 2, outcome: 'refused', retcode: RETCODE.REQUOTE, willRetry: true },
      { attempt: 3, outcome: 'filled', retcode: RETCODE.DONE, dealTicket: '8' },
    ]);
  });

  it('keeps two partial closes of one position apart by their tickets', async () => {
    const desk = await bench();
    const [first, second] = [
      closing('8', { volumeE8: lots(0.04) }),
      closing('9', { volumeE8: lots(0.02) }),
    ];
    const results = [result('c1', 1, 'DONE', first), result('c2', 1, 'DONE', second)];
    const rest = position('7001', { volumeE8: lots(0.04) });
    await desk.tell('executor', match({ deals: [first, second], results, positions: [rest] }));
    expect(desk.entries('deal.booked').slice(1)).toMatchObject([
      { intentId: 'c1', deal: { ticket: '8' } },
      { intentId: 'c2', deal: { ticket: '9' } },
    ]);
    expect(desk.entries('intent.planned').slice(1)).toMatchObject([
      { intent: { scope: 'partial' } },
      { intent: { scope: 'partial' } },
    ]);
  });

  it('knows two positions that closed each other by their common order', async () => {
    const desk = await bench();
    const one = closing('8', { orderTicket: '90' });
    const other = closing('9', { orderTicket: '90', positionTicket: '7002', side: 'buy' });
    const results = [result('b1', 1, 'DONE', one)];
    await desk.tell('executor', match({ deals: [one, other], results }));
    expect(desk.entries('intent.planned').at(-1)).toMatchObject({
      intent: { type: 'closeBy', positionTicket: '7001', byTicket: '7002' },
    });
    expect(story(desk, 'b1').at(-1)).toBe('filled');
  });

  it('belongs to a close that the journal knows as one that waits for its next attempt', async () => {
    const waiting = past(
      planned(closeIntent('c1')),
      { kind: 'attempt.sent', intentId: 'c1', attempt: 1, epoch: 2 },
      {
        kind: 'attempt.result',
        intentId: 'c1',
        attempt: 1,
        outcome: 'refused',
        retcode: RETCODE.REQUOTE,
        willRetry: true,
      },
    );
    const desk = await bench([...opened, ...waiting]);
    const out = closing('8');
    const results = [result('c1', 1, 'REQUOTE'), result('c1', 2, 'DONE', out)];
    await desk.tell('executor', match({ deals: [out], results }));
    expect(story(desk, 'c1').slice(3)).toEqual([
      'attempt.sent',
      'attempt.result',
      'deal.booked',
      'filled',
    ]);
    expect(desk.heard('connection')).toEqual([]);
  });

  it('is not invented: an opening deal, a stop and a booked deal make no order', async () => {
    const desk = await bench([
      ...opened,
      ...past({ kind: 'deal.booked', intentId: null, deal: closing('8') }),
    ]);
    const stopped = closing('9', { reason: 'sl' });
    const foreign = deal('10', { magic: '5', positionTicket: '7003' });
    const results = [
      result('c1', 1, 'DONE', closing('8')),
      result('c2', 1, 'DONE', stopped),
      result('c3', 1, 'DONE', foreign),
      result('c4', 1, 'REJECT'),
    ];
    await desk.tell('executor', match({ deals: [closing('8'), stopped, foreign], results }));
    expect(desk.entries('intent.planned')).toHaveLength(1);
    expect(desk.entries('deal.booked').slice(2)).toMatchObject([
      { intentId: null },
      { intentId: null },
    ]);
  });

  it('is left alone while its deal is on its way to the disk, booked to nobody', async () => {
    const desk = await bench();
    const out = closing('8');
    const { account } = snapshotOf();
    const report = { account, deals: [out], orders: [], positions: [], closedPositions: ['7001'] };
    await desk.tell('executor', match({}));
    const { send } = desk.system.ref<ExecutorMessage>('desk.executor');
    send({ type: 'trade.reported', report });
    send(match({ deals: [out], results: [result('c1', 1, 'DONE', out)] }));
    await desk.system.quiescent();
    expect(desk.entries('deal.booked').at(-1)).toMatchObject({ intentId: null });
    expect(desk.entries('intent.planned')).toHaveLength(1);
    expect(desk.summary<{ live: readonly object[] }>('executor').live).toEqual([]);
  });

  it('is found although its deal was reported before both sides were compared', async () => {
    const desk = await bench();
    const out = closing('8');
    const { account } = snapshotOf();
    const report = { account, deals: [out], orders: [], positions: [], closedPositions: ['7001'] };
    await desk.tell('executor', { type: 'trade.reported', report });
    expect(desk.entries('deal.booked')).toHaveLength(1);
    await desk.tell('executor', match({ deals: [out], results: [result('c1', 1, 'DONE', out)] }));
    expect(desk.entries('deal.booked').at(-1)).toMatchObject({ intentId: 'c1' });
  });
});

describe('a close that left unrecorded and is still being carried out at the reconciliation', () => {
  const out = closing('8');
  const report = {
    ...{ account: snapshotOf().account, orders: [], positions: [] },
    ...{ deals: [out], closedPositions: ['7001'] },
  };
  const done = result('c1', 1, 'DONE', out);
  const found = match({ deals: [out], results: [done] });

  it('is written down by another reconciliation, which its deal asks for', async () => {
    const desk = await bench();
    await desk.tell('executor', match({}));
    await desk.tell('executor', { type: 'attempt.finished', result: done });
    await desk.tell('executor', { type: 'trade.reported', report });
    expect(desk.entries('deal.booked')).toHaveLength(1);
    expect(desk.heard('connection')).toEqual([{ type: 'reconciliation.wanted' }]);
    await desk.tell('executor', found);
    expect(story(desk, 'c1').at(-1)).toBe('filled');
    expect(desk.entries('deal.booked').at(-1)).toMatchObject({ intentId: 'c1' });
  });

  it('is known by its order when the broker had taken that and not dealt yet', async () => {
    const desk = await bench();
    const placed = { ...result('c1', 1, 'PLACED', out), dealTicket: null };
    await desk.tell('executor', match({ results: [placed] }));
    await desk.tell('executor', { type: 'trade.reported', report });
    expect(desk.entries('deal.booked')).toHaveLength(1);
    await desk.tell('executor', match({ deals: [out], results: [placed] }));
    expect(desk.entries('deal.booked').at(-1)).toMatchObject({ intentId: 'c1' });
  });

  it('leaves its deal to nobody when the terminal does not know of it any more', async () => {
    const desk = await bench();
    await desk.tell('executor', match({}));
    await desk.tell('executor', { type: 'attempt.finished', result: done });
    await desk.tell('executor', { type: 'trade.reported', report });
    await desk.tell('executor', match({ deals: [out] }));
    expect(desk.entries('deal.booked').at(-1)).toMatchObject({ intentId: null });
  });

  it('is not seen in a result of an order that the journal has, and that ended long ago', async () => {
    const desk = await bench([
      ...opened,
      ...past(planned(closeIntent('c1')), { kind: 'order.state', intentId: 'c1', state: 'filled' }),
    ]);
    await desk.tell('executor', match({}));
    await desk.tell('executor', { type: 'attempt.finished', result: done });
    await desk.tell('executor', { type: 'trade.reported', report });
    expect(desk.entries('deal.booked')).toHaveLength(2);
    expect(desk.heard('connection')).toEqual([]);
  });
});

describe('a close in doubt whose position another one closed', () => {
  it('is absent, whatever that other close left at the terminal', async () => {
    const doubtful = past(planned(closeIntent('c1')), {
      kind: 'attempt.sent',
      intentId: 'c1',
      attempt: 1,
      epoch: 2,
    });
    const desk = await bench([...opened, ...doubtful]);
    const out = closing('8');
    await desk.tell('executor', match({ deals: [out], results: [result('c2', 1, 'DONE', out)] }));
    expect(story(desk, 'c2').at(-1)).toBe('filled');
    desk.clock.advanceTo(NOW + LIMITS.settleMs);
    await desk.system.quiescent();
    const evidence = { complete: true, orders: [], deals: [deal('7'), out], result: null };
    await desk.tell('executor', { type: 'evidence.found', intentId: 'c1', attempt: 1, evidence });
    expect(desk.entries('attempt.result').at(-1)).toMatchObject({
      intentId: 'c1',
      outcome: 'absentConfirmed',
      willRetry: true,
    });
  });
});

describe('a reconciliation that cannot be written down', () => {
  const bodies: readonly EntryBody[] = [
    { kind: 'deal.booked', intentId: null, deal: closing('8') },
  ];
  const failed = (contradicts: boolean): ExecutorMessage => ({
    type: 'reconciliation.notDurable',
    reason: 'the disk is full',
    bodies,
    contradicts,
  });

  it('is kept, told, and written by the next one before recovery hears of an agreement', async () => {
    const desk = await bench();
    await desk.tell('executor', failed(false));
    expect(desk.crashes()).toEqual([]);
    expect(desk.heard('risk-guard')).toMatchObject([{ type: 'journal.failed' }]);
    expect(desk.heard('recovery')).toMatchObject([{ type: 'reconciliation.notDurable' }]);
    expect(desk.entries('deal.booked')).toHaveLength(1);
    await desk.tell('executor', match({ deals: [closing('8')] }));
    expect(desk.entries('deal.booked')).toMatchObject([{}, { deal: { ticket: '8' } }]);
    expect(desk.heard('recovery')).toMatchObject([{ type: 'executor.reconciled' }]);
  });

  it('takes what happens while it is being written to the disk before it is told', async () => {
    const desk = await bench();
    const { send } = desk.system.ref<ExecutorMessage>('desk.executor');
    send(match({}));
    const report = {
      account: snapshotOf().account,
      orders: [],
      positions: [],
      closedPositions: [],
    };
    send({ type: 'trade.reported', report: { ...report, deals: [closing('8')] } });
    await desk.system.quiescent();
    expect(desk.entries('deal.booked')).toMatchObject([{}, { deal: { ticket: '8' } }]);
    expect(desk.heard('recovery')).toMatchObject([{ type: 'executor.reconciled' }]);
  });

  it('ends the executor when it contradicts the journal: only a new life can fit it', async () => {
    const desk = await bench();
    await desk.tell('executor', failed(true));
    expect(desk.crashes()).toEqual(['the reconciliation could not be recorded: the disk is full']);
  });
});

describe('what is still on its way to the journal', () => {
  it('is there before the executor calls itself reconciled, also when it adds nothing', async () => {
    const desk = await bench();
    await desk.tell('executor', match({}));
    const booked: number[] = [];
    desk.system.sys('desk.recovery')?.trace(({ message }) => {
      if (message.type === 'executor.reconciled') booked.push(desk.entries('deal.booked').length);
    });
    const { account } = snapshotOf();
    const deals = [closing('8')];
    const report = { account, deals, orders: [], positions: [], closedPositions: [] };
    const send = desk.system.ref<ExecutorMessage>('desk.executor').send;
    send({ type: 'trade.reported', report });
    send(match({ deals }));
    await desk.system.quiescent();
    expect(booked).toEqual([2]);
  });
});
