import { describe, expect, it } from 'vitest';
import { showPositions } from '../../../../src/actors/guard/guard-positions.ts';
import type { GuardOptions, GuardState } from '../../../../src/actors/guard/guard-state.ts';
import type { ActorContext, Message } from '../../../../src/actors/kernel/types.ts';
import type { GuardMessage } from '../../../../src/actors/messages.ts';
import { packMagic } from '../../../../src/domain/magic.ts';
import type { Position } from '../../../../src/domain/trading.ts';
import { position } from '../../../support/strategy-engines.ts';

const owned = (ticket: string, strategy: number): Position => ({
  ...position(ticket, 'buy'),
  magic: packMagic({ strategy, epoch: 1, sequence: Number(ticket) }),
});
const key = (id: string, number: number) => ({ id, name: id, symbol: 'EURUSD', number, hash: '' });
const options = {
  strategies: [
    { key: key('a:EURUSD', 1), path: 'strategies.a' },
    { key: key('b:EURUSD', 2), path: 'strategies.b' },
  ],
} as unknown as GuardOptions;
const held = [owned('1', 1), owned('2', 2), owned('3', 1)];
const state = {
  positions: new Map(held.map((one) => [one.ticket, one])),
  orders: new Map(),
} as unknown as GuardState;

const told = (only?: string): readonly (readonly [string, Message])[] => {
  const sent: (readonly [string, Message])[] = [];
  const ref = (path: string) => ({ path, send: (message: Message) => sent.push([path, message]) });
  showPositions(state, options, { ref } as unknown as ActorContext<GuardMessage>, only);
  return sent;
};
const positionsOf = (...tickets: readonly string[]) => ({
  type: 'holdings.changed',
  orders: [],
  positions: held.filter(({ ticket }) => tickets.includes(ticket)),
});

describe('the positions that strategies are shown', () => {
  it('are each its own', () => {
    expect(told()).toEqual([
      ['strategies.a', positionsOf('1', '3')],
      ['strategies.b', positionsOf('2')],
    ]);
  });

  it('go only to the one that asked', () => {
    expect(told('strategies.b')).toEqual([['strategies.b', positionsOf('2')]]);
    expect(told('strategies.nobody')).toEqual([]);
  });
});
