import { describe, expect, it } from 'vitest';
import { equityOf } from '../../../../src/actors/guard/guard-state.ts';
import { observePath, watchTicks } from '../../../../src/actors/guard/guard-watch.ts';
import { points } from '../../../../src/domain/units.ts';
import {
  guardOptions,
  guardState,
  NOW,
  position,
  positions,
  quote,
  tick,
} from '../../../support/guard-fixtures.ts';
import { fc } from '../../../support/property-seed.ts';
import { account, EURUSD, usd } from '../../../support/risk-fixtures.ts';

const GBPUSD = { ...EURUSD, symbol: 'GBPUSD', baseCurrency: 'GBP' };
const USDJPY = {
  ...EURUSD,
  symbol: 'USDJPY',
  digits: 3,
  baseCurrency: 'USD',
  quoteCurrency: 'JPY',
};
const options = guardOptions();

describe('equity over a batch of ticks', () => {
  it('finds both extremes with their instants, and where it ended', () => {
    const state = guardState({ positions: positions(position('1')) });
    const ticks = [tick(1, 110_010), tick(2, 109_700), tick(3, 110_300), tick(4, 110_100)];
    const { path, quotes } = watchTicks(state, options, ticks);
    expect(path?.low).toEqual({ equity: usd(99_700), at: NOW + 2 });
    expect(path?.high).toEqual({ equity: usd(100_300), at: NOW + 3 });
    expect(path?.last).toEqual({ equity: usd(100_100), at: NOW + 4 });
    expect(quotes.get('EURUSD')?.bid).toBe(points(110_100));
  });

  it('values a short at the ask and counts the swap', () => {
    const short = position('1', { side: 'sell', swap: usd(-3) });
    const { path } = watchTicks(guardState({ positions: positions(short) }), options, [
      tick(1, 110_040, 'EURUSD', 10),
    ]);
    expect(path?.last.equity).toBe(usd(100_000 - 50 - 3));
  });

  it('keeps the balance of a flat account, whatever the market does', () => {
    const { path } = watchTicks(guardState(), options, [tick(1, 1), tick(2, 999_999)]);
    expect([path?.low.equity, path?.high.equity]).toEqual([usd(100_000), usd(100_000)]);
  });

  it('adds up several symbols, each at its own last quote', () => {
    const state = guardState({
      instruments: new Map([
        ['EURUSD', EURUSD],
        ['GBPUSD', GBPUSD],
      ]),
      quotes: new Map([
        ['EURUSD', quote(110_000)],
        ['GBPUSD', quote(130_000)],
      ]),
      positions: positions(
        position('1'),
        position('2', { symbol: 'GBPUSD', open: points(130_000) }),
      ),
    });
    const ticks = [tick(1, 110_100), tick(2, 129_950, 'GBPUSD'), tick(3, 109_900)];
    const { path } = watchTicks(state, options, ticks);
    expect(path?.high).toEqual({ equity: usd(100_100), at: NOW + 1 });
    expect(path?.last.equity).toBe(usd(100_000 - 100 - 50));
  });

  it('says nothing while a position has no quote, and begins with the tick that gives it one', () => {
    const state = guardState({
      instruments: new Map([
        ['EURUSD', EURUSD],
        ['GBPUSD', GBPUSD],
      ]),
      quotes: new Map(),
      positions: positions(
        position('1'),
        position('2', { symbol: 'GBPUSD', open: points(130_000) }),
      ),
    });
    expect(watchTicks(state, options, [tick(1, 110_000)]).path).toBeNull();
    const { path } = watchTicks(state, options, [tick(1, 109_000), tick(2, 130_000, 'GBPUSD')]);
    expect(path?.low).toEqual({ equity: usd(99_000), at: NOW + 2 });
  });

  it('converts what another currency earns, by the quote of the same batch', () => {
    const state = guardState({
      instruments: new Map([['USDJPY', USDJPY]]),
      quotes: new Map([['USDJPY', quote(150_000)]]),
      positions: positions(position('1', { symbol: 'USDJPY', open: points(150_000) })),
    });
    // 1,000 points of one lot are 100,000 yen: at 151.010 the dollar, 662.21 of them.
    const { path } = watchTicks(state, options, [tick(1, 151_000, 'USDJPY')]);
    expect(path?.last.equity).toBe(usd(100_662.21));
  });

  it('only remembers quotes before the account is known', () => {
    const { path, quotes } = watchTicks(guardState({ account: null }), options, [tick(1, 5)]);
    expect([path, quotes.get('EURUSD')?.bid]).toEqual([null, 5]);
  });

  it('agrees after every batch with the plain valuation of the whole account', () => {
    const prices = fc.array(
      fc.tuple(fc.constantFrom('EURUSD', 'GBPUSD'), fc.integer({ min: 100_000, max: 140_000 })),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(prices, (quotes) => {
        const state = guardState({
          instruments: new Map([
            ['EURUSD', EURUSD],
            ['GBPUSD', GBPUSD],
          ]),
          quotes: new Map([
            ['EURUSD', quote(110_000)],
            ['GBPUSD', quote(130_000)],
          ]),
          positions: positions(
            position('1'),
            position('2', { symbol: 'GBPUSD', side: 'sell', open: points(130_000) }),
            position('3', { side: 'sell' }),
          ),
        });
        const ticks = quotes.map(([symbol, bid], index) => tick(index + 1, bid, symbol));
        const watched = watchTicks(state, options, ticks);
        const plain = ticks.map((_, index) => {
          const seen = new Map(state.quotes);
          for (const item of ticks.slice(0, index + 1)) seen.set(item.symbol, item);
          return equityOf({ ...state, quotes: seen }, options) ?? 0n;
        });
        const ascending = [...plain].sort((a, b) => Number(a - b));
        expect(watched.path?.last.equity).toBe(plain.at(-1));
        expect(watched.path?.low.equity).toBe(ascending[0]);
        expect(watched.path?.high.equity).toBe(ascending.at(-1));
      }),
    );
  });
});

describe("what the rules' book hears of a batch", () => {
  const ledger =
    guardState().ledger ??
    (() => {
      throw new Error('no ledger');
    })();

  it('breaches a floor that only the low touched, at the instant of the low', () => {
    const low = { equity: usd(94_999), at: tick(2, 0).at };
    const high = { equity: usd(101_000), at: tick(1, 0).at };
    const last = { equity: usd(100_000), at: tick(3, 0).at };
    const { breaches, state } = observePath(ledger, usd(100_000), {
      quotes: new Map(),
      low,
      high,
      last,
    });
    expect(breaches).toMatchObject([{ rule: 'daily', at: NOW + 2, measured: usd(94_999) }]);
    expect(state.low).toEqual({ equity: usd(94_999), at: NOW + 2 });
    expect(state.equity).toBe(account().equity);
  });
});
