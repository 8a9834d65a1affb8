/** What a person is told, whatever the channel. */
export const SEVERITIES = ['info', 'warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Alert {
  /** Alerts of one key are the same thing told again. */
  readonly key: string;
  readonly severity: Severity;
  /** The event's code. */
  readonly code: string;
  readonly text: string;
  /** Session time, ms since the epoch. */
  readonly at: number;
  readonly account: string;
}

export const isAtLeast = (severity: Severity, least: Severity): boolean =>
  SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);

/** Bounds; printed by `bulwark limits`. Times are wall milliseconds. */
export const ALERT_LIMITS = {
  /** The same key is not told again within this time; how often it came is told with the next. */
  repeatMs: 300_000,
  /** Per channel; what is over goes out as one line that counts it. */
  perMinute: 20,
  keysRemembered: 500,
  textLength: 1_000,
  outboxRows: 1_000,
  retryInitialMs: 1_000,
  retryMaxMs: 300_000,
  /** After this time an alert that could not be delivered is dropped, and counted. */
  keptMs: 86_400_000,
  requestMs: 10_000,
  pollSeconds: 20,
  confirmMs: 60_000,
} as const;
