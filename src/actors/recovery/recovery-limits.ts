import { RECOVERY_PAUSES } from '../../machines/recovery.machine.ts';

/** Bounds of recovery. Wall milliseconds, but for `historyMarginMs`. */
export const RECOVERY_LIMITS = {
  ...RECOVERY_PAUSES,
  /** While trading goes on, orders and positions are compared this often, */
  bookCheckMs: 5_000,
  /** and the whole history since it was last proven this often. */
  historyCheckMs: 300_000,
  /** Session time by which history is fetched from before the oldest thing in doubt. */
  historyMarginMs: 300_000,
  /** Entries kept while the journal cannot be written. */
  unwrittenEntries: 1_000,
  /** Difference of the terminal's UTC clock and ours beyond which nothing is reconciled. */
  maxClockSkewMs: 10_000,
} as const;
