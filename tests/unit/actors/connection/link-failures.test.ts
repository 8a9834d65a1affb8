import { describe, expect, it } from 'vitest';
import type { EaFrame } from '../../../../src/mt5/wire/messages.ts';
import { testDealer } from '../../../support/link-ends.ts';
import { LOGIN, SERVER } from '../../../support/runtime-spec.ts';
import { RuntimeWorld, type WorldOptions } from '../../../support/runtime-world.ts';

/** Times of this world's own wall, which runs twenty times as fast as the clock's. */
const options: WorldOptions = {
  tapped: true,
  spec: (spec) => ({
    ...spec,
    connection: {
      ...spec.connection,
      limits: { ...spec.connection.limits, suspectMs: 20_000, downMs: 30_000 },
      authBackoff: { initialMs: 2_000, maxMs: 2_000 },
    },
  }),
};
interface LinkSummary {
  readonly breaker: { readonly state: string };
}
const start = (): Promise<RuntimeWorld> => RuntimeWorld.start(options);
const traded = (world: RuntimeWorld): Promise<void> =>
  world.play('a trade', () => world.entries('deal.booked').length > 2);
const isOpen = (world: RuntimeWorld): boolean =>
  world.guard.gateOpen && world.guard.mode === 'active';
const healthy = (world: RuntimeWorld): Promise<void> =>
  world.until('the gate to be open', () => isOpen(world));
const rewriteKind =
  <K extends EaFrame['body']['kind']>(
    kind: K,
    change: (body: Extract<EaFrame['body'], { kind: K }>) => EaFrame['body'],
  ) =>
  (frame: EaFrame): readonly EaFrame[] =>
    frame.body.kind === kind
      ? [{ ...frame, body: change(frame.body as Extract<EaFrame['body'], { kind: K }>) }]
      : [frame];

describe('a link that is there and is not', () => {
  it('failure 7: a half-open link is given up by its missing heartbeats, and trading goes on with a new session', async () => {
    const world = await start();
    await traded(world);
    world.tap.held = true;
    await world.until('the loss to be noticed', () => world.codes().includes('link.lost'));
    expect(world.guard).toMatchObject({ mode: 'halted' });
    world.tap.held = false;
    await healthy(world);
    await world.playOut();
    await world.expectAgreement();
  });

  it('failure 7: a reconnect storm ends in one live session, with nothing sent twice', async () => {
    const world = await start();
    await traded(world);
    for (let knock = 0; knock < 30; knock += 1) {
      world.tap.tellTerminal({ kind: 'error', code: 'unknown_session', detail: 'again' });
    }
    const claims = () => world.entries('epoch.claimed').length;
    await world.until('new sessions', () => claims() > 1 && isOpen(world));
    expect(world.runtime.restarts()).toBe(0);
    // One session after the other, and not one for every knock.
    expect(claims()).toBeLessThan(10);
    await world.playOut();
    await world.expectAgreement();
  });
});

describe('two who want one account', () => {
  it('failure 8: a second controller that took the account makes us stop at once, and aloud', async () => {
    const world = await start();
    await traded(world);
    const sequence = { seen: 0 };
    world.tap.rewrite = (frame) => {
      sequence.seen += 1;
      if (sequence.seen !== 1) return [frame];
      const body = { kind: 'error', code: 'stale_epoch', detail: 'runtime-2 has epoch 9' } as const;
      return [{ envelope: frame.envelope, body }];
    };
    await world.until('the overtaking to be noticed', () =>
      world.codes().includes('link.overtaken'),
    );
    await world.until('a halt', () => world.guard.mode === 'halted');
  });

  it('failure 8: an instance that comes second stands by, and takes over when the first is gone', async () => {
    const world = await start();
    const hellos: EaFrame[] = [];
    world.tap.rewrite = (frame) => {
      if (frame.body.kind === 'hello') hellos.push(frame);
      return [frame];
    };
    world.tap.tellTerminal({ kind: 'error', code: 'unknown_session', detail: 'again' });
    await world.until('a hello', () => hellos.length > 0);
    await healthy(world);
    const [hello] = hellos;
    if (hello?.body.kind !== 'hello') throw new Error('no hello');
    const second = await testDealer([`tcp://127.0.0.1:${world.port}`], {
      identity: `${LOGIN}@${SERVER}/second`,
    });
    await second.up.next();
    const knock = { ...hello, body: { ...hello.body, instanceId: 'second' } };
    await second.send(knock);
    const welcome = await second.frames.next();
    expect(welcome.body).toMatchObject({ kind: 'welcome', role: 'standby' });
    expect(world.codes()).toContain('link.standby');
    world.tap.held = true;
    await world.until('the loss of the first', () => world.codes().includes('link.lost'));
    const { session } = welcome.envelope;
    const beat = { kind: 'busy', op: 'none', maxMs: 0 } as const;
    for (let seq = 1, told = ''; told !== 'error'; seq += 1) {
      await second.send({ envelope: { ...hello.envelope, session, seq }, body: beat });
      told = (await second.frames.next()).body.kind;
    }
    await second.send(knock);
    const again = await second.frames.next();
    expect(again.body).toMatchObject({ kind: 'welcome', role: 'active' });
  });
});

