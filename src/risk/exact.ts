import type { Instrument, Rate } from '../domain/instrument.ts';
import type { LotsE8, Minor } from '../domain/units.ts';
import { LOT_E8, minor } from '../domain/units.ts';

/** Quotient rounded towards minus infinity; the denominator is positive. */
export const floorDiv = (numerator: bigint, denominator: bigint): bigint => {
  const quotient = numerator / denominator;
  return numerator % denominator < 0n ? quotient - 1n : quotient;
};

/** Quotient rounded towards plus infinity; the denominator is positive. */
export const ceilDiv = (numerator: bigint, denominator: bigint): bigint =>
  -floorDiv(-numerator, denominator);

/** The conversion rate somewhere inside its haircut. A loss is valued at `high`, a gain at `low`. */
export interface RateBand {
  readonly low: Rate;
  readonly high: Rate;
}

/** What turning points into money needs; `accountDigits` are the currency's minor digits. */
export interface PointValue {
  readonly instrument: Pick<Instrument, 'digits' | 'contractSize'>;
  readonly rate: RateBand;
  readonly accountDigits: number;
}

const DECIMAL_POINTS = 1_000_000;

/** Powers of ten and the like come from few figures and cost more than the rest of a valuation. */
const powers: bigint[] = [];
const pow10 = (exponent: number): bigint => {
  powers[exponent] ??= 10n ** BigInt(exponent);
  return powers[exponent];
};

const pointsFraction = (
  value: PointValue,
  pointsE6: bigint,
  volumeE8: LotsE8,
  rate: Rate,
): readonly [bigint, bigint] => {
  const contractE8 = BigInt(Math.round(value.instrument.contractSize * LOT_E8));
  const numerator =
    pointsE6 * BigInt(volumeE8) * contractE8 * pow10(value.accountDigits) * rate.num;
  return [numerator, pow10(value.instrument.digits + 16 + 6) * rate.den];
};

/** Money of a price move at its worst: a loss at the high end of the haircut, a gain at the low
 * end, and any part of a minor unit against us. Fractions of a point count to six decimals. */
export const worstMoney = (value: PointValue, movePoints: number, volumeE8: LotsE8): Minor => {
  const rate = movePoints >= 0 ? value.rate.low : value.rate.high;
  const scaled = BigInt(Math.floor(movePoints * DECIMAL_POINTS));
  return minor(floorDiv(...pointsFraction(value, scaled, volumeE8, rate)));
};

/** The mirror of `worstMoney`: the most that a price move can be worth. */
export const bestMoney = (value: PointValue, movePoints: number, volumeE8: LotsE8): Minor => {
  const rate = movePoints >= 0 ? value.rate.high : value.rate.low;
  const scaled = BigInt(Math.ceil(movePoints * DECIMAL_POINTS));
  return minor(ceilDiv(...pointsFraction(value, scaled, volumeE8, rate)));
};

/** Commission of one side, rounded up: never less than what the broker will book. */
export const worstCommission = (
  instrument: Pick<Instrument, 'commissionPerLotMinor'>,
  volumeE8: LotsE8,
): Minor => minor(ceilDiv(instrument.commissionPerLotMinor * BigInt(volumeE8), BigInt(LOT_E8)));
