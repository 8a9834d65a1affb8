import { describe, expect, it } from 'vitest';
import {
  beginDoubt,
  eventOfAck,
  evidenceDelayMs,
  isFinal,
  isSettled,
  planOrder,
  stateOf,
} from '../../../../src/actors/executor/executor-orders.ts';
import { rebuildOrders } from '../../../../src/actors/executor/executor-rebuild.ts';
import { epochMs, lotsE8 } from '../../../../src/domain/units.ts';
import type { EntryBody } from '../../../../src/journal/types.ts';
import { RETCODE } from '../../../../src/mt5/retcodes.ts';
import { closeIntent, deal, entry, openIntent, planned, stored } from '../../../support/entries.ts';
import { workingOrder } from '../../../support/guard-fixtures.ts';

const attempt = (intentId: string, n = 1): EntryBody => ({
  kind: 'attempt.sent',
  intentId,
  attempt: n,
  epoch: 1,
});
const state = (intentId: string, name: string): EntryBody => ({
  kind: 'order.state',
  intentId,
  state: name,
});
type Outcome = Extract<EntryBody, { kind: 'attempt.result' }>;
const outcome = (intentId: string, change: Partial<Outcome>): EntryBody => ({
  kind: 'attempt.result',
  intentId,
  attempt: 1,
  outcome: 'refused',
  ...change,
});
const rebuild = (...bodies: readonly EntryBody[]) =>
  rebuildOrders(stored(bodies.map((body) => entry(body))));
const rebuilt = (...bodies: readonly EntryBody[]) => rebuild(...bodies).live;
const statesOf = (...bodies: readonly EntryBody[]) =>
  rebuilt(...bodies).map((order) => [order.intent.intentId, stateOf(order)]);

const open = planned(openIntent('i1'));
const close = planned(closeIntent('c1'));

