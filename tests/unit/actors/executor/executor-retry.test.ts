import { describe, expect, it } from 'vitest';
import {
  countRefusal,
  type LiveOrder,
  planOrder,
} from '../../../../src/actors/executor/executor-orders.ts';
import {
  deadlineOf,
  eventOfRefusal,
  eventOfResult,
  fillingOf,
  fillingsFor,
  retryDelayMs,
} from '../../../../src/actors/executor/executor-retry.ts';
import type { Intent } from '../../../../src/domain/intent.ts';
import { points } from '../../../../src/domain/units.ts';
import {
  RETCODE,
  RETCODES,
  type RetcodeClass,
  type RetcodeName,
  retcodeClass,
} from '../../../../src/mt5/retcodes.ts';
import { closeIntent, openIntent, START } from '../../../support/entries.ts';
import { EURUSD } from '../../../support/risk-fixtures.ts';

const base = {
  key: 'k',
  strategyId: 's',
  symbol: 'EURUSD',
  at: START,
  reason: 'test',
  ttlMs: 5_000,
  stopLoss: points(1),
} as const;
const cancel: Intent = { ...base, type: 'cancel', intentId: 'x1', orderTicket: '9' };
const tighter: Intent = {
  ...base,
  type: 'modifyPosition',
  intentId: 'm1',
  positionTicket: '7',
  risk: 'reducing',
};
const order = (intent: Intent, ...refusals: readonly number[]): LiveOrder =>
  refusals.reduce((live, retcode) => countRefusal(live, retcode), planOrder(intent));
const open = openIntent('i1');
const close = closeIntent('c1');
const said = (
  live: LiveOrder,
  retcode: number,
  orderTicket: string | null = null,
  dealTicket: string | null = null,
) =>
  eventOfResult(live, {
    intentId: live.intent.intentId,
    attempt: 1,
    retcode,
    orderTicket,
    dealTicket,
  })?.type;

/** What an opening order, a close, and a change of levels come to at their first refusal. */
const ENDS: Readonly<Record<RetcodeClass, readonly [string, string, string]>> = {
  success: ['accepted', 'accepted', 'change.made'],
  retrySame: ['result.retryable', 'result.retryable', 'result.retryable'],
  retryFresh: ['result.retryable', 'result.retryable', 'result.retryable'],
  reconcile: ['result.ambiguous', 'result.ambiguous', 'result.ambiguous'],
  closed: ['result.retryable', 'result.retryable', 'result.retryable'],
  fatal: ['result.refused', 'result.refused', 'result.refused'],
  capacity: ['result.refused', 'result.refused', 'result.refused'],
  halt: ['result.refused', 'result.retryable', 'result.retryable'],
};

describe('what a result says', () => {
  it.each(Object.keys(RETCODES) as RetcodeName[])('is told by the class of %s', (name) => {
    if (name === 'POSITION_CLOSED') return;
    const code = RETCODE[name];
    const ends = [open, close, tighter].map(
      (intent) => said(order(intent), code, '11', '12') ?? 'accepted',
    );
    expect(ends).toEqual(ENDS[retcodeClass(code)]);
  });

  it('is a question when the code is one that nobody has written down', () => {
    for (const intent of [open, close, tighter]) {
      expect(said(order(intent), 12_345)).toBe('result.ambiguous');
    }
  });

  it('is that a pending order stands on the book when it has a ticket and no deal', () => {
    expect(said(order(open), RETCODE.PLACED, '11')).toBe('order.placed');
    expect(said(order(open), RETCODE.DONE, '11', '12')).toBeUndefined();
  });

  it('ends what was to be done to a position that something else had closed', () => {
    for (const intent of [close, tighter]) {
      expect(said(order(intent), RETCODE.POSITION_CLOSED)).toBe('result.refused');
    }
  });

  it('ends an opening after its retries, and never what reduces risk', () => {
    const { REQUOTE, INVALID_STOPS, INVALID_FILL } = RETCODE;
    expect(said(order(open, REQUOTE, REQUOTE, REQUOTE, REQUOTE), REQUOTE)).toBe('result.retryable');
    const five = [REQUOTE, REQUOTE, REQUOTE, REQUOTE, REQUOTE];
    expect(said(order(open, ...five), REQUOTE)).toBe('result.refused');
    expect(said(order(open, INVALID_STOPS), INVALID_STOPS)).toBe('result.refused');
    const wider = { ...tighter, risk: 'increasing' } as const;
    expect(said(order(wider, INVALID_STOPS), INVALID_STOPS)).toBe('result.refused');
    expect(said(order(open, INVALID_FILL), INVALID_FILL)).toBe('result.refused');
    for (const intent of [close, cancel, tighter]) {
      expect(said(order(intent, ...five, ...five), REQUOTE)).toBe('result.retryable');
      expect(said(order(intent, INVALID_FILL, INVALID_FILL), INVALID_FILL)).toBe(
        'result.retryable',
      );
    }
  });
});

