import { describe, expect, it } from 'vitest';
import type { Instrument } from '../../../../src/domain/instrument.ts';
import { epochMs, lotsE8, points } from '../../../../src/domain/units.ts';
import { RETCODE, retcodeClass, retcodeName, retryLimit } from '../../../../src/mt5/retcodes.ts';
import type { RequestBody } from '../../../../src/mt5/terminal/engine/records.ts';
import type { BenchOptions } from '../../../support/broker-bench.ts';
import { BrokerBench, market } from '../../../support/broker-bench.ts';
import { eurusd, MONDAY } from '../../../support/scripted-market.ts';

const P = points;
const LOT = 100_000_000;
const retcodeOf = (body: RequestBody, options: BenchOptions = {}): string | undefined =>
  retcodeName(new BrokerBench(options).play([0, 130_000]).execute(body).retcode);
const withSymbol = (extra: Partial<Instrument>): BenchOptions => ({
  instruments: [{ ...eurusd, ...extra }],
});
const limit = { ...market, kind: 'limit' as const, price: P(129_900), filling: 'return' as const };

describe('a new order is refused as MetaTrader refuses it', () => {
  const cases: readonly (readonly [string, RequestBody, BenchOptions, string])[] = [
    ['below the minimum volume', { ...market, volumeE8: lotsE8(999_999) }, {}, 'INVALID_VOLUME'],
    ['off the volume step', { ...market, volumeE8: lotsE8(1_500_000) }, {}, 'INVALID_VOLUME'],
    ['above the maximum', { ...market, volumeE8: lotsE8(10_001_000_000) }, {}, 'INVALID_VOLUME'],
    ['return filling at market', { ...market, filling: 'return' }, {}, 'INVALID_FILL'],
    ['filling the symbol lacks', market, withSymbol({ fillingModes: ['ioc'] }), 'INVALID_FILL'],
    ['trade disabled', market, withSymbol({ tradeMode: 'disabled' }), 'TRADE_DISABLED'],
    ['close only', market, withSymbol({ tradeMode: 'closeOnly' }), 'CLOSE_ONLY'],
    ['short only', market, withSymbol({ tradeMode: 'shortOnly' }), 'SHORT_ONLY'],
    ['long only', { ...market, side: 'sell' }, withSymbol({ tradeMode: 'longOnly' }), 'LONG_ONLY'],
    ['closed session', market, { env: { isOpen: () => false } }, 'MARKET_CLOSED'],
    ['stop on the wrong side', { ...market, stopLoss: P(130_100) }, {}, 'INVALID_STOPS'],
    ['stop inside the stops level', { ...market, stopLoss: P(129_991) }, {}, 'INVALID_STOPS'],
    ['target inside the stops level', { ...market, takeProfit: P(130_009) }, {}, 'INVALID_STOPS'],
    ['limit above the ask', { ...limit, price: P(130_050) }, {}, 'INVALID_PRICE'],
    ['limit inside the stops level', { ...limit, price: P(130_001) }, {}, 'INVALID_PRICE'],
    [
      'price off the tick size',
      { ...limit, price: P(129_901) },
      withSymbol({ tickSizePoints: P(5) }),
      'INVALID_PRICE',
    ],
    ['stop below the ask', { ...limit, kind: 'stop' }, {}, 'INVALID_PRICE'],
    [
      'expired already',
      { ...limit, tif: 'specified', expiresAt: epochMs(MONDAY) },
      {},
      'INVALID_EXPIRATION',
    ],
    ['too many pendings', limit, { env: { maxOrders: 0 } }, 'LIMIT_ORDERS'],
    ['too many positions', market, { env: { maxPositions: 0 } }, 'LIMIT_POSITIONS'],
    ['no money', market, { balanceMinor: 130_000n }, 'NO_MONEY'],
    ['always rejecting', market, { env: { rejectRate: 1 } }, 'REJECT'],
    ['always requoting', market, { env: { requoteRate: 1 } }, 'REQUOTE'],
    ['just enough money', market, { balanceMinor: 131_000n }, 'DONE'],
    ['stop at the stops level', { ...market, stopLoss: P(129_990) }, {}, 'DONE'],
    ['pending with return filling', limit, {}, 'DONE'],
  ];
  it.each(cases)('%s', (_, body, options, expected) => {
    expect(retcodeOf(body, options)).toBe(expected);
  });

  it('without a quote', () => {
    expect(new BrokerBench().execute(market).retcode).toBe(RETCODE.PRICE_OFF);
  });
});

