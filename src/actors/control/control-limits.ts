/** Bounds of the control socket. Sizes in bytes, times in wall milliseconds. */
export const CONTROL_LIMITS = {
  requestBytes: 16_384,
  replyBytes: 16_777_216,
  connections: 16,
  /** A connection that says nothing is closed after this long. */
  idleMs: 30_000,
  /** The main thread has this long to take an order; then the socket answers without it. */
  takenMs: 2_000,
  /** A kill that was not taken for this long ends the process: what comes after it is locked. */
  lastResortMs: 5_000,
  /** How often the KILL file is looked for. */
  killFilePollMs: 250,
  /** How often the main thread leaves a status for the time when it is too busy to be asked. */
  statusEveryMs: 1_000,
  /** Longest path of a Unix socket; a longer data directory gets one in the temporary folder. */
  socketPathBytes: 100,
} as const;
