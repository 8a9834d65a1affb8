/** Bounds of market loading and of the synthetic market; every queue and buffer here has one. */
export const MARKET_LIMITS = {
  /** Rows of one file. Ticks take 24 bytes each in memory, bars 64. */
  maxRowsPerFile: 20_000_000,
  /** Files of one replay. */
  maxFiles: 256,
  /** Bytes of one line; MT5 writes under 120. */
  maxLineBytes: 1024,
  /** Decimals of a price; more cannot be quoted by any MT5 symbol. */
  maxDigits: 8,
  /** Days before its start for which the synthetic market answers history. */
  syntheticPrehistoryDays: 400,
  /** Days of M1 bars that the synthetic market keeps per symbol. */
  syntheticDaysKept: 450,
} as const;
