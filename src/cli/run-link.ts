import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as Redacted from 'effect/Redacted';
import { LINK_DEFAULTS } from '../actors/connection/link-defaults.ts';
import type { RuntimeSpec } from '../actors/runtime.ts';
import type { StrategyOptions } from '../actors/strategy-host.ts';
import type { Config } from '../config/config.ts';
import { newsComeFrom } from '../config/news-source.ts';
import { isInSession } from '../mt5/terminal/market/sessions.ts';
import type { ServerZone } from '../mt5/venue-time.ts';
import type { CurveClientKeys, CurveServerKeys } from '../mt5/wire/curve.ts';
import { CliError } from './cli-error.ts';
import { type LinkKeys, readLinkKeys, withClient } from './link-keys.ts';
import type { LinkPlace } from './run-place.ts';
import { readTerminalOptions, TERMINAL_OPTIONS_FILE } from './terminal-options.ts';

/** Heartbeats that a handshake may take, and that make a link suspect and down. */
const BEATS = { handshake: 10, suspect: 3, down: 5 } as const;
/** Longest silence that a terminal may announce: MetaTrader's CopyTicks may block for 45 s. */
const BUSY_MAX_MS = 60_000;

/** When a symbol can be traded, by the sessions that the broker states in its own time. */
export const sessionOpen =
  (zone: ServerZone): RuntimeSpec['guard']['isOpen'] =>
  (instrument, at) =>
    isInSession(instrument.sessions, zone.toServer(at));

/** The keys of one run: the runtime's, what it admits, and a pair for a terminal of its own that
 * is not in the file. */
export interface RunKeys {
  readonly server: CurveServerKeys;
  readonly tokens: readonly string[];
  readonly own: { readonly token: string; readonly curve: CurveClientKeys };
}

export const runKeys = (
  config: Config,
  dataDir: string,
  random: (bytes: number) => Uint8Array,
): RunKeys | null => {
  const { keysFile } = config.link;
  if (keysFile === undefined) return null;
  const known = readLinkKeys(resolve(keysFile));
  const own = earlierKeys(dataDir, known.server.publicKey) ?? newKeys(known, random);
  return {
    server: {
      secretKey: known.server.secretKey,
      clientKeys: [...known.clients.map((client) => client.publicKey), own.curve.publicKey],
    },
    tokens: [...known.clients.map((client) => client.token), own.token],
    own,
  };
};

const newKeys = (known: LinkKeys, random: (bytes: number) => Uint8Array): RunKeys['own'] => {
  const { serverKey, publicKey, secretKey, token } = withClient(known, 'simulated', random).secrets;
  return { token, curve: { serverKey, publicKey, secretKey } };
};

/** A terminal that outlived the last run is adopted, and has the keys that it was started with. */
const earlierKeys = (dataDir: string, serverKey: string): RunKeys['own'] | undefined => {
  const file = join(dataDir, TERMINAL_OPTIONS_FILE);
  if (!existsSync(file)) return undefined;
  const { token, curve } = readTerminalOptions(file);
  if (token === undefined || curve === undefined || curve.serverKey !== serverKey) return undefined;
  return { token, curve };
};

const takeoverTokenOf = ({ link }: Config): string => {
  if (link.takeoverToken !== undefined) return Redacted.value(link.takeoverToken);
  throw new CliError(
    '--takeover needs the token that the terminal was given',
    'set link.takeoverToken (best in BULWARK_LINK__TAKEOVER_TOKEN)',
  );
};

/** The link as a configuration describes it. */
export const linkSpec = (
  config: Config,
  parts: {
    readonly place: LinkPlace;
    readonly zone: ServerZone;
    readonly strategies: readonly StrategyOptions[];
    readonly keys: RunKeys | null;
    readonly takeover: boolean;
  },
): RuntimeSpec['connection'] => {
  const { link, account } = config;
  const { place, zone, strategies, keys, takeover } = parts;
  const token = link.token === undefined ? [] : [Redacted.value(link.token)];
  return {
    ...LINK_DEFAULTS,
    login: account.login,
    server: account.server,
    tokens: keys === null ? token : [...token, ...keys.tokens],
    curve: keys === null ? null : keys.server,
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
    takeoverToken: takeover ? takeoverTokenOf(config) : null,
    readsCalendar: newsComeFrom(config) === 'terminal',
    subscriptions: strategies.map(({ key, timeframe, wakeOnTick }) => ({
      symbol: key.symbol,
      wakeOnBar: timeframe,
      wakeOnTick,
    })),
  };
};
