import { describe, expect, it } from 'vitest';
import { RETCODE, retcodeName } from '../../../src/mt5/retcodes.ts';
import { RuntimeWorld } from '../../support/runtime-world.ts';

/** Failures of the order path in a whole runtime over real sockets, against a broker with moods. */
const names = (world: RuntimeWorld): ReadonlySet<string | undefined> =>
  new Set(
    world
      .entries('attempt.result')
      .map(({ retcode }) => (retcode === undefined ? undefined : retcodeName(retcode))),
  );

describe('orders that survive their venue', () => {
  it('failure 1: a time-out that was executed is found, and never sent again', async () => {
    // The broker takes 250 ms, and after 100 ms nobody believes in an answer any more.
    const world = await RuntimeWorld.start({
      spec: (spec) => ({ ...spec, executor: { ...spec.executor, replyTimeoutMs: 100 } }),
    });
    await world.playOut();
    const unknown = world.entries('order.state').filter(({ state }) => state === 'unknown');
    expect(unknown.length).toBeGreaterThan(3);
    expect(world.entries('attempt.sent').every(({ attempt }) => attempt === 1)).toBe(true);
    expect(world.orders()).toEqual([]);
    await world.expectAgreement();
  });

  it('failure 13: requotes, rejects and partial fills end in what the broker has', async () => {
    const instruments = { EURUSD: { fillingModes: ['ioc'] as const } };
    const whims = { rejectRate: 0.2, requoteRate: 0.25, partialFillRate: 0.3, seed: 3 };
    const pulses = [
      { symbol: 'EURUSD', every: 3, hold: 2 },
      { symbol: 'EURUSD', name: 'counter', every: 4, hold: 2, side: 'sell' as const },
    ];
    const world = await RuntimeWorld.start({
      strategies: pulses,
      terminalOptions: { ...whims, instruments },
    });
    const until = world.runtime.now() + 2.5 * 3_600_000;
    const isOver = () => world.runtime.now() >= until && world.orders().length === 0;
    await world.play('two and a half hours', isOver);
    const attempts = world.entries('attempt.sent').filter(({ attempt }) => attempt > 1);
    expect(attempts.length).toBeGreaterThan(3);
    expect(names(world)).toContain('REQUOTE');
    expect(names(world)).toContain('REJECT');
    expect(names(world)).toContain('DONE_PARTIAL');
    const repriced = attempts.filter(({ levels }) => levels !== undefined);
    expect(repriced.length).toBeGreaterThan(0);
    const stale = world
      .entries('attempt.result')
      .filter(({ retcode }) => retcode === RETCODE.INVALID_FILL);
    expect(stale).toEqual([]);
    await world.expectAgreement();
  });
});
