import { describe, expect, it } from 'vitest';
import { points } from '../../../src/domain/units.ts';
import type { EntryBody } from '../../../src/journal/types.ts';
import { ACCOUNT, closeIntent, openIntent, planned, START } from '../../support/entries.ts';
import { booked, KNOWN, projected } from '../../support/projected-audit.ts';

const state = (intentId: string, to: string): EntryBody => ({
  kind: 'order.state',
  intentId,
  state: to,
});
const signal = { type: 'open', side: 'buy', kind: 'market', leg: 0, reason: 'breakout' } as const;
const raised = (signalId: string): EntryBody => ({
  kind: 'signal.raised',
  signalId,
  strategyId: 'atr-breakout:EURUSD',
  symbol: 'EURUSD',
  barAt: START,
  signal: { ...signal, stopDistance: points(200), takeProfitDistance: points(400) },
});
const denied = (intentId: string, code: string): EntryBody => ({
  kind: 'order.denied',
  signalId: `signal-${intentId}`,
  intentId,
  strategyId: 'atr-breakout:EURUSD',
  symbol: 'EURUSD',
  code,
  detail: 'would cross the daily floor',
  signal: { ...signal, stopDistance: points(200) },
});

describe('orders', () => {
  it('follows a filled open from plan to fill, with slippage against the decision', () => {
    const { table } = projected(
      ...KNOWN,
      raised('signal-i1'),
      planned(openIntent('i1', { takeProfit: points(139_100) })),
      { kind: 'attempt.sent', intentId: 'i1', attempt: 1, epoch: 1 },
      state('i1', 'sent'),
      {
        kind: 'attempt.result',
        intentId: 'i1',
        attempt: 1,
        outcome: 'filled',
        retcode: 10_009,
        orderTicket: '91',
        dealTicket: '1',
      },
      booked('i1', '1', { price: points(138_703) }),
      state('i1', 'filled'),
    );
    expect(table('orders')).toEqual([
      {
        account_id: ACCOUNT,
        intent_id: 'i1',
        signal_id: 'signal-i1',
        strategy_id: 'atr-breakout:EURUSD',
        symbol: 'EURUSD',
        action: 'open',
        side: 'buy',
        kind: 'market',
        volume: '0.1',
        price: '1.38700',
        stop_loss: '1.38500',
        take_profit: '1.39100',
        magic: '281474976710657',
        position_ticket: '7001',
        state: 'filled',
        denial_code: null,
        detail: null,
        retcode: 10_009,
        order_ticket: '91',
        deal_tickets: '1',
        created_at: '2014-05-01T00:00:03.000Z',
        sent_at: '2014-05-01T00:00:04.000Z',
        done_at: '2014-05-01T00:00:08.000Z',
        filled_volume: '0.1',
        fill_price: '1.38703',
        slippage_points: 3,
        attempts: 1,
        reason: 'breakout',
        price_points: 138_700,
        journal_seq: 4,
      },
    ]);
    expect(table('signals')).toMatchObject([
      {
        signal_id: 'signal-i1',
        bar_at: '2014-05-01T00:00:00.000Z',
        raised_at: '2014-05-01T00:00:02.000Z',
        stop_distance: '0.00200',
        take_profit_distance: '0.00400',
        verdict: 'admitted',
      },
    ]);
  });

  it('counts slippage of a closing sell as positive when it sold lower than wanted', () => {
    const { table } = projected(
      ...KNOWN,
      planned(closeIntent('c1')),
      booked('c1', '2', { entry: 'out', side: 'sell', price: points(138_895) }),
    );
    expect(table('orders')).toMatchObject([
      { action: 'close', position_ticket: '7001', slippage_points: 5, fill_price: '1.38895' },
    ]);
  });

  it('does not take a stop-loss exit for a fill of the opening order', () => {
    const { table } = projected(
      ...KNOWN,
      planned(openIntent('i1')),
      booked('i1', '1'),
      booked('i1', '2', { entry: 'out', side: 'sell', reason: 'sl', price: points(138_500) }),
    );
    expect(table('orders')).toMatchObject([{ filled_volume: '0.1', fill_price: '1.38702' }]);
  });

  it('shows a denial with its code, and tells the signal', () => {
    const { table } = projected(...KNOWN, raised('signal-i1'), denied('i1', 'DAILY_FLOOR'));
    const verdict = { denial_code: 'DAILY_FLOOR', detail: 'would cross the daily floor' };
    expect(table('orders')).toMatchObject([
      { state: 'denied', volume: null, done_at: '2014-05-01T00:00:03.000Z', ...verdict },
    ]);
    expect(table('signals')).toMatchObject([{ verdict: 'denied', ...verdict }]);
  });

  it('lets a later plan replace a denial, but never a denial an order that lives', () => {
    const { table } = projected(
      ...KNOWN,
      raised('signal-i1'),
      denied('i1', 'GATE_CLOSED'),
      planned(openIntent('i1')),
      state('i1', 'sent'),
      denied('i1', 'DUPLICATE'),
    );
    expect(table('orders')).toMatchObject([{ state: 'sent', denial_code: null, volume: '0.1' }]);
    expect(table('signals')).toMatchObject([{ verdict: 'admitted', denial_code: null }]);
  });

  it('gives the same verdict when the signal is journalled after its denial', () => {
    const { table } = projected(...KNOWN, denied('i1', 'NO_STOP'), raised('signal-i1'));
    expect(table('signals')).toMatchObject([{ verdict: 'denied', denial_code: 'NO_STOP' }]);
  });

  it('keeps the first of a signal that is raised twice', () => {
    const { table } = projected(...KNOWN, raised('s'), raised('s'));
    expect(table('signals')).toMatchObject([{ raised_at: '2014-05-01T00:00:02.000Z' }]);
  });

  it('tells the retcode of the last attempt, and none that it never had', () => {
    const refusal = { kind: 'attempt.result', intentId: 'i1', outcome: 'refused' } as const;
    const before = [
      ...KNOWN,
      planned(openIntent('i1')),
      { kind: 'attempt.sent', intentId: 'i1', attempt: 1, epoch: 1 },
      { ...refusal, attempt: 1, retcode: 10_004 },
      { kind: 'attempt.sent', intentId: 'i1', attempt: 2, epoch: 1 },
    ] as const;
    const retcodeAfter = (...entries: readonly EntryBody[]): unknown =>
      projected(...entries).table('orders')[0]?.['retcode'];
    expect(retcodeAfter(...before.slice(0, -1))).toBe(10_004);
    expect(retcodeAfter(...before)).toBeNull();
    // Word of the first attempt that comes late.
    expect(retcodeAfter(...before, { ...refusal, attempt: 1, retcode: 10_004 })).toBeNull();
    expect(retcodeAfter(...before, { ...refusal, attempt: 2, retcode: 10_006 })).toBe(10_006);
  });

  it('counts attempts and keeps the first sending', () => {
    const refusal = { kind: 'attempt.result', intentId: 'i1', outcome: 'refused' } as const;
    const { table } = projected(
      ...KNOWN,
      planned(openIntent('i1')),
      { kind: 'attempt.sent', intentId: 'i1', attempt: 1, epoch: 1 },
      { ...refusal, attempt: 1, retcode: 10_004 },
      { kind: 'attempt.sent', intentId: 'i1', attempt: 2, epoch: 1 },
      { ...refusal, attempt: 2, detail: 'floor' },
      state('i1', 'refused'),
    );
    expect(table('orders')).toMatchObject([
      {
        attempts: 2,
        retcode: null,
        detail: 'floor',
        sent_at: '2014-05-01T00:00:03.000Z',
        done_at: '2014-05-01T00:00:07.000Z',
        state: 'refused',
      },
    ]);
  });

  it('reopens an order whose state turns out not to be final', () => {
    const { table } = projected(
      ...KNOWN,
      planned(openIntent('i1')),
      state('i1', 'cancelled'),
      state('i1', 'unknown'),
    );
    expect(table('orders')).toMatchObject([{ state: 'unknown', done_at: null }]);
  });
});
