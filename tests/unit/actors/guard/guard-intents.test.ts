import { describe, expect, it } from 'vitest';
import {
  closeIntent,
  denialEntries,
  judge,
  namesOf,
  openIntent,
  safetySignal,
} from '../../../../src/actors/guard/guard-intents.ts';
import { atRisk, ownerOf, positionsOf } from '../../../../src/actors/guard/guard-state.ts';
import { unpackMagic } from '../../../../src/domain/magic.ts';
import { epochMs, points } from '../../../../src/domain/units.ts';
import {
  guardOptions,
  guardState,
  KEY,
  NOW,
  OURS,
  opening,
  position,
  positions,
  quote,
  workingOrder,
} from '../../../support/guard-fixtures.ts';
import { lots } from '../../../support/risk-fixtures.ts';

const options = guardOptions();
const admitted = (state = guardState(), raised = opening()) => {
  const names = namesOf('acc', raised);
  const verdict = judge(state, options, raised, names);
  if (verdict?.ok !== true) throw new Error(`refused: ${JSON.stringify(verdict?.code)}`);
  return openIntent({ raised, names, verdict, epoch: 3, sequence: 12, ttlMs: 5_000 });
};

describe('the names of a signal', () => {
  it('are the same for the same decision, and others for another leg, bar, account or code', () => {
    const same = namesOf('acc', opening());
    expect(namesOf('acc', opening({ reason: 'told differently' }))).toEqual(same);
    const others = [
      namesOf('acc', opening({ leg: 1 })),
      namesOf('acc', { ...opening(), barAt: epochMs(NOW) }),
      namesOf('other', opening()),
      namesOf('acc', { ...opening(), strategy: { ...KEY, hash: 'changed' } }),
    ];
    expect(new Set([same, ...others].map(({ key }) => key)).size).toBe(5);
    expect(new Set([same.intentId, same.signalId, same.key]).size).toBe(3);
  });
});

describe('an admitted intent', () => {
  it('buys at the ask with its stop below the entry, sized, stamped and deadlined', () => {
    const intent = admitted();
    expect(intent).toMatchObject({
      type: 'open',
      symbol: 'EURUSD',
      side: 'buy',
      volumeE8: lots(1),
      price: points(110_010),
      stopLoss: points(109_810),
      at: NOW,
      ttlMs: 5_000,
    });
    expect(unpackMagic(intent.magic)).toEqual({ strategy: KEY.number, epoch: 3, sequence: 12 });
    expect('takeProfit' in intent).toBe(false);
    const target = admitted(guardState(), opening({ takeProfitDistance: points(300) }));
    expect(target.takeProfit).toBe(points(110_310));
  });

  it.each([
    ['GATE_CLOSED', { gateOpen: false }],
    ['STALE_QUOTE', { quotes: new Map([['EURUSD', quote(110_000, 10, NOW - 120_000)]]) }],
    ['UNKNOWN_SYMBOL', { quotes: new Map() }],
  ])('is refused with a code: %s', (code, change) => {
    const raised = opening();
    const verdict = judge(guardState(change), options, raised, namesOf('acc', raised));
    expect(verdict).toMatchObject({ ok: false, code });
  });

  it('is refused while it is held already, and judged by nobody before the account is known', () => {
    const raised = opening();
    const names = namesOf('acc', raised);
    const held = {
      magic: '1',
      order: {
        id: names.intentId,
        strategyId: KEY.id,
        status: 'inFlight' as const,
        symbol: 'EURUSD',
        side: 'buy' as const,
        volumeE8: lots(1),
        entry: points(110_010),
      },
    };
    const state = guardState({ held: new Map([[names.intentId, held]]) });
    expect(judge(state, options, raised, names)).toMatchObject({ ok: false });
    expect(judge(guardState({ account: null }), options, raised, names)).toBeUndefined();
  });

  it('waits behind an order of its strategy and symbol whose outcome is not known', () => {
    const raised = opening();
    const held = {
      magic: '1',
      order: {
        id: 'i0',
        strategyId: KEY.id,
        status: 'unknown' as const,
        symbol: 'EURUSD',
        side: 'buy' as const,
        volumeE8: lots(0.01),
        entry: points(110_010),
        stopLoss: points(109_810),
      },
    };
    const blocked = judge(
      guardState({ held: new Map([['i0', held]]) }),
      options,
      raised,
      namesOf('acc', raised),
    );
    expect(blocked).toMatchObject({ ok: false });
    const other = { ...held, order: { ...held.order, strategyId: 'another' } };
    const free = judge(
      guardState({ held: new Map([['i0', other]]) }),
      options,
      raised,
      namesOf('acc', raised),
    );
    expect(free).toMatchObject({ ok: true });
  });
});

