import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Bar } from '../../../src/domain/market.ts';
import type { Position, Signal } from '../../../src/domain/trading.ts';
import { epochMs, points } from '../../../src/domain/units.ts';
import type { StrategyContext } from '../../../src/strategy/api.ts';
import { atrBreakout } from '../../../src/strategy/atr-breakout.ts';
import { channelOf, pushed, sma, trueRange, wilderAtr } from '../../../src/strategy/indicators.ts';
import type { AnyStrategy } from '../../../src/strategy/registry.ts';
import { BUILTIN_STRATEGY_NAMES, builtinStrategy } from '../../../src/strategy/registry.ts';
import { smaCross } from '../../../src/strategy/sma-cross.ts';
import { paramsOf } from '../../../src/strategy/strategy-params.ts';
import { EURUSD, lots, usd } from '../../support/risk-fixtures.ts';

const QUARTER = 900_000;
const barOf = (
  index: number,
  prices: Partial<Record<'open' | 'high' | 'low' | 'close', number>>,
): Bar => {
  const close = prices.close ?? 110_000;
  return {
    symbol: 'EURUSD',
    timeframe: 'M15',
    at: epochMs(index * QUARTER),
    open: points(prices.open ?? close),
    high: points(prices.high ?? close + 10),
    low: points(prices.low ?? close - 10),
    close: points(close),
    tickVolume: 10,
    spreadPoints: points(10),
    complete: true,
    gap: false,
  };
};
const held = (side: Position['side'], open: number): Position => ({
  ticket: '1',
  symbol: 'EURUSD',
  side,
  volumeE8: lots(1),
  open: points(open),
  openedAt: epochMs(0),
  magic: '1',
  swap: usd(0),
  comment: '',
});
const contextOf = <P extends object>(
  params: P,
  positions: readonly Position[] = [],
): StrategyContext<P> => ({
  instrument: EURUSD,
  params,
  now: epochMs(0),
  positions,
  orders: [],
});

/** Every signal of a strategy over bars, with positions as given at each bar. */
const signalsOf = (
  strategy: AnyStrategy,
  bars: readonly Bar[],
  positions: readonly Position[] = [],
): readonly (readonly Signal[])[] => {
  const context = contextOf(strategy.params, positions);
  let state = strategy.init(context);
  return bars.map((bar) => {
    const decision = strategy.onBar(state, bar, context);
    state = decision.state;
    return decision.signals;
  });
};
const builtin = (name: string): AnyStrategy => {
  const strategy = builtinStrategy(name);
  if (strategy === undefined) throw new Error(`no ${name}`);
  return strategy;
};

describe('indicators', () => {
  it('average true ranges as Wilder did, gaps included', () => {
    expect(trueRange({ high: points(110), low: points(100) }, 90)).toBe(20);
    expect(trueRange({ high: points(110), low: points(100) }, 130)).toBe(30);
    expect(wilderAtr([10, 20, 30], 3)).toBe(20);
    expect(wilderAtr([10, 20, 30, 60], 3)).toBeCloseTo((20 * 2 + 60) / 3);
    expect(wilderAtr([10, 20], 3)).toBeUndefined();
  });

  it('average and bound the last bars only', () => {
    expect(sma([100, 1, 2, 3], 3)).toBe(2);
    expect(sma([1, 2], 3)).toBeUndefined();
    expect(channelOf([9, 5, 7], [1, 4, 3], 2)).toEqual({ high: 7, low: 3 });
    expect(channelOf([9], [1], 2)).toBeUndefined();
    expect(pushed([1, 2, 3], 4, 3)).toEqual([2, 3, 4]);
    expect(pushed([], 4, 1)).toEqual([4]);
  });
});

describe('atr-breakout', () => {
  const quiet = Array.from({ length: atrBreakout.warmupBars(atrBreakout.params) }, (_, i) =>
    barOf(i, {}),
  );
  const next = quiet.length;
  const up = [...quiet, barOf(next, { close: 110_011, high: 110_020 })];
  const down = [...quiet, barOf(next, { close: 109_989, low: 109_980 })];

  it('follows a close above the range with a stop of two ATR and a target of twice that', () => {
    const [signal] = signalsOf(builtin('atr-breakout'), up).at(-1) ?? [];
    // The average true range is 20.
    expect(signal).toMatchObject({
      type: 'open',
      side: 'buy',
      kind: 'market',
      leg: 0,
      stopDistance: 40,
      takeProfitDistance: 80,
    });
    expect(signal?.reason).toContain('broke 110010');
  });

  it('follows a close below the range', () => {
    expect(signalsOf(builtin('atr-breakout'), down).at(-1)).toMatchObject([{ side: 'sell' }]);
  });

  it('stays out while the close only touches the range', () => {
    const touch = [...quiet, barOf(next, { close: 110_010, high: 110_030 })];
    expect(signalsOf(builtin('atr-breakout'), touch).flat()).toEqual([]);
  });

  it('closes on the opposite breakout and does not add to what it holds', () => {
    const long = [held('buy', 110_000)];
    expect(signalsOf(builtin('atr-breakout'), down, long).at(-1)).toMatchObject([
      { type: 'close' },
    ]);
    expect(signalsOf(builtin('atr-breakout'), up, long).at(-1)).toEqual([]);
    const short = [held('sell', 110_000)];
    expect(signalsOf(builtin('atr-breakout'), up, short).at(-1)).toMatchObject([{ type: 'close' }]);
  });

  it('keeps its stop as far away as the broker wants it', () => {
    const params = { ...atrBreakout.params, stopAtr: 0.001 };
    const context = contextOf(params);
    let state = atrBreakout.init(context);
    const signals = up.map((bar) => {
      const decision = atrBreakout.onBar(state, bar, context);
      state = decision.state;
      return decision.signals;
    });
    // Stops level 10, two spreads of 10, and one more.
    expect(signals.at(-1)).toMatchObject([{ stopDistance: 31 }]);
  });
});

