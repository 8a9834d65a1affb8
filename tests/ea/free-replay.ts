import { expect } from 'vitest';
import { RuntimeWorld, type WorldOptions } from '../support/runtime-world.ts';

/**
 * Three quarters of an hour of market in eleven seconds; with EA_REPLAY=day a day and the beginning of
 * the next, over the firm's midnight and the server's rollover, in five minutes: a tick comes each minute
 * or two, because an Expert Advisor under the sanitizers, which asks its terminal for everything, is slow.
 */
const LENGTHS = {
  short: {
    speed: 240,
    to: '2024-02-08 00:45:00',
    end: '2024-02-08T00:44:00Z',
    withinMs: 40_000,
    stepMinutes: 1,
  },
  day: {
    speed: 480,
    to: '2024-02-09 01:00:00',
    end: '2024-02-09T00:40:00Z',
    withinMs: 900_000,
    stepMinutes: 5,
  },
} as const;
const isDay = process.env['EA_REPLAY'] === 'day';
const { speed, to, end, withinMs, stepMinutes } = LENGTHS[isDay ? 'day' : 'short'];

/** For the test itself. */
export const REPLAY_TIMEOUT_MS = withinMs + 20_000;

/** Held over midnight, so that swap is booked. */
const OVER_NIGHT = { symbol: 'EURUSD', name: 'over-night', every: 48, offset: 24, hold: 30 };

/** A runtime that trades a replay through a terminal with a clock of its own, to the end of the data:
 * it has closed some trades, and may trade on. */
export const freeReplay = async (
  terminal: NonNullable<WorldOptions['terminal']>,
): Promise<RuntimeWorld> => {
  const world = await RuntimeWorld.start({
    free: { speed, to, stepMinutes },
    strategies: [{ symbol: 'EURUSD', every: 2, hold: 1 }, ...(isDay ? [OVER_NIGHT] : [])],
    // At this pace a minute of the session is a quarter of a second.
    guard: { intentTtlMs: 600_000 },
    spec: (spec) => ({
      ...spec,
      connection: {
        ...spec.connection,
        leaseMs: 600_000,
        health: { ...spec.connection.health, staleMs: stepMinutes * 60_000 },
      },
      executor: { ...spec.executor, replyTimeoutMs: 600_000 },
    }),
    terminal,
  });
  const isOver = (): boolean =>
    world.runtime.now() >= Date.parse(end) && world.guard.mode === 'active';
  await world.until('the end of the data', isOver, withinMs);
  const filled = world.entries('order.state').filter(({ state }) => state === 'filled');
  expect(filled.length).toBeGreaterThanOrEqual(isDay ? 100 : 3);
  if (isDay) await expectADay(world, filled.length);
  return world;
};

const expectADay = async (world: RuntimeWorld, filled: number): Promise<void> => {
  const deals = world.entries('deal.booked').map(({ deal }) => deal);
  expect(deals.filter(({ swap }) => swap !== 0n).length, 'deals with swap').toBeGreaterThan(0);
  const days = world.entries('day.anchored').map(({ day }) => day);
  expect(days).toEqual(['2024-02-08', '2024-02-09']);
  const compared = world.entries('recovery.completed').length;
  console.info(`${filled} orders filled, ${deals.length} deals, ${compared} comparisons`);
};
