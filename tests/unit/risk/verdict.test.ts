import { describe, expect, it } from 'vitest';
import type { OpenSignal } from '../../../src/domain/trading.ts';
import { points } from '../../../src/domain/units.ts';
import type { RefusalCode } from '../../../src/risk/codes.ts';
import type { OpenRisk, OrderRisk } from '../../../src/risk/exposure.ts';
import { advanceTo, applyDeal, countOrder, countRequest } from '../../../src/risk/ledger.ts';
import { DEFAULT_RISK_LIMITS } from '../../../src/risk/risk-limits.ts';
import { assess } from '../../../src/risk/verdict.ts';
import type { AssessInput, NewOrder } from '../../../src/risk/verdict-types.ts';
import {
  account,
  assessInput,
  at,
  buySignal,
  deal,
  EURUSD,
  ftmoWith,
  ledgerAt,
  lots,
  symbolRisk,
  usd,
} from '../../support/risk-fixtures.ts';

const order = (signal: Partial<OpenSignal> = {}, fields: Partial<NewOrder> = {}): NewOrder => ({
  ...assessInput().order,
  signal: buySignal(signal),
  ...fields,
});
const fixed = (volume: number) => ({ type: 'fixedLots', volumeE8: lots(volume) }) as const;
const sized = (volume: number): NewOrder => order({}, { sizing: fixed(volume) });
const symbols = (fields: Parameters<typeof symbolRisk>[0]) =>
  new Map([['EURUSD', symbolRisk(fields)]]);
const limits = (fields: Partial<AssessInput['limits']>) => ({
  ...assessInput().limits,
  ...fields,
});
const position = (fields: Partial<OpenRisk> = {}): OpenRisk => ({
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
  stopLoss: points(109_800),
  ...fields,
});
const codeOf = (fields: Partial<AssessInput>): RefusalCode | 'ok' => {
  const verdict = assess(assessInput(fields));
  return verdict.ok ? 'ok' : verdict.code;
};

describe('an accepted order', () => {
  it('carries its levels, its volume and what it holds', () => {
    const verdict = assess(assessInput({ order: order({ takeProfitDistance: points(400) }) }));
    if (!verdict.ok) throw new Error(verdict.detail);
    expect(verdict.levels).toEqual({ entry: 110_010, stopLoss: 109_810, takeProfit: 110_410 });
    expect(verdict.volumeE8).toBe(lots(1));
    // −200 − 20 − 5 − 7 night − 6 commission; margin 110,010 / 100
    expect(verdict.reservation.worst).toBe(usd(-238));
    expect(verdict.reservation.margin).toBe(usd(1_100.1));
    expect(verdict.reservation.order).toMatchObject({ id: 'new', status: 'inFlight' });
    expect(verdict.numbers).toMatchObject({ dailyFloor: '95000.00', orderWorst: '-238.00' });
  });

  it('mirrors the levels for a sell', () => {
    const verdict = assess(assessInput({ order: order({ side: 'sell' }) }));
    expect(verdict.ok && verdict.levels).toEqual({ entry: 110_000, stopLoss: 110_200 });
  });

  it('is sized by the risk of the balance', () => {
    const sizing = { type: 'riskPercent', ppm: 5_000, base: 'balance' } as const;
    const verdict = assess(assessInput({ order: order({}, { sizing }) }));
    // 500 / (200 + 10 + 5 + 6)
    expect(verdict.ok && verdict.volumeE8).toBe(lots(2.26));
  });
});

