import { expect } from 'vitest';
import { RuntimeWorld, type WorldOptions } from '../support/runtime-world.ts';

/** Three quarters of an hour of market in eleven seconds. */
const FREE = { speed: 240, to: '2024-02-08 00:45:00' };
const END = Date.parse('2024-02-08T00:44:00Z');

/** A runtime that trades a replay through a terminal with a clock of its own, to the end of the data:
 * it has closed some trades, and nothing has halted it. */
export const freeReplay = async (
  terminal: NonNullable<WorldOptions['terminal']>,
): Promise<RuntimeWorld> => {
  const world = await RuntimeWorld.start({
    free: FREE,
    strategies: [{ symbol: 'EURUSD', every: 2, hold: 1 }],
    // At this pace a minute of the session is a quarter of a second.
    guard: { intentTtlMs: 600_000 },
    spec: (spec) => ({
      ...spec,
      connection: { ...spec.connection, leaseMs: 600_000 },
      executor: { ...spec.executor, replyTimeoutMs: 600_000 },
    }),
    terminal,
  });
  await world.until('the end of the data', () => world.runtime.now() >= END, 40_000);
  const filled = world.entries('order.state').filter(({ state }) => state === 'filled');
  expect(filled.length).toBeGreaterThanOrEqual(3);
  expect(world.guard.mode).toBe('active');
  return world;
};
