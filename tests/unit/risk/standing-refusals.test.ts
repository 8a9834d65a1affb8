import { describe, expect, it } from 'vitest';
import type { OpenSignal } from '../../../src/domain/trading.ts';
import { epochMs, points } from '../../../src/domain/units.ts';
import { builtinRuleSet } from '../../../src/risk/builtin-rule-sets.ts';
import type { OpenRisk, OrderRisk } from '../../../src/risk/exposure.ts';
import { countOrder } from '../../../src/risk/ledger.ts';
import type { LedgerState } from '../../../src/risk/ledger-state.ts';
import { standingRefusals } from '../../../src/risk/standing-refusals.ts';
import { assess } from '../../../src/risk/verdict.ts';
import type { AssessInput } from '../../../src/risk/verdict-types.ts';
import { fc } from '../../support/property-seed.ts';
import {
  account,
  assessInput,
  buySignal,
  EURUSD,
  ledgerAt,
  lots,
  QUIET,
  symbolRisk,
  usd,
} from '../../support/risk-fixtures.ts';

const BASE = assessInput();
const { limits } = BASE;
const standing = (change: Partial<AssessInput> = {}): readonly string[] => {
  const { order, ...input } = assessInput(change);
  const { strategyId, symbol } = order;
  return standingRefusals({ ...input, strategyId, symbol }).map(({ code }) => code);
};
const symbol = (change: Parameters<typeof symbolRisk>[0]) =>
  new Map([['EURUSD', symbolRisk(change)]]);
const held = (change: Partial<OpenRisk> = {}): OpenRisk => ({
  ...{ ticket: '1', symbol: 'EURUSD', side: 'buy', volumeE8: lots(1), swap: usd(0) },
  ...{ open: points(110_000), stopLoss: points(109_800) },
  ...change,
});
const naked = (): OpenRisk => {
  const { stopLoss: _, ...rest } = held();
  return rest;
};
const unknown: OrderRisk = {
  ...{ id: 'p', strategyId: BASE.order.strategyId, status: 'unknown', symbol: 'EURUSD' },
  ...{ side: 'buy', volumeE8: lots(1), entry: points(110_000), stopLoss: points(109_800) },
};
const funded = (): LedgerState => {
  const ledger = ledgerAt('2024-01-09T08:00:00Z');
  const phase = builtinRuleSet('ftmo-2step')?.phases.find(({ name }) => name === 'funded');
  if (phase === undefined) throw new Error('ftmo-2step has no funded phase');
  return { ...ledger, rules: { ...ledger.rules, phase } };
};
const release = (afterMs: number): AssessInput['context'] => ({
  ...QUIET,
  calendar: {
    ...{ updatedAt: BASE.at, from: epochMs(BASE.at - 86_400_000) },
    until: epochMs(BASE.at + 7 * 86_400_000),
    releases: [{ at: epochMs(BASE.at + afterMs), currency: 'USD', impact: 'high', title: 'CPI' }],
  },
});
const weekend = (afterMs: number): AssessInput['context'] => ({
  ...QUIET,
  closures: [{ from: epochMs(BASE.at + afterMs), to: epochMs(BASE.at + afterMs + 48 * 3_600_000) }],
});
/** Funded rules without a ban of gap trading, which would be told first. */
const mayOpenLate = (): LedgerState => {
  const ledger = funded();
  const { phase } = ledger.rules;
  const holding = { ...phase.holding, noOpenBeforeBreak: null };
  return { ...ledger, rules: { ...ledger.rules, phase: { ...phase, holding } } };
};
const group = { name: 'dollar', symbols: ['EURUSD'], maxRiskPpm: 1 };

const CASES: readonly (readonly [string, Partial<AssessInput>])[] = [
  ['MODE', { mode: 'halted' }],
  ['GATE_CLOSED', { gateOpen: false }],
  ['UNKNOWN_SYMBOL', { symbols: new Map() }],
  ['UNRESOLVED_ORDER', { orders: [unknown] }],
  ['SYMBOL_DISABLED', { symbols: symbol({ instrument: { ...EURUSD, tradeMode: 'closeOnly' } }) }],
  ['MARKET_CLOSED', { symbols: symbol({ sessionOpen: false }) }],
  ['STALE_QUOTE', { symbols: symbol({ quotedAt: BASE.at - limits.maxQuoteAgeMs - 1 }) }],
  ['NO_RATE', { symbols: symbol({ rate: undefined }) }],
  ['NAKED_POSITION', { positions: [naked()] }],
  ['ACCOUNT_MODE', { account: account({ marginMode: 'netting' }) }],
  ['NEWS', { ledger: funded(), context: release(60_000) }],
  ['NEWS_UNKNOWN', { ledger: funded() }],
  ['BREAK_AHEAD', { context: weekend(3_600_000) }],
  [
    'FLAT_AHEAD',
    { ledger: mayOpenLate(), context: { ...release(9e7), closures: weekend(60_000).closures } },
  ],
  ['MAX_POSITIONS', { positions: [held()], limits: { ...limits, maxPositions: 1 } }],
  [
    'MAX_POSITIONS_SYMBOL',
    { positions: [held()], limits: { ...limits, maxPositionsPerSymbol: 1 } },
  ],
  ['ORDERS_PER_DAY', { ledger: countOrder(BASE.ledger), limits: { ...limits, ordersPerDay: 1 } }],
  ['REQUESTS_PER_DAY', { limits: { ...limits, requestsPerDay: 0 } }],
  ['TRADE_RISK', { limits: { ...limits, maxTradeRiskPpm: 1 } }],
  ['SYMBOL_RISK', { positions: [held()], limits: { ...limits, maxSymbolRiskPpm: 100 } }],
  ['GROUP_RISK', { positions: [held()], context: { ...QUIET, groups: [group] } }],
  ['DAILY_FLOOR', { account: account({ equity: usd(95_000.01) }) }],
  ['MARGIN', { account: account({ margin: usd(100_000) }) }],
];

