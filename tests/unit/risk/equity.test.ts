import { describe, expect, it } from 'vitest';
import { UNIT_RATE } from '../../../src/domain/instrument.ts';
import type { Position } from '../../../src/domain/trading.ts';
import { epochMs, points } from '../../../src/domain/units.ts';
import type { PairQuote } from '../../../src/risk/equity.ts';
import { bandFor, equityMinor, floatingMinor, rateFor } from '../../../src/risk/equity.ts';
import { EURUSD, lots, usd } from '../../support/risk-fixtures.ts';

const pair = (
  base: string,
  quote: string,
  digits: number,
  bid: number,
  ask: number,
): PairQuote => ({
  base,
  quote,
  digits,
  bid: points(bid),
  ask: points(ask),
});
const PAIRS = [pair('EUR', 'USD', 5, 110_000, 110_010), pair('USD', 'JPY', 3, 150_000, 150_020)];
const position: Position = {
  ticket: '1',
  symbol: 'EURUSD',
  side: 'buy',
  volumeE8: lots(0.5),
  open: points(109_000),
  openedAt: epochMs(0),
  magic: '0',
  swap: usd(-2),
  comment: '',
};

describe('conversion', () => {
  it('is one for the same currency, the bid of a direct pair, one over the ask of an inverse', () => {
    expect(rateFor('USD', 'USD', [])).toEqual(UNIT_RATE);
    expect(rateFor('EUR', 'USD', PAIRS)).toEqual({ num: 110_000n, den: 100_000n });
    expect(rateFor('JPY', 'USD', PAIRS)).toEqual({ num: 1_000n, den: 150_020n });
  });

  it('prefers the direct pair, whatever the order', () => {
    const both = [pair('USD', 'EUR', 5, 90_000, 90_010), ...PAIRS];
    expect(rateFor('EUR', 'USD', both)).toEqual({ num: 110_000n, den: 100_000n });
  });

  it('is unknown without a pair or with a price of zero', () => {
    expect(rateFor('CHF', 'USD', PAIRS)).toBeUndefined();
    expect(rateFor('GBP', 'USD', [pair('GBP', 'USD', 5, 0, 0)])).toBeUndefined();
  });

  const numbers = (band: ReturnType<typeof bandFor>) =>
    band === undefined
      ? undefined
      : [band.low, band.high].map(({ num, den }) => Number(num) / Number(den));

  it('has a haircut on both sides, except from a currency to itself', () => {
    const even = [pair('EUR', 'USD', 1, 15, 15)];
    expect(numbers(bandFor('EUR', 'USD', even, 20_000))).toEqual([1.47, 1.53]);
    expect(bandFor('USD', 'USD', [], 20_000)).toEqual({ low: UNIT_RATE, high: UNIT_RATE });
  });

  it('sells at the bid and buys at the ask', () => {
    expect(numbers(bandFor('EUR', 'USD', PAIRS))).toEqual([1.1, 1.1001]);
    const inverse = bandFor('USD', 'EUR', PAIRS);
    expect(inverse?.low).toEqual({ num: 100_000n, den: 110_010n });
    expect(inverse?.high).toEqual({ num: 100_000n, den: 110_000n });
  });

  it('goes through two pairs where there is none, with the haircut of each', () => {
    const eurJpy = numbers(bandFor('EUR', 'JPY', PAIRS)) ?? [];
    expect(eurJpy[0]).toBeCloseTo(1.1 * 150, 9);
    expect(eurJpy[1]).toBeCloseTo(1.1001 * 150.02, 9);
    const cut = numbers(bandFor('EUR', 'JPY', PAIRS, 10_000)) ?? [];
    expect(cut[0]).toBeCloseTo(165 * 0.99 * 0.99, 9);
    expect(cut[1]).toBeCloseTo(1.1001 * 150.02 * 1.01 * 1.01, 9);
  });

  it('takes the worst end of several ways, and the direct pair before all of them', () => {
    const ways = [...PAIRS, pair('EUR', 'GBP', 2, 85, 86), pair('GBP', 'JPY', 0, 190, 200)];
    const [low, high] = numbers(bandFor('EUR', 'JPY', ways)) ?? [];
    expect(low).toBeCloseTo(0.85 * 190, 9);
    expect(high).toBeCloseTo(0.86 * 200, 9);
    const direct = [...ways, pair('EUR', 'JPY', 0, 165, 166)];
    expect(numbers(bandFor('EUR', 'JPY', direct))).toEqual([165, 166]);
  });
});

describe('equity', () => {
  const quote = { bid: points(110_000), ask: points(110_010) };

  it('closes a buy on the bid and a sell on the ask', () => {
    const value = (side: 'buy' | 'sell') =>
      floatingMinor({
        position: { ...position, side },
        instrument: EURUSD,
        quote,
        rate: UNIT_RATE,
        accountDigits: 2,
      });
    expect(value('buy')).toBe(usd(500));
    expect(value('sell')).toBe(usd(-505));
  });

  it('is the balance with floating profit and swap of every position', () => {
    const symbolOf = () => ({ instrument: EURUSD, quote, rate: UNIT_RATE });
    const positions = [position, { ...position, side: 'sell' } as const];
    expect(equityMinor({ balance: usd(1_000), positions, symbolOf, accountDigits: 2 })).toBe(
      usd(1_000 + 500 - 505 - 4),
    );
  });

  it('is unknown when a position cannot be valued', () => {
    const input = { balance: usd(1), positions: [position], accountDigits: 2 };
    expect(equityMinor({ ...input, symbolOf: () => undefined })).toBeUndefined();
  });
});
