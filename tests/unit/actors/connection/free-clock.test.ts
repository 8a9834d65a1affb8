import { describe, expect, it } from 'vitest';
import { LOGIN } from '../../../support/runtime-spec.ts';
import { RuntimeWorld, type WorldOptions } from '../../../support/runtime-world.ts';

/** An hour of market in four seconds. */
const FREE = { speed: 900, to: '2024-02-08 01:00:00' };
const options: WorldOptions = {
  free: FREE,
  strategies: [{ symbol: 'EURUSD', every: 2, hold: 1 }],
  // At this pace a minute of the session is a fifteenth of a second.
  guard: { intentTtlMs: 600_000 },
  spec: (spec) => ({ ...spec, executor: { ...spec.executor, replyTimeoutMs: 600_000 } }),
};
const END = Date.parse('2024-02-08T00:59:00Z');

describe('a terminal that runs freely', () => {
  it('trades by session time that follows the venue, and both sides agree at the end', async () => {
    const world = await RuntimeWorld.start(options);
    const times: number[] = [];
    const watch = setInterval(() => times.push(world.runtime.now()), 20);
    await world.until('the end of the data', () => world.runtime.now() >= END);
    clearInterval(watch);
    const filled = world.entries('order.state').filter(({ state }) => state === 'filled');
    expect(filled.length).toBeGreaterThanOrEqual(3);
    // Never back, and in steps that end long before the data does.
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(times).size).toBeGreaterThan(10);
    expect(world.guard.mode).toBe('active');
    const bars = world.summary<{ bars: number }>(world.strategies[0] ?? '')?.bars;
    expect(bars).toBeGreaterThanOrEqual(5);
    await world.expectAgreement();
  });
});

describe('a feed that stands still', () => {
  it('halts the account, says which symbols, and clears with the next quotes', async () => {
    const world = await RuntimeWorld.start({ ...options, tapped: true });
    await world.until('the gate', () => world.guard.mode === 'active');
    world.tap.rewrite = (frame) =>
      frame.body.kind === 'ea.heartbeat'
        ? [{ ...frame, body: { ...frame.body, lastTickAgeMs: {} } }]
        : [frame];
    await world.until('the halt', () => world.guard.mode === 'halted');
    expect(world.guard.holds).toEqual(['data: no fresh quotes of EURUSD']);
    const { operator } = world.runtime;
    const asked = { origin: 'cli', by: 'eva', account: LOGIN } as const;
    const why = await operator.execute<'why'>({ ...asked, command: { type: 'why' } });
    expect(JSON.stringify(why)).toContain('"code":"HOLD_DATA"');
    world.tap.rewrite = (frame) => [frame];
    await world.until('the gate', () => world.guard.mode === 'active');
  });
});
