import { describe, expect, it } from 'vitest';
import type { SessionWindow } from '../../../src/domain/instrument.ts';
import { closureFinder, closuresAhead } from '../../../src/mt5/closures.ts';
import { parseServerTz } from '../../../src/mt5/venue-time.ts';
import { fc } from '../../support/property-seed.ts';

const parsed = parseServerTz('ny+7');
if (!parsed.ok) throw new Error(parsed.reason);
const { zone } = parsed;
const HOUR = 3_600_000;
const days = (fromSec: number, toSec: number): readonly SessionWindow[] =>
  ([1, 2, 3, 4, 5] as const).map((weekday) => ({ weekday, fromSec, toSec }));
const ahead = (sessions: readonly SessionWindow[], iso: string, hours = 24) =>
  closuresAhead(sessions, zone, Date.parse(iso), hours * HOUR).map(({ from, to }) => [
    new Date(from).toISOString(),
    (to - from) / HOUR,
  ]);

describe('the closures ahead of a symbol', () => {
  it('are its weekend, with its true length', () => {
    expect(ahead(days(0, 86_400), '2024-01-05T12:00:00Z')).toEqual([
      ['2024-01-05T22:00:00.000Z', 48],
    ]);
    expect(ahead(days(0, 86_400), '2024-01-03T12:00:00Z')).toEqual([]);
  });

  it('are daily breaks, and the weekend that joins one', () => {
    expect(ahead(days(3_600, 86_400), '2024-01-04T12:00:00Z', 40)).toEqual([
      ['2024-01-04T22:00:00.000Z', 1],
      ['2024-01-05T22:00:00.000Z', 49],
    ]);
  });

  it('include the one that is on', () => {
    expect(ahead(days(0, 86_400), '2024-01-06T12:00:00Z')).toEqual([
      ['2024-01-05T22:00:00.000Z', 48],
    ]);
  });

  it('are an hour shorter or longer in UTC when the clocks of New York change', () => {
    // 10 March 2024: New York goes forward; 3 November: back.
    expect(ahead(days(0, 86_400), '2024-03-08T12:00:00Z')).toEqual([
      ['2024-03-08T22:00:00.000Z', 47],
    ]);
    expect(ahead(days(0, 86_400), '2024-11-01T12:00:00Z')).toEqual([
      ['2024-11-01T21:00:00.000Z', 49],
    ]);
  });

  it('are none around the clock, and everything without a session', () => {
    const always = ([0, 1, 2, 3, 4, 5, 6] as const).map((weekday) => ({
      weekday,
      fromSec: 0,
      toSec: 86_400,
    }));
    expect(ahead(always, '2024-01-05T12:00:00Z')).toEqual([]);
    expect(ahead([], '2024-01-05T12:00:00Z')).toEqual([['2024-01-05T12:00:00.000Z', 168]]);
  });
});

describe('closures that are found once an hour', () => {
  it('are those of every single instant, in any order, also when the clocks change', () => {
    const horizon = 7 * 24 * HOUR;
    const kinds = [days(0, 86_400), days(300, 86_100), days(3_600, 86_400), []];
    const weeks = ['2024-03-08T00:00:00Z', '2024-03-29T00:00:00Z', '2024-11-01T00:00:00Z'];
    const find = closureFinder(zone, horizon);
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.constantFrom(...weeks),
        fc.oneof(
          fc.nat(5 * 24 * HOUR),
          fc.nat(5 * 24).map((hour) => hour * HOUR),
        ),
        (sessions, week, after) => {
          const at = Date.parse(week) + after;
          expect(find(sessions, at)).toEqual(closuresAhead(sessions, zone, at, horizon));
        },
      ),
      { numRuns: 500 },
    );
  });
});