describe('refusals that do not depend on the volume', () => {
  it.each<[RefusalCode, Partial<AssessInput>]>([
    ['MODE', { mode: 'reducing' }],
    ['MODE', { mode: 'halted' }],
    ['MODE', { mode: 'locked' }],
    ['GATE_CLOSED', { gateOpen: false }],
    ['DUPLICATE', { duplicate: true }],
    ['UNKNOWN_SYMBOL', { symbols: new Map() }],
    [
      'UNRESOLVED_ORDER',
      { orders: [pending({ status: 'unknown', strategyId: 'atr-breakout:EURUSD' })] },
    ],
    ['NO_STOP', { order: order({ stopDistance: points(0) }) }],
    ['NO_STOP', { order: order({ stopDistance: points(Number.NaN) }) }],
    ['NO_STOP', { order: order({ stopDistance: points(200_000) }) }],
    [
      'SYMBOL_DISABLED',
      { symbols: symbols({ instrument: { ...EURUSD, tradeMode: 'shortOnly' } }) },
    ],
    [
      'SYMBOL_DISABLED',
      { symbols: symbols({ instrument: { ...EURUSD, tradeMode: 'closeOnly' } }) },
    ],
    ['MARKET_CLOSED', { symbols: symbols({ sessionOpen: false }) }],
    ['NO_RATE', { symbols: symbols({ rate: undefined }) }],
    ['NO_RATE', { positions: [position({ symbol: 'USDJPY' })] }],
    [
      'NAKED_POSITION',
      {
        positions: [
          {
            ticket: '1',
            symbol: 'EURUSD',
            side: 'buy',
            volumeE8: lots(1),
            open: points(1),
            swap: usd(0),
          },
        ],
      },
    ],
    ['ENTRY_PRICE', { order: order({ kind: 'limit', price: points(110_005) }) }],
    ['ENTRY_PRICE', { order: order({ kind: 'stop', price: points(110_000) }) }],
    ['ENTRY_PRICE', { order: order({ kind: 'limit' }) }],
    ['STOP_TOO_CLOSE', { order: order({ stopDistance: points(19) }) }],
    ['STOP_TOO_CLOSE', { order: order({ takeProfitDistance: points(-1) }) }],
    ['MAX_POSITIONS', { positions: [position()], limits: limits({ maxPositions: 1 }) }],
    ['MAX_POSITIONS_SYMBOL', { orders: [pending()], limits: limits({ maxPositionsPerSymbol: 1 }) }],
    [
      'ORDERS_PER_DAY',
      { limits: limits({ ordersPerDay: 1 }), ledger: countOrder(ledgerAt('2024-01-09T08:00:00Z')) },
    ],
    [
      'REQUESTS_PER_DAY',
      {
        limits: limits({ requestsPerDay: 1 }),
        ledger: countRequest(ledgerAt('2024-01-09T08:00:00Z')),
      },
    ],
  ])('%s (%#)', (code, fields) => {
    const verdict = assess(assessInput(fields));
    expect(verdict).toMatchObject({ ok: false, code, largestVolumeE8: 0 });
    expect(verdict.ok ? '' : verdict.detail).toMatch(/\w/);
    expect(Object.keys(verdict.numbers)).not.toEqual([]);
  });

  it('accepts a quote as old as allowed and refuses one a millisecond older', () => {
    const aged = (ms: number) => {
      const input = assessInput();
      const quotedAt = input.at - DEFAULT_RISK_LIMITS.maxQuoteAgeMs - ms;
      return codeOf({ symbols: symbols({ quotedAt }) });
    };
    expect(aged(0)).toBe('ok');
    expect(aged(1)).toBe('STALE_QUOTE');
  });

  it('measures the stop from the bid, as the broker does', () => {
    // Spread 10, stops level 10: 20 points from the ask are 10 from the bid.
    expect(codeOf({ order: order({ stopDistance: points(20) }) })).toBe('ok');
  });

  it('failure 15: keeps a fifth of the requests for closes', () => {
    let ledger = ledgerAt('2024-01-09T08:00:00Z');
    for (let i = 0; i < 15; i += 1) ledger = countRequest(ledger);
    const twenty = limits({ requestsPerDay: 20 });
    expect(codeOf({ ledger, limits: twenty })).toBe('ok');
    expect(codeOf({ ledger: countRequest(ledger), limits: twenty })).toBe('REQUESTS_PER_DAY');
  });

  it('lets an unknown order of another strategy pass, but counts it', () => {
    expect(codeOf({ orders: [pending({ status: 'unknown' })] })).toBe('ok');
  });
});

describe('volume', () => {
  it.each<[RefusalCode, Partial<AssessInput>, number]>([
    ['VOLUME_TOO_SMALL', { order: sized(0.001) }, 0],
    ['VOLUME_TOO_LARGE', { order: sized(3), limits: limits({ maxOrderVolumeE8: lots(2) }) }, 2],
    ['TRADE_RISK', { order: sized(2), limits: limits({ maxTradeRiskPpm: 4_000 }) }, 1.68],
    ['MARGIN', { order: sized(10), account: account({ leverage: 10 }), limits: limits({}) }, 9.09],
  ])('%s, and says what would pass', (code, fields, largest) => {
    expect(assess(assessInput(fields))).toMatchObject({
      ok: false,
      code,
      largestVolumeE8: lots(largest),
    });
  });

  it('refuses by margin before equity is gone, with the reserve above the stop-out (I3)', () => {
    // 8 lots: margin 88,008 and worst case 98,096 = 111 %; at a stop-out of 100 % it needs 120.
    const strict = account({ leverage: 10, stopOutLevelPercent: 100 });
    expect(assess(assessInput({ order: sized(8), account: strict }))).toMatchObject({
      code: 'STOP_OUT',
    });
  });

  it('counts the margin of orders that may still fill', () => {
    const tight = account({ leverage: 1, equity: usd(300_000), balance: usd(300_000) });
    expect(codeOf({ account: tight })).toBe('ok');
    expect(codeOf({ account: tight, orders: [pending(), pending({ id: 'q' })] })).toBe('MARGIN');
  });
});

