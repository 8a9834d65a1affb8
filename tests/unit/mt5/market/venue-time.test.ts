import { describe, expect, it } from 'vitest';
import { formatServerTime, parseServerTz } from '../../../../src/mt5/venue-time.ts';
import { wall, zone } from '../../../support/market-files.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

describe('parseServerTz', () => {
  it.each([
    ['UTC', 0],
    ['UTC+2', 120],
    ['UTC-3:30', -210],
    ['utc+05:45', 345],
    ['UTC+14', 840],
  ])('reads %s as a fixed offset', (text, minutes) => {
    const at = wall('2024-07-01 12:00:00');
    expect(zone(text).toServer(at) - at).toBe(minutes * 60_000);
    expect(zone(text).toUtc(at)).toBe(at - minutes * 60_000);
  });

  it('knows that a New York + 7 h server shows midnight at 17:00 New York, all year', () => {
    for (const newYork5pm of ['2024-01-15T22:00:00.000Z', '2024-07-15T21:00:00.000Z']) {
      const server = zone('ny+7').toServer(Date.parse(newYork5pm));
      expect(formatServerTime(server).slice(11)).toBe('00:00:00');
    }
  });

  it('follows European summer time for an IANA name', () => {
    const athens = zone('Europe/Athens');
    expect(iso(athens.toUtc(wall('2024-01-15 12:00:00')))).toBe('2024-01-15T10:00:00.000Z');
    expect(iso(athens.toUtc(wall('2024-07-15 12:00:00')))).toBe('2024-07-15T09:00:00.000Z');
  });

  it('follows zones that change four times a year', () => {
    // Morocco leaves UTC+1 for Ramadan, 2024-03-10 to 2024-04-14.
    const offset = (text: string): number => {
      const at = wall(text);
      return (zone('Africa/Casablanca').toServer(at) - at) / 3_600_000;
    };
    const dates = ['2024-03-01 12:00:00', '2024-03-20 12:00:00', '2024-04-20 12:00:00'];
    expect(dates.map(offset)).toEqual([1, 0, 1]);
  });

  it.each(['', 'Mars/Olympus', 'UTC+25', 'UTC+3:75', 'ny+8', '+3', 'UTC+-3'])(
    'refuses "%s" with a remedy',
    (text) => {
      const parsed = parseServerTz(text);
      expect(parsed.ok).toBe(false);
      if (!parsed.ok) expect(parsed.remedy).toContain('ny+7');
    },
  );
});

describe('a change of clocks', () => {
  const server = zone('ny+7');

  it('maps the hour that spring skips to the instant of the change', () => {
    const change = Date.parse('2024-03-10T07:00:00Z');
    expect(iso(server.toUtc(wall('2024-03-10 08:59:59')))).toBe('2024-03-10T06:59:59.000Z');
    for (const skipped of ['2024-03-10 09:00:00', '2024-03-10 09:59:59']) {
      expect(server.toUtc(wall(skipped))).toBe(change);
      expect(server.exists(wall(skipped))).toBe(false);
    }
    expect(server.toUtc(wall('2024-03-10 10:00:00'))).toBe(change);
    expect(server.exists(wall('2024-03-10 10:00:00'))).toBe(true);
  });

  it('takes the first occurrence of the hour that autumn repeats', () => {
    expect(iso(server.toUtc(wall('2024-11-03 08:30:00')))).toBe('2024-11-03T05:30:00.000Z');
    expect(iso(server.toUtc(wall('2024-11-03 09:00:00')))).toBe('2024-11-03T07:00:00.000Z');
    expect(formatServerTime(server.toServer(Date.parse('2024-11-03T06:30:00Z')))).toBe(
      '2024.11.03 08:30:00',
    );
  });

  it('does not depend on which instant was asked for before', () => {
    const instants = ['2024-11-03 08:30:00', '2014-07-01 00:00:00', '2024-03-10 09:30:00'];
    const fresh = instants.map((text) => zone('ny+7').toUtc(wall(text)));
    expect(instants.map((text) => server.toUtc(wall(text)))).toEqual(fresh);
    expect([...instants].reverse().map((text) => server.toUtc(wall(text)))).toEqual(
      [...fresh].reverse(),
    );
  });
});

describe('speed', () => {
  it('asks Intl for the changes of a year once, not for each of 500,000 conversions', () => {
    const years = 10;
    const original = Intl.DateTimeFormat.prototype.formatToParts;
    let asked = 0;
    Intl.DateTimeFormat.prototype.formatToParts = function (...args) {
      asked += 1;
      return original.apply(this, args);
    };
    try {
      // A zone that no other test asks for: what was asked once is remembered by the process.
      const server = zone('America/St_Johns');
      const step = (years * 365 * 86_400_000) / 500_000;
      for (let index = 0; index < 500_000; index += 1) {
        server.toUtc(server.toServer(wall('2010-01-01 00:00:00') + index * step));
      }
    } finally {
      Intl.DateTimeFormat.prototype.formatToParts = original;
    }
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan((years + 2) * 200);
  });
});
