import { join } from 'node:path';
import * as Redacted from 'effect/Redacted';
import type { StrategySource } from '../actors/isolation/engine-protocol.ts';
import {
  describeSeats,
  type Placed,
  placeStrategies,
  type Seats,
} from '../actors/isolation/placement.ts';
import type { RuntimeSpec } from '../actors/runtime.ts';
import type { StrategyOptions } from '../actors/strategy-host.ts';
import type { Config, StrategyConfig } from '../config/config.ts';
import { inheritedEnvironment } from '../config/environment.ts';
import { newsFileCalendar } from '../config/news-file.ts';
import { newsComeFrom } from '../config/news-source.ts';
import { TIMEFRAMES, type Timeframe } from '../domain/market.ts';
import { type EpochMs, epochMs, minor } from '../domain/units.ts';
import { closureFinder } from '../mt5/closures.ts';
import type { Market, MarketOptions } from '../mt5/terminal/market/types.ts';
import { TERMINAL_DEFAULTS, type TerminalOptions } from '../mt5/terminal/options.ts';
import { checkTerminalDirectory } from '../mt5/terminal/terminal-process.ts';
import { parseServerTz, type ServerZone } from '../mt5/venue-time.ts';
import type { SizingRule } from '../risk/sizing.ts';
import { type OwnSlippage, slippagePoints } from '../risk/slippage.ts';
import { strategyHash } from '../strategy/strategy-hash.ts';
import { paramsOf, type StrategyProblem } from '../strategy/strategy-params.ts';
import { bridgeOptions } from './bridge-options.ts';
import { CliError } from './cli-error.ts';
import { loadStrategy } from './load-strategy.ts';
import { terminalAccount } from './market-setup.ts';
import { linkSpec, type RunKeys, sessionOpen } from './run-link.ts';
import { type LinkPlace, TERMINAL_DIR } from './run-place.ts';
import {
  calendarOptions,
  TERMINAL_OPTIONS_FILE,
  writeTerminalOptions,
} from './terminal-options.ts';
import { shelveTerminal } from './terminal-shelf.ts';

/** What a run has to know of its market; a real terminal tells the rest itself. */
export type TradedMarket = Pick<Market, 'startsAt' | 'endsAt' | 'sourceBarMs'> & {
  readonly instruments: readonly { readonly symbol: string }[];
};

/** Everything a run needs, from a checked configuration and a loaded market. */
export interface RunPlan {
  readonly config: Config;
  readonly market: TradedMarket;
  /** What a simulated terminal plays; null where a real one trades. */
  readonly simulated: Market | null;
  readonly marketOptions: MarketOptions;
  readonly dataDir: string;
  readonly place: LinkPlace;
  readonly keys: RunKeys | null;
  /** The operator wants the account, whoever has it. */
  readonly takeover: boolean;
  readonly runId: string;
  readonly fresh: boolean;
  readonly strategies: readonly PlannedStrategy[];
  /** This program, as the terminal's process is to be started with it. */
  readonly program: { readonly command: string; readonly args: readonly string[] };
  /** What this program was started with. */
  readonly argv: readonly string[];
  readonly ledgerFile?: string;
  /** Session time at which the market is to end, if not by itself sooner. */
  readonly marketUntilMs?: EpochMs;
}
export interface PlannedStrategy {
  readonly options: StrategyOptions;
  readonly sizing: SizingRule;
}

export const zoneOf = (serverTz: string): ServerZone => {
  const parsed = parseServerTz(serverTz);
  if (!parsed.ok) throw new CliError(parsed.reason, parsed.remedy);
  return parsed.zone;
};

/**
 * Which strategy trades which symbol. `--strategy` puts one strategy on every symbol. A replay was
 * asked for by its files, so a symbol of it that no strategy was configured for gets the ATR
 * breakout; in the built-in market such a symbol is only watched.
 */
