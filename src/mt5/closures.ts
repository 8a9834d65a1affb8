import type { SessionWindow } from '../domain/instrument.ts';
import { epochMs } from '../domain/units.ts';
import type { Closure } from '../risk/market-context.ts';
import type { ServerZone } from './venue-time.ts';

const DAY_MS = 86_400_000;

/** Weekday of a day number since 1970-01-01, a Thursday; 0 = Sunday. */
const weekdayOf = (day: number): number => (day + 4) % 7;

/**
 * Stretches in which a symbol does not trade by its sessions: those that have not ended at `at` and
 * begin within `horizonMs`, soonest first. A closure that began before is in it with its true
 * beginning, or with `at` where that lies more than a week back. Sessions are weekly and in server
 * time; holidays are not among them, because MetaTrader does not tell them beforehand.
 */
export const closuresAhead = (
  sessions: readonly SessionWindow[],
  zone: ServerZone,
  at: number,
  horizonMs: number,
): readonly Closure[] => {
  const first = Math.floor(zone.toServer(at) / DAY_MS) - 7;
  const last = Math.floor(zone.toServer(at + horizonMs) / DAY_MS) + 8;
  const closures: Closure[] = [];
  let openUntil: number | undefined;
  for (let day = first; day <= last; day += 1) {
    const windows = sessions
      .filter(({ weekday }) => weekday === weekdayOf(day))
      .sort((a, b) => a.fromSec - b.fromSec);
    for (const { fromSec, toSec } of windows) {
      const from = zone.toUtc(day * DAY_MS + fromSec * 1000);
      const to = zone.toUtc(day * DAY_MS + toSec * 1000);
      if (openUntil !== undefined && from > openUntil) {
        closures.push({ from: epochMs(openUntil), to: from });
      }
      openUntil = Math.max(openUntil ?? to, to);
    }
  }
  if (openUntil === undefined) {
    return [{ from: epochMs(at), to: epochMs(at + Math.max(horizonMs, 7 * DAY_MS)) }];
  }
  return closures.filter(({ from, to }) => to > at && from <= at + horizonMs);
};

const HOUR_MS = 3_600_000;

/** The same, found once an hour for each symbol: a guard asks about every symbol at every trade. */
export const closureFinder = (
  zone: ServerZone,
  horizonMs: number,
): ((sessions: readonly SessionWindow[], at: number) => readonly Closure[]) => {
  const known = new WeakMap<
    readonly SessionWindow[],
    { readonly hour: number; readonly closures: readonly Closure[] }
  >();
  return (sessions, at) => {
    if (sessions.length === 0) return closuresAhead(sessions, zone, at, horizonMs);
    const hour = Math.floor(at / HOUR_MS);
    let found = known.get(sessions);
    if (found?.hour !== hour) {
      const closures = closuresAhead(sessions, zone, hour * HOUR_MS, horizonMs + HOUR_MS);
      found = { hour, closures };
      known.set(sessions, found);
    }
    return found.closures.filter(({ from, to }) => to > at && from <= at + horizonMs);
  };
};
