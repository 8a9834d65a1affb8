import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as Redacted from 'effect/Redacted';
import { ambientClock } from '../actors/kernel/ambient-clock.ts';
import type { KernelEvent } from '../actors/kernel/types.ts';
import { logger } from '../actors/observers/logger.ts';
import type { RuntimeSight } from '../actors/runtime.ts';
import { type AnyBehaviour, anyBehaviour } from '../actors/tree.ts';
import type { Config } from '../config/config.ts';
import type { Entry } from '../journal/types.ts';
import type { LogLine } from '../telemetry/log/log-line.ts';
import { createRedactor } from '../telemetry/log/redactor.ts';
import { API_TOKEN_FILE } from './inspector-part.ts';
import { listenToPeopleNews } from './people-news.ts';
import type { RunKeys } from './run-link.ts';

/** The log as the run command starts it: what is written, and what must never be. */
export const LOG_DIR = 'logs';
const MEGABYTE = 1_000_000;

export interface LogPlan {
  readonly config: Config;
  readonly keys: RunKeys | null;
  readonly dataDir: string;
  readonly runId: string;
  readonly version: string;
}
export interface LogPart {
  readonly observers: readonly {
    readonly id: string;
    readonly start: (sight: RuntimeSight) => AnyBehaviour;
  }[];
  /** Takes every secret of this run out of a text. */
  readonly redact: (text: string) => string;
  /** What a strategy printed. */
  readonly strategySaid: (worker: string, text: string) => void;
}

/** Every secret anywhere in a configuration: one that is added tomorrow is found as well. */
export const secretsIn = (value: unknown): readonly string[] => {
  if (Redacted.isRedacted(value)) {
    const secret = Redacted.value(value);
    return typeof secret === 'string' ? [secret] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(secretsIn);
};

const secretsOf = ({ config, keys, dataDir }: LogPlan): readonly string[] => {
  const tokenFile = join(dataDir, API_TOKEN_FILE);
  const writeToken = existsSync(tokenFile) ? [readFileSync(tokenFile, 'utf8').trim()] : [];
  const linkKeys =
    keys === null
      ? []
      : [keys.server.secretKey, keys.own.curve.secretKey, keys.own.token, ...keys.tokens];
  return [...secretsIn(config), ...writeToken, ...linkKeys].filter((secret) => secret !== '');
};

type Said = Omit<LogLine, 'wallAt'>;
const NOWHERE = { path: null, intentId: null, traceId: null } as const;

const sessionLine = (entry: Entry): Said | undefined => {
  const said = { at: entry.at, level: 'info', code: entry.kind, ...NOWHERE } as const;
  switch (entry.kind) {
    case 'session.started':
      return { ...said, text: `run ${entry.runId}, ${entry.profile}, under ${entry.ruleSet}` };
    case 'session.ended':
      return { ...said, text: entry.reason };
    default:
      return undefined;
  }
};

/** Life and moves of actors: for whoever looks for a fault, at the level `debug`. */
const kernelLine = (event: KernelEvent, at: number): Said | undefined => {
  const said = { at, level: 'debug', code: event.type, ...NOWHERE } as const;
  switch (event.type) {
    case 'actor.started':
      return { ...said, path: event.path, text: `life ${event.incarnation}` };
    case 'actor.exited':
      return { ...said, path: event.path, text: event.reason.type };
    case 'chart.moved': {
      const { chart, from, to, by } = event;
      return {
        ...said,
        path: event.path,
        text: `${chart}: ${from.join(' ')} -> ${to.join(' ')} (${by})`,
      };
    }
    case 'listener.threw':
      return { ...said, level: 'warning', text: event.message };
    default:
      // Crashes, restarts and dead letters are told to people, and come as such.
      return undefined;
  }
};

/** Orders whose trace is remembered; the oldest are looked up again. */
const KNOWN_TRACES = 1_000;

/** The trace of an order, by its intent in the journal; null while nothing is traced. */
const traceIds = (
  { traces, journal }: Pick<RuntimeSight, 'traces' | 'journal'>,
  accountId: string,
): ((intentId: string) => string | null) => {
  if (traces === undefined) return () => null;
  const known = new Map<string, string>();
  return (intentId) => {
    const before = known.get(intentId);
    if (before !== undefined) return before;
    const planned = journal()
      .ofIntent(accountId, intentId)
      .find((entry) => entry.kind === 'intent.planned');
    if (planned?.kind !== 'intent.planned') return null;
    const traceId = traces.traceIdOf(planned.intent.key);
    known.set(intentId, traceId);
    const [oldest] = known.keys();
    if (known.size > KNOWN_TRACES && oldest !== undefined) known.delete(oldest);
    return traceId;
  };
};

const listenToAll = (
  sight: RuntimeSight,
  plan: LogPlan,
  listener: (line: Said) => void,
): (() => void) => {
  const traceOf = traceIds(sight, plan.config.account.login);
  const stops = [
    listenToPeopleNews(sight, plan.config.account.currencyDigits, (told) => {
      const { at, severity, code, detail, path, intentId } = told;
      const traceId = intentId === null ? null : traceOf(intentId);
      listener({ at, level: severity, code, text: detail, path, intentId, traceId });
    }),
    sight.onEntry((entry) => {
      const line = sessionLine(entry);
      if (line !== undefined) listener(line);
    }),
    sight.system.subscribe((event) => {
      const line = kernelLine(event, sight.now());
      if (line !== undefined) listener(line);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
};

/** Nothing is written with the level `off`; secrets are taken out of notices all the same. */
export const logPart = (plan: LogPlan): LogPart => {
  const { level, maxFileMb, maxFiles } = plan.config.log;
  const secrets = secretsOf(plan);
  const redact = createRedactor(secrets);
  if (level === 'off') return { observers: [], redact, strategySaid: () => undefined };
  const listeners = new Set<(line: LogLine) => void>();
  const tell = (line: Said): void => {
    const stamped = { ...line, wallAt: ambientClock.now() };
    for (const listener of listeners) listener(stamped);
  };
  const start = (sight: RuntimeSight): AnyBehaviour =>
    anyBehaviour(
      logger({
        thread: {
          dir: join(plan.dataDir, LOG_DIR),
          level,
          maxFileBytes: maxFileMb * MEGABYTE,
          maxFiles,
          secrets,
          base: { account: plan.config.account.login, runId: plan.runId, version: plan.version },
        },
        wall: ambientClock,
        onLine: (listener) => {
          listeners.add(listener);
          const stop = listenToAll(sight, plan, tell);
          return () => {
            stop();
            listeners.delete(listener);
          };
        },
        note: (notice) => sight.note({ ...notice, path: 'observers.logger.host' }),
      }),
    );
  const strategySaid = (worker: string, text: string): void =>
    tell({ at: null, level: 'info', code: 'strategy.output', ...NOWHERE, path: worker, text });
  return { observers: [{ id: 'logger', start }], redact, strategySaid };
};