describe('sma-cross', () => {
  const { warmupBars, params } = smaCross;
  const falling = Array.from({ length: warmupBars(params) }, (_, i) =>
    barOf(i, { close: 120_000 - i * 10 }),
  );
  const turned = Array.from({ length: 40 }, (_, i) =>
    barOf(falling.length + i, { close: 119_000 + i * 40 }),
  );

  it('opens once in the direction of a cross', () => {
    const signals = signalsOf(builtin('sma-cross'), [...falling, ...turned]).flat();
    expect(signals).toMatchObject([{ type: 'open', side: 'buy', leg: 1 }]);
  });

  it('closes an opposite position before it opens', () => {
    const short = [held('sell', 119_000)];
    const signals = signalsOf(builtin('sma-cross'), [...falling, ...turned], short).flat();
    expect(signals.map(({ type, leg }) => [type, leg])).toEqual([
      ['close', 0],
      ['open', 1],
    ]);
  });

  it('stays with a position that already points the right way', () => {
    const long = [held('buy', 119_000)];
    expect(signalsOf(builtin('sma-cross'), [...falling, ...turned], long).flat()).toEqual([]);
  });
});

describe('every built-in', () => {
  const waves = Array.from({ length: 700 }, (_, i) => {
    const close = Math.round(110_000 + 400 * Math.sin(i / 17) + 150 * Math.sin(i / 5.3));
    return barOf(i, { close, high: close + 12 + (i % 7), low: close - 9 - (i % 5) });
  });

  it.each(BUILTIN_STRATEGY_NAMES)(
    '%s decides alike after a restart with its warm-up bars',
    (name) => {
      const strategy = builtin(name);
      const warmup = strategy.warmupBars(strategy.params);
      const straight = signalsOf(strategy, waves);
      expect(straight.flat().length).toBeGreaterThan(5);
      for (const cut of [warmup, 300, 450, 611]) {
        const replayed = signalsOf(strategy, waves.slice(cut - warmup)).slice(warmup);
        expect(replayed).toEqual(straight.slice(cut));
      }
    },
  );

  it.each(BUILTIN_STRATEGY_NAMES)('%s keeps its state as plain data', (name) => {
    const strategy = builtin(name);
    const context = contextOf(strategy.params);
    let state = strategy.init(context);
    for (const bar of waves.slice(0, 200)) state = strategy.onBar(state, bar, context).state;
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});

describe('parameters', () => {
  it('are the defaults with overrides by name', () => {
    expect(paramsOf(builtin('sma-cross'), { fastBars: 5 })).toEqual({
      ok: true,
      value: { ...smaCross.params, fastBars: 5 },
    });
  });

  it.each([
    [{ fastBar: 5 }, /no such parameter/],
    [{ fastBars: '5' }, /expected a number/],
    [{ fastBars: Number.POSITIVE_INFINITY }, /finite/],
    [{ fastBars: Number.NaN }, /number/],
  ])('refuse %j', (overrides, reason) => {
    const result = paramsOf(builtin('sma-cross'), overrides);
    expect(result.ok ? '' : result.errors[0]?.reason).toMatch(reason);
  });
});

const DATA = '../shared/data/EURUSD_M1_201405.csv.gz';
const hasData = existsSync(DATA);
if (!hasData) console.warn(`skipped: ${DATA} is absent`);

describe('on twelve days of EURUSD', () => {
  it.skipIf(!hasData)('atr-breakout trades now and then, not never and not all the time', () => {
    const strategy = builtin('atr-breakout');
    const quarters = new Map<number, Bar>();
    for (const line of gunzipSync(readFileSync(DATA)).toString().trim().split('\n').slice(1)) {
      const [date = '', time = '', ...numbers] = line.split('\t');
      const at = Date.parse(`${date.replaceAll('.', '-')}T${time}Z`);
      const [open = 0, high = 0, low = 0, close = 0] = numbers.map((n) =>
        Math.round(Number(n) * 1e5),
      );
      const key = Math.floor(at / QUARTER);
      const bar = quarters.get(key) ?? barOf(key, { open, high, low, close });
      quarters.set(key, {
        ...bar,
        high: points(Math.max(bar.high, high)),
        low: points(Math.min(bar.low, low)),
        close: points(close),
      });
    }
    let position: (Position & { readonly stop: number; readonly target: number }) | undefined;
    let state = strategy.init(contextOf(strategy.params));
    let opened = 0;
    for (const bar of quarters.values()) {
      const d = position?.side === 'sell' ? -1 : 1;
      const worst = d > 0 ? bar.low : bar.high;
      const best = d > 0 ? bar.high : bar.low;
      if (position && (d * (worst - position.stop) <= 0 || d * (best - position.target) >= 0)) {
        position = undefined;
      }
      const decision = strategy.onBar(
        state,
        bar,
        contextOf(strategy.params, position ? [position] : []),
      );
      state = decision.state;
      for (const signal of decision.signals) {
        if (signal.type === 'close') position = undefined;
        if (signal.type === 'open') {
          opened += 1;
          const s = signal.side === 'buy' ? 1 : -1;
          const target = bar.close + s * (signal.takeProfitDistance ?? 0);
          position = {
            ...held(signal.side, bar.close),
            stop: bar.close - s * signal.stopDistance,
            target,
          };
        }
      }
    }
    expect(opened).toBeGreaterThanOrEqual(20);
    expect(opened).toBeLessThanOrEqual(80);
  });
});