describe('what stands against any order', () => {
  it('is nothing on a fresh account in an open market', () => {
    expect(standing()).toEqual([]);
  });

  it.each(CASES)('names %s', (code, change) => {
    expect(standing(change)).toContain(code);
  });

  it('names all of it, the most general first', () => {
    const change = { mode: 'halted', symbols: symbol({ sessionOpen: false }) } as const;
    const full = { positions: [held()], limits: { ...limits, maxPositions: 1 } };
    expect(standing({ ...change, ...full })).toEqual(['MODE', 'MARKET_CLOSED', 'MAX_POSITIONS']);
  });

  it('leaves out what only one side meets, unless the other is not free either', () => {
    const longOnly = { instrument: { ...EURUSD, tradeMode: 'longOnly' } } as const;
    expect(standing({ symbols: symbol(longOnly) })).toEqual([]);
    const sold = {
      account: account({ marginMode: 'netting' }),
      positions: [held({ side: 'sell', stopLoss: points(110_200) })],
    };
    const us = builtinRuleSet('ftmo-us');
    if (us === undefined) throw new Error('ftmo-us is not shipped');
    const netting = { ...sold, ledger: ledgerAt('2024-01-09T08:00:00Z', 100_000, us) };
    expect(standing(netting)).toEqual([]);
    expect(standing({ ...netting, symbols: symbol(longOnly) })).toEqual([
      'OPPOSITE_SIDE',
      'SYMBOL_DISABLED',
    ]);
  });

  const signal = fc.record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    kind: fc.constantFrom('market' as const, 'limit' as const, 'stop' as const),
    away: fc.integer({ min: 1, max: 500 }),
    stopDistance: fc.integer({ min: 1, max: 2_000 }),
    target: fc.option(fc.integer({ min: 1, max: 2_000 }), { nil: undefined }),
    volume: fc.integer({ min: 1, max: 500 }),
  });
  const orderOf = (drawn: ReturnType<typeof signal.generate>['value']): AssessInput['order'] => {
    const { side, kind, away, stopDistance, target, volume } = drawn;
    const above = (side === 'buy') === (kind === 'stop');
    const price = points(above ? 110_010 + away : 110_000 - away);
    const levels: Partial<OpenSignal> = {
      ...{ side, kind, stopDistance: points(stopDistance) },
      ...(kind === 'market' ? {} : { price }),
      ...(target === undefined ? {} : { takeProfitDistance: points(target) }),
    };
    const sizing = { type: 'fixedLots', volumeE8: lots(volume / 100) } as const;
    return { ...BASE.order, signal: buySignal(levels), sizing };
  };

  it('is met by every order, whatever its side, kind, levels and volume', () => {
    fc.assert(
      fc.property(
        fc.subarray(
          CASES.map(([, change]) => change),
          { minLength: 1, maxLength: 3 },
        ),
        fc.array(signal, { minLength: 1, maxLength: 4 }),
        (changes, signals) => {
          const change = Object.assign({}, ...changes) as Partial<AssessInput>;
          if (standing(change).length === 0) return;
          for (const drawn of signals) {
            const verdict = assess(assessInput({ ...change, order: orderOf(drawn) }));
            expect(verdict.ok).toBe(false);
          }
        },
      ),
    );
  });

  it('is there when the least order of either side is refused', () => {
    const least = { kind: 'market', away: 1, stopDistance: 20, target: 20, volume: 1 } as const;
    const refused = (change: Partial<AssessInput>, side: 'buy' | 'sell'): boolean =>
      !assess(assessInput({ ...change, order: orderOf({ ...least, side }) })).ok;
    fc.assert(
      fc.property(
        fc.subarray(
          CASES.map(([, change]) => change),
          { maxLength: 3 },
        ),
        (changes) => {
          const change = Object.assign({}, ...changes) as Partial<AssessInput>;
          const none = refused(change, 'buy') && refused(change, 'sell');
          expect(standing(change).length > 0).toBe(none);
        },
      ),
    );
  });
});
