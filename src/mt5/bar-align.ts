import { TIMEFRAMES } from '../domain/market.ts';
import type { Align } from '../strategy/bar-builder.ts';
import type { ServerZone } from './venue-time.ts';

/** Bars align to the server's day; up to M30 that is the same grid in every zone we accept. */
export const alignIn =
  (zone: ServerZone): Align =>
  (utcMs, timeframe) => {
    const span = TIMEFRAMES[timeframe];
    return zone.toUtc(Math.floor(zone.toServer(utcMs) / span) * span);
  };
