import { describe, expect, it } from 'vitest';
import { UNIT_RATE } from '../../../src/domain/instrument.ts';
import { points } from '../../../src/domain/units.ts';
import type { SizingInput, SizingRule } from '../../../src/risk/sizing.ts';
import { kellyPpm, sizeVolume } from '../../../src/risk/sizing.ts';
import { EURUSD, lots, usd } from '../../support/risk-fixtures.ts';

const size = (rule: SizingRule, fields: Partial<SizingInput> = {}) =>
  sizeVolume({
    rule,
    instrument: EURUSD,
    rate: { low: UNIT_RATE, high: UNIT_RATE },
    accountDigits: 2,
    stopDistance: points(200),
    slippagePoints: 14,
    bases: { balance: usd(100_000), initial: usd(50_000), equity: usd(90_000) },
    ...fields,
  });
const half = { type: 'riskPercent', ppm: 5_000, base: 'balance' } as const;

describe('sizing by risk', () => {
  it('puts distance, slippage and both commissions inside the risk', () => {
    // 500 / (200 + 14 + 6 per lot) = 2.2727 lots
    expect(size(half)).toEqual({ volumeE8: lots(2.27), budget: usd(500), cost: usd(499.4) });
  });

  it('takes a volume that costs exactly the risk', () => {
    expect(size({ ...half, ppm: 2_200 }).volumeE8).toBe(lots(1));
  });

  it.each([
    ['balance', 2.27],
    ['initial', 1.13],
    ['equity', 2.04],
  ] as const)('takes its percentage of the %s', (base, expected) => {
    expect(size({ ...half, base }).volumeE8).toBe(lots(expected));
  });

  it('gives nothing when even the smallest volume risks too much', () => {
    expect(size({ ...half, ppm: 20 }).volumeE8).toBe(0);
  });

  it('stays inside the largest volume of symbol and rules', () => {
    expect(size({ ...half, ppm: 900_000 }).volumeE8).toBe(lots(50));
    expect(size({ ...half, ppm: 900_000 }, { maxVolumeE8: lots(3) }).volumeE8).toBe(lots(3));
  });

  it('counts a loss at the high end of the conversion', () => {
    const rate = { low: UNIT_RATE, high: { num: 2n, den: 1n } };
    // 500 / (428 + 6)
    expect(size(half, { rate }).volumeE8).toBe(lots(1.15));
  });
});

describe('other sizing rules', () => {
  it('rounds fixed lots down to the step', () => {
    expect(size({ type: 'fixedLots', volumeE8: lots(0.128) }).volumeE8).toBe(lots(0.12));
  });

  it('takes a fraction of Kelly up to its cap, and nothing without an edge', () => {
    const kelly = {
      type: 'kelly',
      winRatePpm: 500_000,
      payoffPpm: 2_000_000,
      fractionPpm: 250_000,
      capPpm: 100_000,
      base: 'balance',
    } as const;
    // 0.5 − 0.5/2 = 0.25, a quarter of it 6.25 %
    expect(kellyPpm(kelly)).toBe(62_500);
    expect(kellyPpm({ ...kelly, capPpm: 10_000 })).toBe(10_000);
    expect(kellyPpm({ ...kelly, payoffPpm: 1_000_000 })).toBe(0);
    expect(size({ ...kelly, capPpm: 5_000 }).volumeE8).toBe(lots(2.27));
  });

  it("moves the account by its target over a day's range", () => {
    const rule = { type: 'volatilityTarget', ppm: 10_000, base: 'balance' } as const;
    expect(size(rule, { dailyRangePoints: 994 }).volumeE8).toBe(lots(1));
    expect(size(rule).volumeE8).toBe(0);
  });
});
