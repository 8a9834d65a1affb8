import { describe, expect, it } from 'vitest';
import { MAGIC_LIMITS, packMagic, unpackMagic } from '../../../src/domain/magic.ts';
import { fc } from '../../support/property-seed.ts';

describe('the magic number', () => {
  it('packs strategy, epoch and sequence into 63 bits', () => {
    expect(packMagic({ strategy: 0, epoch: 0, sequence: 0 })).toBe('0');
    expect(packMagic({ strategy: 1, epoch: 1, sequence: 1 })).toBe(
      String(2n ** 47n + 2n ** 32n + 1n),
    );
    const largest = packMagic({ strategy: 65_535, epoch: 32_767, sequence: 4_294_967_295 });
    expect(largest).toBe(String(2n ** 63n - 1n));
  });

  it('unpacks what it packed, whatever the parts', () => {
    const upTo = (max: number) => fc.oneof(fc.nat({ max }), fc.constantFrom(0, 1, max));
    fc.assert(
      fc.property(
        fc.record({
          strategy: upTo(MAGIC_LIMITS.strategy),
          epoch: upTo(MAGIC_LIMITS.epoch),
          sequence: upTo(MAGIC_LIMITS.sequence),
        }),
        (parts) => {
          expect(unpackMagic(packMagic(parts))).toEqual(parts);
        },
      ),
    );
  });

  it.each([
    { strategy: 65_536, epoch: 0, sequence: 0 },
    { strategy: 0, epoch: 32_768, sequence: 0 },
    { strategy: 0, epoch: 0, sequence: 4_294_967_296 },
    { strategy: -1, epoch: 0, sequence: 0 },
    { strategy: 0, epoch: 0.5, sequence: 0 },
  ])('refuses a part that does not fit: %j', (parts) => {
    expect(() => packMagic(parts)).toThrow(RangeError);
  });

  it.each(['9223372036854775808', '-1', '', '1.5', 'x', '99999999999999999999'])(
    'does not unpack %j',
    (text) => {
      expect(unpackMagic(text)).toBeUndefined();
    },
  );
});
