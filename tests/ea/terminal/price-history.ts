import { formatPrice } from '../../../src/domain/instrument.ts';
import type { Timeframe } from '../../../src/domain/market.ts';
import { TIMEFRAMES } from '../../../src/domain/market.ts';
import { epochMs } from '../../../src/domain/units.ts';
import type { FakeBroker } from './fake-broker.ts';
import { type Fields, type Rows, seconds } from './rows.ts';

/** Ticks that CopyTicks gives at once; more have to be asked for. */
const TICKS_AT_ONCE = 2_000;

/** CopyTicks: from an instant (server ms) on, or the newest when it is 0. */
export const tickRows = (
  broker: FakeBroker,
  view: Rows,
  symbol: string,
  fromMs: number,
  count: number,
): readonly Fields[] | undefined => {
  if (!broker.env.instruments.has(symbol)) return undefined;
  const played = broker.history.get(symbol) ?? [];
  const most = count === 0 ? TICKS_AT_ONCE : count;
  if (fromMs === 0) return played.slice(-most).map((tick) => view.historicTick(tick));
  let first = played.length;
  while (first > 0 && broker.serverMs(played[first - 1]?.at ?? 0) >= fromMs) first -= 1;
  return played.slice(first, first + most).map((tick) => view.historicTick(tick));
};

export interface BarsWanted {
  readonly verb: 'rates.from' | 'rates.range';
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly from: number;
  readonly to: number;
}

/** CopyRates by count and by range: oldest first, the running bar last. */
export const barRows = (broker: FakeBroker, wanted: BarsWanted): readonly Fields[] | undefined => {
  const { verb, symbol, timeframe, from, to } = wanted;
  const instrument = broker.env.instruments.get(symbol);
  if (instrument === undefined || TIMEFRAMES[timeframe] === undefined) return undefined;
  const bars = broker.market
    .history({ symbol, timeframe, count: 100_000, to: epochMs(broker.now) })
    .map((bar) => ({ bar, time: seconds(broker.serverMs(bar.at)) }));
  const price = (value: number): string => formatPrice(value as never, instrument.digits);
  const chosen =
    verb === 'rates.from'
      ? bars.filter(({ time }) => time <= from).slice(-to)
      : bars.filter(({ time }) => time >= from && time <= to);
  return chosen.map(({ bar, time }) => ({
    time,
    open: price(bar.open),
    high: price(bar.high),
    low: price(bar.low),
    close: price(bar.close),
    tick_volume: bar.tickVolume,
    spread: bar.spreadPoints,
  }));
};
