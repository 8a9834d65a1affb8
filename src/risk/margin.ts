import type { Instrument } from '../domain/instrument.ts';
import type { LotsE8, Minor, Points } from '../domain/units.ts';
import { LOT_E8, minor } from '../domain/units.ts';
import type { RateBand } from './exact.ts';
import { ceilDiv } from './exact.ts';

/**
 * Margin of a volume at a price, account minor units, rounded up, at the high end of the
 * conversion: v·c·price / leverage (MT5 "Forex" and "CFD leverage"). The broker's own figure
 * replaces it as soon as the position is open.
 */
export const marginMinor = (input: {
  readonly instrument: Pick<Instrument, 'digits' | 'contractSize'>;
  readonly volumeE8: LotsE8;
  readonly price: Points;
  readonly leverage: number;
  readonly rate: RateBand;
  readonly accountDigits: number;
}): Minor => {
  const { instrument, volumeE8, price, leverage, rate, accountDigits } = input;
  const contractE8 = BigInt(Math.round(instrument.contractSize * LOT_E8));
  const numerator =
    BigInt(volumeE8) * contractE8 * BigInt(price) * 10n ** BigInt(accountDigits) * rate.high.num;
  const denominator =
    10n ** BigInt(instrument.digits + 16) * rate.high.den * BigInt(Math.max(1, leverage));
  return minor(ceilDiv(numerator, denominator));
};
