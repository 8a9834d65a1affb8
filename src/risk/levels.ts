import { direction } from '../domain/instrument.ts';
import type { OpenSignal } from '../domain/trading.ts';
import type { Points } from '../domain/units.ts';
import { points } from '../domain/units.ts';
import type { SymbolRisk } from './exposure.ts';

/** Price levels of an opening order, in multiples of the symbol's tick size. */
export interface Levels {
  /** Where it would fill: for market the quote the decision is made on (ask for a buy, bid for a
   * sell), for a stop-limit its limit. */
  readonly entry: Points;
  /** Stop-limit only: the level that puts its limit order on the book. */
  readonly trigger?: Points;
  readonly stopLoss: Points;
  readonly takeProfit?: Points;
}

type LevelSignal = Pick<
  OpenSignal,
  'side' | 'kind' | 'price' | 'stopLimitPrice' | 'stopDistance' | 'takeProfitDistance'
>;

const down = (price: number, tick: number): Points => points(Math.floor(price / tick) * tick);
const up = (price: number, tick: number): Points => points(Math.ceil(price / tick) * tick);

/** Levels of a signal at the present quote. Rounding never brings the stop nearer than asked for,
 * nor puts the take-profit further away. */
export const levelsOf = (
  signal: LevelSignal,
  symbol: Pick<SymbolRisk, 'instrument' | 'bid' | 'ask'>,
): Levels => {
  const tick = Math.max(1, symbol.instrument.tickSizePoints);
  const { side, kind, price, stopLimitPrice, stopDistance, takeProfitDistance } = signal;
  const [away, back] = side === 'buy' ? [up, down] : [down, up];
  const quote = side === 'buy' ? symbol.ask : symbol.bid;
  const asked = kind === 'market' || price === undefined ? quote : price;
  const level = kind === 'market' ? asked : away(asked, tick);
  const limited = kind === 'stopLimit' && stopLimitPrice !== undefined;
  const entry = limited ? back(stopLimitPrice, tick) : level;
  const d = direction(side);
  return {
    entry,
    ...(limited ? { trigger: level } : {}),
    stopLoss: back(entry - d * stopDistance, tick),
    ...(takeProfitDistance === undefined
      ? {}
      : { takeProfit: back(entry + d * takeProfitDistance, tick) }),
  };
};

/** Points between market and entry in the direction the order needs; negative: wrong side. */
export const entryGap = (
  signal: Pick<OpenSignal, 'side' | 'kind'>,
  entry: Points,
  symbol: Pick<SymbolRisk, 'bid' | 'ask'>,
): number => {
  const above = signal.side === 'buy' ? entry - symbol.ask : entry - symbol.bid;
  const wantsAbove = (signal.side === 'buy') === (signal.kind !== 'limit');
  return wantsAbove ? above : -above;
};

/** Smallest distance of stop and take-profit as the broker measures it: from the bid for a buy and
 * from the ask for a sell, or from the entry level of a pending order. */
export const closestStop = (
  signal: Pick<OpenSignal, 'side' | 'kind'>,
  levels: Levels,
  symbol: Pick<SymbolRisk, 'bid' | 'ask'>,
): number => {
  const d = signal.side === 'buy' ? 1 : -1;
  const exit = signal.side === 'buy' ? symbol.bid : symbol.ask;
  const from = signal.kind === 'market' ? exit : levels.entry;
  const toStop = d * (from - levels.stopLoss);
  const toProfit = levels.takeProfit === undefined ? toStop : d * (levels.takeProfit - from);
  return Math.min(toStop, toProfit);
};
