import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeUlid, ULID_MAX_MS } from '../../../src/domain/ulid.ts';
import { epochMs } from '../../../src/domain/units.ts';
import { intentIdOf, intentKey } from '../../../src/strategy/intent-key.ts';
import { canonicalJson, strategyHash } from '../../../src/strategy/strategy-hash.ts';

const parts = {
  accountId: '5012345',
  strategyId: 'atr-breakout:EURUSD',
  strategyHash: 'ab',
  symbol: 'EURUSD',
  barCloseAt: epochMs(1_399_000_000_000),
  leg: 0,
};

describe('an intent key', () => {
  it('is the same for the same decision', () => {
    expect(intentKey(parts)).toBe(intentKey({ ...parts }));
    expect(intentKey(parts)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(Object.keys(parts))('changes with %s', (name) => {
    const value = parts[name as keyof typeof parts];
    const changed = typeof value === 'number' ? value + 1 : `${value}x`;
    expect(intentKey({ ...parts, [name]: changed } as typeof parts)).not.toBe(intentKey(parts));
  });

  it('does not let one part run into the next', () => {
    const a = intentKey({ ...parts, accountId: '1', strategyId: '23' });
    const b = intentKey({ ...parts, accountId: '12', strategyId: '3' });
    expect(a).not.toBe(b);
  });
});

describe('an intent id', () => {
  const key = intentKey(parts);

  it('is a ULID of session time and key, equal in every replay', () => {
    const id = intentIdOf(key, epochMs(1_399_000_000_000));
    expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(intentIdOf(key, epochMs(1_399_000_000_000))).toBe(id);
    expect(intentIdOf(intentKey({ ...parts, leg: 1 }), epochMs(1_399_000_000_000))).not.toBe(id);
  });

  it('sorts by time', () => {
    expect(intentIdOf(key, epochMs(1)) < intentIdOf(key, epochMs(2))).toBe(true);
    expect(intentIdOf(key, epochMs(31)) < intentIdOf(key, epochMs(32))).toBe(true);
  });
});

describe('a ULID', () => {
  it('encodes the examples of its specification', () => {
    const zeros = new Uint8Array(10);
    expect(encodeUlid(1_469_918_176_385, zeros)).toBe('01ARYZ6S410000000000000000');
    expect(encodeUlid(ULID_MAX_MS, new Uint8Array(10).fill(255))).toBe(
      '7ZZZZZZZZZZZZZZZZZZZZZZZZZ',
    );
  });

  it('refuses what does not fit', () => {
    const zeros = new Uint8Array(10);
    expect(() => encodeUlid(ULID_MAX_MS + 1, zeros)).toThrow(RangeError);
    expect(() => encodeUlid(-1, zeros)).toThrow(RangeError);
    expect(() => encodeUlid(0, new Uint8Array(9))).toThrow(RangeError);
  });
});

describe('a strategy hash', () => {
  const base = { name: 'x', version: '1', timeframe: 'M15', params: { a: 1, b: 2 } };

  it('does not depend on the order of parameters', () => {
    expect(strategyHash({ ...base, params: { b: 2, a: 1 } })).toBe(strategyHash(base));
  });

  it('changes with code, version, timeframe and parameters', () => {
    const hashes = [
      base,
      { ...base, codeHash: 'c' },
      { ...base, version: '2' },
      { ...base, timeframe: 'M5' },
      { ...base, params: { a: 1, b: 3 } },
    ].map(strategyHash);
    expect(new Set(hashes).size).toBe(5);
  });

  it('is sha-256 of canonical JSON', () => {
    expect(canonicalJson({ b: [1, 'x', null], a: { d: true, c: 1n } })).toBe(
      '{"a":{"c":"1","d":true},"b":[1,"x",null]}',
    );
    const text = '{"code":null,"name":"x","params":{"a":1,"b":2},"timeframe":"M15","version":"1"}';
    expect(strategyHash(base)).toBe(createHash('sha256').update(text).digest('hex'));
  });
});
