import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
  ambientStopwatch,
} from '../actors/kernel/ambient-clock.ts';
import { ambientRandomBytes } from '../actors/kernel/ambient-random-bytes.ts';
import { isAlive } from '../actors/process-identity.ts';
import { type Runtime, type RuntimeSpec, startRuntime } from '../actors/runtime.ts';
import type { SpanCounts } from '../actors/tracing/tracer.ts';
import type { Config } from '../config/config.ts';
import { encodeUlid } from '../domain/ulid.ts';
import { type EpochMs, epochMs } from '../domain/units.ts';
import { acquireInstanceLock, type InstanceLock } from '../journal/instance-lock.ts';
import { alerterPart } from './alerter-part.ts';
import { CliError } from './cli-error.ts';
import { type CommandIo, EXIT } from './command-io.ts';
import { openConsole } from './console-view.ts';
import { inspectorPart } from './inspector-part.ts';
import { liveWarning, refuseLiveReplay, runMarket } from './live-checks.ts';
import { logPart } from './log-part.ts';
import { type MarketFlags, marketOptions } from './market-setup.ts';
import { type RunKeys, runKeys } from './run-link.ts';
import { eraseRun, hasRun, linkPlace, makeDataDir, replayDir, TERMINAL_DIR } from './run-place.ts';
import { isolationLines, planStrategies, runtimeSpec, type TradedMarket } from './run-plan.ts';
import {
  type FinalFigures,
  finalFigures,
  renderSummary,
  type SessionSummary,
  summarise,
  summaryJson,
} from './session-summary.ts';
import { tracerPart } from './tracer-part.ts';

/** `bulwark run`: the main job, on the simulated terminal. */
export interface RunFlags extends MarketFlags {
  readonly strategy?: string;
  /** Given: the run lives there. Absent: a replay gets a folder of its own. */
  readonly dataDir?: string;
  /** Milliseconds; market time in a replay, wall time otherwise. */
  readonly durationMs?: number;
  readonly fresh?: boolean;
  /** Shows the terminal the operator's token, and takes the account from whoever has it. */
  readonly takeover?: boolean;
  readonly json?: boolean;
  readonly ledger?: string;
  /** The pid of a process that is being ended, and whose folder is taken over. */
  readonly successorOf?: string;
  /** Port of page and API; 0 takes any free one. */
  readonly inspectorPort?: number;
}

export interface RunPorts {
  /** Calls back when the operator wants the run to end; `force` when asked a second time. */
  readonly onStopRequested: (stop: (signal: string) => void) => () => void;
  readonly program: { readonly command: string; readonly args: readonly string[] };
  readonly cpuSeconds: () => number;
  /** Calls back when somebody wants everything closed and locked. */
  readonly onKillRequested: (kill: (signal: string) => void) => () => void;
  /** The command line behind the program's name. */
  readonly argv: readonly string[];
  readonly version: string;
}

/** Names of sessions, messages and runs; no decision depends on them. */
const newId = (): string => encodeUlid(ambientClock.now(), ambientRandomBytes(10));

const beginning = (resumed: boolean, dataDir: string, flags: RunFlags): string => {
  if (!resumed) return `starting in ${dataDir}`;
  if (!isReplay(flags)) return `resuming in ${dataDir}`;
  return `resuming in ${dataDir}: what was played stays as it was, --fresh starts over`;
};

/** Starts the runtime with those who watch it: the inspector, if wanted, and the console. */
const startWatched = async (input: {
  readonly spec: RuntimeSpec;
  readonly flags: RunFlags;
  readonly config: Config;
  readonly io: CommandIo;
  readonly ports: RunPorts;
  readonly keys: RunKeys | null;
  readonly say: (line: string) => void;
}) => {
  const { spec, flags, config, io, ports } = input;
  const { version } = ports;
  const { currency, currencyDigits, login, server } = config.account;
  let announce = input.say;
  const spans: SpanCounts = { exported: 0, lost: 0 };
  const inspector = await inspectorPart({
    api: config.api,
    port: inspectorPort(flags, config),
    dataDir: spec.dataDir,
    version,
    profile: config.profile,
    login: spec.login,
    currencyDigits,
    spans,
    onListening: ({ address, loginLink }) => {
      announce(`inspector at ${address}`);
      announce(`to command from it, open once: ${loginLink}`);
    },
  });
  const alerter = alerterPart({
    alerts: config.alerts,
    dataDir: spec.dataDir,
    login: spec.login,
    currencyDigits,
  });
  const tracer = tracerPart({
    traces: config.traces,
    version,
    spec,
    counts: spans,
  });
  // After the inspector, which makes its token at the first start: that is a secret too.
  const { runId } = spec.session;
  const log = logPart({ config, keys: input.keys, dataDir: spec.dataDir, runId, version });
  const runtime = await startRuntime(spec, {
    redact: log.redact,
    observers: [...log.observers, ...inspector, ...alerter, ...tracer],
    wall: ambientClock,
    stopwatch: ambientStopwatch,
    defer: ambientDefer,
    random: ambientRandom.next,
    newId,
    residentBytes: process.memoryUsage.rss,
    // Never on stdout, which may be the JSON of the run.
    onStrategyOutput: (worker, text) => {
      log.strategySaid(worker, text);
      io.err.write(log.redact(`[${worker}] ${text}`));
    },
  });
  const view = openConsole({
    runtime,
    out: flags.json === true ? io.err : io.out,
    clock: ambientClock,
    refreshMs: config.console.refreshMs,
    currency,
    currencyDigits,
    tellsTrades: config.market.speed !== 'max',
    title: `${login}@${server} (${config.profile})`,
  });
  announce = view.announce;
  return { runtime, view };
};

