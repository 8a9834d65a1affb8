import { join } from 'node:path';
import { LINK_DEFAULTS } from '../../src/actors/connection/link-defaults.ts';
import type { RuntimeSpec } from '../../src/actors/runtime.ts';
import type { StrategyOptions } from '../../src/actors/strategy-host.ts';
import { lotsE8, minor, points } from '../../src/domain/units.ts';
import type { MarketOptions } from '../../src/mt5/terminal/market/types.ts';
import { TERMINAL_DEFAULTS, type TerminalOptions } from '../../src/mt5/terminal/options.ts';
import { parseServerTz } from '../../src/mt5/venue-time.ts';
import { builtinRuleSet } from '../../src/risk/builtin-rule-sets.ts';
import { DEFAULT_RISK_LIMITS } from '../../src/risk/risk-limits.ts';
import { PULSE, type PulseParams } from './pulse-strategy.ts';

/** One runtime and its terminal, spelt out: what the command line makes of a configuration. */
export const LOGIN = '5012345';
export const SERVER = 'Bulwark-Sim';
const UTC = (() => {
  const parsed = parseServerTz('UTC');
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.zone;
})();
const BALANCE = minor(10_000_000n);

export interface PulseOn extends Partial<PulseParams> {
  readonly symbol: string;
  /** Tells two strategies on one symbol apart. */
  readonly name?: string;
}

export const strategyOf = (pulse: PulseOn, index: number, file: string): StrategyOptions => {
  const { symbol, name = 'pulse', ...params } = pulse;
  const id = `${name}:${symbol}`;
  return {
    key: { id, name, symbol, number: index + 1, hash: `hash-of-${id}` },
    source: { type: 'file', file },
    timeframe: 'M5',
    params: { ...PULSE, ...params },
    serverTz: 'UTC',
    wakeOnTick: false,
  };
};

export interface SpecParts {
  readonly dataDir: string;
  readonly port: number;
  readonly startAt: RuntimeSpec['startAt'];
  readonly strategies: readonly StrategyOptions[];
  readonly terminal: RuntimeSpec['terminal'];
  readonly guard?: Partial<RuntimeSpec['guard']>;
  readonly control?: RuntimeSpec['control'];
}

export const specOf = (parts: SpecParts): RuntimeSpec => {
  const { dataDir, port, startAt, strategies, terminal, guard } = parts;
  const ruleSet = builtinRuleSet('ftmo-2step');
  if (ruleSet === undefined) throw new Error('ftmo-2step is not shipped');
  return {
    name: 'test',
    login: LOGIN,
    dataDir,
    startAt,
    connection: {
      login: LOGIN,
      server: SERVER,
      tokens: [],
      instanceId: 'runtime-1',
      host: '127.0.0.1',
      port,
      leaseMs: 60_000,
      heartbeatMs: 1_000,
      // A busy machine must not look like a lost link: only what a test does may lose it.
      limits: {
        handshakeMs: 120_000,
        suspectMs: 60_000,
        downMs: 120_000,
        backoffInitialMs: 250,
        backoffMaxMs: 1_000,
        busyMaxMs: 120_000,
      },
      ...LINK_DEFAULTS,
      breaker: { ...LINK_DEFAULTS.breaker, replyMs: 600_000 },
      health: { everyMs: 600_000, timeoutMs: 600_000, staleMs: 60_000 },
      zone: UTC,
      isOpen: () => true,
      takeoverToken: null,
      readsCalendar: false,
      subscriptions: strategies.map(({ key, timeframe, wakeOnTick }) => ({
        symbol: key.symbol,
        wakeOnBar: timeframe,
        wakeOnTick,
      })),
    },
    guard: {
      ruleSet,
      phase: 'challenge',
      initial: BALANCE,
      currency: 'USD',
      currencyDigits: 2,
      limits: DEFAULT_RISK_LIMITS,
      sizingOf: () => ({ type: 'fixedLots', volumeE8: lotsE8(10_000_000) }),
      slippageOf: () => points(20),
      nights: 3,
      intentTtlMs: 5_000,
      nakedMs: 2_000,
      flattenStuckMs: 60_000,
      snapshotEveryMs: 300_000,
      killBuffer: minor(12_500n),
      deadMan: { policy: 'none', afterMs: 120_000 },
      isOpen: () => true,
      closuresOf: () => [],
      calendar: () => null,
      groups: [],
      external: 'observe',
      holds: [],
      ...guard,
    },
    executor: { replyTimeoutMs: 5_250, settleMs: 2_000, finalOrders: 1_000 },
    strategies,
    control: parts.control ?? null,
    isolation: { seats: new Map(), deadlineMs: 2_000, memoryMb: 256 },
    terminal,
    session: {
      kind: 'session.started',
      runId: 'run-1',
      profile: 'paper',
      ruleSet: 'ftmo-2step/challenge',
      initialMinor: BALANCE.toString(),
      currency: 'USD',
      currencyDigits: 2,
    },
  };
};

export const terminalOf = (
  dataDir: string,
  port: number,
  market: MarketOptions,
): TerminalOptions => ({
  ...TERMINAL_DEFAULTS,
  endpoint: `tcp://127.0.0.1:${port}`,
  dataDir: join(dataDir, 'terminal'),
  account: {
    login: LOGIN,
    server: SERVER,
    company: 'Bulwark simulated broker',
    currency: 'USD',
    currencyDigits: 2,
    leverage: 100,
    marginMode: 'hedging',
    balanceMinor: BALANCE,
    stopOutLevelPercent: 50,
  },
  market,
  instanceId: 'simulated',
});
