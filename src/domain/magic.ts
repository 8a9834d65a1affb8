/**
 * The magic number that the broker stores on order, deal and position. It stays below 2^63 because
 * MQL5 keeps it in a signed 64-bit long; it travels as a decimal string because 64-bit integers do
 * not fit a JS number.
 *
 *     strategy 16 bits | epoch 15 bits | sequence 32 bits
 */
export interface MagicParts {
  /** StrategyKey.number, 0..65535. */
  readonly strategy: number;
  /** Controller epoch (the fence of the claim), 0..32767. */
  readonly epoch: number;
  /** Counts opening orders inside one epoch, 0..4294967295. */
  readonly sequence: number;
}

export const MAGIC_LIMITS = {
  strategy: 2 ** 16 - 1,
  epoch: 2 ** 15 - 1,
  sequence: 2 ** 32 - 1,
} as const;
const MAGIC_MAX = (1n << 63n) - 1n;

const field = (name: keyof MagicParts, value: number): bigint => {
  if (!Number.isInteger(value) || value < 0 || value > MAGIC_LIMITS[name]) {
    throw new RangeError(`magic ${name} out of range 0..${MAGIC_LIMITS[name]}: ${value}`);
  }
  return BigInt(value);
};

/** Decimal string of the packed parts. Throws RangeError when a part does not fit: a wrapped
 * magic would claim somebody else's order. */
export const packMagic = (parts: MagicParts): string =>
  (
    (field('strategy', parts.strategy) << 47n) |
    (field('epoch', parts.epoch) << 32n) |
    field('sequence', parts.sequence)
  ).toString();

/** Parts of a magic, or undefined when the text is no decimal in 0..2^63-1. Any such number has
 * parts; whether it is ours is for the caller to decide by strategy number and journal. */
export const unpackMagic = (text: string): MagicParts | undefined => {
  if (!/^\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text);
  if (value > MAGIC_MAX) return undefined;
  return {
    strategy: Number(value >> 47n),
    epoch: Number((value >> 32n) & 0x7fffn),
    sequence: Number(value & 0xffff_ffffn),
  };
};