type Ending = { readonly why: string; readonly failed: boolean };

export const runRun = async (
  flags: RunFlags,
  config: Config,
  io: CommandIo,
  ports: RunPorts,
): Promise<number> => {
  const say = (line: string): void => {
    (flags.json === true ? io.err : io.out).write(`${line}\n`);
  };
  refuse(flags, config);
  const options = marketOptions(flags, config);
  const isLive = config.profile === 'live';
  const { simulated, market } = await runMarket(options, config, ambientClock.now());
  if (isLive) for (const line of liveWarning(config)) io.err.write(`${line}\n`);
  const dataDir = placeOf(flags, config);
  makeDataDir(dataDir);
  const bundlesDir = join(dataDir, 'strategies');
  const strategies = await planStrategies(config, market, flags.strategy, bundlesDir);
  if (strategies.length === 0) {
    throw new CliError('no strategy trades any symbol of this market', 'add one to `strategies`');
  }
  const lock = await lockFolder(dataDir, flags.successorOf);
  try {
    const ledgerFile = flags.ledger === undefined ? undefined : resolve(flags.ledger);
    if (flags.fresh === true) eraseRun(dataDir, ledgerFile);
    const resumed = hasRun(dataDir);
    if (!resumed && ledgerFile !== undefined) refuseForeignLedger(ledgerFile);
    const { host, port: wantedPort } = config.link;
    const place = await linkPlace({ dataDir, host, wantedPort, newId });
    const keys = runKeys(config, dataDir, ambientRandomBytes);
    const spec = runtimeSpec({
      config,
      market,
      simulated,
      keys,
      takeover: flags.takeover === true,
      marketOptions: options,
      dataDir,
      place,
      runId: newId(),
      fresh: flags.fresh === true,
      strategies,
      program: ports.program,
      argv: ports.argv,
      ...(ledgerFile === undefined ? {} : { ledgerFile }),
      ...marketEnd(flags, market),
    });
    say(beginning(resumed, dataDir, flags));
    for (const line of isolationLines({ config, strategies })) say(line);
    const watch = ambientStopwatch.elapsedMs();
    const { runtime, view } = await startWatched({ spec, flags, config, io, ports, keys, say });
    const ending = await untilEnd(runtime, flags, { ...ports, io });
    const figures = finalFigures(runtime);
    // Data that has ended answers nobody any more.
    const unsettled = runtime.finished() ? [] : await runtime.settle();
    view.close();
    const trouble = await runtime.stop(ending.why);
    if (unsettled.length > 0) io.err.write(unsettledLine(unsettled));
    for (const line of trouble) io.err.write(`shutdown: ${line}\n`);
    const summary = summarise({
      dataDir,
      accountId: spec.login,
      figures,
      wallSeconds: (ambientStopwatch.elapsedMs() - watch) / 1_000,
      cpuSeconds: ports.cpuSeconds(),
    });
    report(summary, flags, config, io);
    const failure = failureOf(ending, figures, dataDir);
    if (failure !== undefined) io.err.write(`the run failed: ${failure}\n`);
    return failure === undefined ? EXIT.ok : EXIT.failed;
  } finally {
    lock.release();
  }
};

const killBySignal = (runtime: Runtime, signal: string, io: CommandIo): void => {
  const command = { type: 'kill', reason: signal } as const;
  void runtime.operator.execute({ origin: 'signal', account: 'all', command }).then((reply) => {
    if (reply.ok) return;
    for (const { cause } of reply.refusals) io.err.write(`${signal}: ${cause}\n`);
  });
};

/** The folder is ours. A process that is being killed has it until its end. */
const lockFolder = async (dataDir: string, pid: string | undefined): Promise<InstanceLock> => {
  for (let tries = 0; tries < GONE_TRIES && pid !== undefined && isAlive(Number(pid)); tries += 1) {
    await new Promise<void>((wake) => {
      ambientClock.schedule(POLL_MS, wake);
    });
  }
  return acquireInstanceLock(dataDir);
};
const GONE_TRIES = 500;

