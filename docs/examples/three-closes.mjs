import { defineStrategy } from 'bulwark';
import { pushed, sma } from 'bulwark/indicators';

/** Follows three closes in a row; the stop stands two average bar ranges away. */
export default defineStrategy({
  name: 'three-closes',
  version: '1.0.0',
  timeframe: 'M15',
  params: { rangeBars: 20, stopRanges: 2 },
  warmupBars: (params) => params.rangeBars,
  init: () => ({ closes: [], ranges: [] }),
  onBar: ({ closes, ranges }, bar, { params, positions, instrument }) => {
    const next = {
      closes: pushed(closes, bar.close, 4),
      ranges: pushed(ranges, bar.high - bar.low, params.rangeBars),
    };
    const [a, b, c, d] = next.closes;
    const side = a < b && b < c && c < d ? 'buy' : a > b && b > c && c > d ? 'sell' : undefined;
    const range = sma(next.ranges, params.rangeBars);
    if (side === undefined || range === undefined || positions.length > 0) {
      return { state: next, signals: [] };
    }
    const least = instrument.stopsLevelPoints + 2 * bar.spreadPoints + 1;
    const stopDistance = Math.max(Math.round(params.stopRanges * range), least);
    const reason = `three closes in a row, ${stopDistance} points to the stop`;
    const signal = { type: 'open', side, kind: 'market', stopDistance, leg: 0, reason };
    return { state: next, signals: [{ ...signal, takeProfitDistance: 2 * stopDistance }] };
  },
});
