import { describe, expect, it } from 'vitest';
import { ISOLATION_LIMITS } from '../../../../src/actors/isolation/isolation-limits.ts';
import {
  describeSeats,
  type IsolationKind,
  type Placed,
  placeStrategies,
} from '../../../../src/actors/isolation/placement.ts';

const file = (name: string, symbol: string): Placed => ({
  id: `${name}:${symbol}`,
  name,
  source: { type: 'file', file: `${name}.mjs` },
});
const builtin = (name: string, symbol: string): Placed => ({
  ...file(name, symbol),
  source: { type: 'builtin', name },
});
const place = (kind: IsolationKind | undefined, strategies: readonly Placed[]) =>
  placeStrategies({ kind, poolSize: 2, strategies });

const THREE = [file('mine', 'EURUSD'), file('mine', 'XAUUSD'), builtin('sma-cross', 'EURUSD')];

describe('the places of strategies', () => {
  it('give every file a worker of its own and run built-ins inline, when nothing is said', () => {
    expect(Object.fromEntries(place(undefined, THREE))).toEqual({
      'mine:EURUSD': 'mine:EURUSD',
      'mine:XAUUSD': 'mine:XAUUSD',
    });
  });

  it('are one worker for each strategy and symbol', () => {
    expect(new Set(place('perSymbol', THREE).values()).size).toBe(3);
  });

  it('are one worker for each strategy on all its symbols', () => {
    expect(Object.fromEntries(place('perStrategy', THREE))).toEqual({
      'mine:EURUSD': 'mine',
      'mine:XAUUSD': 'mine',
      'sma-cross:EURUSD': 'sma-cross',
    });
  });

  it('take turns in a pool', () => {
    expect([...place('pool', THREE).values()]).toEqual(['pool-1', 'pool-2', 'pool-1']);
  });

  it('are the main thread when inline was asked for, also for files', () => {
    expect(place('inline', THREE).size).toBe(0);
  });

  it('become a pool when there are more strategies than workers', () => {
    const { workers } = ISOLATION_LIMITS;
    const some = Array.from({ length: workers }, (_, i) => file('mine', `S${i}`));
    expect(new Set(place('perSymbol', some).values()).size).toBe(workers);
    const seats = place('perSymbol', [...some, file('mine', 'ONE-MORE')]);
    expect(new Set(seats.values()).size).toBe(workers);
    expect(seats.get('mine:S0')).toBe(seats.get('mine:ONE-MORE'));
  });

  it('are told as groups that go down together', () => {
    expect(describeSeats(place(undefined, THREE), THREE)).toEqual([
      'in the main thread, where only a throw is survived: sma-cross:EURUSD',
      'each in a worker of its own: mine:EURUSD, mine:XAUUSD',
    ]);
    expect(describeSeats(place('pool', THREE), THREE)).toEqual([
      'each in a worker of its own: mine:XAUUSD',
      'together in worker pool-1: mine:EURUSD, sma-cross:EURUSD',
    ]);
  });
});
