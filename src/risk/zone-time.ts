import type { EpochMs } from '../domain/units.ts';
import { epochMs } from '../domain/units.ts';

/** When a trading day begins: `localTime` ("HH:MM") of every calendar day in an IANA zone. */
export interface ResetTime {
  readonly zone: string;
  readonly localTime: string;
}

/** One trading day, [opensAt, closesAt): 23, 24 or 25 hours long. */
export interface TradingDay {
  /** YYYY-MM-DD: the date on which most of the day lies (a day from 17:00 is named after the
   * next date, as brokers' servers do). */
  readonly date: string;
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const LOCAL_TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;
const MAX_CACHED_DAYS = 4096;

const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, made);
  return made;
};

/** True when this runtime knows the zone's rules. */
export const isKnownZone = (zone: string): boolean => {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
};

/** Minutes after local midnight of an "HH:MM" text; undefined when it is not one. */
export const parseLocalTime = (text: string): number | undefined => {
  const match = LOCAL_TIME.exec(text);
  return match === null ? undefined : Number(match[1]) * 60 + Number(match[2]);
};

/** The zone's wall clock at an instant, written as if it were UTC milliseconds. */
export const wallClockOf = (utcMs: number, zone: string): number => {
  const part = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of formatOf(zone).formatToParts(utcMs)) {
    if (type in part) part[type as keyof typeof part] = Number(value);
  }
  const whole = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  return whole + (((utcMs % 1000) + 1000) % 1000);
};

/**
 * First instant whose wall clock is at or after `wallMs`. When the clocks go forward over `wallMs`
 * it is the moment of the jump; when they go back over it, the first of the two occurrences. So
 * every calendar day has exactly one beginning.
 */
const firstInstantAt = (wallMs: number, zone: string): number => {
  // Offsets lie within ±26 h; every offset in force around the wall time is a candidate.
  const offsets = new Set<number>();
  for (const probe of [-DAY_MS, -DAY_MS / 4, 0, DAY_MS / 4, DAY_MS]) {
    offsets.add(wallClockOf(wallMs + probe, zone) - (wallMs + probe));
  }
  const exact = [...offsets]
    .map((offset) => wallMs - offset)
    .filter((instant) => wallClockOf(instant, zone) === wallMs);
  if (exact.length > 0) return Math.min(...exact);
  // The wall time does not exist: find the jump to the minute.
  let before = wallMs - Math.max(...offsets);
  let after = wallMs - Math.min(...offsets);
  while (after - before > MINUTE_MS) {
    const middle = before + Math.floor((after - before) / 2 / MINUTE_MS) * MINUTE_MS;
    if (wallClockOf(middle, zone) >= wallMs) after = middle;
    else before = middle;
  }
  return after;
};

const minutesOf = (reset: ResetTime): number => {
  const minutes = parseLocalTime(reset.localTime);
  if (minutes === undefined) throw new RangeError(`not a local time HH:MM: ${reset.localTime}`);
  return minutes;
};

/** Boundaries by zone, local time and day number: Intl is far too slow for every tick. */
const boundaries = new Map<string, number>();
const boundaryOf = (dayNumber: number, reset: ResetTime): number => {
  const key = `${reset.zone} ${reset.localTime} ${dayNumber}`;
  const known = boundaries.get(key);
  if (known !== undefined) return known;
  if (boundaries.size >= MAX_CACHED_DAYS) boundaries.clear();
  const made = firstInstantAt(dayNumber * DAY_MS + minutesOf(reset) * MINUTE_MS, reset.zone);
  boundaries.set(key, made);
  return made;
};

const dateName = (dayNumber: number, reset: ResetTime): string => {
  const named = minutesOf(reset) >= 12 * 60 ? dayNumber + 1 : dayNumber;
  return new Date(named * DAY_MS).toISOString().slice(0, 10);
};

interface NumberedDay {
  readonly number: number;
  readonly day: TradingDay;
}

const lastDays = new Map<string, NumberedDay>();
const numberedDayOf = (utcMs: number, reset: ResetTime): NumberedDay => {
  const cacheKey = `${reset.zone} ${reset.localTime}`;
  const last = lastDays.get(cacheKey);
  if (last !== undefined && utcMs >= last.day.opensAt && utcMs < last.day.closesAt) return last;
  let number = Math.floor(wallClockOf(utcMs, reset.zone) / DAY_MS);
  while (boundaryOf(number, reset) > utcMs) number -= 1;
  while (boundaryOf(number + 1, reset) <= utcMs) number += 1;
  const day: TradingDay = {
    date: dateName(number, reset),
    opensAt: epochMs(boundaryOf(number, reset)),
    closesAt: epochMs(boundaryOf(number + 1, reset)),
  };
  const found = { number, day };
  lastDays.set(cacheKey, found);
  return found;
};

/** The trading day that contains an instant. Throws RangeError for an unknown zone or local time;
 * a parsed rule set has neither. */
export const dayOf = (utcMs: number, zone: string, resetLocalTime: string): TradingDay =>
  numberedDayOf(utcMs, { zone, localTime: resetLocalTime }).day;

/** The next `count` reset instants strictly after `utcMs`, ascending. */
export const nextResets = (utcMs: number, count: number, reset: ResetTime): readonly EpochMs[] => {
  const resets: EpochMs[] = [];
  let { number } = numberedDayOf(utcMs, reset);
  let at = utcMs;
  while (resets.length < count) {
    number += 1;
    const next = boundaryOf(number, reset);
    // A date that a zone left out begins and ends in the same instant.
    if (next > at) resets.push(epochMs(next));
    at = next;
  }
  return resets;
};
