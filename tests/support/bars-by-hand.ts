import type { Bar, Tick, Timeframe } from '../../src/domain/market.ts';
import { TIMEFRAMES } from '../../src/domain/market.ts';
import { epochMs, points } from '../../src/domain/units.ts';
import type { ServerZone } from '../../src/mt5/venue-time.ts';

/** Bars of one symbol's ticks, the plain way: group by server time, oldest first, the last one
 * running. An oracle for whatever builds bars faster. */
export const barsByHand = (
  ticks: readonly Tick[],
  options: { readonly symbol: string; readonly timeframe: Timeframe; readonly zone: ServerZone },
): readonly Bar[] => {
  const { symbol, timeframe, zone } = options;
  const span = TIMEFRAMES[timeframe];
  const groups = new Map<number, Tick[]>();
  for (const tick of ticks) {
    if (tick.symbol !== symbol) continue;
    const label = Math.floor(zone.toServer(tick.at) / span) * span;
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [tick]);
    else group.push(tick);
  }
  return [...groups].map(([label, group], index) => {
    const bids = group.map((tick) => tick.bid);
    return {
      symbol,
      timeframe,
      at: epochMs(zone.toUtc(label)),
      open: points(bids[0] ?? 0),
      high: points(Math.max(...bids)),
      low: points(Math.min(...bids)),
      close: points(bids.at(-1) ?? 0),
      tickVolume: group.length,
      spreadPoints: points(Math.min(...group.map((tick) => tick.ask - tick.bid))),
      complete: index < groups.size - 1,
      gap: false,
    };
  });
};
