import type { ServerZone } from '../venue-time.ts';
import type { EaBody, EaFrame, RuntimeBody } from './messages.ts';
import { decodeTicks, encodeTicks } from './tick-batch.ts';

/**
 * Instants between a terminal that says server time and a runtime that knows UTC alone. A message
 * is converted whole, by the names of its fields: every name below is an instant wherever it
 * stands, and a test holds the list against the schemas.
 */
export const INSTANT_FIELDS: ReadonlySet<string> = new Set([
  'atMs',
  'doneAtMs',
  'endMs',
  'expiresAtMs',
  'fromMs',
  'historyFromMs',
  'nextMs',
  'openedAtMs',
  'placedAtMs',
  'resetsMs',
  'toMs',
  'wakeAtMs',
]);
/** Names that end in `Ms` and are lengths of time, the same in any base. */
export const DURATION_FIELDS: ReadonlySet<string> = new Set([
  'afterMs',
  'heartbeatMs',
  'lastTickAgeMs',
  'leaseMs',
  'maxMs',
  'pingMs',
  'ttlMs',
]);

type Shift = (instantMs: number) => number;

const shifted = (value: unknown, shift: Shift): unknown => {
  if (Array.isArray(value)) return value.map((item) => shifted(item, shift));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, shiftField(name, field, shift)]),
  );
};

const shiftField = (name: string, field: unknown, shift: Shift): unknown => {
  // Keys of the ages are symbols, which could be called anything.
  if (DURATION_FIELDS.has(name)) return field;
  if (!INSTANT_FIELDS.has(name)) return shifted(field, shift);
  if (typeof field === 'number') return shift(field);
  return Array.isArray(field)
    ? field.map((item: unknown) => (typeof item === 'number' ? shift(item) : item))
    : field;
};

/** Bars are tuples that begin with their opening instant. */
const shiftBars = (body: EaBody, shift: Shift): EaBody =>
  body.kind === 'history'
    ? { ...body, bars: body.bars.map(([at, ...rest]) => [shift(at), ...rest] as const) }
    : body;

const UNTOUCHED: ReadonlySet<EaBody['kind']> = new Set<EaBody['kind']>([
  'ea.heartbeat',
  // Their hash is over what was sent: they are converted after it was checked.
  'snapshot.begin',
  'snapshot.part',
  'snapshot.end',
]);

/** What a terminal with `timeBase: 'server'` said, in UTC. A batch that cannot be read is left as it
 * is, for whoever reads it to refuse. */
export const frameToUtc = (frame: EaFrame, zone: ServerZone): EaFrame => {
  const { body, attachment } = frame;
  if (UNTOUCHED.has(body.kind)) return frame;
  const converted = shiftBars(shifted(body, zone.toUtc) as EaBody, zone.toUtc);
  if (attachment === undefined) return { ...frame, body: converted };
  const decoded = decodeTicks(attachment);
  if (!decoded.ok) return frame;
  const ticks = decoded.ticks.map((tick) => ({ ...tick, at: zone.toUtc(tick.at) }));
  return { ...frame, body: converted, attachment: encodeTicks(ticks) };
};

/** Any record or list of records whose instants are server time, in UTC. */
export const recordsToUtc = <T>(records: T, zone: ServerZone): T =>
  shifted(records, zone.toUtc) as T;

/** What we say to such a terminal: in its own time. */
export const bodyToServer = (body: RuntimeBody, zone: ServerZone): RuntimeBody =>
  shifted(body, zone.toServer) as RuntimeBody;