describe('orders after a restart', () => {
  it('are unknown when they were sent and not seen answered', () => {
    expect(statesOf(open, attempt('i1'), state('i1', 'sent'))).toEqual([['i1', 'unknown']]);
    expect(statesOf(open, attempt('i1'), state('i1', 'sent'), state('i1', 'accepted'))).toEqual([
      ['i1', 'unknown'],
    ]);
  });

  it('are unknown when their attempt was durable, whether or not a byte left', () => {
    const [order] = rebuilt(open, attempt('i1'));
    expect(order && [stateOf(order), order.durableAttempt, order.chart.context.attempt]).toEqual([
      'unknown',
      1,
      1,
    ]);
  });

  it('end in writing when their result is durable and their end is not', () => {
    const known = [open, attempt('i1'), state('i1', 'unknown'), outcome('i1', {})];
    expect(rebuild(...known)).toEqual({ live: [], ended: [state('i1', 'refused')] });
    expect(rebuild(open, attempt('i1'), state('i1', 'sent')).ended).toEqual([]);
  });

  it('stay where the venue has them when they work on its book', () => {
    const seen: EntryBody = { kind: 'order.seen', intentId: 'i1', order: workingOrder('11') };
    expect(statesOf(open, attempt('i1'), seen)).toEqual([['i1', 'accepted']]);
    expect(
      statesOf(
        open,
        attempt('i1'),
        outcome('i1', { outcome: 'placed', retcode: RETCODE.PLACED, orderTicket: '11' }),
      ),
    ).toEqual([['i1', 'accepted']]);
  });

  it('stay partly filled with what was dealt', () => {
    const part: EntryBody = {
      kind: 'deal.booked',
      intentId: 'i1',
      deal: deal('1', { volumeE8: lotsE8(4_000_000) }),
    };
    const [order] = rebuilt(open, attempt('i1'), part);
    expect(order && [stateOf(order), order.chart.context.filledE8]).toEqual([
      'partiallyFilled',
      4_000_000,
    ]);
  });

  it.each([
    ['filled by its deal', { kind: 'deal.booked', intentId: 'i1', deal: deal('1') }],
    ['refused by a retcode', outcome('i1', { retcode: RETCODE.NO_MONEY })],
    ['refused by the terminal, without a retcode', outcome('i1', { detail: 'stale_epoch' })],
    [
      'cancelled at the venue',
      { kind: 'order.seen', intentId: 'i1', order: workingOrder('11', { state: 'cancelled' }) },
    ],
    ['absent for certain', outcome('i1', { outcome: 'absentConfirmed' })],
  ] as const)('are over when they were over: %s', (_, body) => {
    expect(rebuilt(open, attempt('i1'), state('i1', 'unknown'), body as EntryBody)).toEqual([]);
  });

  it('stay unknown after a result that says nothing', () => {
    expect(
      statesOf(
        open,
        attempt('i1'),
        outcome('i1', { outcome: 'unknown', retcode: RETCODE.TIMEOUT }),
      ),
    ).toEqual([['i1', 'unknown']]);
  });

  it('make a close again that is absent for certain, as the next attempt', () => {
    const entries = [
      close,
      attempt('c1'),
      state('c1', 'unknown'),
      outcome('c1', { outcome: 'absentConfirmed' }),
    ];
    expect(statesOf(...entries)).toEqual([['c1', 'waiting']]);
    const [order] = rebuilt(...entries, attempt('c1', 2), state('c1', 'sent'));
    expect(order && [stateOf(order), order.chart.context.attempt, order.durableAttempt]).toEqual([
      'unknown',
      2,
      2,
    ]);
  });

  it('are not ended by what became of an earlier attempt', () => {
    const again = [
      close,
      attempt('c1'),
      state('c1', 'unknown'),
      outcome('c1', { outcome: 'absentConfirmed' }),
    ];
    const late = outcome('c1', { retcode: RETCODE.NO_MONEY, attempt: 1 });
    expect(statesOf(...again, attempt('c1', 2), late)).toEqual([['c1', 'unknown']]);
  });

  it('are rebuilt each by its own entries, in any mixture', () => {
    const other = planned(openIntent('i2', { magic: '5' }));
    expect(
      statesOf(
        open,
        other,
        attempt('i1'),
        attempt('i2'),
        outcome('i1', { retcode: RETCODE.NO_MONEY }),
      ),
    ).toEqual([['i2', 'unknown']]);
    expect(statesOf(attempt('stranger'), state('stranger', 'unknown'))).toEqual([]);
  });
});

describe('what is heard of an attempt', () => {
  it('of an acknowledgement is no more than it says', () => {
    expect(
      (['accepted', 'refused', 'unknown', 'duplicate'] as const).map(
        (status) => eventOfAck(status).type,
      ),
    ).toEqual(['ack.accepted', 'ack.refused', 'ack.unknown', 'ack.unknown']);
  });
});

describe('questions about an unknown outcome', () => {
  it('come ever more slowly, up to five minutes', () => {
    const order = planOrder(openIntent('i1'));
    const delays = [0, 1, 2, 7, 8, 100].map((questions) =>
      evidenceDelayMs({ ...order, questions }, 2_000),
    );
    expect(delays).toEqual([2_000, 4_000, 8_000, 256_000, 300_000, 300_000]);
    expect(isFinal(order)).toBe(false);
  });

  it('start after two seconds however long it takes until absence counts', () => {
    const inDoubt = (intent: Parameters<typeof planOrder>[0]) =>
      beginDoubt(planOrder(intent), 60_000, epochMs(0));
    const settles = (intent: Parameters<typeof planOrder>[0]) => inDoubt(intent).settlesAt;
    expect(evidenceDelayMs(inDoubt(openIntent('i1')), 60_000)).toBe(2_000);
    expect(settles(openIntent('i1'))).toBe(60_000);
    expect(settles(closeIntent('c1', { scope: 'partial' }))).toBe(60_000);
    expect(settles(closeIntent('c1', { scope: 'full' }))).toBe(2_000);
    const opened = inDoubt(openIntent('i1'));
    expect([59_999, 60_000].map((at) => isSettled(opened, epochMs(at)))).toEqual([false, true]);
    expect(isSettled(planOrder(openIntent('i1')), epochMs(60_000))).toBe(false);
  });
});