describe('a refusal of the terminal itself', () => {
  it('ends an opening; what reduces risk outlives what passes', () => {
    const ends = (intent: Intent) =>
      [null, 'expired', 'journal', 'malformed', 'stale_epoch'].map(
        (reason) => eventOfRefusal(order(intent), reason).type,
      );
    expect(new Set(ends(open))).toEqual(new Set(['ack.refused']));
    for (const intent of [close, tighter]) {
      expect(ends(intent)).toEqual([
        'ack.refused',
        'result.retryable',
        'result.retryable',
        'ack.refused',
        'ack.refused',
      ]);
    }
  });
});

describe('the pause before a retry', () => {
  const pauseAfter = (
    retcode: number,
    attempt: number,
    { count = 1, intent = close }: { readonly count?: number; readonly intent?: Intent } = {},
  ): number => {
    const live = order(intent, ...Array<number>(count).fill(retcode));
    const { chart } = live;
    return retryDelayMs({
      ...live,
      chart: { ...chart, context: { ...chart.context, attempt } } as LiveOrder['chart'],
    });
  };
  it('depends on the class, and doubles up to a bound', () => {
    expect([1, 2, 3, 20].map((n) => pauseAfter(RETCODE.REQUOTE, n))).toEqual([
      200, 400, 800, 30_000,
    ]);
    expect([1, 2, 9].map((n) => pauseAfter(RETCODE.TOO_MANY_REQUESTS, n))).toEqual([
      10_000, 20_000, 300_000,
    ]);
    expect(pauseAfter(RETCODE.TRADE_DISABLED, 1)).toBe(30_000);
  });
  it('grows to five minutes for levels: the market has to move before they are taken', () => {
    const pauses = [1, 2, 3, 20].map((n) =>
      pauseAfter(RETCODE.INVALID_STOPS, n, { intent: tighter }),
    );
    expect(pauses).toEqual([1_000, 2_000, 4_000, 300_000]);
  });
  it('is none for another filling, once', () => {
    expect(pauseAfter(RETCODE.INVALID_FILL, 1)).toBe(0);
    expect(pauseAfter(RETCODE.INVALID_FILL, 3, { count: 2 })).toBe(4_000);
  });
});

describe('the filling policy', () => {
  it('follows the flags of the symbol, and RETURN is for pending orders', () => {
    const of = (fillingModes: readonly ('fok' | 'ioc' | 'return')[]) =>
      fillingsFor({ fillingModes }, 'market');
    expect(of(['fok', 'ioc'])).toEqual(['fok', 'ioc']);
    expect(of(['ioc'])).toEqual(['ioc', 'fok']);
    expect(of([])).toEqual(['fok', 'ioc']);
    expect(of(['ioc', 'return'])).toEqual(['ioc', 'return', 'fok']);
    expect(fillingsFor({ fillingModes: ['fok'] }, 'pending')).toEqual(['return', 'fok']);
  });

  it('moves on with every refusal of one, for closes as well', () => {
    const { INVALID_FILL } = RETCODE;
    const instrument = { ...EURUSD, fillingModes: ['fok', 'ioc'] as const };
    for (const intent of [open, close]) {
      expect(fillingOf(order(intent), instrument)).toBe('fok');
      expect(fillingOf(order(intent, INVALID_FILL), instrument)).toBe('ioc');
      expect(fillingOf(order(intent, RETCODE.REQUOTE), instrument)).toBe('fok');
    }
    expect(fillingOf(order(openIntent('p', { kind: 'stop' })), instrument)).toBe('return');
  });
});

describe('a deadline', () => {
  it('has what increases risk, and nothing else', () => {
    expect(deadlineOf(open)).toBe(START + 5_000);
    expect(deadlineOf({ ...tighter, risk: 'increasing' })).toBe(START + 5_000);
    for (const intent of [close, cancel, tighter]) expect(deadlineOf(intent)).toBeUndefined();
  });
});
