/** Bounds of strategies and of the threads they live in. */
export const ISOLATION_LIMITS = {
  /** Workers of `perSymbol`; more strategies than this share. A worker costs about 10 MB. */
  workers: 16,
  /** Wall time that a thread may take to come up, before any of the user's code is in it. */
  bootMs: 15_000,
  /** Least wall time for loading a user's module, which is compiled only then. */
  openMs: 2_000,
  /** A deadline is counted in slices of at most this much, so that a stall of our own thread (a
   * suspended machine) is not taken for a strategy's silence. */
  sliceMs: 100,
  /** How long a terminated thread may take to be gone before it is given up. */
  graceMs: 1_000,
  /** A process that grew by this many times a worker's memory limit during one request has a
   * strategy that allocates outside of the heap, where the engine's own limit does not see it. */
  growthFactor: 2,
  /** Signals of one answer: more is a strategy gone wild. */
  signalsPerAnswer: 256,
  /** Characters of a signal's reason that are kept. */
  reasonLength: 200,
  /** Batches that wait for a strategy that is busy or warming up. */
  queuedMessages: 10_000,
  /** Characters of a strategy's own output that are passed on at a time. */
  outputLength: 2_000,
  warmupBars: 100_000,
} as const;
