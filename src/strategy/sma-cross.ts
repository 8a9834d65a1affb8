import type { Side } from '../domain/instrument.ts';
import type { Bar } from '../domain/market.ts';
import type { Signal } from '../domain/trading.ts';
import type { Decision } from './api.ts';
import { defineStrategy } from './api.ts';
import { pushed, sumOfLast, trueRange, wilderAtr } from './indicators.ts';
import { atrStop } from './stop-distance.ts';

export interface SmaCrossParams {
  readonly fastBars: number;
  readonly slowBars: number;
  readonly atrPeriod: number;
  /** Stop distance in average true ranges. */
  readonly stopAtr: number;
}

export interface SmaCrossState {
  readonly closes: readonly number[];
  readonly ranges: readonly number[];
}

const ATR_MEMORY = 8;

/** Sign of fast − slow average, compared as fractions of integers so that a tie is a tie. */
const leadOf = (closes: readonly number[], params: SmaCrossParams): number | undefined => {
  const fast = sumOfLast(closes, params.fastBars);
  const slow = sumOfLast(closes, params.slowBars);
  if (fast === undefined || slow === undefined) return undefined;
  return Math.sign(fast * params.slowBars - slow * params.fastBars);
};

const remember = (state: SmaCrossState, bar: Bar, params: SmaCrossParams): SmaCrossState => {
  const previous = state.closes.at(-1);
  const closesKept = Math.max(params.slowBars, params.fastBars) + 1;
  return {
    closes: pushed(state.closes, bar.close, closesKept),
    ranges:
      previous === undefined
        ? state.ranges
        : pushed(state.ranges, trueRange(bar, previous), params.atrPeriod * ATR_MEMORY),
  };
};

/**
 * Trades the crossing of two simple averages in its direction: a cross closes an opposite position
 * and opens the other way, with a stop of some average true ranges. Always in the market after the
 * first cross, unless a stop took it out.
 */
export const smaCross = defineStrategy<SmaCrossParams, SmaCrossState>({
  name: 'sma-cross',
  version: '1.0.0',
  timeframe: 'M15',
  params: { fastBars: 10, slowBars: 30, atrPeriod: 14, stopAtr: 3 },
  warmupBars: (params) =>
    Math.max(params.fastBars, params.slowBars, params.atrPeriod * ATR_MEMORY) + 1,
  init: () => ({ closes: [], ranges: [] }),
  onBar: (state, bar, context): Decision<SmaCrossState> => {
    const { params, instrument, positions } = context;
    const next = remember(state, bar, params);
    const before = leadOf(state.closes, params);
    const after = leadOf(next.closes, params);
    const atr = wilderAtr(next.ranges, params.atrPeriod);
    if (before === undefined || after === undefined || atr === undefined) {
      return { state: next, signals: [] };
    }
    const crossed = after !== 0 && after !== before;
    if (!crossed) return { state: next, signals: [] };
    const side: Side = after > 0 ? 'buy' : 'sell';
    if (positions.some((position) => position.side === side)) return { state: next, signals: [] };
    const averages = `${params.fastBars}/${params.slowBars}`;
    const reason = `averages ${averages} crossed ${after > 0 ? 'up' : 'down'}`;
    const close: Signal = { type: 'close', leg: 0, reason };
    const stopDistance = atrStop({ atr, multiple: params.stopAtr, bar, instrument });
    const open: Signal = { type: 'open', side, kind: 'market', stopDistance, leg: 1, reason };
    return { state: next, signals: positions.length > 0 ? [close, open] : [open] };
  },
});
