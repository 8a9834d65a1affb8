import { describe, expect, it } from 'vitest';
import { minor, points } from '../../../src/domain/units.ts';
import { asHeld } from '../../../src/risk/account-mode-checks.ts';
import type { RefusalCode } from '../../../src/risk/codes.ts';
import type { OpenRisk, OrderRisk } from '../../../src/risk/exposure.ts';
import type { AccountRule, RuleSet } from '../../../src/risk/rule-set.ts';
import { assess } from '../../../src/risk/verdict.ts';
import type { AssessInput } from '../../../src/risk/verdict-types.ts';
import {
  account,
  assessInput,
  buySignal,
  ftmo,
  ledgerAt,
  lots,
  QUIET,
  usd,
} from '../../support/risk-fixtures.ts';

const held = (fields: Partial<OpenRisk> = {}): OpenRisk => ({
  ticket: '1',
  symbol: 'EURUSD',
  side: 'buy',
  volumeE8: lots(1),
  open: points(110_000),
  stopLoss: points(109_800),
  swap: usd(0),
  ...fields,
});
const pending = (fields: Partial<OrderRisk> = {}): OrderRisk => ({
  id: 'p',
  strategyId: 'other',
  status: 'pending',
  symbol: 'EURUSD',
  side: 'buy',
  volumeE8: lots(1),
  entry: points(110_000),
  stopLoss: points(109_700),
  ...fields,
});
const rulesWith = (change: Partial<AccountRule>): RuleSet => ({
  ...ftmo(),
  phases: ftmo().phases.map((phase) => ({ ...phase, account: { ...phase.account, ...change } })),
});
const ledgerOf = (change: Partial<AccountRule>) =>
  ledgerAt('2024-01-09T08:00:00Z', 100_000, rulesWith(change));
const codeOf = (fields: Partial<AssessInput>): RefusalCode | 'ok' => {
  const verdict = assess(assessInput(fields));
  if (!verdict.ok) expect(Object.keys(verdict.numbers)).not.toEqual([]);
  return verdict.ok ? 'ok' : verdict.code;
};
const netting = account({ marginMode: 'netting' });
const either = ledgerOf({ marginMode: 'either' });
const sell = { ...assessInput().order, signal: buySignal({ side: 'sell' }) };

describe('the kind of account', () => {
  it('must be the one that the rules are for', () => {
    expect(codeOf({ account: netting })).toBe('ACCOUNT_MODE');
    expect(codeOf({ account: netting, ledger: either })).toBe('ok');
    expect(codeOf({ account: netting, ledger: ledgerOf({ marginMode: 'netting' }) })).toBe('ok');
  });

  it('lets both sides be held on a hedging account only', () => {
    expect(codeOf({ positions: [held()], order: sell })).toBe('ok');
    const netted = { account: netting, ledger: either, order: sell };
    expect(codeOf({ ...netted, positions: [held()] })).toBe('OPPOSITE_SIDE');
    expect(codeOf({ ...netted, orders: [pending()] })).toBe('OPPOSITE_SIDE');
    expect(codeOf({ ...netted, positions: [held({ symbol: 'GBPUSD' })] })).toBe('NO_RATE');
  });

  it('keeps one position a symbol where the first in must be the first out', () => {
    const fifo = ledgerOf({ fifo: true });
    expect(codeOf({ ledger: fifo })).toBe('ok');
    expect(codeOf({ ledger: fifo, positions: [held()] })).toBe('FIFO');
    expect(codeOf({ ledger: fifo, positions: [held()], order: sell })).toBe('OPPOSITE_SIDE');
    const us = ledgerOf({ fifo: true, marginMode: 'netting' });
    expect(codeOf({ ledger: us, account: netting, positions: [held()] })).toBe('ok');
  });
});

