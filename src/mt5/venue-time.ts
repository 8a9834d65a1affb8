import type { EpochMs } from '../domain/units.ts';
import { epochMs } from '../domain/units.ts';

/**
 * Venue time: MetaTrader stamps everything with the wall clock of the broker's server and never
 * says which zone that is. A `ServerZone` converts between that wall clock and UTC; outside of
 * `mt5/` only UTC exists.
 *
 * A wall-clock instant ("server ms") is the number of milliseconds that a UTC clock would show for
 * the same date and time of day.
 *
 * Where the clock is put forward, the skipped hour does not exist: `toUtc` maps all of it to the
 * instant of the change. Where it is put back, an hour occurs twice: `toUtc` takes the first
 * occurrence. Both rules keep `toUtc` non-decreasing, so rows in server order stay in UTC order.
 * (For `ny+7` the change is at 09:00 server time of a Sunday, when only crypto trades.)
 */
export interface ServerZone {
  readonly name: string;
  /** Server wall clock at a UTC instant, in server ms. */
  readonly toServer: (utcMs: number) => number;
  /** UTC instant of a server wall clock in server ms; the rule for gaps and overlaps is above. */
  readonly toUtc: (serverMs: number) => EpochMs;
  /** False for a wall clock inside the hour that a change to summer time skips. */
  readonly exists: (serverMs: number) => boolean;
}

export type ServerTzResult =
  | { readonly ok: true; readonly zone: ServerZone }
  | { readonly ok: false; readonly reason: string; readonly remedy: string };

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** No zone is further from UTC than this, so a wall clock's instant lies within it. */
const WIDEST_OFFSET = 15 * HOUR;

/** A stretch of time with one offset; [fromUtc, toUtc). */
interface Segment {
  readonly fromUtc: number;
  readonly toUtc: number;
  readonly offset: number;
}
type OffsetAt = (utcMs: number) => number;

/** Offset of an IANA zone as Intl knows it. Slow (microseconds), so only asked when segments are built. */
const ianaOffset = (timeZone: string): OffsetAt => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return (utcMs) => {
    const parts = format.formatToParts(new Date(utcMs));
    const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
    const match = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name);
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = match ?? [];
    const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
    return sign === '-' ? -size : size;
  };
};

/** First instant in (from, to] with another offset than `from`'s; the two offsets must differ. */
const changeBetween = (offsetAt: OffsetAt, from: number, to: number): number => {
  const before = offsetAt(from);
  let low = from;
  let high = to;
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
};

/** Segments of one UTC year. Weekly probes find even a change that is undone a month later. */
const segmentsOfYear = (offsetAt: OffsetAt, year: number): readonly Segment[] => {
  const end = Date.UTC(year + 1, 0, 1);
  const segments: Segment[] = [];
  let fromUtc = Date.UTC(year, 0, 1);
  let offset = offsetAt(fromUtc);
  let probed = fromUtc;
  while (probed < end) {
    const probe = Math.min(probed + 7 * DAY, end - 1000);
    if (offsetAt(probe) !== offset) {
      const change = changeBetween(offsetAt, probed, probe);
      segments.push({ fromUtc, toUtc: change, offset });
      fromUtc = change;
      offset = offsetAt(change);
      probed = change;
    } else {
      probed = probe === end - 1000 ? end : probe;
    }
  }
  segments.push({ fromUtc, toUtc: end, offset });
  return segments;
};

/** A zone over cached segments: a conversion is an addition, a miss costs a map look-up. */
const zoneOf = (name: string, offsetAt: OffsetAt): ServerZone => {
  const years = new Map<number, readonly Segment[]>();
  const segmentAt = (utcMs: number): Segment => {
    const year = new Date(utcMs).getUTCFullYear();
    let segments = years.get(year);
    if (segments === undefined) {
      segments = segmentsOfYear(offsetAt, year);
      years.set(year, segments);
    }
    const found = segments.find((segment) => utcMs < segment.toUtc);
    if (found === undefined) throw new RangeError(`not an instant: ${utcMs}`);
    return found;
  };

  let current: Segment = { fromUtc: 0, toUtc: 0, offset: 0 };
  const toServer = (utcMs: number): number => {
    if (utcMs < current.fromUtc || utcMs >= current.toUtc) current = segmentAt(utcMs);
    return utcMs + current.offset;
  };

  // The wall-clock interval for which `local` is the first segment that has not yet ended.
  let local = current;
  let localFrom = 0;
  let localTo = 0;
  const findLocal = (serverMs: number): void => {
    local = segmentAt(serverMs - WIDEST_OFFSET);
    localFrom = local.fromUtc + WIDEST_OFFSET;
    while (serverMs >= local.toUtc + local.offset) {
      localFrom = local.toUtc + local.offset;
      local = segmentAt(local.toUtc);
    }
    localTo = local.toUtc + local.offset;
  };
  const toUtc = (serverMs: number): EpochMs => {
    if (serverMs < localFrom || serverMs >= localTo) findLocal(serverMs);
    return epochMs(Math.max(local.fromUtc, serverMs - local.offset));
  };
  return { name, toServer, toUtc, exists: (serverMs) => toServer(toUtc(serverMs)) === serverMs };
};

const fixedZone = (name: string, offset: number): ServerZone => ({
  name,
  toServer: (utcMs) => utcMs + offset,
  toUtc: (serverMs) => epochMs(serverMs - offset),
  exists: () => true,
});

/** Seven hours ahead of New York all year: midnight is the end of its trading day. */
const NY7 = 'ny+7';

const REMEDY =
  'Write ny+7 (New York + 7 h, most MT5 brokers), UTC, UTC+2, UTC-3:30, or an IANA name such as Europe/Athens';

const parseFixed = (text: string): ServerTzResult | undefined => {
  const match = /^UTC(?:([+-])(\d{1,2})(?::(\d{2}))?)?$/i.exec(text);
  if (match === null) return undefined;
  const [, sign = '+', hours = '0', minutes = '0'] = match;
  const size = Number(hours) * HOUR + Number(minutes) * 60_000;
  if (Number(minutes) > 59 || size > 14 * HOUR) {
    return { ok: false, reason: `"${text}" is further from UTC than any server`, remedy: REMEDY };
  }
  return { ok: true, zone: fixedZone(text.toUpperCase(), sign === '-' ? -size : size) };
};

/** Zones whose segments are known: finding those of a year asks Intl a hundred times. */
const zones = new Map<string, ServerZone>();
const namedZone = (name: string): ServerZone => {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const isNy7 = name === NY7;
  const offsetAt = ianaOffset(isNy7 ? 'America/New_York' : name);
  const made = zoneOf(name, isNy7 ? (utcMs) => offsetAt(utcMs) + 7 * HOUR : offsetAt);
  zones.set(name, made);
  return made;
};

/** Reads a server time zone: `ny+7`, `UTC`, `UTC±h[:mm]` or an IANA name. Never throws. */
export const parseServerTz = (text: string): ServerTzResult => {
  const trimmed = text.trim();
  const fixed = parseFixed(trimmed);
  if (fixed !== undefined) return fixed;
  try {
    const name = trimmed.toLowerCase() === NY7 ? NY7 : trimmed;
    return { ok: true, zone: namedZone(name) };
  } catch {
    // Intl throws RangeError for a name that its database lacks.
    return { ok: false, reason: `"${text}" is not a known time zone`, remedy: REMEDY };
  }
};

/** `2014.05.01 03:00:00`, the way MetaTrader writes a server time. */
export const formatServerTime = (serverMs: number): string => {
  const iso = new Date(serverMs).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', '.')} ${iso.slice(11, 19)}`;
};
