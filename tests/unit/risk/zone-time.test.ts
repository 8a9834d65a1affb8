import { describe, expect, it } from 'vitest';
import { dayOf, isKnownZone, nextResets, parseLocalTime } from '../../../src/risk/zone-time.ts';

const HOUR = 3_600_000;
const day = (iso: string, zone: string, localTime = '00:00') => {
  const { date, opensAt, closesAt } = dayOf(Date.parse(iso), zone, localTime);
  return {
    date,
    opens: new Date(opensAt).toISOString(),
    hours: (closesAt - opensAt) / HOUR,
  };
};

describe('trading days', () => {
  it.each([
    ['2024-03-31T12:00:00Z', '2024-03-31', '2024-03-30T23:00:00.000Z', 23],
    ['2024-10-27T12:00:00Z', '2024-10-27', '2024-10-26T22:00:00.000Z', 25],
    ['2024-07-01T12:00:00Z', '2024-07-01', '2024-06-30T22:00:00.000Z', 24],
  ])('knows the length of the Prague day of %s', (iso, date, opens, hours) => {
    expect(day(iso, 'Europe/Prague')).toEqual({ date, opens, hours });
  });

  it('begins a day at its first millisecond and not before', () => {
    const opens = Date.parse('2024-03-30T23:00:00Z');
    expect(dayOf(opens, 'Europe/Prague', '00:00').date).toBe('2024-03-31');
    expect(dayOf(opens - 1, 'Europe/Prague', '00:00').date).toBe('2024-03-30');
  });

  it('names a day from 17:00 New York after the next date, as the broker does', () => {
    expect(day('2024-03-08T22:30:00Z', 'America/New_York', '17:00')).toEqual({
      date: '2024-03-09',
      opens: '2024-03-08T22:00:00.000Z',
      hours: 24,
    });
    expect(day('2024-03-09T23:00:00Z', 'America/New_York', '17:00').hours).toBe(23);
  });

  it('begins a day at the jump when the clocks skip its reset time', () => {
    const skipped = day('2024-03-31T12:00:00Z', 'Europe/Prague', '02:30');
    expect(skipped.opens).toBe('2024-03-31T01:00:00.000Z');
  });

  it('begins a day once when the clocks show its reset time twice', () => {
    const twice = day('2024-10-27T12:00:00Z', 'Europe/Prague', '02:30');
    expect(twice).toEqual({ date: '2024-10-27', opens: '2024-10-27T00:30:00.000Z', hours: 25 });
  });

  it('tiles two years without a gap or an overlap, every zone and reset time', () => {
    const cases = [
      ['Europe/Prague', '00:00'],
      ['America/New_York', '17:00'],
      ['America/Sao_Paulo', '00:00'],
      ['Australia/Lord_Howe', '02:10'],
      ['UTC', '12:00'],
    ] as const;
    for (const [zone, localTime] of cases) {
      const resets = nextResets(Date.parse('2023-01-01T00:00:00Z'), 730, { zone, localTime });
      for (const [i, reset] of resets.entries()) {
        const { opensAt, closesAt } = dayOf(reset, zone, localTime);
        expect(opensAt).toBe(reset);
        if (i + 1 < resets.length) expect(closesAt).toBe(resets[i + 1]);
        expect((closesAt - opensAt) / HOUR).toBeGreaterThanOrEqual(23);
        expect((closesAt - opensAt) / HOUR).toBeLessThanOrEqual(25);
      }
    }
  });

  it('answers resets strictly after the instant', () => {
    const reset = Date.parse('2024-06-30T22:00:00Z');
    const prague = { zone: 'Europe/Prague', localTime: '00:00' };
    expect(nextResets(reset, 2, prague)).toEqual([reset + 24 * HOUR, reset + 48 * HOUR]);
    expect(nextResets(reset - 1, 1, prague)).toEqual([reset]);
  });

  it('counts a date that a zone left out as no day', () => {
    // Samoa went from 29 to 31 December 2011, across the date line.
    const apia = { zone: 'Pacific/Apia', localTime: '00:00' };
    const resets = nextResets(Date.parse('2011-12-29T20:00:00Z'), 3, apia);
    expect(resets.map((ms) => new Date(ms).toISOString())).toEqual([
      '2011-12-30T10:00:00.000Z',
      '2011-12-31T10:00:00.000Z',
      '2012-01-01T10:00:00.000Z',
    ]);
    const dates = resets.map((ms) => dayOf(ms, apia.zone, apia.localTime).date);
    expect(dates).toEqual(['2011-12-31', '2012-01-01', '2012-01-02']);
  });

  it('tells a time zone and a local time from nonsense', () => {
    expect(isKnownZone('Europe/Prague')).toBe(true);
    expect(isKnownZone('Europe/Praha')).toBe(false);
    expect(parseLocalTime('23:59')).toBe(1439);
    expect(parseLocalTime('24:00')).toBeUndefined();
    expect(parseLocalTime('7:00')).toBeUndefined();
  });
});