describe('a netting account', () => {
  const parts = (fields: Partial<AssessInput>) =>
    asHeld({ account: netting, positions: [], orders: [], ...fields });

  it('may end every part of a symbol at the worst stop of all', () => {
    const { positions, orders } = parts({ positions: [held()], orders: [pending()] });
    expect([positions[0]?.stopLoss, orders[0]?.stopLoss]).toEqual([109_700, 109_700]);
    const shorts = parts({
      positions: [held({ side: 'sell', stopLoss: points(110_100) })],
      orders: [pending({ side: 'sell', stopLoss: points(110_300) })],
    });
    expect(shorts.positions[0]?.stopLoss).toBe(110_300);
  });

  it('counts a stop that is asked for and not confirmed', () => {
    const moving = held({ unconfirmedStops: [points(109_500)] });
    expect(parts({ positions: [moving], orders: [pending()] }).orders[0]?.stopLoss).toBe(109_500);
  });

  it('has a bound above only when every part has a target', () => {
    const near = held({ takeProfit: points(110_200) });
    const far = pending({ takeProfit: points(110_400) });
    expect(parts({ positions: [near], orders: [far] }).positions[0]?.takeProfit).toBe(110_400);
    expect(parts({ positions: [near], orders: [pending()] }).positions[0]?.takeProfit).toBe(
      undefined,
    );
  });

  it('leaves other symbols, naked positions and hedging accounts as they are', () => {
    const gold = held({ symbol: 'XAUUSD' });
    expect(parts({ positions: [gold], orders: [pending()] }).positions).toEqual([gold]);
    const { stopLoss: _, ...naked } = held();
    expect(parts({ positions: [naked], orders: [pending()] }).positions[0]?.stopLoss).toBe(
      undefined,
    );
    const same = { account: account(), positions: [held()], orders: [pending()] };
    expect(asHeld(same)).toEqual({ positions: [held()], orders: [pending()] });
  });

  it('counts what a wider stop of a new order does to the position that is there', () => {
    const wide = { ...assessInput().order, signal: buySignal({ stopDistance: points(2_000) }) };
    const input = { ledger: either, positions: [held({ volumeE8: lots(2) })], order: wide };
    // Hedging: 2 lots lose 220 points each; netting: about 2,000.
    const losses = (mode: 'hedging' | 'netting') =>
      assess(assessInput({ ...input, account: account({ marginMode: mode }) })).numbers['losses'];
    expect(losses('hedging')).toBe('2498.00');
    expect(losses('netting')).toBe('6078.00');
  });
});

describe('other accounts under the same rules', () => {
  const elsewhere = (side: 'buy' | 'sell', symbol = 'EURUSD.r', allocated = 0) => ({
    context: {
      ...QUIET,
      elsewhere: { positions: [{ symbol, side }], allocated: minor(BigInt(allocated) * 100n) },
    },
  });
  it('must not hold the opposite', () => {
    expect(codeOf(elsewhere('sell'))).toBe('OPPOSITE_ACCOUNT');
    expect(codeOf(elsewhere('buy'))).toBe('ok');
    expect(codeOf(elsewhere('sell', 'GBPUSD'))).toBe('ok');
  });

  it('must not be larger together than the firm allows', () => {
    expect(codeOf(elsewhere('buy', 'EURUSD', 300_000))).toBe('ok');
    expect(codeOf(elsewhere('buy', 'EURUSD', 300_001))).toBe('ALLOCATION');
  });
});

describe('caps over several positions', () => {
  const capped = (fields: Partial<AssessInput['limits']>) => ({
    ...assessInput().limits,
    ...fields,
  });
  // A lot loses 238 as an order and 230 as a position.
  it('bounds what one symbol may lose, to the cent', () => {
    const positions = [held()];
    const most = (cents: number) => capped({ maxSymbolRiskPpm: 4_680 + cents });
    expect(codeOf({ positions, limits: most(0) })).toBe('ok');
    expect(codeOf({ positions, limits: most(-1) })).toBe('SYMBOL_RISK');
    const other = [held({ stopLoss: points(111_000) })];
    expect(codeOf({ positions: other, limits: capped({ maxSymbolRiskPpm: 2_380 }) })).toBe('ok');
  });

  it('bounds what a group may lose, and says what would pass', () => {
    const group = { name: 'dollar', symbols: ['GBPUSD', 'EURUSD'], maxRiskPpm: 3_500 };
    const context = { ...QUIET, groups: [group] };
    const verdict = assess(assessInput({ positions: [held()], context }));
    expect(verdict).toMatchObject({ code: 'GROUP_RISK', largestVolumeE8: lots(0.5) });
    expect(verdict.numbers).toMatchObject({ couldLose: '468.00', allowed: '350.00' });
    const gold = { ...group, symbols: ['XAUUSD', 'XAGUSD'] };
    expect(codeOf({ positions: [held()], context: { ...QUIET, groups: [gold] } })).toBe('ok');
  });

  it('keeps requests back for closing everything that is open', () => {
    const few = capped({ requestsPerDay: 9, openingsSharePpm: 1_000_000 });
    expect(codeOf({ positions: [held()], limits: few })).toBe('ok');
    expect(codeOf({ positions: [held(), held({ ticket: '2' })], limits: few })).toBe(
      'REQUESTS_PER_DAY',
    );
  });
});
