import { describe, expect, it } from 'vitest';
import { type ChangeRaised, changesWanted } from '../../../../src/actors/guard/guard-changes.ts';
import { namesOf } from '../../../../src/actors/guard/guard-intents.ts';
import type { GuardOptions, GuardState } from '../../../../src/actors/guard/guard-state.ts';
import type { ChangeSignal } from '../../../../src/domain/trading.ts';
import { epochMs, points } from '../../../../src/domain/units.ts';
import { openLedger } from '../../../../src/risk/ledger.ts';
import {
  guardOptions,
  guardState,
  NOW,
  opening,
  position,
  positions,
  workingOrder,
} from '../../../support/guard-fixtures.ts';
import { ftmo, ftmoWith, ledgerAt, lots, usd } from '../../../support/risk-fixtures.ts';

const orders = (...items: readonly ReturnType<typeof workingOrder>[]): GuardState['orders'] =>
  new Map(items.map((item) => [item.ticket, item]));
const wanted = (
  signal: Omit<ChangeSignal, 'leg' | 'reason'> & { readonly type: ChangeSignal['type'] },
  change: Partial<GuardState>,
  known: readonly string[] = [],
  options: Partial<GuardOptions> = {},
) => {
  const raised = {
    ...opening(),
    signal: { ...signal, leg: 0, reason: 'test' } as ChangeSignal,
  } satisfies ChangeRaised;
  const names = namesOf('acc', raised);
  const state = guardState(change);
  return changesWanted(state, guardOptions(options), {
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
    expect(shift({ price: 109_950 }).intents).toMatchObject([{ risk: 'increasing' }]);
    expect(shift({ price: 109_950, stopLoss: 109_750 }).intents).toMatchObject([
      { price: 109_950, stopLoss: 109_750, risk: 'reducing' },
    ]);
  });

  it('is a new request where it could lose more than before, and its difference is reserved', () => {
    const wider = move({ stopLoss: 109_799 });
    expect(wider.intents).toMatchObject([{ risk: 'increasing', stopLoss: 109_799 }]);
    const [{ intentId = '' } = {}] = wider.intents;
    expect(wider.reserved?.get(intentId)).toBe(usd(1));
    expect([...wider.state.widening]).toMatchObject([
      [intentId, { what: 'position', ticket: '5', stopLoss: 109_799, settled: false }],
    ]);
    const short = positions(position('5', { side: 'sell', stopLoss: points(110_200) }));
    const signal = { type: 'modifyPosition', stopLoss: 110_201 } as never;
    expect(wanted(signal, { positions: short }).intents).toMatchObject([{ risk: 'increasing' }]);
    const order = shift({ stopLoss: 109_699 });
    expect([...(order.reserved?.values() ?? [])]).toEqual([usd(1)]);
  });

  it('is refused with the widest stop that would pass, and reserves nothing', () => {
    // 100,000 less 5,000 and the buffer of 100: 4,900 may be lost, commission, night and slip aside.
    const far = move({ stopLoss: 104_000 });
    const [, denied] = far.entries;
    expect(denied).toMatchObject({ code: 'DAILY_FLOOR' });
    const widest = /Widest stop that would pass: (\d\.\d+), (\d+) points/.exec(
      denied?.kind === 'order.denied' ? denied.detail : '',
    );
    const level = Math.round(Number(widest?.[1]) * 100_000);
    expect(110_000 - level).toBe(Number(widest?.[2]));
    expect(move({ stopLoss: level }).intents).toHaveLength(1);
    expect(codes(move({ stopLoss: level - 1 }))).toEqual(['DAILY_FLOOR']);
    expect(far.state.widening.size).toBe(0);
  });

  it('that could lose more waits for an active mode and a link that works; a tighter one does not', () => {
    const halted = { ...guardState().mode, value: 'reducing' } as GuardState['mode'];
    const moved = (stopLoss: number, change: Partial<GuardState>) =>
      codes(wanted({ type: 'modifyPosition', stopLoss } as never, { positions: held, ...change }));
    expect(moved(109_700, { mode: halted })).toEqual(['MODE']);
    expect(moved(109_700, { gateOpen: false })).toEqual(['GATE_CLOSED']);
    expect(moved(109_700, { breakerOpen: true })).toEqual(['BREAKER_OPEN']);
    expect(moved(109_900, { mode: halted, gateOpen: false, breakerOpen: true })).toEqual([]);
  });

  it('opens nothing, so that no rule about releases is in its way (ADR 61)', () => {
    const opened = { initial: usd(100_000), balance: usd(100_000), at: NOW };
    const ledger = openLedger({ ruleSet: ftmo(), phase: 'funded', ...opened });
    const release = { at: NOW, currency: 'USD', impact: 'high', title: 'CPI' } as const;
    const day = 86_400_000;
    const known = { updatedAt: NOW, from: epochMs(NOW - day), until: epochMs(NOW + day) };
    const options = { calendar: () => ({ ...known, releases: [release] }) };
    const wider = { type: 'modifyPosition', stopLoss: 109_700 } as never;
    expect(wanted(wider, { positions: held, ledger }, [], options).intents).toHaveLength(1);
  });

  it('of all positions reserves one after the other, and grants all or none', () => {
    const two = positions(
      position('5', { volumeE8: lots(5) }),
      position('6', { volumeE8: lots(5) }),
    );
    const all = (stopLoss: number) =>
      wanted({ type: 'modifyPosition', stopLoss } as never, { positions: two });
    expect(all(109_600).intents).toHaveLength(2);
    // Either alone would pass at 500 points, both together would not.
    expect(codes(all(109_500))).toEqual(['DAILY_FLOOR']);
    expect(all(109_500).state.widening.size).toBe(0);
  });

  it('counts a target that goes further only where a floor follows equity', () => {
    const ledger = ledgerAt(
      '2024-01-09T08:00:00Z',
      100_000,
      ftmoWith({ daily: { anchor: 'dayStartMax' } }),
    );
    const target = (takeProfit: number | null, change: Partial<GuardState> = {}) =>
      wanted({ type: 'modifyPosition', takeProfit } as never, { positions: held, ...change });
    expect(target(null).intents).toMatchObject([{ risk: 'reducing' }]);
    expect(target(110_300, { ledger }).intents).toMatchObject([{ risk: 'reducing' }]);
    expect(target(110_500, { ledger }).intents).toMatchObject([{ risk: 'increasing' }]);
    expect(codes(target(null, { ledger }))).toEqual(['NO_TAKE_PROFIT']);
    expect(codes(target(120_000, { ledger }))).toEqual(['RESET_FLOOR']);
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
