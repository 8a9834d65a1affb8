import type { EpochMs } from '../../../domain/units.ts';
import { epochMs } from '../../../domain/units.ts';
import type { Market } from './types.ts';

/**
 * The same market, ending before `untilMs` (UTC milliseconds, exclusive). The cut belongs to the
 * market and not to whoever watches it: at any speed, the same quotes are played and no more.
 */
export const cutMarket = (market: Market, untilMs: EpochMs): Market => {
  const isBefore = (at: number): boolean => at < untilMs;
  const peek: Market['peek'] = () => {
    const tick = market.peek();
    return tick !== undefined && isBefore(tick.at) ? tick : undefined;
  };
  const { endsAt, sourceBarMs } = market;
  return {
    instruments: market.instruments,
    startsAt: market.startsAt,
    endsAt: endsAt !== undefined && isBefore(endsAt) ? endsAt : epochMs(untilMs - 1),
    peek,
    next: () => (peek() === undefined ? undefined : market.next()),
    position: () => market.position(),
    seek: (position) => market.seek(position),
    barsTotal: () => market.barsTotal(),
    history: (query) => market.history(query),
    ...(sourceBarMs === undefined ? {} : { sourceBarMs: (symbol) => sourceBarMs(symbol) }),
    isOpen: (symbol, at) => market.isOpen(symbol, at),
  };
};
