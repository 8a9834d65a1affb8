import { expect } from 'vitest';
import { RuntimeWorld, type WorldOptions } from '../support/runtime-world.ts';

/**
 * A replay through a terminal with a clock of its own: three quarters of an hour of market in eleven
 * seconds, or with EA_REPLAY=day a day and the beginning of the next in five minutes, over the firm's
 * midnight and the server's rollover, with two strategies whose trades begin and end at once.
 */
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SHORT = {
  // The data goes on: on a busy machine orders take more of its time, and fewer fit before the end.
  free: { speed: 240, to: '2024-02-08 04:00:00', stepMinutes: 1 },
  end: Date.parse('2024-02-08T00:44:00Z'),
  withinMs: 55_000,
  strategies: [{ symbol: 'EURUSD', every: 2, hold: 1 }],
  filled: 3,
  // At this pace a minute of the session is a quarter of a second.
  patienceMs: 10 * MINUTE_MS,
  staleMs: MINUTE_MS,
};
const DAY: typeof SHORT = {
  free: { speed: 300, to: '2024-02-09 01:30:00', stepMinutes: 5 },
  end: Date.parse('2024-02-09T00:45:00Z'),
  withinMs: 600_000,
  strategies: [
    { symbol: 'EURUSD', every: 12, hold: 6 },
    // Held over midnight, so that swap is booked.
    Object.assign({ symbol: 'EURUSD', every: 48, hold: 30 }, { name: 'over-night', offset: 24 }),
  ],
  filled: 50,
  patienceMs: HOUR_MS,
  staleMs: HOUR_MS,
};
const isDay = process.env['EA_REPLAY'] === 'day';
const REPLAY = isDay ? DAY : SHORT;

/** For the test itself. */
export const REPLAY_TIMEOUT_MS = REPLAY.withinMs + 20_000;

/** A runtime that trades it to its end: it has filled some orders, and may trade on. */
export const freeReplay = async (
  terminal: NonNullable<WorldOptions['terminal']>,
): Promise<RuntimeWorld> => {
  const { free, strategies, patienceMs, staleMs, end } = REPLAY;
  const world = await RuntimeWorld.start({
    free,
    strategies,
    guard: { intentTtlMs: patienceMs },
    spec: ({ connection, executor, ...spec }) => ({
      ...spec,
      connection: {
        ...connection,
        leaseMs: patienceMs,
        health: { ...connection.health, staleMs },
      },
      executor: { ...executor, replyTimeoutMs: patienceMs },
    }),
    terminal,
  });
  const filled = (): number =>
    world.entries('order.state').filter(({ state }) => state === 'filled').length;
  const isOver = (): boolean =>
    world.runtime.now() >= end && world.guard.mode === 'active' && filled() >= REPLAY.filled;
  await world.until('the end of the replay, and enough orders', isOver, REPLAY.withinMs);
  if (isDay) expectADay(world, filled());
  return world;
};

const expectADay = (world: RuntimeWorld, filled: number): void => {
  const deals = world.entries('deal.booked').map(({ deal }) => deal);
  expect(deals.filter(({ swap }) => swap !== 0n).length, 'deals with swap').toBeGreaterThan(0);
  const days = world.entries('day.anchored').map(({ day }) => day);
  expect(days).toEqual(['2024-02-08', '2024-02-09']);
  const compared = world.entries('recovery.completed').length;
  console.info(`${filled} orders filled, ${deals.length} deals, ${compared} comparisons`);
};
