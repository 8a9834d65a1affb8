import { describe, expect, it } from 'vitest';
import type { HealthReport } from '../../../../src/actors/connection/connection-health.ts';
import type { RuntimeSpec } from '../../../../src/actors/runtime.ts';
import { RuntimeWorld, type WorldOptions } from '../../../support/runtime-world.ts';

type Connection = RuntimeSpec['connection'];

/** The world's wall runs twenty times as fast as the clock's: a second is 50 ms. The first answer that
 * is missing opens the breaker. One probe at a time: none is on its way when it opens. */
const start = (breaker: Partial<Connection['breaker']> = {}): Promise<RuntimeWorld> => {
  const options: WorldOptions = {
    tapped: true,
    strategies: [{ symbol: 'EURUSD', every: 3, hold: 2 }],
    spec: (spec) => {
      const { connection } = spec;
      const quick = { ...connection.breaker, failures: 1, openMs: 600_000, replyMs: 60_000 };
      const often = { everyMs: 8_000, timeoutMs: 7_000, staleMs: 60_000 };
      const own = { breaker: { ...quick, ...breaker }, health: often };
      return { ...spec, connection: { ...connection, ...own } };
    },
  };
  return RuntimeWorld.start(options);
};
const link = (world: RuntimeWorld) => {
  const summary = world.summary<{
    readonly breaker: { readonly state: string };
    readonly health: HealthReport | null;
  }>(world.path('connection'));
  if (summary === undefined) throw new Error('there is no connection to look at');
  return summary;
};

describe('the circuit breaker of a link', () => {
  it('opens when a probe is not answered, denies openings by code, lets closes out, and is reset', async () => {
    const world = await start();
    await world.play('an open position', () => world.guard.positions.length > 0);
    world.tap.rewrite = (frame) => {
      const isAnswer = frame.body.kind === 'query.reply';
      return [isAnswer ? { ...frame, envelope: { ...frame.envelope, re: 'lost' } } : frame];
    };
    await world.until('it to open', () => link(world).breaker.state === 'open');
    expect(world.codes()).toEqual(expect.arrayContaining(['breaker.opened', 'health.failed']));
    world.tap.rewrite = (frame) => [frame];
    world.tell('risk-guard', world.signal());
    const codes = () => world.entries('order.denied').map(({ code }) => code);
    await world.until('the denial', () => codes().includes('BREAKER_OPEN'));
    await world.play('the close', () => world.guard.positions.length === 0);
    expect(link(world).breaker.state).toBe('open');
    const command = { type: 'breaker.reset' } as const;
    const reply = await world.runtime.operator.execute({ origin: 'cli', account: 'all', command });
    expect(reply.ok).toBe(true);
    await world.until('it to close', () => link(world).breaker.state === 'closed');
    await world.playOut();
    await world.expectAgreement();
  });
});

/** Every answer to a query goes astray. */
const loseAnswers = (world: RuntimeWorld): void => {
  world.tap.rewrite = (frame) =>
    frame.body.kind === 'query.reply'
      ? [{ ...frame, envelope: { ...frame.envelope, re: 'lost' } }]
      : [frame];
};

describe('the health probe', () => {
  it('leaves the other side alone while the breaker is open, and is its trial afterwards', async () => {
    const world = await start({ openMs: 20_000, openMaxMs: 20_000, probes: 1 });
    const opened = () => world.codes().filter((code) => code === 'breaker.opened').length;
    loseAnswers(world);
    await world.until('it to open', () => link(world).breaker.state === 'open');
    const { at } = link(world).health ?? {};
    await world.until('the trial', () => world.codes().includes('breaker.probing'));
    expect(link(world).health?.at).toBe(at);
    await world.until('the trial to fail', () => opened() === 2);
    world.tap.rewrite = (frame) => [frame];
    await world.until('the trial to succeed', () => world.codes().includes('breaker.closed'));
    expect(link(world).health).toMatchObject({ connectionOk: true, authOk: true });
    expect(world.notices.some(({ code }) => code === 'operator.breakerReset')).toBe(false);
  });

  it('is no way to stop a flatten: it goes out through an open breaker', async () => {
    const world = await start();
    await world.play('an open position', () => world.guard.positions.length > 0);
    loseAnswers(world);
    await world.until('it to open', () => link(world).breaker.state === 'open');
    const command = { type: 'flatten', reason: 'enough' } as const;
    void world.runtime.operator.execute({ origin: 'cli', account: 'all', command });
    await world.play('it to be flat', () => world.guard.flatten.state === 'flat');
    expect(world.guard.positions).toEqual([]);
    expect(link(world).breaker.state).toBe('open');
  });

  it('measures the way of a request, and notices a terminal that lost its trade server', async () => {
    const world = await start({ failures: 1_000 });
    await world.until('a probe of a link that is well', () => {
      const { connectionOk, authOk, dataFeedOk, latencyMs } = link(world).health ?? {};
      return connectionOk === true && authOk === true && dataFeedOk === true && latencyMs !== null;
    });
    expect(link(world).health?.latencyMs).toBeGreaterThan(0);
    world.tap.rewrite = (frame) =>
      frame.body.kind === 'ea.heartbeat'
        ? [{ ...frame, body: { ...frame.body, connected: false } }]
        : [frame];
    await world.until('the loss', () => link(world).health?.dataFeedOk === false);
    expect(world.guard.holds.join()).toContain('lost its trade server');
    expect(world.codes()).toContain('health.failed');
    world.tap.rewrite = (frame) => [frame];
    await world.until('its return', () => link(world).health?.dataFeedOk === true);
    expect(world.codes()).toContain('health.restored');
  });
});