/** A session that never saw its account did nothing, whatever it was ended by; only a person who
 * interrupts it gets what was asked for. */
const failureOf = (ending: Ending, figures: FinalFigures, dataDir: string): string | undefined => {
  if (ending.failed) return ending.why;
  if (figures.equity !== null || ending.why.startsWith('SIG')) return undefined;
  return `the terminal never came up; its own words are in ${join(dataDir, TERMINAL_DIR)}`;
};

/** A ledger is one run's truth; a new run never continues another's, nor overwrites it. */
const refuseForeignLedger = (file: string): void => {
  if (!existsSync(file) || statSync(file).size === 0) return;
  throw new CliError(
    `${file} holds the ledger of another run`,
    'name another file, or use --fresh',
  );
};

const refuse = (flags: RunFlags, config: Config): void => {
  if (config.profile === 'live') refuseLiveReplay(flags);
  refuseFlags(flags);
};

const refuseFlags = ({ ledger }: RunFlags): void => {
  if (ledger === undefined || !existsSync(ledger) || statSync(ledger).isFile()) return;
  throw new CliError(`--ledger ${ledger} is a folder`, 'name a file');
};

const placeOf = (flags: RunFlags, config: Config): string => {
  if (flags.dataDir !== undefined) return resolve(flags.dataDir);
  const files = flags.replay ?? [];
  return files.length === 0 ? config.dataDir : replayDir(config.dataDir, files, ambientClock.now());
};

/** A replay is over before anybody looks, unless somebody asked to; everything else is shown. */
const inspectorPort = (flags: RunFlags, { api }: Config): number | undefined =>
  flags.inspectorPort ?? api.port ?? (isReplay(flags) ? undefined : 0);

const isReplay = (flags: RunFlags): boolean => (flags.replay ?? []).length > 0;

/** `--duration` of a replay cuts the market, so that its orders are the same at any speed. */
const marketEnd = (flags: RunFlags, market: TradedMarket): { readonly marketUntilMs?: EpochMs } => {
  const { durationMs } = flags;
  if (durationMs === undefined || !isReplay(flags)) return {};
  return { marketUntilMs: epochMs(market.startsAt + durationMs) };
};

const unsettledLine = (intents: readonly string[]): string =>
  `still under way at the end: ${intents.join(', ')}; the next start finds out what became of them\n`;

const POLL_MS = 20;

/** Resolves when the data or the time is over, the operator wants it, or nothing can go on. */
const untilEnd = async (
  runtime: Runtime,
  flags: RunFlags,
  ports: RunPorts & { readonly io: CommandIo },
): Promise<Ending> => {
  let end: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>((resolveEnd) => {
    end = resolveEnd;
  });
  const stopListening = ports.onStopRequested((signal) => end({ why: signal, failed: false }));
  const stopKill = ports.onKillRequested((signal) => killBySignal(runtime, signal, ports.io));
  void runtime.system.ended.then((reason) =>
    end({ why: `the supervision tree ended: ${JSON.stringify(reason)}`, failed: true }),
  );
  runtime.system.subscribe((event) => {
    if (event.type === 'supervisor.exhausted' && event.path.startsWith('accounts.')) {
      const isAccount = event.path.split('.').length === 2;
      if (isAccount) end({ why: `${event.path} is parked`, failed: true });
    }
  });
  // Live, a mismatch of the books halts and waits for a person; a replay has nobody to wait for.
  runtime.onEntry((entry) => {
    if (entry.kind !== 'event' || entry.code !== 'ledger.mismatch' || !isReplay(flags)) return;
    end({ why: `the books differ: ${entry.detail}`, failed: true });
  });
  // A replay's duration is market time: the market itself ends there (see marketEnd).
  const wallMs = isReplay(flags) ? undefined : flags.durationMs;
  const began = ambientStopwatch.elapsedMs();
  const poll = (): void => {
    if (runtime.finished()) end({ why: 'the market data ended', failed: false });
    else if (wallMs !== undefined && ambientStopwatch.elapsedMs() - began >= wallMs) {
      end({ why: 'the duration is over', failed: false });
    } else timer = ambientClock.schedule(POLL_MS, poll);
  };
  let timer = ambientClock.schedule(POLL_MS, poll);
  const ending = await ended;
  timer.cancel();
  stopListening();
  stopKill();
  return ending;
};

const report = (summary: SessionSummary, flags: RunFlags, config: Config, io: CommandIo): void => {
  const text = renderSummary(summary, config.account.currency);
  if (flags.json === true) {
    io.err.write(`${text}\n`);
    io.out.write(`${summaryJson(summary)}\n`);
  } else {
    io.out.write(`${text}\n`);
  }
};
