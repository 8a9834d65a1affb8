import { describe, expect, it } from 'vitest';
import { ISOLATION_LIMITS } from '../../../../src/actors/isolation/isolation-limits.ts';
import { checkDecision } from '../../../../src/actors/isolation/signal-shape.ts';

const OPEN = {
  type: 'open',
  side: 'buy',
  kind: 'limit',
  price: 110_000,
  stopDistance: 100,
  takeProfitDistance: 200,
  leg: 0,
  reason: 'because',
};
const answer = (...signals: readonly unknown[]) => ({ state: 7, signals });

describe('the answer of a strategy', () => {
  it('is taken over field by field, its memory untouched', () => {
    const close = { type: 'close', leg: 1, reason: 'enough' };
    const decision = checkDecision('onBar', answer({ ...OPEN, secret: 1 }, close));
    expect(decision).toEqual({ state: 7, signals: [OPEN, close] });
    const bare = {
      type: 'open',
      side: 'sell',
      kind: 'market',
      stopDistance: 5,
      leg: 2,
      reason: '',
    };
    expect(checkDecision('onBar', answer(bare)).signals).toEqual([bare]);
  });

  it.each<[string, object]>([
    ['a stop-limit', { ...OPEN, kind: 'stopLimit', stopLimitPrice: 109_900, tif: 'day' }],
    ['an order with an end', { ...OPEN, tif: 'specified', expiresAt: 1_700_000_000_000 }],
    ['a close in part', { type: 'close', ticket: '7', percent: 50, leg: 0, reason: '' }],
    ['a close by', { type: 'closeBy', ticket: '7', byTicket: '8', leg: 0, reason: '' }],
    ['a cancel', { type: 'cancel', leg: 0, reason: '' }],
    [
      'another level for an order',
      { type: 'modifyOrder', ticket: '9', price: 5, stopLoss: 4, tif: 'gtc', leg: 0, reason: '' },
    ],
    [
      'another stop, no target',
      { type: 'modifyPosition', stopLoss: 5, takeProfit: null, leg: 0, reason: '' },
    ],
  ])('may be %s', (_, signal) => {
    expect(checkDecision('onBar', answer(signal)).signals).toEqual([signal]);
  });

  it('keeps the beginning of a reason that is a novel', () => {
    const [signal] = checkDecision('onBar', answer({ ...OPEN, reason: 'x'.repeat(9_999) })).signals;
    expect(signal?.reason).toHaveLength(ISOLATION_LIMITS.reasonLength);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /answer of onBar is undefined; expected \{ state, signals/],
    ['a promise', Promise.resolve(answer()), /promise; it has to decide at once/],
    ['no list of signals', { state: 1 }, /expected \{ state, signals: \[\] \}/],
    ['a signal that is none', answer('buy'), /signals\[0\] is "buy"; expected a signal/],
    ['an unknown type', answer({ ...OPEN, type: 'hold' }), /type is "hold"; expected one of open/],
    ['an unknown side', answer({ ...OPEN, side: 'long' }), /side is "long"; expected one of buy/],
    ['an unknown kind', answer({ ...OPEN, kind: 'ioc' }), /kind is "ioc"/],
    ['a fraction of a point', answer({ ...OPEN, stopDistance: 1.5 }), /1\.5; expected a whole/],
    ['a stop that is not a number', answer({ ...OPEN, stopDistance: Number.NaN }), /NaN/],
    ['no stop', answer({ ...OPEN, stopDistance: undefined }), /stopDistance is undefined/],
    ['a price as a text', answer({ ...OPEN, price: '1.1' }), /price is "1\.1"/],
    ['an infinite target', answer({ ...OPEN, takeProfitDistance: Infinity }), /Infinity/],
    ['a function', answer({ ...OPEN, stopDistance: () => 1 }), /expected a whole number/],
    ['a negative leg', answer({ ...OPEN, leg: -1 }), /leg is -1; expected a whole number from 0/],
    ['no reason', answer({ type: 'close', leg: 0 }), /reason is undefined; expected a text/],
    ['a stop-limit without limit', answer({ ...OPEN, kind: 'stopLimit' }), /stopLimitPrice is un/],
    ['a limit with two prices', answer({ ...OPEN, stopLimitPrice: 5 }), /only a stopLimit has it/],
    ['an end without its kind', answer({ ...OPEN, expiresAt: 5 }), /nothing without tif/],
    [
      'no end',
      answer({ ...OPEN, tif: 'specified' }),
      /expiresAt is undefined; expected an instant/,
    ],
    ['a market order that waits', answer({ ...OPEN, kind: 'market', tif: 'day' }), /does not wait/],
    [
      'a part of 100 %',
      answer({ type: 'close', percent: 100 }),
      /percent is 100; expected a whole/,
    ],
    [
      'a ticket as a number',
      answer({ type: 'cancel', ticket: 7 }),
      /ticket is 7; expected a ticket/,
    ],
    ['too many signals', answer(...Array(257).fill(OPEN)), /257; expected at most 256/],
  ])('is refused when it is %s', (_, value, message) => {
    expect(() => checkDecision('onBar', value)).toThrow(message);
  });
});
