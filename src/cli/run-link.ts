import * as Redacted from 'effect/Redacted';
import { LINK_DEFAULTS } from '../actors/link-defaults.ts';
import type { RuntimeSpec } from '../actors/runtime.ts';
import type { StrategyOptions } from '../actors/strategy-host.ts';
import type { Config } from '../config/config.ts';
import { isInSession } from '../mt5/terminal/market/sessions.ts';
import type { ServerZone } from '../mt5/venue-time.ts';
import type { LinkPlace } from './run-place.ts';

/** Heartbeats that a handshake may take, and that make a link suspect and down. */
const BEATS = { handshake: 10, suspect: 3, down: 5 } as const;
/** Longest silence that a terminal may announce: MetaTrader's CopyTicks may block for 45 s. */
const BUSY_MAX_MS = 60_000;

/** When a symbol can be traded, by the sessions that the broker states in its own time. */
export const sessionOpen =
  (zone: ServerZone): RuntimeSpec['guard']['isOpen'] =>
  (instrument, at) =>
    isInSession(instrument.sessions, zone.toServer(at));

/** The link as a configuration describes it. */
export const linkSpec = (
  config: Config,
  parts: {
    readonly place: LinkPlace;
    readonly zone: ServerZone;
    readonly strategies: readonly StrategyOptions[];
  },
): RuntimeSpec['connection'] => {
  const { link, account } = config;
  const { place, zone, strategies } = parts;
  return {
    ...LINK_DEFAULTS,
    login: account.login,
    server: account.server,
    token: link.token === undefined ? null : Redacted.value(link.token),
    instanceId: place.instanceId,
    host: link.host,
    port: place.port,
    leaseMs: link.leaseMs,
    heartbeatMs: link.heartbeatMs,
    limits: {
      handshakeMs: BEATS.handshake * link.heartbeatMs,
      suspectMs: BEATS.suspect * link.heartbeatMs,
      downMs: BEATS.down * link.heartbeatMs,
      backoffInitialMs: link.reconnect.initialMs,
      backoffMaxMs: link.reconnect.maxMs,
      busyMaxMs: BUSY_MAX_MS,
    },
    zone,
    isOpen: sessionOpen(zone),
    takeoverToken: null,
    subscriptions: strategies.map(({ key, timeframe, wakeOnTick }) => ({
      symbol: key.symbol,
      wakeOnBar: timeframe,
      wakeOnTick,
    })),
  };
};