describe('a close', () => {
  it('takes the whole position the other way round, and each try is another intent', () => {
    const common = {
      strategyId: KEY.id,
      key: 'k',
      price: points(110_000),
      at: NOW,
      reason: 'out',
      volumeE8: lots(1),
    };
    const first = closeIntent({ ...common, position: position('5'), tries: 1 });
    const second = closeIntent({ ...common, position: position('5'), tries: 2 });
    expect(first).toMatchObject({ side: 'sell', volumeE8: lots(1), positionTicket: '5' });
    expect(
      closeIntent({ ...common, position: position('5', { side: 'sell' }), tries: 1 }).side,
    ).toBe('buy');
    expect(new Set([first.key, second.key, first.intentId, second.intentId]).size).toBe(4);
  });

  it('of the guard itself names the owner, or an outsider', () => {
    expect(safetySignal(position('5'), KEY, NOW, 'why').strategy).toEqual(KEY);
    expect(safetySignal(position('5'), undefined, NOW, 'why').strategy).toMatchObject({
      id: 'external',
      symbol: 'EURUSD',
    });
  });
});

describe('a refusal', () => {
  it('is two entries that a person can read: what was wanted, and why not', () => {
    const raised = opening();
    const entries = denialEntries(raised, namesOf('acc', raised), {
      code: 'MODE',
      detail: 'Halted.',
      largest: '0.50',
    });
    expect(entries.map(({ kind }) => kind)).toEqual(['signal.raised', 'order.denied']);
    expect(entries[1]).toMatchObject({
      code: 'MODE',
      detail: 'Halted. Largest volume that would pass: 0.50 lots.',
    });
  });
});

describe('what may still become a position', () => {
  const held = (magic: string, volume = 1) => ({
    magic,
    order: {
      id: `i-${magic}`,
      strategyId: KEY.id,
      status: 'inFlight' as const,
      symbol: 'EURUSD',
      side: 'buy' as const,
      volumeE8: lots(volume),
      entry: points(110_000),
    },
  });

  it('is a reservation until the terminal shows it, as an order or as a position', () => {
    const state = guardState({
      held: new Map([
        ['a', held('101')],
        ['b', held('102')],
        ['c', held('103', 1)],
      ]),
      orders: new Map([['9', workingOrder('9', { magic: '102', filledE8: lots(0.25) })]]),
      positions: positions(position('1', { magic: '103', volumeE8: lots(0.4) })),
    });
    const orders = atRisk(state).orders.map(({ id, status, volumeE8 }) => [id, status, volumeE8]);
    expect(orders).toEqual([
      ['9', 'pending', lots(0.75)],
      ['i-101', 'inFlight', lots(1)],
      ['i-103', 'inFlight', lots(0.6)],
    ]);
  });

  it('belongs to the strategy whose number the magic carries', () => {
    expect(ownerOf(options, OURS)).toEqual(KEY);
    expect(ownerOf(options, '0')).toBeUndefined();
    expect(ownerOf(options, 'no number')).toBeUndefined();
    const state = guardState({
      positions: positions(position('1'), position('2', { magic: '0' })),
    });
    expect(positionsOf(state, options, KEY.id).map(({ ticket }) => ticket)).toEqual(['1']);
  });
});