describe('a switch', () => {
  it.each([
    ['terminal', 'AutoTrading is off'],
    ['account', 'investor'],
    ['expert', 'does not let Expert Advisors trade'],
  ] as const)(
    'failure 9: the switch %s that goes off halts with a reason, and clears by itself',
    async (name, words) => {
      const world = await start();
      await traded(world);
      world.tap.rewrite = rewriteKind('ea.heartbeat', (body) => ({
        ...body,
        switches: { ...body.switches, [name]: false },
      }));
      await world.until('the halt', () => world.guard.mode === 'halted');
      expect(world.guard.holds.join()).toContain(words);
      world.tap.rewrite = (frame) => [frame];
      await healthy(world);
      expect(world.codes()).toEqual(expect.arrayContaining(['link.held', 'link.released']));
    },
  );
});

describe('a terminal that is another one now', () => {
  it('failure 10: a terminal that comes back with another login is refused before anything is compared', async () => {
    const world = await start();
    await traded(world);
    const recoveries = world.entries('recovery.completed').length;
    world.tap.rewrite = rewriteKind('hello', (body) => ({
      ...body,
      account: { ...body.account, login: '999' },
    }));
    world.tap.tellTerminal({ kind: 'error', code: 'unknown_session', detail: 'logged in again' });
    await world.until('the refusal', () => world.codes().includes('link.refused'));
    const refused = world.notices.find(({ code }) => code === 'link.refused')?.detail;
    expect(refused).toContain('logged in as 999@Bulwark-Sim, configured is 5012345');
    expect(world.entries('recovery.completed')).toHaveLength(recoveries);
    world.tap.rewrite = (frame) => [frame];
    await world.until(
      'a new session',
      () => world.codes().filter((c) => c === 'link.live').length > 1,
    );
    await healthy(world);
  });

  it('is heard again after a pause that doubles, apart from breaker and reconnecting', async () => {
    const authBackoff = { initialMs: 2_000, maxMs: 8_000 };
    const tokens = ['the right one'];
    const world = await RuntimeWorld.start({
      ...options,
      spec: (spec) => ({ ...spec, connection: { ...spec.connection, authBackoff, tokens } }),
      terminalOptions: { token: 'the right one' },
    });
    const refusals = () => world.notices.filter(({ code }) => code === 'link.refused');
    let hellos = 0;
    world.tap.rewrite = rewriteKind('hello', (body) => {
      hellos += 1;
      const { account } = body;
      const wrong = [
        { ...body, account: { ...account, server: 'Elsewhere' } },
        { ...body, account: { ...account, login: '999' } },
        { ...body, token: 'another one' },
        { ...body, token: null },
      ];
      return wrong[refusals().length] ?? body;
    });
    world.tap.tellTerminal({ kind: 'error', code: 'unknown_session', detail: 'logged in again' });
    await world.until('four refusals', () => refusals().length === 4);
    expect(refusals().map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/logged in as 5012345@Elsewhere.*not heard again for 2 s/),
      expect.stringMatching(/logged in as 999@Bulwark-Sim.*not heard again for 4 s/),
      'its token is wrong; not heard again for 8 s',
      'its token is wrong; not heard again for 8 s',
    ]);
    expect(hellos).toBeGreaterThan(4);
    expect(world.summary<LinkSummary>(world.path('connection'))?.breaker.state).toBe('closed');
    world.tap.rewrite = (frame) => [frame];
    await healthy(world);
  });

  it('failure 10: a terminal that updated itself and starts anew is reconciled and trades on', async () => {
    const world = await start();
    await traded(world);
    world.tap.rewrite = rewriteKind('hello', (body) => ({
      ...body,
      terminalBuild: body.terminalBuild + 1,
      startId: `${body.startId}-updated`,
    }));
    world.tap.tellTerminal({ kind: 'error', code: 'unknown_session', detail: 'updated' });
    await world.until('another epoch', () => world.entries('epoch.claimed').length > 1);
    await healthy(world);
    await world.playOut();
    await world.expectAgreement();
  });
});

describe('a symbol', () => {
  it('failure 12: a symbol with a suffix at this broker is named, and its strategy does not run', async () => {
    const world = await start();
    world.tap.rewrite = rewriteKind('snapshot.part', (body) => ({
      ...body,
      symbols: body.symbols.map((spec) => ({ ...spec, symbol: `${spec.symbol}.r` })),
    }));
    world.tell('connection', { type: 'reconciliation.wanted' });
    const missing = () => world.notices.find(({ code }) => code === 'link.symbolMissing')?.detail;
    await world.until('the missing symbol', () => missing() !== undefined);
    expect(missing()).toContain('EURUSD is not at this broker, which has EURUSD.r');
    await world.playOut();
    expect(world.entries('attempt.sent')).toEqual([]);
  });

  it('failure 12: a specification that the broker changes is found by the daily look, and counts from then on', async () => {
    const world = await start();
    await traded(world);
    const change = <
      B extends { readonly symbols: readonly { readonly stopsLevelPoints: number }[] },
    >(
      body: B,
    ): B => ({
      ...body,
      symbols: body.symbols.map((spec) => ({ ...spec, stopsLevelPoints: 77 })),
    });
    world.tap.rewrite = (frame) => {
      const { body } = frame;
      if (body.kind === 'query.reply') return [{ ...frame, body: change(body) }];
      return [body.kind === 'snapshot.part' ? { ...frame, body: change(body) } : frame];
    };
    world.tell('connection', { type: 'symbols.due' });
    const changed = () => world.notices.find(({ code }) => code === 'link.symbolChanged')?.detail;
    await world.until('the change', () => changed() !== undefined);
    expect(changed()).toMatch(/EURUSD: stopsLevelPoints \d+ → 77/);
    await healthy(world);
  });
});
