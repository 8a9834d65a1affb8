import { describe, expect, it } from 'vitest';
import {
  factsOfDeals,
  factsOfOrders,
  refusalEntry,
  resultEntry,
  signalEntry,
} from '../../../../src/actors/executor/executor-facts.ts';
import {
  type LiveOrder,
  planOrder,
  stepOrder,
} from '../../../../src/actors/executor/executor-orders.ts';
import type { AttemptResult } from '../../../../src/actors/messages.ts';
import type { VenueOrder } from '../../../../src/domain/trading.ts';
import { RETCODE } from '../../../../src/mt5/retcodes.ts';
import { closeIntent, deal, openIntent } from '../../../support/entries.ts';
import { opening, workingOrder } from '../../../support/guard-fixtures.ts';

const MAGIC = openIntent('i1').magic;
const sent = (order: LiveOrder): LiveOrder => {
  let live = order;
  for (const type of ['verdict.accepted', 'intent.journalled'] as const)
    live = stepOrder(live, { type }).order;
  return stepOrder(live, { type: 'attempt.sent', attempt: 1 }).order;
};
const opened = sent(planOrder(openIntent('i1')));
const closing = sent(planOrder(closeIntent('c1', { positionTicket: '7001' })));
const over = stepOrder(closing, { type: 'result.refused' }).order;
const orders = new Map([
  ['i1', opened],
  ['c1', closing],
]);
const ownerOf = (fields: Parameters<typeof deal>[1], known = orders): string | null | undefined =>
  factsOfDeals(known, [deal('1', fields)])[0]?.intentId;

describe('whose deal it is', () => {
  it('is told by the magic of an opening deal', () => {
    expect(ownerOf({ entry: 'in', magic: MAGIC })).toBe('i1');
    expect(ownerOf({ entry: 'in', magic: '42' })).toBeNull();
  });

  it('is the close under way for a closing deal of ours', () => {
    expect(ownerOf({ entry: 'out', reason: 'expert', positionTicket: '7001' })).toBe('c1');
    expect(ownerOf({ entry: 'out', reason: 'expert', positionTicket: '7002' })).toBeNull();
  });

  it.each(['sl', 'tp', 'stopOut', 'client'] as const)(
    'is nobody’s when a %s closed it, though a close is under way',
    (reason) => {
      expect(ownerOf({ entry: 'out', reason, positionTicket: '7001' })).toBeNull();
    },
  );

  it('is nobody’s once our close has ended, and for money alone', () => {
    const ended = new Map([['c1', over]]);
    expect(ownerOf({ entry: 'out', reason: 'expert', positionTicket: '7001' }, ended)).toBeNull();
    expect(ownerOf({ entry: 'balance', reason: 'balance', magic: MAGIC })).toBeNull();
  });

  it('books every deal, its own or not', () => {
    const facts = factsOfDeals(orders, [deal('1'), deal('2', { magic: '42' })]);
    expect(facts.map(({ entry }) => entry.kind)).toEqual(['deal.booked', 'deal.booked']);
    expect(facts.map(({ event }) => event?.type)).toEqual(['order.filled', 'order.filled']);
  });
});

describe('what an order at the venue teaches', () => {
  const seen = (change: Partial<VenueOrder>, known = orders) =>
    factsOfOrders(known, [workingOrder('9', { magic: MAGIC, ...change })]);

  it.each([
    ['placed', 'order.placed'],
    ['cancelled', 'order.cancelled'],
    ['expired', 'order.expired'],
    ['rejected', 'result.refused'],
  ] as const)('is that it was %s', (state, type) => {
    expect(seen({ state })).toMatchObject([{ intentId: 'i1', event: { type } }]);
  });

  it.each(['partial', 'filled'] as const)(
    'is nothing about %s: only deals prove a fill',
    (state) => {
      expect(seen({ state })).toEqual([]);
    },
  );

  it('is nothing about strangers and about what is over', () => {
    expect(seen({ magic: '42' })).toEqual([]);
    const refused = stepOrder(opened, { type: 'result.refused' }).order;
    expect(seen({ state: 'placed' }, new Map([['i1', refused]]))).toEqual([]);
  });
});

describe('how a result is written down', () => {
  const result = (change: Partial<AttemptResult>): AttemptResult => ({
    intentId: 'i1',
    attempt: 1,
    retcode: RETCODE.DONE,
    orderTicket: '11',
    dealTicket: '12',
    ...change,
  });

  it.each([
    ['filled', {}],
    ['placed', { retcode: RETCODE.PLACED, dealTicket: null }],
    ['refused', { retcode: RETCODE.NO_MONEY, orderTicket: null, dealTicket: null }],
    ['refused', { retcode: RETCODE.REQUOTE, orderTicket: null, dealTicket: null }],
    ['unknown', { retcode: RETCODE.TIMEOUT, orderTicket: null, dealTicket: null }],
    ['unknown', { retcode: 99_999, orderTicket: null, dealTicket: null }],
  ] as const)('is %s', (outcome, change) => {
    expect(resultEntry(result(change))).toMatchObject({ kind: 'attempt.result', outcome });
  });

  it('has no tickets where there are none, and no retcode where nobody asked the broker', () => {
    const entry = resultEntry(result({ orderTicket: null, dealTicket: null }));
    expect(Object.keys(entry).sort()).toEqual([
      'attempt',
      'intentId',
      'kind',
      'outcome',
      'retcode',
    ]);
    const ack = {
      kind: 'ack',
      intent: 'i1',
      attempt: 2,
      status: 'refused',
      reason: 'stale_epoch',
      result: null,
    } as const;
    expect(refusalEntry(ack)).toEqual({
      kind: 'attempt.result',
      intentId: 'i1',
      attempt: 2,
      outcome: 'refused',
      detail: 'stale_epoch',
    });
  });

  it('is a signal with its bar and its words', () => {
    const raised = opening();
    const { signal, barAt } = raised;
    expect(signalEntry(raised, 's1')).toMatchObject({
      signalId: 's1',
      strategyId: 'pulse:EURUSD',
      barAt,
      signal,
    });
  });
});
