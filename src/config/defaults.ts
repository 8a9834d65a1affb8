import { JSON_API_DEFAULTS } from '../mt5/jsonapi/bridge-options.ts';
import type { EncodedDocument, Profile } from './schema.ts';

const BASE: EncodedDocument = {
  profile: 'paper',
  dataDir: '.bulwark',
  account: {
    login: '5012345',
    server: 'Bulwark-Sim',
    currency: 'USD',
    currencyDigits: 2,
    initialBalance: '100000.00',
    leverage: 100,
    marginMode: 'hedging',
    stopOutLevelPercent: 50,
  },
  link: {
    kind: 'bwp',
    jsonApi: { ...JSON_API_DEFAULTS },
    host: '127.0.0.1',
    port: 0,
    heartbeatMs: 1000,
    reconnect: { initialMs: 250, maxMs: 10_000 },
    settleMs: 2000,
    leaseMs: 10_000,
    deadMan: { policy: 'none', afterMs: 120_000 },
  },
  terminal: {
    kind: 'simulated',
    restart: { intensity: 5, periodMs: 60_000, backoffInitialMs: 500, backoffMaxMs: 10_000 },
    readyMs: 120_000,
    frozenMs: 30_000,
    latencyMs: 250,
    rejectRate: 0,
    requoteRate: 0,
    partialFillRate: 0,
    operations: [],
  },
  market: {
    serverTz: 'ny+7',
    seed: 1,
    speed: 300,
    clock: 'master',
    // A Monday when London opens, so that a first look meets neither a closed market nor a quiet one.
    startAt: '2024-03-04T07:00:00Z',
    symbols: ['EURUSD', 'GBPUSD', 'XAUUSD'],
  },
  rules: { set: 'ftmo-2step', phase: 'challenge' },
  risk: {
    sizing: { kind: 'riskPercent', percent: 0.5, base: 'balance' },
    maxTradeRiskPercent: 2.5,
    maxSymbolRiskPercent: 100,
    correlationGroups: [],
    softDailyPercent: 80,
    softTotalPercent: 80,
    floorBuffer: '250.00',
    maxOpenPositions: 6,
    maxPositionsPerSymbol: 4,
    maxOrdersPerDay: 100,
    maxRequestsPerDay: 2000,
    staleQuoteMs: 60_000,
    // Rounded up from one-minute gaps at p99.9 (EURUSD: 12); gold and unlisted symbols gap further.
    slippagePoints: { default: 50, EURUSD: 15, GBPUSD: 20, XAUUSD: 150 },
    newsSlippagePoints: {},
    breakSlippagePoints: {},
    weekendSlippagePoints: {},
    intentTtlMs: 5000,
    nakedMs: 2000,
    flatBeforeWeekend: false,
    external: 'observe',
  },
  news: {},
  strategies: [
    { use: 'atr-breakout', symbol: 'EURUSD', timeframe: 'M15' },
    { use: 'atr-breakout', symbol: 'XAUUSD', timeframe: 'M15' },
    { use: 'sma-cross', symbol: 'GBPUSD', timeframe: 'M15' },
  ],
  isolation: { poolSize: 4, deadlineMs: 2000, memoryMb: 256 },
  instruments: {},
  api: { host: '127.0.0.1', allowedHosts: [], requestsPerMinute: 1_200 },
  alerts: { webhooks: [] },
  traces: { samplingRatio: 1 },
  log: { level: 'info', maxFileMb: 10, maxFiles: 5 },
  console: { refreshMs: 250 },
};

/** A real broker may book an execution a while after the request for it timed out. */
const LIVE_SETTLE_MS = 60_000;

/** Built-in values of a profile. Live money is traded on a real terminal in real time, and its port
 * and token have no default: a person states them. */
export const defaultsOf = (profile: Profile): EncodedDocument =>
  profile === 'live'
    ? {
        ...BASE,
        profile,
        link: { ...BASE.link, settleMs: LIVE_SETTLE_MS },
        terminal: { ...BASE.terminal, kind: 'external' },
        market: { ...BASE.market, speed: 1 },
      }
    : { ...BASE, profile };
