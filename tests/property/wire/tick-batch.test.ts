import { describe, expect, it } from 'vitest';
import type { Tick } from '../../../src/domain/market.ts';
import { epochMs, points } from '../../../src/domain/units.ts';
import { decodeTicks, encodeTicks } from '../../../src/mt5/wire/tick-batch.ts';
import { fc, propertySeed } from '../../support/property-seed.ts';

const seed = propertySeed;

const integer = fc.maxSafeInteger().map((value) => value + 0);
const symbol = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const tick: fc.Arbitrary<Tick> = fc.record({
  symbol: fc.oneof(fc.constantFrom('EURUSD', 'XAUUSD'), symbol),
  at: integer.map(epochMs),
  bid: integer.map(points),
  ask: integer.map(points),
});
const ticks = fc.array(tick, { maxLength: 50 });

describe('a tick batch', () => {
  it('brings back every tick in its order', () => {
    fc.assert(
      fc.property(ticks, (sent) => {
        expect(decodeTicks(encodeTicks(sent))).toEqual({ ok: true, ticks: sent });
      }),
      { seed, numRuns: 300 },
    );
  });

  it('is decoded or refused without a throw, whatever its bytes', () => {
    const header = fc.constant(Uint8Array.of(1, 0, 1, 0, 1, 0, 0, 0, 1, 65));
    const bytes = fc.tuple(fc.oneof(header, fc.constant(new Uint8Array())), fc.uint8Array());
    fc.assert(
      fc.property(bytes, ([head, tail]) => {
        const decoded = decodeTicks(Buffer.concat([head, tail]));
        if (!decoded.ok) expect(decoded.reason).not.toBe('');
        else for (const { at } of decoded.ticks) expect(Number.isSafeInteger(at)).toBe(true);
      }),
      { seed, numRuns: 1_000 },
    );
  });

  it('with changed bytes never brings back more or fewer ticks than it says', () => {
    fc.assert(
      fc.property(ticks, fc.nat(), fc.nat({ max: 255 }), (sent, at, value) => {
        const bytes = encodeTicks(sent);
        bytes[at % bytes.length] = value;
        const announced = new DataView(bytes.buffer).getUint32(4, true);
        const decoded = decodeTicks(bytes);
        if (decoded.ok) expect(decoded.ticks).toHaveLength(announced);
      }),
      { seed, numRuns: 500 },
    );
  });
});