export const chooseStrategies = (
  config: Config,
  market: TradedMarket,
  wanted: string | undefined,
): readonly StrategyConfig[] => {
  const symbols = market.instruments.map(({ symbol }) => symbol);
  return symbols.flatMap((symbol) => {
    const configured = config.strategies.filter((strategy) => strategy.symbol === symbol);
    const isBuiltIn = market.endsAt === undefined;
    if (wanted === undefined && (configured.length > 0 || isBuiltIn)) return configured;
    const first = configured[0];
    const isFile = wanted !== undefined && /[./\\]/.test(wanted);
    const chosen: StrategyConfig = {
      source: isFile ? 'file' : 'builtin',
      use: wanted ?? 'atr-breakout',
      symbol,
      // A file says itself which bars it decides on; a built-in takes the symbol's configured ones.
      timeframe: isFile ? undefined : first?.timeframe,
      params: {},
      sizing: first?.sizing ?? config.risk.sizing,
    };
    return [chosen];
  });
};

/** A strategy decides on its own bars, but never on finer ones than the data has. */
const timeframeFor = (market: TradedMarket, symbol: string, wanted: Timeframe): Timeframe => {
  const sourceMs = market.sourceBarMs?.(symbol) ?? 0;
  if (TIMEFRAMES[wanted] >= sourceMs) return wanted;
  const names = Object.keys(TIMEFRAMES) as readonly Timeframe[];
  return names.find((name) => TIMEFRAMES[name] >= sourceMs) ?? wanted;
};

export const planStrategies = async (
  config: Config,
  market: TradedMarket,
  wanted: string | undefined,
  bundlesDir: string,
): Promise<readonly PlannedStrategy[]> => {
  const { serverTz } = config.market;
  const numbers = new Set<number>();
  const planned: PlannedStrategy[] = [];
  for (const choice of chooseStrategies(config, market, wanted)) {
    const loaded = await loadStrategy(choice.use, { outDir: bundlesDir, cwd: process.cwd() });
    if (!loaded.ok) throw strategyError(loaded.errors);
    const { strategy: definition, codeHash, modulePath: file } = loaded;
    const params = paramsOf(definition, choice.params);
    if (!params.ok) throw strategyError(params.errors);
    const { name, version } = definition;
    const wish = choice.timeframe ?? definition.timeframe;
    const timeframe = timeframeFor(market, choice.symbol, wish);
    const hash = strategyHash({ name, version, timeframe, codeHash, params: params.value });
    const id = `${name}:${choice.symbol}`;
    const key = { id, name, symbol: choice.symbol, number: numberOf(id, numbers), hash };
    const source: StrategySource =
      file === undefined ? { type: 'builtin', name } : { type: 'file', file };
    const wakeOnTick = definition.onTick !== undefined;
    planned.push({
      options: { key, source, timeframe, params: params.value, serverTz, wakeOnTick },
      sizing: choice.sizing,
    });
  }
  return planned;
};

const strategyError = (problems: readonly StrategyProblem[]): CliError => {
  const [first, ...more] = problems;
  const rest = more.map(({ path, reason, remedy }) => `\n${path}: ${reason}. ${remedy}`).join('');
  return new CliError(`${first?.path}: ${first?.reason}`, `${first?.remedy ?? ''}${rest}`);
};

/** 16 bits of the strategy's id, the same in every run, so that its positions stay its own. */
const numberOf = (id: string, taken: Set<number>): number => {
  let hash = 2_166_136_261;
  for (let i = 0; i < id.length; i += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(i), 16_777_619) >>> 0;
  }
  let number = (hash ^ (hash >>> 16)) & 0xffff;
  while (number === 0 || taken.has(number)) number = (number + 1) & 0xffff;
  taken.add(number);
  return number;
};

/** Worker of each strategy, by the configuration's isolation. */
const seatsOf = ({ config, strategies }: Pick<RunPlan, 'config' | 'strategies'>): Seats => {
  const { kind, poolSize } = config.isolation;
  return placeStrategies({ kind, poolSize, strategies: strategies.map(placed) });
};
const placed = ({ options: { key, source } }: PlannedStrategy): Placed => ({ ...key, source });

