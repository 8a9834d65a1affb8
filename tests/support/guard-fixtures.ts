import { openChart } from '../../src/actors/drive-chart.ts';
import {
  type GuardOptions,
  type GuardState,
  NO_DEALS,
} from '../../src/actors/guard/guard-state.ts';
import type { SignalRaised, Snapshot } from '../../src/actors/messages.ts';
import { packMagic } from '../../src/domain/magic.ts';
import type { Tick } from '../../src/domain/market.ts';
import type { OpenSignal, Position, StrategyKey, VenueOrder } from '../../src/domain/trading.ts';
import { epochMs, minor, points } from '../../src/domain/units.ts';
import { flattenMachine } from '../../src/machines/flatten.machine.ts';
import { tradingModeMachine } from '../../src/machines/trading-mode.machine.ts';
import { DEFAULT_RISK_LIMITS } from '../../src/risk/risk-limits.ts';
import { account, at, EURUSD, ftmo, ledgerAt, lots, usd } from './risk-fixtures.ts';

/** A guard that knows a fresh account of 100,000 and quotes EURUSD; one lot is 1.00 per point. */
export const NOW = at('2024-01-09T10:00:00Z');
export const KEY: StrategyKey = {
  id: 'pulse:EURUSD',
  name: 'pulse',
  symbol: 'EURUSD',
  number: 7,
  hash: 'h',
};
export const OURS = packMagic({ strategy: KEY.number, epoch: 1, sequence: 1 });

export const guardOptions = (change: Partial<GuardOptions> = {}): GuardOptions => ({
  ruleSet: ftmo(),
  phase: 'challenge',
  initial: usd(100_000),
  currency: 'USD',
  currencyDigits: 2,
  limits: { ...DEFAULT_RISK_LIMITS, maxTradeRiskPpm: 1_000_000 },
  sizingOf: () => ({ type: 'fixedLots', volumeE8: lots(1) }),
  slippageOf: () => points(20),
  nights: 1,
  intentTtlMs: 5_000,
  nakedMs: 2_000,
  flattenStuckMs: 60_000,
  snapshotEveryMs: 300_000,
  killBuffer: usd(100),
  deadMan: { policy: 'none', afterMs: 120_000 },
  isOpen: () => true,
  closuresOf: () => [],
  calendar: () => null,
  groups: [],
  external: 'observe',
  holds: [],
  strategies: [{ key: KEY, path: 'host' }],
  ...change,
});

const active = (): GuardState['mode'] => {
  const halted = openChart(tradingModeMachine, { holds: [] });
  return { ...halted, value: 'active' } as GuardState['mode'];
};

export const quote = (bid: number, spread = 10, atMs: number = NOW) => ({
  bid: points(bid),
  ask: points(bid + spread),
  at: epochMs(atMs),
});

export const guardState = (change: Partial<GuardState> = {}): GuardState => ({
  mode: active(),
  flatten: openChart(flattenMachine, { stuckAfterMs: 60_000 }),
  gateOpen: true,
  breakerOpen: false,
  journalWorks: true,
  epoch: 1,
  account: account(),
  instruments: new Map([['EURUSD', EURUSD]]),
  quotes: new Map([['EURUSD', quote(110_000)]]),
  positions: new Map(),
  orders: new Map(),
  held: new Map(),
  closing: new Map(),
  cancelling: new Map(),
  widening: new Map(),
  ledger: ledgerAt('2024-01-09T08:00:00Z'),
  applied: NO_DEALS,
  equity: usd(100_000),
  opened: 0,
  breachNoted: null,
  refusals: new Map(),
  evaluation: null,
  calendar: null,
  ...change,
});

export const position = (ticket: string, change: Partial<Position> = {}): Position => ({
  ticket,
  symbol: 'EURUSD',
  side: 'buy',
  volumeE8: lots(1),
  open: points(110_000),
  openedAt: NOW,
  stopLoss: points(109_800),
  magic: OURS,
  swap: minor(0n),
  comment: '',
  ...change,
});
export const positions = (...items: readonly Position[]): ReadonlyMap<string, Position> =>
  new Map(items.map((item) => [item.ticket, item]));

export const workingOrder = (ticket: string, change: Partial<VenueOrder> = {}): VenueOrder => ({
  ticket,
  symbol: 'EURUSD',
  side: 'buy',
  kind: 'limit',
  volumeE8: lots(1),
  filledE8: lots(0),
  price: points(109_900),
  tif: 'gtc',
  stopLoss: points(109_700),
  magic: OURS,
  state: 'placed',
  placedAt: NOW,
  comment: '',
  ...change,
});

export const tick = (afterMs: number, bid: number, symbol = 'EURUSD', spread = 10): Tick => ({
  symbol,
  at: epochMs(NOW + afterMs),
  bid: points(bid),
  ask: points(bid + spread),
});

export const opening = (
  change: Partial<OpenSignal> = {},
): SignalRaised & { readonly signal: OpenSignal } => ({
  type: 'signal.raised',
  strategy: KEY,
  barAt: epochMs(NOW - 300_000),
  at: NOW,
  signal: {
    type: 'open',
    side: 'buy',
    kind: 'market',
    stopDistance: points(200),
    leg: 0,
    reason: 'test',
    ...change,
  },
});

export const snapshotOf = (change: Partial<Snapshot> = {}): Snapshot => ({
  at: NOW,
  hash: 'h',
  account: account(),
  positions: [],
  orders: [],
  historyOrders: [],
  deals: [],
  instruments: [EURUSD],
  results: [],
  unresolved: [],
  ...change,
});
