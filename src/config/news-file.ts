import { statSync } from 'node:fs';
import * as Schema from 'effect/Schema';
import { epochMs } from '../domain/units.ts';
import type { NewsCalendar } from '../risk/market-context.ts';
import { readTextFile } from './text-file.ts';

/** A calendar of releases as a file: what a person, or a program of theirs, keeps up to date. */
const instant = Schema.String.check(
  Schema.makeFilter((text: string) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/.test(text) &&
    Number.isFinite(Date.parse(text))
      ? true
      : 'Expected an ISO 8601 instant in UTC, such as 2024-01-05T13:30:00Z',
  ),
);
const NewsDocument = Schema.Struct({
  updatedAt: instant,
  from: instant,
  until: instant,
  releases: Schema.Array(
    Schema.Struct({
      at: instant,
      currency: Schema.String.check(Schema.isPattern(/^[A-Z]{3}$/)),
      impact: Schema.Literals(['low', 'medium', 'high']),
      title: Schema.String,
      targeted: Schema.optionalKey(Schema.Boolean),
    }),
  ),
});

/** Largest calendar file, bytes: a year of every release in the world is a tenth of it. */
const MAX_BYTES = 16 * 1024 * 1024;

export type ReadCalendar =
  | { readonly ok: true; readonly calendar: NewsCalendar }
  | { readonly ok: false; readonly reason: string };

const at = (text: string) => epochMs(Date.parse(text));

/** Reads a calendar file, or says in a sentence why it is none. */
export const readNewsFile = (file: string): ReadCalendar => {
  try {
    if (statSync(file).size > MAX_BYTES) return { ok: false, reason: `${file} is too large` };
    const json: unknown = JSON.parse(readTextFile(file));
    const { updatedAt, from, until, releases } = Schema.decodeUnknownSync(NewsDocument)(json);
    const calendar = {
      updatedAt: at(updatedAt),
      from: at(from),
      until: at(until),
      releases: releases.map((release) => ({ ...release, at: at(release.at) })),
    };
    return { ok: true, calendar };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { ok: false, reason: `${file} is no calendar: ${why}` };
  }
};

/**
 * The calendar as the file holds it now; null while there is no file, or none that can be read: the
 * rules that need it then refuse. It is read again whenever it has changed.
 */
export const newsFileCalendar = (file: string | undefined): (() => NewsCalendar | null) => {
  let seen = '';
  let known: NewsCalendar | null = null;
  return () => {
    if (file === undefined) return null;
    const stat = statSync(file, { throwIfNoEntry: false });
    const mark = stat === undefined ? 'absent' : `${stat.mtimeMs} ${stat.size}`;
    if (mark === seen) return known;
    seen = mark;
    const read = stat === undefined ? undefined : readNewsFile(file);
    known = read?.ok === true ? read.calendar : null;
    return known;
  };
};
