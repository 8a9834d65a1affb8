/** Bounds of the journal. A bound that is reached is an error with a name, never a silent loss. */
export const JOURNAL_LIMITS = {
  /** Appends that may wait for the writer's thread; the next one is refused as `overloaded`. */
  maxWaitingAppends: 10_000,
  /** Appends that one transaction may take in. */
  maxAppendsPerCommit: 1_000,
  /** Size of journal.db; reaching it is reported as `diskFull`. */
  maxBytes: 16 * 1024 ** 3,
  /** How long the writer waits for another process's lock (a backup) before it says `locked`. */
  busyTimeoutMs: 2_000,
} as const;