describe('the floors (I1)', () => {
  // 238 a lot: 20.58 lots lose 4,898.04; the buffer is 100.
  const most = 20.58;

  it('accepts up to the buffer above the daily floor and not a step more', () => {
    expect(codeOf({ order: sized(most) })).toBe('ok');
    const verdict = assess(assessInput({ order: sized(most + 0.01) }));
    expect(verdict).toMatchObject({
      ok: false,
      code: 'DAILY_FLOOR',
      largestVolumeE8: lots(most),
    });
    expect(verdict.numbers).toMatchObject({ dailyFloor: '95000.00', totalFloor: '90000.00' });
  });

  it('accepts exactly at the buffer and refuses one cent below', () => {
    const input = (cents: number) => {
      const balance = usd(95_000 + 238 + 100 + cents / 100);
      return codeOf({ account: account({ balance, equity: balance }) });
    };
    expect(input(0)).toBe('ok');
    expect(input(-1)).toBe('DAILY_FLOOR');
  });

  it('counts every position, pending, in-flight and unknown order', () => {
    const used = {
      positions: [position({ volumeE8: lots(5) })],
      orders: [
        pending({ volumeE8: lots(5) }),
        pending({ id: 'f', status: 'inFlight', volumeE8: lots(4) }),
        pending({ id: 'u', status: 'unknown', volumeE8: lots(4) }),
      ],
      limits: limits({ maxPositionsPerSymbol: 10 }),
    };
    expect(codeOf({ ...used, order: sized(2.5) })).toBe('ok');
    expect(codeOf({ ...used, order: sized(2.8) })).toBe('DAILY_FLOOR');
    expect(codeOf({ ...used, orders: used.orders.slice(1), order: sized(2.8) })).toBe('ok');
  });

  it('refuses by the total floor when that one is higher', () => {
    let ledger = ledgerAt('2024-01-07T08:00:00Z');
    for (const [day, loss, left] of [
      ['07', -4_800, 95_200],
      ['08', -4_000, 91_200],
    ] as const) {
      const lost = deal({ at: at(`2024-01-${day}T09:00:00Z`), profit: usd(loss) });
      const seen = { balance: usd(left), equity: usd(left) };
      ledger = applyDeal(ledger, lost).state;
      ledger = advanceTo(ledger, at(`2024-01-${day}T23:00:00Z`), seen).state;
    }
    const low = account({ balance: usd(90_500), equity: usd(90_500) });
    expect(codeOf({ ledger, account: low })).toBe('ok');
    expect(codeOf({ ledger, account: low, order: sized(2) })).toBe('TOTAL_FLOOR');
  });

  it('counts equity that already fell below the worst case', () => {
    expect(codeOf({ account: account({ equity: usd(95_050) }) })).toBe('DAILY_FLOOR');
  });
});

describe('the reset (I2)', () => {
  it('gives a locked winner no credit: A locked at +4,000 and B at −8,000', () => {
    // I1 holds: 100,000 + 4,000 − 7,980 is above 95,000. Closed before midnight, A is no help.
    const winner = position({ ticket: 'A', volumeE8: lots(10), stopLoss: points(110_430) });
    const loser = order({ stopDistance: points(760) }, { sizing: fixed(10) });
    const verdict = assess(assessInput({ positions: [winner], order: loser }));
    expect(verdict).toMatchObject({ ok: false, code: 'RESET_FLOOR' });
    expect(verdict.numbers).toMatchObject({ worstEquity: '96020.00', losses: '7980.00' });
  });

  it('accepts what the next day can carry', () => {
    const winner = position({ ticket: 'A', volumeE8: lots(10), stopLoss: points(110_430) });
    const loser = order({ stopDistance: points(450) }, { sizing: fixed(10) });
    expect(codeOf({ positions: [winner], order: loser })).toBe('ok');
  });
});

describe('ratchets', () => {
  const winner = position({ ticket: 'A', volumeE8: lots(10), stopLoss: points(111_030) });
  const total = {
    anchor: 'closedBalanceHighWater',
    ratchet: 'realtime',
    amount: { of: 'initial', ppm: 60_000 },
  } as const;
  const ledgerWith = (change: Parameters<typeof ftmoWith>[0]) =>
    ledgerAt('2024-01-09T08:00:00Z', 100_000, {
      ...ftmoWith(change),
      phases: ftmoWith(change).phases.map((phase) => ({ ...phase, daily: null })),
    });
  const losing = order({ stopDistance: points(700) }, { sizing: fixed(10) });

  it('counts losses against the floor that closing the winners would set', () => {
    const ledger = ledgerWith({ total });
    expect(codeOf({ ledger, positions: [winner], order: losing })).toBe('RATCHET_FLOOR');
  });

  it('lets a floor that has locked stay where it is', () => {
    const ledger = ledgerWith({ total: { ...total, lockAtPpm: 1_000_000 } });
    const verdict = codeOf({ ledger, positions: [winner], order: losing });
    expect(verdict).toBe('ok');
  });

  it('wants a take-profit on everything where the floor follows equity', () => {
    const ledger = ledgerWith({ total: { anchor: 'equityHighWater', ratchet: 'realtime' } });
    expect(codeOf({ ledger })).toBe('NO_TAKE_PROFIT');
    expect(codeOf({ ledger, order: order({ takeProfitDistance: points(400) }) })).toBe('ok');
    const far = order({ takeProfitDistance: points(400) }, { sizing: fixed(16) });
    expect(codeOf({ ledger, order: far })).toBe('RATCHET_FLOOR');
  });
});