/** What people read at the start: which strategies go down together, and when they are given up. */
export const isolationLines = (plan: Pick<RunPlan, 'config' | 'strategies'>): readonly string[] => {
  const { deadlineMs, memoryMb } = plan.config.isolation;
  const seats = seatsOf(plan);
  const limits = `a worker has ${deadlineMs} ms for an answer and ${memoryMb} MB of heap`;
  const lines = describeSeats(seats, plan.strategies.map(placed));
  return [...lines, ...(seats.size > 0 ? [limits] : [])].map((line) => `isolation: ${line}`);
};

/** What the configuration says of a symbol's gaps. */
const ownSlippage = (risk: Config['risk'], symbol: string): OwnSlippage => ({
  normal: risk.slippagePoints[symbol] ?? risk.slippagePoints.default,
  news: risk.newsSlippagePoints[symbol],
  dailyBreak: risk.breakSlippagePoints[symbol],
  weekend: risk.weekendSlippagePoints[symbol],
});

/** A minute of the wall's time, as far as the session's pace is known. */
const stuckMs = ({ market }: Config): number =>
  market.speed === 'max' ? HOUR_MS : Math.min(HOUR_MS, MINUTE_MS * Math.max(1, market.speed));
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const SNAPSHOT_MIN_MS = 300_000;
/** Rollovers counted ahead: one ordinary night, or the triple day. */
const NIGHTS_AHEAD = 3;

/** How far ahead closures are looked for: a rule set's longest stretch before one is a week. */
const CLOSURES_AHEAD_MS = 7 * 86_400_000;

export const runtimeSpec = (plan: RunPlan): RuntimeSpec => {
  const { config, market, dataDir, place } = plan;
  const { login, currency, currencyDigits, initialBalanceMinor } = config.account;
  const { link, risk, rules, terminal, isolation } = config;
  const token = link.token === undefined ? null : Redacted.value(link.token);
  const sizing = new Map(plan.strategies.map((item) => [item.options.key.id, item.sizing]));
  const zone = zoneOf(config.market.serverTz);
  const closures = closureFinder(zone, CLOSURES_AHEAD_MS);
  const shortest = Math.min(...plan.strategies.map(({ options }) => TIMEFRAMES[options.timeframe]));
  return {
    name: 'bulwark',
    login,
    dataDir,
    startAt: firstInstant(market),
    connection: linkSpec(config, {
      place,
      zone,
      strategies: plan.strategies.map(({ options }) => options),
      keys: plan.keys,
      takeover: plan.takeover,
    }),
    guard: {
      ruleSet: rules.ruleSet,
      phase: rules.phase,
      initial: initialBalanceMinor,
      currency,
      currencyDigits,
      limits: risk.limits,
      sizingOf: (strategyId) => sizing.get(strategyId) ?? risk.sizing,
      slippageOf: (symbol, classes, price) =>
        slippagePoints({ symbol, price, classes, own: ownSlippage(risk, symbol) }),
      nights: NIGHTS_AHEAD,
      intentTtlMs: risk.intentTtlMs,
      nakedMs: risk.nakedMs,
      flattenStuckMs: stuckMs(config),
      snapshotEveryMs: Math.max(SNAPSHOT_MIN_MS, shortest),
      killBuffer: minor(risk.floorBufferMinor / 2n),
      deadMan: link.deadMan,
      isOpen: sessionOpen(zone),
      closuresOf: (instrument, at) => closures(instrument.sessions, at),
      calendar: newsComeFrom(config) === 'terminal' ? null : newsFileCalendar(config.news.file),
      groups: risk.groups,
      external: risk.external,
      holds: config.profile === 'dryRun' ? ['dry run: nothing is sent'] : [],
    },
    executor: {
      replyTimeoutMs: risk.intentTtlMs + terminal.latencyMs,
      settleMs: link.settleMs,
      finalOrders: 1_000,
    },
    strategies: plan.strategies.map(({ options }) => options),
    isolation: { ...isolation, seats: seatsOf(plan) },
    terminal: watchedTerminal(plan, token),
    control: { successor: successorOf(plan) },
    ...(config.traces.endpoint === undefined
      ? {}
      : { traces: { ratio: config.traces.samplingRatio } }),
    session: {
      kind: 'session.started',
      runId: plan.runId,
      profile: config.profile,
      ruleSet: `${rules.set}/${rules.phase}`,
      initialMinor: initialBalanceMinor.toString(),
      currency,
      currencyDigits,
    },
  };
};

