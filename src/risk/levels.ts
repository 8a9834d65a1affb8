import type { OpenSignal } from '../domain/trading.ts';
import type { Points } from '../domain/units.ts';
import { points } from '../domain/units.ts';
import type { SymbolRisk } from './exposure.ts';

/** Price levels of an opening order, in multiples of the symbol's tick size. */
export interface Levels {
  /** Market: the quote the decision is made on (ask for a buy, bid for a sell). */
  readonly entry: Points;
  readonly stopLoss: Points;
  readonly takeProfit?: Points;
}

const down = (price: number, tick: number): Points => points(Math.floor(price / tick) * tick);
const up = (price: number, tick: number): Points => points(Math.ceil(price / tick) * tick);

/** Levels of a signal at the present quote. Rounding never brings the stop nearer than asked for,
 * nor puts the take-profit further away. */
export const levelsOf = (
  signal: Pick<OpenSignal, 'side' | 'kind' | 'price' | 'stopDistance' | 'takeProfitDistance'>,
  symbol: Pick<SymbolRisk, 'instrument' | 'bid' | 'ask'>,
): Levels => {
  const tick = Math.max(1, symbol.instrument.tickSizePoints);
  const { side, kind, price, stopDistance, takeProfitDistance } = signal;
  const quote = side === 'buy' ? symbol.ask : symbol.bid;
  const asked = kind === 'market' || price === undefined ? quote : price;
  if (side === 'buy') {
    const entry = kind === 'market' ? asked : up(asked, tick);
    const stopLoss = down(entry - stopDistance, tick);
    if (takeProfitDistance === undefined) return { entry, stopLoss };
    return { entry, stopLoss, takeProfit: down(entry + takeProfitDistance, tick) };
  }
  const entry = kind === 'market' ? asked : down(asked, tick);
  const stopLoss = up(entry + stopDistance, tick);
  if (takeProfitDistance === undefined) return { entry, stopLoss };
  return { entry, stopLoss, takeProfit: up(entry - takeProfitDistance, tick) };
};

/** Points between market and entry in the direction the order needs; negative: wrong side. */
export const entryGap = (
  signal: Pick<OpenSignal, 'side' | 'kind'>,
  entry: Points,
  symbol: Pick<SymbolRisk, 'bid' | 'ask'>,
): number => {
  const above = signal.side === 'buy' ? entry - symbol.ask : entry - symbol.bid;
  const wantsAbove = (signal.side === 'buy') === (signal.kind === 'stop');
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
