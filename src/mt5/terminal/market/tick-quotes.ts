import { TIMEFRAMES } from '../../../domain/market.ts';
import type { QuoteSeries } from './quote-series.ts';
import { barFinder } from './quote-series.ts';

const MINUTE = TIMEFRAMES.M1;

/** Recorded quotes as they are, with the M1 bars that they form: bid prices, tick count by
 * `firstQuote`, and the narrowest spread, as MT5 keeps it. */
export const tickQuotes = (ticks: {
  readonly at: Float64Array;
  readonly bid: Float64Array;
  readonly ask: Float64Array;
}): QuoteSeries => {
  const { at, bid, ask } = ticks;
  const length = at.length;
  let count = 0;
  let minute = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < length; index += 1) {
    const opened = Math.floor((at[index] ?? 0) / MINUTE);
    if (opened !== minute) count += 1;
    minute = opened;
  }
  const column = (): Float64Array => new Float64Array(count);
  const [opensAt, open, high, low, close, spread] = [
    column(),
    column(),
    column(),
    column(),
    column(),
    column(),
  ] as const;
  const firstQuote = new Uint32Array(count + 1);
  let bar = -1;
  minute = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < length; index += 1) {
    const opened = Math.floor((at[index] ?? 0) / MINUTE);
    const price = bid[index] ?? 0;
    const width = (ask[index] ?? 0) - price;
    if (opened !== minute) {
      minute = opened;
      bar += 1;
      firstQuote[bar] = index;
      opensAt[bar] = opened * MINUTE;
      open[bar] = price;
      high[bar] = price;
      low[bar] = price;
      spread[bar] = width;
    }
    if (price > (high[bar] ?? 0)) high[bar] = price;
    if (price < (low[bar] ?? 0)) low[bar] = price;
    if (width < (spread[bar] ?? 0)) spread[bar] = width;
    close[bar] = price;
  }
  firstQuote[count] = length;
  return {
    bars: {
      timeframe: 'M1',
      length: count,
      at: opensAt,
      open,
      high,
      low,
      close,
      spread,
      firstQuote,
    },
    length,
    atOf: (index) => at[index] ?? Number.NaN,
    bidOf: (index) => bid[index] ?? Number.NaN,
    askOf: (index) => ask[index] ?? Number.NaN,
    barOf: barFinder(firstQuote),
  };
};