describe('positions', () => {
  const open = (options: BenchOptions = {}) => {
    const bench = new BrokerBench(options).play([0, 130_000]);
    bench.execute({ ...market, stopLoss: P(129_900) });
    return { bench, ticket: bench.positions[0]?.ticket ?? '' };
  };
  const close = (ticket: string, volumeE8: number) =>
    ({ type: 'close', ticket, volumeE8: lotsE8(volumeE8), filling: 'ioc' }) as const;

  it('close in parts, and the last part takes the swap that is left', () => {
    const { bench, ticket } = open();
    expect(bench.execute(close(ticket, 33_000_000)).retcode).toBe(RETCODE.DONE);
    expect(bench.positions).toMatchObject([{ ticket, volumeE8: 67_000_000 }]);
    expect(bench.execute(close(ticket, 67_000_000)).retcode).toBe(RETCODE.DONE);
    expect(bench.positions).toEqual([]);
    expect(bench.execute(close(ticket, 67_000_000)).retcode).toBe(RETCODE.POSITION_CLOSED);
    bench.check();
  });

  it('are filled by half in a thin market, with a policy that allows it, and end so', () => {
    const bench = new BrokerBench({
      env: { partialFillRate: 1 },
      instruments: [{ ...eurusd, fillingModes: ['fok', 'ioc'] }],
    }).play([0, 130_000]);
    const opened = bench.execute({ ...market, filling: 'ioc' });
    expect(opened).toMatchObject({ retcode: RETCODE.DONE_PARTIAL, volumeE8: LOT / 2 });
    expect(bench.engine.state.historyOrders.at(-1)).toMatchObject({
      state: 'partial',
      volumeE8: LOT,
      filledE8: LOT / 2,
    });
    const ticket = opened.order ?? '';
    const half = { type: 'close', ticket, volumeE8: lotsE8(LOT / 2) } as const;
    const closed = bench.execute({ ...half, filling: 'ioc' });
    expect(closed).toMatchObject({ retcode: RETCODE.DONE_PARTIAL, volumeE8: LOT / 4 });
    expect(bench.positions).toMatchObject([{ volumeE8: LOT / 4 }]);
    const rest = { ...half, volumeE8: lotsE8(LOT / 4), filling: 'fok' } as const;
    expect(bench.execute(rest).retcode).toBe(RETCODE.DONE);
    expect(bench.positions).toEqual([]);
    bench.check();
  });

  it('tell by whom they were closed', () => {
    const { bench, ticket } = open();
    bench.execute(close(ticket, 33_000_000));
    bench.execute({ ...close(ticket, 67_000_000), reason: 'client' });
    const reasons = bench.engine.state.deals.map(({ reason }) => reason);
    expect(reasons.slice(-3)).toEqual(['expert', 'expert', 'client']);
  });

  it('refuse to close more than they are, or off the step', () => {
    const { bench, ticket } = open();
    expect(bench.execute(close(ticket, 200_000_000)).retcode).toBe(RETCODE.INVALID_CLOSE_VOLUME);
    expect(bench.execute(close(ticket, 500_000)).retcode).toBe(RETCODE.INVALID_VOLUME);
  });

  it('change their stops, say when nothing changes, and freeze near the market', () => {
    const { bench, ticket } = open();
    const modify = (stopLoss: number | null) =>
      bench.execute({
        type: 'modifyPosition',
        ticket,
        symbol: 'EURUSD',
        stopLoss: stopLoss === null ? null : P(stopLoss),
        takeProfit: null,
      }).retcode;
    expect(modify(129_950)).toBe(RETCODE.DONE);
    expect(modify(129_950)).toBe(RETCODE.NO_CHANGES);
    expect(modify(130_100)).toBe(RETCODE.INVALID_STOPS);
    expect(modify(null)).toBe(RETCODE.DONE);
    const frozen = open(withSymbol({ freezeLevelPoints: P(200) }));
    expect(frozen.bench.execute(close(frozen.ticket, 100_000_000)).retcode).toBe(RETCODE.FROZEN);
  });
});

describe('pending orders', () => {
  const place = () => {
    const bench = new BrokerBench().play([0, 130_000]);
    const ticket = bench.execute(limit).order ?? '';
    return { bench, ticket };
  };

  it('change their price and stops, and are cancelled once', () => {
    const { bench, ticket } = place();
    const modify = {
      type: 'modifyOrder',
      ticket,
      symbol: 'EURUSD',
      price: P(129_800),
      stopLimitPrice: null,
      takeProfit: null,
      tif: 'gtc',
      expiresAt: null,
    } as const;
    expect(bench.execute({ ...modify, stopLoss: P(129_700) }).retcode).toBe(RETCODE.DONE);
    expect(bench.execute({ ...modify, stopLoss: P(129_700) }).retcode).toBe(RETCODE.NO_CHANGES);
    expect(bench.execute({ ...modify, stopLoss: P(129_795) }).retcode).toBe(RETCODE.INVALID_STOPS);
    expect(bench.execute({ type: 'cancel', ticket }).retcode).toBe(RETCODE.DONE);
    expect(bench.execute({ type: 'cancel', ticket }).retcode).toBe(RETCODE.INVALID_ORDER);
    expect(bench.engine.state.historyOrders).toMatchObject([{ ticket, state: 'cancelled' }]);
    bench.check();
  });
});

describe('seeded whims', () => {
  const run = (seed: number): readonly number[] => {
    const bench = new BrokerBench({ seed, env: { rejectRate: 0.3, requoteRate: 0.3 } });
    bench.play([0, 130_000]);
    return Array.from(
      { length: 30 },
      () => bench.execute({ ...market, volumeE8: lotsE8(1_000_000) }).retcode,
    );
  };
  it('repeat under the same seed and differ under another', () => {
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
    expect(new Set(run(7))).toEqual(new Set([10004, 10006, 10009]));
  });
});

describe('retcodes', () => {
  it('have a name and a class each, and an unknown one proves nothing', () => {
    for (const [name, code] of Object.entries(RETCODE)) expect(retcodeName(code)).toBe(name);
    expect(retcodeClass(10018)).toBe('closed');
    expect(retcodeClass(10019)).toBe('capacity');
    expect(retcodeClass(12345)).toBe('reconcile');
    expect(retryLimit(RETCODE.INVALID_STOPS)).toBe(1);
    expect(retryLimit(RETCODE.NO_MONEY)).toBe(0);
  });
});
