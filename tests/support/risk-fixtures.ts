import type { Instrument } from '../../src/domain/instrument.ts';
import { UNIT_RATE } from '../../src/domain/instrument.ts';
import type { AccountState, Deal, OpenSignal } from '../../src/domain/trading.ts';
import type { EpochMs, Minor } from '../../src/domain/units.ts';
import { epochMs, lotsE8, minor, points } from '../../src/domain/units.ts';
import { builtinRuleSet } from '../../src/risk/builtin-rule-sets.ts';
import type { SymbolRisk } from '../../src/risk/exposure.ts';
import { openLedger } from '../../src/risk/ledger.ts';
import type { LedgerState } from '../../src/risk/ledger-state.ts';
import type { MarketContext } from '../../src/risk/market-context.ts';
import { DEFAULT_RISK_LIMITS } from '../../src/risk/risk-limits.ts';
import type { FloorRule, RuleSet } from '../../src/risk/rule-set.ts';
import type { AssessInput } from '../../src/risk/verdict-types.ts';

/** Plain figures that a person can check by hand: one lot of EURUSD is 1.00 per point. */
export const usd = (amount: number): Minor => minor(BigInt(Math.round(amount * 100)));
export const lots = (amount: number) => lotsE8(Math.round(amount * 1e8));
export const at = (iso: string): EpochMs => epochMs(Date.parse(iso));

export const EURUSD: Instrument = {
  symbol: 'EURUSD',
  digits: 5,
  baseCurrency: 'EUR',
  quoteCurrency: 'USD',
  contractSize: 100_000,
  tickSizePoints: points(1),
  volumeMinE8: lots(0.01),
  volumeMaxE8: lots(50),
  volumeStepE8: lots(0.01),
  stopsLevelPoints: points(10),
  freezeLevelPoints: points(0),
  fillingModes: ['fok', 'ioc'],
  tradeMode: 'full',
  swapLongPoints: -7,
  swapShortPoints: 2.5,
  swapTripleWeekday: 3,
  commissionPerLotMinor: minor(300n),
  sessions: [],
};

export const ftmo = (): RuleSet => {
  const ruleSet = builtinRuleSet('ftmo-2step');
  if (ruleSet === undefined) throw new Error('ftmo-2step is not shipped');
  return ruleSet;
};

/** FTMO's rules with one floor rule changed: the way to reach a dimension that FTMO lacks. */
export const ftmoWith = (change: {
  readonly daily?: Partial<FloorRule>;
  readonly total?: Partial<FloorRule>;
}): RuleSet => {
  const base = ftmo();
  const phases = base.phases.map((phase) => ({
    ...phase,
    daily: phase.daily === null ? null : { ...phase.daily, ...change.daily },
    total: { ...phase.total, ...change.total },
  }));
  return { ...base, phases };
};

export const ledgerAt = (iso: string, initial = 100_000, ruleSet: RuleSet = ftmo()): LedgerState =>
  openLedger({
    ruleSet,
    phase: 'challenge',
    initial: usd(initial),
    at: at(iso),
    balance: usd(initial),
  });

let ticket = 0;
export const deal = (fields: Partial<Deal> & { readonly at: EpochMs }): Deal => {
  ticket += 1;
  return {
    ticket: String(ticket),
    orderTicket: String(ticket),
    positionTicket: String(ticket),
    symbol: 'EURUSD',
    side: 'buy',
    entry: 'out',
    volumeE8: lots(1),
    price: points(110_000),
    profit: usd(0),
    commission: usd(0),
    swap: usd(0),
    magic: '0',
    reason: 'expert',
    comment: '',
    ...fields,
  };
};

export const symbolRisk = (fields: Partial<SymbolRisk> = {}): SymbolRisk => ({
  instrument: EURUSD,
  bid: points(110_000),
  ask: points(110_010),
  quotedAt: Date.parse('2024-01-09T10:00:00Z'),
  sessionOpen: true,
  rate: { low: UNIT_RATE, high: UNIT_RATE },
  slippagePoints: points(20),
  sizingSlippagePoints: points(10),
  entrySlippagePoints: points(5),
  nights: 1,
  ...fields,
});

export const account = (fields: Partial<AccountState> = {}): AccountState => ({
  login: '5012345',
  server: 'Sim-Demo',
  currency: 'USD',
  currencyDigits: 2,
  leverage: 100,
  marginMode: 'hedging',
  stopOutLevelPercent: 50,
  balance: usd(100_000),
  equity: usd(100_000),
  margin: usd(0),
  ...fields,
});

export const buySignal = (fields: Partial<OpenSignal> = {}): OpenSignal => ({
  type: 'open',
  side: 'buy',
  kind: 'market',
  stopDistance: points(200),
  leg: 0,
  reason: 'test',
  ...fields,
});

/** A market that stays open, without news, groups or other accounts. */
export const QUIET: MarketContext = {
  closures: [],
  calendar: null,
  groups: [],
  elsewhere: { positions: [], allocated: minor(0n) },
};

/** An order that passes: 1 lot of EURUSD, stop 200 points away, on a fresh account. */
export const assessInput = (fields: Partial<AssessInput> = {}): AssessInput => ({
  at: at('2024-01-09T10:00:00Z'),
  mode: 'active',
  gateOpen: true,
  duplicate: false,
  account: account(),
  ledger: ledgerAt('2024-01-09T08:00:00Z'),
  limits: { ...DEFAULT_RISK_LIMITS, maxTradeRiskPpm: 1_000_000 },
  positions: [],
  orders: [],
  symbols: new Map([['EURUSD', symbolRisk()]]),
  context: QUIET,
  order: {
    intentId: 'new',
    strategyId: 'atr-breakout:EURUSD',
    symbol: 'EURUSD',
    signal: buySignal(),
    sizing: { type: 'fixedLots', volumeE8: lots(1) },
  },
  ...fields,
});
