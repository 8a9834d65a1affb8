import type { Bar } from '../domain/market.ts';
import type { Signal } from '../domain/trading.ts';
import { points } from '../domain/units.ts';
import type { Decision, StrategyContext } from './api.ts';
import { defineStrategy } from './api.ts';
import type { Channel } from './indicators.ts';
import { channelOf, pushed, trueRange, wilderAtr } from './indicators.ts';
import { atrStop } from './stop-distance.ts';

export interface AtrBreakoutParams {
  /** Bars of the range that a close must leave. */
  readonly channelBars: number;
  readonly atrPeriod: number;
  /** Stop distance in average true ranges. */
  readonly stopAtr: number;
  /** Take-profit distance in stop distances; 0: none. */
  readonly targetR: number;
}

export interface AtrBreakoutState {
  readonly highs: readonly number[];
  readonly lows: readonly number[];
  readonly ranges: readonly number[];
  readonly previousClose: number | null;
}

/** After eight periods the first range weighs less than 0.04 % in Wilder's average. */
const ATR_MEMORY = 8;

const reading = (params: AtrBreakoutParams) => ({
  ranges: params.atrPeriod * ATR_MEMORY,
  warmup: Math.max(params.channelBars, params.atrPeriod * ATR_MEMORY) + 1,
});

const remember = (
  state: AtrBreakoutState,
  bar: Bar,
  params: AtrBreakoutParams,
): AtrBreakoutState => ({
  highs: pushed(state.highs, bar.high, params.channelBars),
  lows: pushed(state.lows, bar.low, params.channelBars),
  ranges:
    state.previousClose === null
      ? state.ranges
      : pushed(state.ranges, trueRange(bar, state.previousClose), reading(params).ranges),
  previousClose: bar.close,
});

const exits = (
  bar: Bar,
  channel: Channel,
  context: StrategyContext<AtrBreakoutParams>,
): readonly Signal[] => {
  const [position] = context.positions;
  if (position === undefined) return [];
  const fell = position.side === 'buy' && bar.close < channel.low;
  const rose = position.side === 'sell' && bar.close > channel.high;
  if (!fell && !rose) return [];
  const edge = fell ? 'below the low' : 'above the high';
  return [
    { type: 'close', leg: 0, reason: `closed ${edge} of ${context.params.channelBars} bars` },
  ];
};

const entries = (
  bar: Bar,
  channel: Channel,
  atr: number,
  context: StrategyContext<AtrBreakoutParams>,
): readonly Signal[] => {
  const { params, instrument } = context;
  const side = bar.close > channel.high ? 'buy' : bar.close < channel.low ? 'sell' : undefined;
  if (side === undefined) return [];
  const stopDistance = atrStop({ atr, multiple: params.stopAtr, bar, instrument });
  const target = points(Math.round(stopDistance * params.targetR));
  const edge = side === 'buy' ? channel.high : channel.low;
  return [
    {
      type: 'open',
      side,
      kind: 'market',
      stopDistance,
      ...(target > 0 ? { takeProfitDistance: target } : {}),
      leg: 0,
      reason: `close ${bar.close} broke ${edge} of ${params.channelBars} bars, ATR ${atr.toFixed(1)}`,
    },
  ];
};

/**
 * Follows a close outside the range of the previous bars, with a stop of some average true ranges
 * and a target of twice that. One position at a time; the opposite breakout closes it.
 */
export const atrBreakout = defineStrategy<AtrBreakoutParams, AtrBreakoutState>({
  name: 'atr-breakout',
  version: '1.0.0',
  timeframe: 'M15',
  params: { channelBars: 20, atrPeriod: 14, stopAtr: 2, targetR: 2 },
  warmupBars: (params) => reading(params).warmup,
  init: () => ({ highs: [], lows: [], ranges: [], previousClose: null }),
  onBar: (state, bar, context): Decision<AtrBreakoutState> => {
    const { params } = context;
    // The channel is that of the bars before this one, or no close could ever leave it.
    const channel = channelOf(state.highs, state.lows, params.channelBars);
    const next = remember(state, bar, params);
    const atr = wilderAtr(next.ranges, params.atrPeriod);
    if (channel === undefined || atr === undefined) return { state: next, signals: [] };
    const signals =
      context.positions.length > 0
        ? exits(bar, channel, context)
        : entries(bar, channel, atr, context);
    return { state: next, signals };
  },
});
