/**
 * The venue's clock as one runtime sees it, for terminals that run freely. A terminal stamps its
 * messages with the server's time (whole seconds, as MetaTrader tells it) and with its own
 * monotonic clock. Both are read at one moment, so the network's delay is not in their difference;
 * the part of a second that the server's time lacks is. The largest difference of the recent past
 * is therefore the best estimate, and it is never ahead of the venue.
 */
export interface VenueClock {
  /** Venue time (UTC ms) less monotonic time, of the latest samples; oldest first. */
  readonly offsets: readonly number[];
  /** Their largest. */
  readonly offsetMs: number;
  /** The terminal's monotonic clock at the latest sample, and ours. */
  readonly monoMs: number;
  readonly seenAtMs: number;
  /** Samples in a row that contradict the estimate; their number and latest difference. */
  readonly strays: number;
  readonly skewMs: number;
}
export interface VenueSample {
  /** The server's time, UTC ms. */
  readonly utcMs: number;
  readonly monoMs: number;
  /** Our own monotonic clock on arrival, ms. */
  readonly seenAtMs: number;
}

export const VENUE_CLOCK = {
  samples: 64,
  /** A sample this far from the estimate contradicts it. MetaTrader's own resolution is 1,000. */
  skewMs: 5_000,
  /** So many contradictions in a row, and the new time is believed. */
  believedAfter: 5,
  /** Time goes on by itself for this long after the last message, and then stands still. */
  extrapolateMs: 2_500,
} as const;

const started = (sample: VenueSample): VenueClock => ({
  offsets: [sample.utcMs - sample.monoMs],
  offsetMs: sample.utcMs - sample.monoMs,
  monoMs: sample.monoMs,
  seenAtMs: sample.seenAtMs,
  strays: 0,
  skewMs: 0,
});

/** Takes a sample in. One that contradicts the estimate moves nothing until others agree with it;
 * meanwhile `strays` is above 0 and nothing new may be opened. */
export const observeVenue = (clock: VenueClock | null, sample: VenueSample): VenueClock => {
  // A monotonic clock that went back counts from another start of the terminal's machine.
  if (clock === null || sample.monoMs < clock.monoMs) return started(sample);
  const offset = sample.utcMs - sample.monoMs;
  const seen = { monoMs: sample.monoMs, seenAtMs: sample.seenAtMs };
  const skewMs = offset - clock.offsetMs;
  if (Math.abs(skewMs) > VENUE_CLOCK.skewMs) {
    const strays = clock.strays + 1;
    if (strays >= VENUE_CLOCK.believedAfter) return started(sample);
    return { ...clock, ...seen, strays, skewMs };
  }
  const offsets = [...clock.offsets, offset].slice(-VENUE_CLOCK.samples);
  return { offsets, offsetMs: Math.max(...offsets), ...seen, strays: 0, skewMs };
};

/** Venue time (UTC ms) at a moment of our own monotonic clock. */
export const venueNow = (clock: VenueClock, atMs: number): number => {
  const passed = Math.min(Math.max(0, atMs - clock.seenAtMs), VENUE_CLOCK.extrapolateMs);
  return Math.floor(clock.monoMs + clock.offsetMs + passed);
};

/**
 * Server time less PC time, compared with what the configured zone says at that moment, rounded to
 * the quarters of an hour that zones are made of. Not 0: the zone is wrong, or the PC's clock is.
 */
export const zoneErrorMs = (
  ts: { readonly server: number | null; readonly gmt: number | null },
  toServer: (utcMs: number) => number,
): number => {
  if (ts.server === null || ts.gmt === null) return 0;
  const QUARTER = 900_000;
  const quarters = Math.round((ts.server - toServer(ts.gmt)) / QUARTER);
  return quarters === 0 ? 0 : quarters * QUARTER;
};
