import { type EpochMs, epochMs } from '../../domain/units.ts';
import type { EaMessageOf } from '../../mt5/wire/messages.ts';
import type { WireCalendarEvent } from '../../mt5/wire/records.ts';
import type { NewsRelease } from '../../risk/market-context.ts';
import type { GuardMessage } from '../messages.ts';
import { answerDigested, sendBody } from './connection-link.ts';
import type { ConnectionState, ConnectionTurn } from './connection-state.ts';

/**
 * The terminal's economic calendar, read for the guard whenever the link goes live and then every
 * hour of session time. It goes a week ahead, so that a weekend without a terminal ages no plan,
 * and a day back, for windows that have not ended.
 */
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const CALENDAR_LIMITS = {
  everyMs: HOUR_MS,
  /** After a terminal that had none to give. */
  againMs: 300_000,
  aheadMs: 8 * DAY_MS,
  behindMs: DAY_MS,
  /** Releases of high impact that are kept of one answer; the world has some thirty a week. */
  releases: 5_000,
} as const;

/** An answer under way. */
export interface CalendarRead {
  readonly id: string;
  readonly at: EpochMs;
  readonly releases: readonly NewsRelease[];
  /** Of any impact. */
  readonly heard: number;
}

export const readCalendar = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  if (!turn.options.readsCalendar) return state;
  askLater(CALENDAR_LIMITS.everyMs, turn);
  if (!state.chart.hasTag('mayTrade')) return state;
  const id = turn.options.newId();
  const at = turn.context.now();
  const range = {
    fromMs: at - CALENDAR_LIMITS.behindMs,
    toMs: at + CALENDAR_LIMITS.aheadMs,
  } as const;
  const asking = { ...state, calendar: { id, at, releases: [], heard: 0 } };
  return sendBody(asking, { kind: 'calendar.request', currencies: [], ...range }, turn, { id })
    .state;
};

const askLater = (delayMs: number, { context }: ConnectionTurn): void => {
  context.after(delayMs, { type: 'calendar.due' }, { key: 'calendar.due' });
};

/** One chunk of the answer; with the last, the guard knows what comes. */
export const collectCalendar = (
  state: ConnectionState,
  id: string,
  { available, events, last }: EaMessageOf<'calendar'>,
  turn: ConnectionTurn,
): ConnectionState => {
  const { calendar } = state;
  if (calendar === null || calendar.id !== id) return state;
  if (!available) return calendarFailed(state, id, 'the terminal has none', turn);
  const more = events.flatMap(releaseOf);
  const releases = [...calendar.releases, ...more].slice(0, CALENDAR_LIMITS.releases);
  const heard = calendar.heard + events.length;
  if (!last) return { ...state, calendar: { ...calendar, releases, heard } };
  // A week of the world without one release is a calendar that the terminal has not loaded yet.
  if (heard === 0) return calendarFailed(state, id, 'it is empty', turn);
  const { at } = calendar;
  const read = {
    updatedAt: at,
    from: epochMs(at - CALENDAR_LIMITS.behindMs),
    until: epochMs(at + CALENDAR_LIMITS.aheadMs),
    releases,
  };
  turn.context
    .ref<GuardMessage>(turn.deps.paths.guard)
    .send({ type: 'calendar.read', calendar: read });
  return goOn({ ...state, calendar: null }, turn);
};

/** The guard keeps what it knows until that is too old. */
export const calendarFailed = (
  state: ConnectionState,
  id: string,
  reason: string,
  turn: ConnectionTurn,
): ConnectionState => {
  if (state.calendar?.id !== id) return state;
  const detail = `the economic calendar could not be read: ${reason}; it is asked for again`;
  turn.options.onEvent({ code: 'link.noCalendar', detail, severity: 'warning' });
  askLater(CALENDAR_LIMITS.againMs, turn);
  return goOn({ ...state, calendar: null }, turn);
};

/** What waited for the answer goes on: an instant under way, and one that was held back. */
const goOn = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  if (state.heldAdvance !== null) turn.context.self.send({ type: 'advance.released' });
  return answerDigested(state, turn);
};

/** Only a high impact is restricted by anybody. Of a day's release it is not known when it comes. */
const releaseOf = (event: typeof WireCalendarEvent.Type): readonly NewsRelease[] => {
  if (event.importance !== 'high') return [];
  const release = {
    at: epochMs(event.atMs),
    currency: event.currency,
    impact: 'high',
    title: event.name,
  } as const;
  return [event.dayOnly ? { ...release, latest: epochMs(event.atMs + DAY_MS) } : release];
};
