import { describe, expect, it } from 'vitest';
import {
  observeVenue,
  VENUE_CLOCK,
  type VenueClock,
  venueNow,
  zoneErrorMs,
} from '../../../src/mt5/venue-clock.ts';
import { fc } from '../../support/property-seed.ts';

const T0 = Date.UTC(2024, 2, 4, 12);
/** A sample as MetaTrader gives it: the server's time in whole seconds. */
const sampleAt = (afterMs: number, jumpMs = 0) => ({
  utcMs: Math.floor((T0 + jumpMs + afterMs) / 1000) * 1000,
  monoMs: 50_000 + afterMs,
  seenAtMs: 900 + afterMs,
});
const observed = (samples: readonly ReturnType<typeof sampleAt>[]): VenueClock => {
  let clock: VenueClock | null = null;
  for (const sample of samples) clock = observeVenue(clock, sample);
  if (clock === null) throw new Error('no sample');
  return clock;
};

describe('the venue clock', () => {
  it("begins anew when the terminal's monotonic clock counts from another start", () => {
    const before = observed([sampleAt(0), sampleAt(1_000)]);
    const restarted = observeVenue(before, { ...sampleAt(2_000), monoMs: 10 });
    expect(restarted).toMatchObject({ strays: 0, monoMs: 10 });
    expect(venueNow(restarted, 2_900)).toBe(T0 + 2_000);
  });

  it('is never ahead of the venue and at most a second behind, whatever the phase', () => {
    const steps = fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(steps, (gaps) => {
        let after = 0;
        const instants = [0, ...gaps].map((gap) => {
          after += gap;
          return after;
        });
        const clock = observed(instants.map((instant) => sampleAt(instant)));
        const error = T0 + after - venueNow(clock, 900 + after);
        expect(error).toBeGreaterThanOrEqual(0);
        expect(error).toBeLessThan(1_000);
      }),
    );
  });

  it('comes within a tick of the truth once a sample met the beginning of a second', () => {
    const clock = observed([0, 990, 1_990, 3_000].map((after) => sampleAt(after)));
    expect(venueNow(clock, 900 + 3_000)).toBe(T0 + 3_000);
  });

  it('goes on between messages, and stands still when they end', () => {
    const clock = observed([sampleAt(0)]);
    expect(venueNow(clock, 900 + 400)).toBe(T0 + 400);
    expect(venueNow(clock, 900 + 60_000)).toBe(T0 + VENUE_CLOCK.extrapolateMs);
  });

  it('does not follow a jump until several samples agree with it', () => {
    const before = observed([sampleAt(0), sampleAt(1_000)]);
    const stray = observeVenue(before, sampleAt(2_000, 3_600_000));
    expect(stray).toMatchObject({ strays: 1, skewMs: 3_600_000 });
    expect(venueNow(stray, 900 + 2_000)).toBe(T0 + 2_000);
    const back = observeVenue(stray, sampleAt(3_000));
    expect(back.strays).toBe(0);
    const jumped = Array.from({ length: VENUE_CLOCK.believedAfter }, (_, index) =>
      sampleAt(4_000 + index * 1_000, 3_600_000),
    );
    const believed = jumped.reduce<VenueClock>(
      (clock, sample) => observeVenue(clock, sample),
      back,
    );
    expect(believed.strays).toBe(0);
    expect(venueNow(believed, 900 + 8_000)).toBe(T0 + 3_608_000);
  });
});

describe('the error of a configured zone', () => {
  const toServer = (utcMs: number): number => utcMs + 2 * 3_600_000;

  it('is a whole hour where the zone is wrong, and nothing where the PC is a little off', () => {
    const gmt = T0;
    expect(zoneErrorMs({ server: gmt + 3 * 3_600_000, gmt }, toServer)).toBe(3_600_000);
    expect(zoneErrorMs({ server: gmt + 2 * 3_600_000 - 90_000, gmt }, toServer)).toBe(0);
    expect(zoneErrorMs({ server: null, gmt }, toServer)).toBe(0);
  });
});
