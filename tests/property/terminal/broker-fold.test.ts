import { describe, expect, it } from 'vitest';
import { epochMs, lotsE8, points } from '../../../src/domain/units.ts';
import type { RequestBody } from '../../../src/mt5/terminal/engine/records.ts';
import { BrokerBench, market } from '../../support/broker-bench.ts';
import { fc } from '../../support/property-seed.ts';
import { HOUR, MINUTE, MONDAY } from '../../support/scripted-market.ts';

/** One step of a broker's life. Numbers are offsets and choices; the run makes them concrete. */
type Step =
  | {
      readonly type: 'tick';
      readonly afterMs: number;
      readonly move: number;
      readonly spread: number;
    }
  | {
      readonly type: 'place';
      readonly kind: 'market' | 'limit' | 'stop' | 'stopLimit';
      readonly buy: boolean;
      readonly lots: number;
      readonly distance: number;
      readonly stop: number;
      readonly target: number;
      readonly tif: 'gtc' | 'day' | 'specified';
    }
  | {
      readonly type: 'change';
      readonly what: 'close' | 'half' | 'modify' | 'cancel' | 'reprice' | 'closeBy';
      readonly pick: number;
      readonly distance: number;
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('tick' as const),
      afterMs: fc.oneof(
        fc.integer({ min: 0, max: 90_000 }),
        fc.integer({ min: HOUR, max: 9 * HOUR }),
      ),
      move: fc.integer({ min: -400, max: 400 }),
      spread: fc.integer({ min: 0, max: 40 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('place' as const),
      kind: fc.constantFrom('market', 'limit', 'stop', 'stopLimit'),
      buy: fc.boolean(),
      lots: fc.integer({ min: 0, max: 400 }),
      distance: fc.integer({ min: 0, max: 300 }),
      stop: fc.integer({ min: 0, max: 500 }),
      target: fc.integer({ min: 0, max: 500 }),
      tif: fc.constantFrom('gtc', 'day', 'specified'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('change' as const),
      what: fc.constantFrom('close', 'half', 'modify', 'cancel', 'reprice', 'closeBy'),
      pick: fc.nat(20),
      distance: fc.integer({ min: 5, max: 400 }),
    }),
  },
);

const placeBody = (bench: BrokerBench, s: Extract<Step, { type: 'place' }>): RequestBody => {
  const bid = bench.engine.state.quotes.get('EURUSD')?.bid ?? 130_000;
  const sign = s.buy ? 1 : -1;
  const away = s.kind === 'limit' ? -sign : sign;
  const price = s.kind === 'market' ? bid : bid + away * s.distance;
  return {
    ...market,
    kind: s.kind,
    side: s.buy ? 'buy' : 'sell',
    volumeE8: lotsE8(s.lots * 1_000_000),
    price: points(price),
    stopLimitPrice: s.kind === 'stopLimit' ? points(price - sign * 20) : null,
    stopLoss: s.stop === 0 ? null : points(price - sign * (s.stop + 40)),
    takeProfit: s.target === 0 ? null : points(price + sign * (s.target + 40)),
    filling: s.kind === 'market' ? 'fok' : 'return',
    tif: s.tif,
    expiresAt: s.tif === 'specified' ? epochMs(bench.now + s.distance * 1000) : null,
  };
};

const changeBody = (
  bench: BrokerBench,
  s: Extract<Step, { type: 'change' }>,
): RequestBody | undefined => {
  const position = bench.positions[s.pick % Math.max(1, bench.positions.length)];
  const orders = [...bench.engine.state.orders.values()];
  const order = orders[s.pick % Math.max(1, orders.length)];
  if (s.what === 'cancel' || s.what === 'reprice') {
    if (order === undefined) return undefined;
    const { ticket } = order;
    if (s.what === 'cancel') return { type: 'cancel', ticket };
    return {
      type: 'modifyOrder',
      ticket,
      symbol: 'EURUSD',
      price: points(order.price + s.distance - 200),
      stopLimitPrice: order.stopLimitPrice,
      stopLoss: order.stopLoss,
      takeProfit: null,
      tif: order.tif,
      expiresAt: order.expiresAt,
    };
  }
  if (position === undefined) return undefined;
  const { ticket, side, open, volumeE8 } = position;
  if (s.what === 'closeBy') {
    const by = bench.positions.find((other) => other.side !== side);
    return by === undefined ? undefined : { type: 'closeBy', ticket, byTicket: by.ticket };
  }
  if (s.what === 'modify') {
    const stopLoss = points(side === 'buy' ? open - s.distance : open + s.distance);
    return { type: 'modifyPosition', ticket, symbol: 'EURUSD', stopLoss, takeProfit: null };
  }
  const half = lotsE8(Math.max(1, Math.floor(volumeE8 / 2_000_000)) * 1_000_000);
  return { type: 'close', ticket, volumeE8: s.what === 'half' ? half : volumeE8, filling: 'ioc' };
};

const live = (bench: BrokerBench, steps: readonly Step[]): void => {
  let at = 0;
  let bid = 130_000;
  bench.play([0, bid]);
  for (const s of steps) {
    if (s.type === 'tick') {
      at = Math.max(at, bench.now - MONDAY) + s.afterMs;
      bid = Math.max(1_000, bid + s.move);
      bench.play([at, bid, s.spread]);
    } else {
      const body = s.type === 'place' ? placeBody(bench, s) : changeBody(bench, s);
      if (body !== undefined) bench.request(body);
    }
  }
  bench.until(bench.now + 5 * MINUTE);
};

const lives = (options: ConstructorParameters<typeof BrokerBench>[0]): void => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(1_000_000), (steps, seed) => {
      const bench = new BrokerBench({ ...options, seed, balanceMinor: 1_500_000n });
      live(bench, steps);
      bench.check();
      const { state } = bench.engine;
      expect(state.requests.size).toBe(0);
      const tickets = [...state.historyOrders, ...state.deals].map(({ ticket }) => ticket);
      expect(new Set(tickets).size).toBe(tickets.length);
      for (const { swapMinor, volumeE8 } of state.positions.values())
        expect(volumeE8 > 0 && typeof swapMinor === 'bigint').toBe(true);
    }),
    { numRuns: 250 },
  );
};

describe('for any life of a broker the fold of its records is its state, and its deals its balance', () => {
  it('on a hedging account with real ticks', () => {
    lives({});
  });
  it('on a netting account with ticks from bars', () => {
    lives({ account: { marginMode: 'netting' }, env: { sourceBarMs: () => MINUTE } });
  });
  it('with rejects and requotes', () => {
    lives({ env: { rejectRate: 0.2, requoteRate: 0.2, sourceBarMs: () => MINUTE } });
  });
});
