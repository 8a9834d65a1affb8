import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import * as Redacted from 'effect/Redacted';
import { ambientRandomBytes } from '../actors/kernel/ambient-random-bytes.ts';
import { type Meter, openMeter } from '../actors/observers/meter.ts';
import type { RuntimeSight } from '../actors/runtime.ts';
import type { SpanCounts } from '../actors/tracing/tracer.ts';
import { type AnyBehaviour, anyBehaviour } from '../actors/tree.ts';
import type { ApiConfig } from '../config/config.ts';
import { inspector } from '../inspector/inspector.ts';
import { AUDIT_FILE, JOURNAL_FILE } from '../journal/files.ts';
import { CliError } from './cli-error.ts';
import { listenToPeopleNews } from './people-news.ts';

/** The inspector as the run command starts it: where it listens, and who may command. */
export const API_TOKEN_FILE = 'api-token';

export interface InspectorPlan {
  readonly api: ApiConfig;
  /** Undefined: no inspector. */
  readonly port: number | undefined;
  readonly dataDir: string;
  readonly version: string;
  readonly profile: string;
  readonly login: string;
  readonly currencyDigits: number;
  /** What became of the spans of traces. */
  readonly spans: SpanCounts;
  /** Told the address and a link that logs a browser in, once its port is open. */
  readonly onListening: (place: { readonly address: string; readonly loginLink: string }) => void;
}

/** Made at the first start; only its owner can read it. */
const writeTokenOf = (dataDir: string): string => {
  const file = join(dataDir, API_TOKEN_FILE);
  if (existsSync(file)) {
    const token = readFileSync(file, 'utf8').trim();
    if (token.length >= 32) return token;
    throw new CliError(
      `${file} holds no token of at least 32 characters`,
      'delete it: the next start makes a new one',
    );
  }
  const token = Buffer.from(ambientRandomBytes(32)).toString('base64url');
  writeFileSync(file, `${token}\n`, { mode: 0o600, flag: 'wx' });
  return token;
};

/** A port that somebody asked for by number has to be free: better told now than in an event. */
const refuseTakenPort = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', ({ message }) => {
      const remedy = 'choose another port for the inspector; 0 takes any free one';
      reject(new CliError(`the inspector cannot listen on ${host}:${port}: ${message}`, remedy));
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });

const hostInUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Throws CliError when its port is taken or its token cannot be used. */
export const inspectorPart = async (
  plan: InspectorPlan,
): Promise<
  readonly { readonly id: string; readonly start: (sight: RuntimeSight) => AnyBehaviour }[]
> => {
  const { api, port, dataDir } = plan;
  if (port === undefined) return [];
  if (port !== 0) await refuseTakenPort(api.host, port);
  const data = {
    host: api.host,
    port,
    allowedHosts: api.allowedHosts.map((name) => name.toLowerCase()),
    auditFile: join(dataDir, AUDIT_FILE),
    journalFile: join(dataDir, JOURNAL_FILE),
    version: plan.version,
    accounts: [plan.login],
    readToken: api.readToken === undefined ? null : Redacted.value(api.readToken),
    writeToken: writeTokenOf(dataDir),
    requestsPerMinute: api.requestsPerMinute,
  };
  let meter: Meter | undefined;
  const address = (open: number): string => `http://${hostInUrl(api.host)}:${open}`;
  const start = (sight: RuntimeSight): AnyBehaviour => {
    // One for the whole run: what it has counted outlives the inspector's lives.
    meter ??= openMeter(sight, { version: plan.version, profile: plan.profile }, plan.spans);
    const { text } = meter;
    return anyBehaviour(
      inspector(data, {
        system: sight.system,
        status: sight.operator.status,
        operator: sight.operator,
        market: () => {
          const progress = sight.progress();
          const { barsTotal: bars = 0, ticksTotal: ticks = 0, ended = false } = progress ?? {};
          return { bars, ticks, ended };
        },
        metrics: text,
        onEvent: sight.system.subscribe,
        onTold: (listener) => listenToPeopleNews(sight, plan.currencyDigits, listener),
        note: (notice) => sight.note({ ...notice, path: 'observers.inspector.host' }),
        onListening: ({ port: open, loginCode }) => {
          const at = address(open);
          plan.onListening({ address: at, loginLink: `${at}/login?code=${loginCode}` });
        },
      }),
    );
  };
  return [{ id: 'inspector', start }];
};
