import { describe, expect, it } from 'vitest';
import { UNIT_RATE } from '../../../src/domain/instrument.ts';
import type { Position } from '../../../src/domain/trading.ts';
import { epochMs, points } from '../../../src/domain/units.ts';
import type { PairQuote } from '../../../src/risk/equity.ts';
import { bandOf, equityMinor, floatingMinor, rateFor } from '../../../src/risk/equity.ts';
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

  it('has a haircut on both sides, except from a currency to itself', () => {
    const band = bandOf({ num: 3n, den: 2n }, 20_000);
    expect(Number(band.low.num) / Number(band.low.den)).toBeCloseTo(1.47);
    expect(Number(band.high.num) / Number(band.high.den)).toBeCloseTo(1.53);
    expect(bandOf(UNIT_RATE, 20_000)).toEqual({ low: UNIT_RATE, high: UNIT_RATE });
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
