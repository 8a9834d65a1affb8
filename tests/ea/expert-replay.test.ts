import { beforeAll, describe, expect, it } from 'vitest';
import { RuntimeWorld } from '../support/runtime-world.ts';
import { compiledExpert, freeExpert } from './compiled-world.ts';
import { hasCompiler } from './toolchain.ts';

const present = hasCompiler();
if (!present) console.warn('SKIPPED: there is no g++ here, so nothing traded through the expert');

/** Three quarters of an hour of market in eleven seconds. */
const FREE = { speed: 240, to: '2024-02-08 00:45:00' };
const END = Date.parse('2024-02-08T00:44:00Z');

describe.runIf(present)('the runtime over the compiled Expert Advisor', () => {
  beforeAll(() => void compiledExpert(), 180_000);

  it('trades a replay, and audit and broker agree order by order', {
    timeout: 60_000,
  }, async () => {
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
      terminal: freeExpert,
    });
    await world.until('the end of the data', () => world.runtime.now() >= END, 40_000);
    const filled = world.entries('order.state').filter(({ state }) => state === 'filled');
    expect(filled.length).toBeGreaterThanOrEqual(3);
    expect(world.guard.mode).toBe('active');
    await world.expectAgreement();
  });
});
