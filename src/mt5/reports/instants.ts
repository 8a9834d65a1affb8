import type { EpochMs } from '../../domain/units.ts';
import { epochMs } from '../../domain/units.ts';
import type { ServerZone } from '../venue-time.ts';
import type { Read } from './errors.ts';
import { refuse, shown } from './errors.ts';
import { ACCOUNT_FILE_LIMITS as LIMITS } from './limits.ts';

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?$/i;
const EPOCH = /^-?\d{1,20}(?:\.\d{1,20})?(?:[eE]\+?\d{1,2})?$/;
const VENUE =
  /^(\d{4})[.\-/](\d\d)[.\-/](\d\d)(?:[T ]+)(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?$/;
const MINUTE_MS = 60_000;
const FIRST_MS = Date.UTC(LIMITS.minYear, 0, 1);
const LAST_MS = Date.UTC(LIMITS.maxYear, 0, 1);

/** Wall clock of seven matched fields as if it were UTC; undefined for 30 February and the like. */
const wallClock = (fields: readonly (string | undefined)[]): number | undefined => {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields
    .slice(0, 6)
    .map((field) => Number(field ?? '0'));
  const millis = Number((fields[6] ?? '').padEnd(3, '0').slice(0, 3));
  const ms = Date.UTC(year, month - 1, day, hour, minute, second, millis);
  const back = new Date(ms);
  const same =
    back.getUTCFullYear() === year &&
    back.getUTCMonth() === month - 1 &&
    back.getUTCDate() === day &&
    back.getUTCHours() === hour &&
    back.getUTCMinutes() === minute &&
    back.getUTCSeconds() === second;
  return same ? ms : undefined;
};

const offsetMinutes = (text: string): number => {
  if (/^z$/i.test(text)) return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return text.startsWith('-') ? -minutes : minutes;
};

const inRange = (ms: number, text: string): Read<EpochMs> => {
  if (ms >= FIRST_MS && ms < LAST_MS) return { ok: true, value: epochMs(ms) };
  const years = `${LIMITS.minYear} to ${LIMITS.maxYear}`;
  const remedy = 'Write ISO-8601 UTC (2024-01-08T10:00:00Z) or epoch milliseconds';
  return refuse(`the instant ${shown(text)} lies outside of ${years}`, remedy);
};

/** ISO-8601 with its offset, or epoch milliseconds, as UTC. */
export const parseInstant = (text: string): Read<EpochMs> => {
  // Some programs print whole numbers as 1704708000000.0 or 1.704708E12.
  if (EPOCH.test(text)) return inRange(Math.floor(Number(text)), text);
  const match = ISO.exec(text);
  const ms = match === null ? undefined : wallClock(match.slice(1, 8));
  if (match === null || ms === undefined) {
    const remedy = 'Write e.g. "2024-01-08T10:00:00Z" or 1704708000000';
    return refuse(`${shown(text)} is no ISO-8601 instant and no epoch milliseconds`, remedy);
  }
  const zone = match[8];
  if (zone === undefined) {
    const remedy = 'Write it in UTC with a Z at the end, or with its offset';
    return refuse(`${shown(text)} does not say its time zone`, remedy);
  }
  return inRange(ms - offsetMinutes(zone) * MINUTE_MS, text);
};

/** A time as MetaTrader writes it (`2024.01.08 10:00:00`), the wall clock of the server. */
export const parseVenueTime = (text: string, zone: ServerZone): Read<EpochMs> => {
  const match = VENUE.exec(text.trim());
  const ms = match === null ? undefined : wallClock(match.slice(1, 8));
  if (ms !== undefined) return inRange(zone.toUtc(ms), text);
  return refuse(
    `${shown(text)} is no time of MetaTrader`,
    'Times look like 2024.01.08 10:00:00; export the report again without changing it',
  );
};
