/**
 * Branded units. Prices are integer points and volumes integer 1e-8 lots, so that comparing,
 * adding and hashing them is exact; money is a bigint of minor units as the broker reports it.
 */
declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Integer count of broker points: price × 10^digits, or a distance in the same unit. */
export type Points = Brand<number, 'Points'>;
/** Integer count of 0.00000001 lot, MT5's own volume resolution. Never negative. */
export type LotsE8 = Brand<number, 'LotsE8'>;
/** Milliseconds since 1970-01-01 UTC. Venue (server) time never carries this brand. */
export type EpochMs = Brand<number, 'EpochMs'>;
/** Integer minor units (cents for USD) of the account currency; signed, profit positive. */
export type Minor = Brand<bigint, 'Minor'>;

export const points = (value: number): Points => value as Points;
export const lotsE8 = (value: number): LotsE8 => value as LotsE8;
export const epochMs = (value: number): EpochMs => value as EpochMs;
export const minor = (value: bigint): Minor => value as Minor;
export const ZERO_MINOR: Minor = minor(0n);
export const LOT_E8 = 100_000_000;

/** Closes a switch over a union: reaching it is a defect, and the compiler says so first. */
export const absurd = (value: never): never => {
  throw new Error(`unreachable case: ${JSON.stringify(value)}`);
};

/** Parses a decimal string exactly into an integer scaled by 10^scale, or undefined when it is
 * not a plain decimal or has more than `scale` significant fraction digits. */
export const parseDecimal = (text: string, scale: number): bigint | undefined => {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '0', fraction = ''] = match;
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > scale) return undefined;
  const magnitude = BigInt(whole + significant.padEnd(scale, '0'));
  return sign === '-' ? -magnitude : magnitude;
};

/** Formats an integer scaled by 10^scale as a decimal string with exactly `scale` digits. */
export const formatDecimal = (value: bigint, scale: number): string => {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const text = scale === 0 ? whole : `${whole}.${digits.slice(-scale)}`;
  return negative ? `-${text}` : text;
};

/** Divides rounding half away from zero, the rule brokers use when they book money. */
export const divideRounded = (numerator: bigint, denominator: bigint): bigint => {
  const negative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  const quotient = (2n * n + d) / (2n * d);
  return negative ? -quotient : quotient;
};
