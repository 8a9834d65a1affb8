import { describe, expect, it } from 'vitest';
import { type ChangeRaised, changesWanted } from '../../../src/actors/guard-changes.ts';
import { namesOf } from '../../../src/actors/guard-intents.ts';
import type { GuardState } from '../../../src/actors/guard-state.ts';
import type { ChangeSignal } from '../../../src/domain/trading.ts';
import { epochMs, points } from '../../../src/domain/units.ts';
import {
  guardOptions,
  guardState,
  NOW,
  opening,
  position,
  positions,
  workingOrder,
} from '../../support/guard-fixtures.ts';
import { lots } from '../../support/risk-fixtures.ts';

const orders = (...items: readonly ReturnType<typeof workingOrder>[]): GuardState['orders'] =>
  new Map(items.map((item) => [item.ticket, item]));
const wanted = (
  signal: Omit<ChangeSignal, 'leg' | 'reason'> & { readonly type: ChangeSignal['type'] },
  change: Partial<GuardState>,
  known: readonly string[] = [],
) => {
  const raised = {
    ...opening(),
    signal: { ...signal, leg: 0, reason: 'test' } as ChangeSignal,
  } satisfies ChangeRaised;
  const names = namesOf('acc', raised);
  const state = guardState(change);
  return changesWanted(state, guardOptions(), {
    raised,
    names,
    at: NOW,
    isKnown: (key) => known.includes(key),
  });
};
const codes = (changes: ReturnType<typeof wanted>) =>
  changes.entries.flatMap((entry) => (entry.kind === 'order.denied' ? [entry.code] : []));

describe('a close signal', () => {
  const held = positions(position('5'), position('6', { side: 'sell', stopLoss: points(110_300) }));

  it('closes all that its strategy holds, or one ticket', () => {
    const all = wanted({ type: 'close' }, { positions: held });
    expect(all.intents).toMatchObject([
      { type: 'close', positionTicket: '5', side: 'sell', scope: 'full', volumeE8: lots(1) },
      { type: 'close', positionTicket: '6', side: 'buy', scope: 'full' },
    ]);
    expect([...all.state.closing.keys()]).toEqual(['5', '6']);
    const one = wanted({ type: 'close', ticket: '6' } as never, { positions: held });
    expect(one.intents).toMatchObject([{ positionTicket: '6' }]);
  });

  it('rounds a part up to the lot step, and takes a rest that is too small with it', () => {
    const part = (percent: number, volume: number) =>
      wanted({ type: 'close', percent } as never, {
        positions: positions(position('5', { volumeE8: lots(volume) })),
      }).intents;
    expect(part(50, 1)).toMatchObject([{ volumeE8: lots(0.5), scope: 'partial' }]);
    expect(part(33, 0.1)).toMatchObject([{ volumeE8: lots(0.04), scope: 'partial' }]);
    expect(part(50, 0.01)).toMatchObject([{ volumeE8: lots(0.01), scope: 'full' }]);
  });

  it('leaves a position alone whose close is out, and strangers, and nothing', () => {
    const closing = new Map([['5', { intentId: 'c', tries: 1, scope: 'full' as const }]]);
    const again = wanted({ type: 'close' }, { positions: positions(position('5')), closing });
    expect(again.intents).toEqual([]);
    const foreign = positions(position('5', { magic: '0' }));
    expect(wanted({ type: 'close' }, { positions: foreign })).toMatchObject({
      intents: [],
      entries: [],
    });
    expect(codes(wanted({ type: 'close', ticket: '5' } as never, { positions: foreign }))).toEqual([
      'UNKNOWN_TICKET',
    ]);
  });

  it('says nothing that was said before', () => {
    const close = { type: 'close' } as const;
    const first = wanted(close, { positions: held });
    const keys = first.intents.map(({ key }) => key);
    const second = wanted(close, { positions: held }, keys);
    expect([second.intents, [...second.state.closing]]).toEqual([[], []]);
    const book = { orders: orders(workingOrder('8')) };
    const cancelled = wanted({ type: 'cancel' }, book).intents.map(({ key }) => key);
    expect(cancelled).toHaveLength(1);
    expect(wanted({ type: 'cancel' }, book, cancelled).intents).toEqual([]);
  });

  it('lets two opposite positions close each other, at the smaller volume', () => {
    const small = positions(...held.values(), position('7', { volumeE8: lots(0.4) }));
    const by = wanted({ type: 'closeBy', ticket: '6', byTicket: '7' } as never, {
      positions: small,
    });
    expect(by.intents).toMatchObject([
      { type: 'closeBy', positionTicket: '6', byTicket: '7', side: 'buy', volumeE8: lots(0.4) },
    ]);
    const same = wanted({ type: 'closeBy', ticket: '5', byTicket: '7' } as never, {
      positions: small,
    });
    expect(codes(same)).toEqual(['UNKNOWN_TICKET']);
  });
});

