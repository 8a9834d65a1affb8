import type { ConnectionOptions } from './connection-state.ts';

/**
 * How a link is watched and spared, wall milliseconds. The breaker's pause and the pause after a
 * failed login are long on purpose: hurrying helps neither a broker in trouble nor a wrong password.
 */
export const LINK_DEFAULTS = {
  curve: null,
  authBackoff: { initialMs: 60_000, maxMs: 600_000 },
  breaker: {
    failures: 5,
    failurePpm: 500_000,
    windowRequests: 20,
    openMs: 60_000,
    openMaxMs: 600_000,
    probes: 2,
    replyMs: 10_000,
  },
  health: { everyMs: 30_000, timeoutMs: 5_000, staleMs: 60_000 },
} as const satisfies Partial<ConnectionOptions>;
