import { parseServerTz, type ServerZone } from '../../src/mt5/venue-time.ts';

/** The zone of most brokers' servers: New York's time and seven hours. */
export const newYork7: ServerZone = (() => {
  const parsed = parseServerTz('ny+7');
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.zone;
})();