/**
 * This program, as it starts again in the same folder when its main thread never comes back. It
 * forgets nothing, and its strategies are where they cannot hold it up again.
 */
const successorOf = ({ program, argv, dataDir }: RunPlan) => ({
  command: program.command,
  args: [
    ...program.args,
    ...argv.filter((flag) => flag !== '--fresh'),
    ...['--data-dir', dataDir, '--isolation', 'perStrategy'],
  ],
});

/** The process that the watchdog starts: this program's simulated terminal or its bridge to somebody
 * else's EA, or the configuration's own command; null when somebody else starts the terminal (`bulwark terminal`). */
const watchedTerminal = (plan: RunPlan, token: string | null): RuntimeSpec['terminal'] => {
  const { kind, command, args, restart, readyMs, readyText, frozenMs } = plan.config.terminal;
  const isBridged = plan.config.link.kind === 'jsonapi';
  if (kind === 'external' && command === undefined && !isBridged) return null;
  const own = (): readonly string[] => [
    ...plan.program.args,
    ...(isBridged
      ? ['bridge', '--options', writeBridgeOptions(plan, token)]
      : ['terminal', '--options', writeOptions(plan, token)]),
  ];
  return {
    command: command ?? plan.program.command,
    args: command === undefined ? own() : (args ?? []),
    environment: inheritedEnvironment(),
    dataDir: join(plan.dataDir, TERMINAL_DIR),
    restart,
    readyMs,
    readyText: readyText ?? null,
    frozenMs,
    stopMs: 10_000,
  };
};

/** Session time before the first tick: a moment earlier, so that the tick itself is an advance. */
const firstInstant = (market: TradedMarket): EpochMs => epochMs(market.startsAt - 1);

/** What a terminal's process of ours shows of itself. */
const shown = (
  { keys }: RunPlan,
  token: string | null,
): Pick<TerminalOptions, 'token' | 'curve'> => {
  if (keys !== null) return { token: keys.own.token, curve: keys.own.curve };
  return token === null ? {} : { token };
};

const writeBridgeOptions = (plan: RunPlan, token: string | null): string => {
  const { config, dataDir, place } = plan;
  const file = join(dataDir, TERMINAL_OPTIONS_FILE);
  writeTerminalOptions(file, {
    ...bridgeOptions(config, {
      endpoint: `tcp://${config.link.host}:${place.port}`,
      dataDir: join(dataDir, TERMINAL_DIR),
    }),
    ...shown(plan, token),
  });
  return file;
};

const writeOptions = (plan: RunPlan, token: string | null): string => {
  const { config, dataDir, place } = plan;
  const { terminal, market, link } = config;
  const terminalDir = join(dataDir, TERMINAL_DIR);
  const options: TerminalOptions = {
    ...TERMINAL_DEFAULTS,
    endpoint: `tcp://${link.host}:${place.port}`,
    dataDir: terminalDir,
    ...(plan.ledgerFile === undefined ? {} : { ledgerFile: plan.ledgerFile }),
    fresh: false,
    account: terminalAccount(config),
    market: plan.marketOptions,
    ...(plan.marketUntilMs === undefined ? {} : { marketUntilMs: plan.marketUntilMs }),
    instruments: config.instruments,
    speed: market.speed,
    clock: market.clock,
    latencyMs: terminal.latencyMs,
    seed: market.seed,
    rejectRate: terminal.rejectRate,
    requoteRate: terminal.requoteRate,
    partialFillRate: terminal.partialFillRate,
    operations: terminal.operations,
    ...calendarOptions(config),
    instanceId: 'simulated',
    reconnect: link.reconnect,
    ...shown(plan, token),
  };
  if (plan.simulated !== null) {
    shelveTerminal(dataDir, options.account.login);
    checkTerminalDirectory(options, plan.simulated);
  }
  const file = join(dataDir, TERMINAL_OPTIONS_FILE);
  writeTerminalOptions(file, options);
  return file;
};
