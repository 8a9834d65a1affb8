import { describe, expect, it } from 'vitest';
import { wall, zone } from '../../support/market-files.ts';
import { fc } from '../../support/property-seed.ts';

const ZONES = [
  'ny+7',
  'UTC',
  'UTC+5:30',
  'Europe/Athens',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Pacific/Apia',
] as const;
const anInstant = fc
  .integer({ min: wall('1990-01-01 00:00:00') / 1000, max: wall('2035-01-01 00:00:00') / 1000 })
  .map((seconds) => seconds * 1000);

/** The wall clock as Intl writes it: an independent, slow way to the same answer. */
const wallClockByIntl = (timeZone: string, utcMs: number): number => {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const part = new Map(format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
  const of = (name: Intl.DateTimeFormatPartTypes) => part.get(name) ?? Number.NaN;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
};

describe('venue time', () => {
  it('agrees with Intl about every wall clock', () => {
    const names = [
      'Europe/Athens',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
    ];
    fc.assert(
      fc.property(anInstant, fc.constantFrom(...names), (at, name) => {
        expect(zone(name).toServer(at)).toBe(wallClockByIntl(name, at));
      }),
      { numRuns: 300 },
    );
  });

  it('gives back an instant, or the first one that shows the same wall clock', () => {
    fc.assert(
      fc.property(anInstant, fc.constantFrom(...ZONES), (at, name) => {
        const server = zone(name);
        const shown = server.toServer(at);
        const back = server.toUtc(shown);
        expect(back).toBeLessThanOrEqual(at);
        expect(server.toServer(back)).toBe(shown);
        expect(server.exists(shown)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('never runs backwards: a later wall clock is not an earlier instant', () => {
    const step = fc.integer({ min: 0, max: 10_000 }).map((seconds) => seconds * 1000);
    const name = fc.constantFrom(...ZONES);
    // Around real changes, where it could go wrong.
    const changes = [
      '2024-03-10 09:00:00',
      '2024-11-03 09:00:00',
      '2024-10-27 04:00:00',
      '2024-03-31 03:00:00',
      '2024-04-07 02:00:00',
    ];
    const around = fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -9000, max: 9000 }))
      .map(([text, seconds]) => wall(text) + seconds * 1000);
    fc.assert(
      fc.property(fc.oneof(anInstant, around), step, name, (serverMs, wait, zoneName) => {
        const server = zone(zoneName);
        expect(server.toUtc(serverMs + wait)).toBeGreaterThanOrEqual(server.toUtc(serverMs));
      }),
      { numRuns: 500 },
    );
  });
});
