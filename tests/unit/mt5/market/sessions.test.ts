import { describe, expect, it } from 'vitest';
import type { SessionWindow } from '../../../../src/domain/instrument.ts';
import {
  isInSession,
  tradedHours,
  widenSessions,
} from '../../../../src/mt5/terminal/market/sessions.ts';
import { wall, zone } from '../../../support/market-files.ts';

const monday: SessionWindow = { weekday: 1, fromSec: 3600, toSec: 86_400 };

describe('isInSession', () => {
  it.each([
    ['2024-01-01 00:59:59', false],
    ['2024-01-01 01:00:00', true],
    ['2024-01-01 23:59:59', true],
    ['2024-01-02 00:00:00', false],
    ['2023-12-31 12:00:00', false],
  ])('of Monday 01:00 to 24:00 at %s is %s', (text, expected) => {
    expect(isInSession([monday], wall(text))).toBe(expected);
  });

  it('follows a session past midnight, also from Saturday into Sunday', () => {
    const late: SessionWindow = { weekday: 6, fromSec: 80_000, toSec: 90_000 };
    expect(isInSession([late], wall('2024-01-07 00:59:59'))).toBe(true);
    expect(isInSession([late], wall('2024-01-07 01:00:00'))).toBe(false);
    expect(isInSession([late], wall('2024-01-06 01:00:00'))).toBe(false);
  });
});

describe('widenSessions', () => {
  const openings = (...times: readonly string[]) => Float64Array.from(times.map(wall));

  it('adds the hours of the week in which the data has bars', () => {
    const traded = tradedHours(
      openings('2024-01-01 00:30:00', '2024-01-06 00:00:00'),
      60_000,
      zone('UTC'),
    );
    expect(widenSessions([monday], traded)).toEqual([
      { weekday: 1, fromSec: 0, toSec: 86_400 },
      { weekday: 6, fromSec: 0, toSec: 3600 },
    ]);
  });

  it('counts hours in server time', () => {
    const traded = tradedHours(openings('2024-01-05 22:30:00'), 60_000, zone('UTC+2'));
    expect(widenSessions([], traded)).toEqual([{ weekday: 6, fromSec: 0, toSec: 3600 }]);
  });

  it('adds all hours of a longer bar, into the next day', () => {
    const traded = tradedHours(openings('2024-01-06 22:00:00'), 4 * 3_600_000, zone('UTC'));
    expect(widenSessions([], traded)).toEqual([
      { weekday: 0, fromSec: 0, toSec: 7200 },
      { weekday: 6, fromSec: 79_200, toSec: 86_400 },
    ]);
  });

  it('keeps what the catalogue says where the data has nothing', () => {
    const none = tradedHours(new Float64Array(), 60_000, zone('UTC'));
    expect(widenSessions([monday], none)).toEqual([monday]);
  });
});
