/** Bounds of the inspector; printed by `bulwark limits`. */
export const INSPECTOR_LIMITS = {
  /** Wall milliseconds between two pictures for the page: four a second. */
  liveEveryMs: 250,
  /** Silence after which a page shows what it has as stale. */
  staleAfterMs: 3_000,
  heartbeatMs: 1_000,
  streams: 32,
  deltasKept: 64,
  newsKept: 200,
  transitionsKept: 20,
  crashesKept: 5,
  messagesKept: 20,
  questionMs: 10_000,
  bodyBytes: 16_384,
  rowsPerPage: 1_000,
  csvRows: 100_000,
  curvePoints: 2_000,
  commandsPerMinute: 60,
  loginsPerMinute: 10,
  loginCodeMs: 900_000,
  sessionMs: 43_200_000,
  sessions: 64,
  stateDepth: 6,
  stateItems: 100,
  stateText: 500,
} as const;
