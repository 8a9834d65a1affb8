import { describe, expect, it } from 'vitest';
import type { Tick } from '../../../../src/domain/market.ts';
import { epochMs, points } from '../../../../src/domain/units.ts';
import { WIRE_LIMITS } from '../../../../src/mt5/wire/limits.ts';
import { decodeTicks, encodeTicks } from '../../../../src/mt5/wire/tick-batch.ts';

const tick = (symbol: string, at: number, bid: number, ask: number): Tick => ({
  symbol,
  at: epochMs(at),
  bid: points(bid),
  ask: points(ask),
});
const ticks = [
  tick('EURUSD', 1_400_000_000_000, 138_012, 138_014),
  tick('XAUUSD', 1_400_000_000_000, 129_550, 129_590),
  tick('EURUSD', 1_400_000_000_000, 138_011, 138_014),
  tick('BTCJPY.ü', 1_400_000_000_001, 15_000_000_000_123, 15_000_000_100_123),
];
const valid = encodeTicks(ticks);
const changed = (offset: number, ...bytes: number[]): Uint8Array => {
  const copy = valid.slice();
  copy.set(bytes, offset);
  return copy;
};

describe('a tick batch', () => {
  it('keeps order, equal milliseconds and prices beyond 32 bits', () => {
    expect(decodeTicks(valid)).toEqual({ ok: true, ticks });
  });

  it('has the documented layout, byte by byte', () => {
    const expected = [1, 0, 1, 0, 1, 0, 0, 0, 3, 65, 66, 67, 0, 0];
    const bytes = encodeTicks([tick('ABC', 1, 2, 3)]);
    expect([...bytes.subarray(0, 14)]).toEqual(expected);
    const view = new DataView(bytes.buffer, 14);
    expect([0, 8, 16].map((at) => view.getFloat64(at, true))).toEqual([1, 2, 3]);
    expect(bytes).toHaveLength(14 + 24);
  });

  it('may be empty', () => {
    expect(decodeTicks(encodeTicks([]))).toEqual({ ok: true, ticks: [] });
  });

  it('decodes from a view that starts at an odd offset', () => {
    const shifted = new Uint8Array(valid.length + 3);
    shifted.set(valid, 3);
    expect(decodeTicks(shifted.subarray(3))).toEqual({ ok: true, ticks });
  });

  it('is refused whole when any byte is missing', () => {
    for (let length = 0; length < valid.length; length += 1) {
      expect(decodeTicks(valid.subarray(0, length))).toEqual({ ok: false, reason: 'truncated' });
    }
  });

  it.each([
    ['another layout', changed(0, 2), 'layout'],
    ['a reserved byte in use', changed(1, 1), 'layout'],
    ['too many symbols', changed(2, 0xff, 0xff), 'tooManySymbols'],
    ['too many ticks', changed(4, 0xff, 0xff, 0xff, 0xff), 'tooManyTicks'],
    ['a symbol without name', changed(8, 0), 'badSymbol'],
    ['a name that is not UTF-8', changed(9, 0xff), 'badSymbol'],
    ['a symbol outside the table', changed(valid.length - 26, 9), 'badSymbol'],
    [
      'a price that is not a number',
      changed(valid.length - 8, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f),
      'badNumber',
    ],
    ['half a point', changed(valid.length - 8, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f), 'badNumber'],
    ['bytes after the end', Uint8Array.from([...valid, 0]), 'trailingBytes'],
  ])('is refused with %s', (_, bytes, reason) => {
    expect(decodeTicks(bytes)).toEqual({ ok: false, reason });
  });

  it('of the largest size fits into one message', () => {
    const many = Array.from({ length: WIRE_LIMITS.ticksPerBatch }, (_, i) =>
      tick(`SYMBOL-WITH-A-LONG-NAME.${i % 1_000}`, i, i, i + 1),
    );
    const bytes = encodeTicks(many);
    expect(bytes.length).toBeLessThan(WIRE_LIMITS.messageBytes);
    expect(decodeTicks(bytes)).toEqual({ ok: true, ticks: many });
  });

  it('is never cut silently: more ticks than one batch holds are the caller’s defect', () => {
    const many = new Array<Tick>(WIRE_LIMITS.ticksPerBatch + 1).fill(tick('A', 1, 1, 1));
    expect(() => encodeTicks(many)).toThrow(RangeError);
  });
});