describe('a cancel signal', () => {
  it('takes all orders of its strategy off the book, or one', () => {
    const book = orders(workingOrder('8'), workingOrder('9'), workingOrder('10', { magic: '0' }));
    const all = wanted({ type: 'cancel' }, { orders: book });
    expect(all.intents).toMatchObject([{ orderTicket: '8' }, { orderTicket: '9' }]);
    expect(new Set(all.intents.map(({ key }) => key)).size).toBe(2);
    expect(codes(wanted({ type: 'cancel', ticket: '10' } as never, { orders: book }))).toEqual([
      'UNKNOWN_TICKET',
    ]);
  });
});

describe('a change of levels', () => {
  const book = orders(workingOrder('9', { takeProfit: points(110_400) }));
  const held = positions(position('5', { takeProfit: points(110_400) }));
  const move = (signal: object) =>
    wanted({ type: 'modifyPosition', ...signal } as never, { positions: held });
  const shift = (signal: object) =>
    wanted({ type: 'modifyOrder', ticket: '9', ...signal } as never, { orders: book });

  it('keeps what it does not speak of, and takes away a target that is null', () => {
    expect(move({ stopLoss: 109_900 }).intents).toMatchObject([
      { positionTicket: '5', stopLoss: 109_900, takeProfit: 110_400, risk: 'reducing' },
    ]);
    const [bare] = move({ takeProfit: null }).intents;
    expect(bare).toMatchObject({ stopLoss: 109_800 });
    expect(bare).not.toHaveProperty('takeProfit');
    const at = epochMs(NOW + 60_000);
    expect(shift({ tif: 'specified', expiresAt: at }).intents).toMatchObject([
      { price: 109_900, stopLoss: 109_700, tif: 'specified', expiresAt: at, takeProfit: 110_400 },
    ]);
    expect(shift({ price: 109_950 }).entries).toMatchObject([{}, { code: 'WIDER_STOP' }]);
    expect(shift({ price: 109_950, stopLoss: 109_750 }).intents).toMatchObject([
      { price: 109_950, stopLoss: 109_750, risk: 'reducing' },
    ]);
  });

  it('is refused when it could lose more than before, wherever the position stands', () => {
    expect(codes(move({ stopLoss: 109_799 }))).toEqual(['WIDER_STOP']);
    expect(codes(shift({ stopLoss: 109_699 }))).toEqual(['WIDER_STOP']);
    const short = positions(position('5', { side: 'sell', stopLoss: points(110_200) }));
    const signal = { type: 'modifyPosition', stopLoss: 110_201 } as never;
    expect(codes(wanted(signal, { positions: short }))).toEqual(['WIDER_STOP']);
  });

  it('gives a naked position a stop, but leaves no order without one', () => {
    const { stopLoss: _, ...naked } = position('5');
    const signal = { type: 'modifyPosition', stopLoss: 109_000 } as never;
    expect(wanted(signal, { positions: positions(naked) }).intents).toMatchObject([
      { stopLoss: 109_000, risk: 'reducing' },
    ]);
    const { stopLoss: __, ...bare } = workingOrder('9');
    const price = { type: 'modifyOrder', ticket: '9', price: 109_800 } as never;
    expect(codes(wanted(price, { orders: orders(bare) }))).toEqual(['NO_STOP']);
  });
});
