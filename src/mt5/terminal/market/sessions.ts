import type { SessionWindow } from '../../../domain/instrument.ts';
import type { ServerZone } from '../../venue-time.ts';

const HOUR_SEC = 3600;
const DAY_SEC = 86_400;
const WEEK_HOURS = 168;

/** Weekday (0 = Sunday) and second of the day of a server time. */
const placeInWeek = (serverMs: number): { readonly weekday: number; readonly second: number } => {
  const days = Math.floor(serverMs / 86_400_000);
  // 1970-01-01 was a Thursday.
  return { weekday: (days + 4) % 7, second: Math.floor(serverMs / 1000) - days * DAY_SEC };
};

/** True while a session is open at this server time; a window may run past midnight. */
export const isInSession = (sessions: readonly SessionWindow[], serverMs: number): boolean => {
  const { weekday, second } = placeInWeek(serverMs);
  return sessions.some((window) => {
    if (window.weekday === weekday && second >= window.fromSec && second < window.toSec)
      return true;
    const sinceYesterday = second + DAY_SEC;
    return (
      (window.weekday + 1) % 7 === weekday &&
      sinceYesterday >= window.fromSec &&
      sinceYesterday < window.toSec
    );
  });
};

/** Notes the hour of the week of every base bar, and of every hour that a longer bar covers. */
export const tradedHours = (
  openings: Float64Array,
  spanMs: number,
  zone: ServerZone,
): readonly boolean[] => {
  const traded = new Array<boolean>(WEEK_HOURS).fill(false);
  const hours = Math.max(1, Math.round(spanMs / 3_600_000));
  for (const at of openings) {
    const { weekday, second } = placeInWeek(zone.toServer(at));
    const first = weekday * 24 + Math.floor(second / HOUR_SEC);
    for (let offset = 0; offset < hours; offset += 1) traded[(first + offset) % WEEK_HOURS] = true;
  }
  return traded;
};

/**
 * The catalogue's sessions, widened to the hours of the week in which the data has quotes: a replay
 * says itself when its venue traded, and an order at a quote that exists must not meet a closed
 * market. Hours without data keep what the catalogue says. The result has at most one window per
 * contiguous stretch of a day.
 */
export const widenSessions = (
  sessions: readonly SessionWindow[],
  traded: readonly boolean[],
): readonly SessionWindow[] =>
  ([0, 1, 2, 3, 4, 5, 6] as const).flatMap((weekday) => {
    const own = sessions.filter((window) => window.weekday === weekday);
    const hours = Array.from({ length: 24 }, (_, hour) => hour)
      .filter((hour) => traded[weekday * 24 + hour] === true)
      .map((hour) => ({ weekday, fromSec: hour * HOUR_SEC, toSec: (hour + 1) * HOUR_SEC }));
    const sorted = [...own, ...hours].sort((a, b) => a.fromSec - b.fromSec);
    const merged: SessionWindow[] = [];
    for (const window of sorted) {
      const last = merged.at(-1);
      if (last === undefined || window.fromSec > last.toSec) merged.push(window);
      else merged[merged.length - 1] = { ...last, toSec: Math.max(last.toSec, window.toSec) };
    }
    return merged;
  });
