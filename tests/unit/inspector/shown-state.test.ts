import { describe, expect, it } from 'vitest';
import { shownState } from '../../../src/inspector/shown-state.ts';

describe('a state as it is shown', () => {
  it('is plain JSON, with amounts as text and maps as objects', () => {
    const state = { equity: 1_234n, at: Number.NaN, map: new Map([['a', 1]]), nothing: undefined };
    expect(shownState(state)).toEqual({
      equity: '1234',
      at: 'NaN',
      map: { a: 1 },
      nothing: null,
    });
  });

  it.each(['token', 'writeToken', 'secretKey', 'Password', 'privateKey'])(
    'leaves out what is named like a secret: %s',
    (name) => {
      const text = JSON.stringify(shownState({ deep: [{ [name]: 'hunter2' }] }));
      expect(text).toContain('[redacted]');
      expect(text).not.toContain('hunter2');
    },
  );

  it('is bounded in depth, length and text, also when it refers to itself', () => {
    const ring: { self?: unknown } = {};
    ring.self = ring;
    expect(JSON.stringify(shownState(ring)).length).toBeLessThan(200);
    expect(shownState(Array.from({ length: 300 }, () => 1))).toHaveLength(101);
    expect(String(shownState('x'.repeat(5_000))).length).toBeLessThan(600);
  });

  it('shows what a getter threw instead of throwing it', () => {
    const state = Object.defineProperty({}, 'bad', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    expect(shownState(state)).toBe('cannot be shown: Error: no');
  });
});
