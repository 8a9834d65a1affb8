import { describe, expect, it } from 'vitest';
import type { KernelEvent } from '../../../src/actors/kernel/types.ts';
import { LOGIN } from '../../support/runtime-spec.ts';
import { RuntimeWorld } from '../../support/runtime-world.ts';

const TWO = [{ symbol: 'EURUSD' }, { symbol: 'GBPUSD', offset: 1 }];
const THREE = [...TWO, { symbol: 'EURUSD', name: 'second', offset: 2 }];
const DESK = ['connection', 'risk-guard', 'executor', 'recovery'];

const startsAfter = (world: RuntimeWorld, index: number): readonly string[] =>
  world.events
    .slice(index)
    .flatMap((event: KernelEvent) => (event.type === 'actor.started' ? [event.path] : []))
    .filter((path) => path !== 'observers.auditor');
const sent = (world: RuntimeWorld): number => world.entries('attempt.sent').length;
const deskLives = (world: RuntimeWorld): readonly number[] =>
  DESK.map((name) => world.incarnation(world.path(name)));

const raise = (message: string): never => {
  throw new Error(message);
};
/** Crashes an actor of the desk; `reopened` waits until a later life of recovery has granted the gate. */
const crashDesk = async (world: RuntimeWorld, name: string): Promise<void> => {
  lifeOfGrant = world.incarnation(world.path('recovery'));
  await world.crash(name);
};
let lifeOfGrant = 0;
const isGranted = (world: RuntimeWorld): boolean => {
  const recovery = world.path('recovery');
  const { gateOpen, mode } = world.guard;
  return world.incarnation(recovery) > lifeOfGrant && gateOpen && mode === 'active';
};
const reopened = async (world: RuntimeWorld): Promise<void> => {
  await world.until('recovery to grant the gate again', () => isGranted(world));
  await world.runtime.system.quiescent();
};
/** Completed recoveries after the first one. */
const granted = (world: RuntimeWorld) => world.entries('recovery.completed').slice(1);
const someTrades = (world: RuntimeWorld, count = 3) =>
  world.play(`${count} deals`, () => world.entries('deal.booked').length >= count);

describe('the trading tree', () => {
  it('trades on while the auditor crashes again and again, and the audit is whole in the end', async () => {
    const world = await RuntimeWorld.start();
    let kills = 0;
    world.runtime.system.subscribe((event) => {
      const again = event.type === 'actor.started' && event.path === 'observers.auditor';
      if (again && kills < 5) {
        kills += 1;
        world.runtime.system.kill(event.path);
      }
    });
    world.runtime.system.kill('observers.auditor');
    await world.playOut();
    await world.until(
      'the auditor to stay',
      () => kills === 5 && world.isRunning('observers.auditor'),
    );
    expect(deskLives(world)).toEqual([1, 1, 1, 1]);
    expect(world.entries('deal.booked').length).toBeGreaterThan(15);
    await world.expectAgreement();
  });

  it('restarts everything that believed in the connection after it, in order', async () => {
    const world = await RuntimeWorld.start({ strategies: TWO });
    await someTrades(world);
    const index = world.events.length;
    await crashDesk(world, 'connection');
    await reopened(world);
    const exits = world.events
      .slice(index)
      .flatMap((event) => (event.type === 'actor.exited' ? [event.path] : []));
    const below = [...DESK.map((name) => world.path(name))];
    expect(exits.filter((path) => below.includes(path))).toEqual([
      world.path('connection'),
      world.path('recovery'),
      world.path('executor'),
      world.path('risk-guard'),
    ]);
    const starts = startsAfter(world, index);
    expect(starts.filter((path) => below.includes(path))).toEqual(below);
    expect(starts.indexOf(world.path('recovery'))).toBeLessThan(
      starts.indexOf(world.strategies[0] ?? ''),
    );
    expect(world.incarnation('journal')).toBe(1);
    const before = world.entries('deal.booked').length;
    await world.playOut();
    expect(world.entries('deal.booked').length).toBeGreaterThan(before);
    await world.expectAgreement();
  });

  it('shuts the gate with a crash of the executor, and sends no opening order until recovery has run', async () => {
    const world = await RuntimeWorld.start();
    await someTrades(world);
    const completed = world.entries('recovery.completed').length;
    await crashDesk(world, 'executor');
    await world.until('the gate to shut', () => !world.guard.gateOpen);
    const before = sent(world);
    world.runtime.system.ref(world.path('risk-guard')).send(world.signal());
    await world.until('the denial', () => world.entries('order.denied').length > 0);
    expect(world.entries('order.denied').map(({ code }) => code)).toEqual(['MODE']);
    expect(world.incarnation(world.path('risk-guard'))).toBe(1);
    await reopened(world);
    expect(sent(world)).toBe(before);
    expect(world.entries('recovery.completed').length).toBe(completed + 1);
    await world.playOut();
    await world.expectAgreement();
  });

  it('starts a guard with the gate shut', async () => {
    const world = await RuntimeWorld.start();
    await someTrades(world);
    await crashDesk(world, 'risk-guard');
    await world.until('the guard to be back', () => world.isRunning(world.path('risk-guard')));
    expect(world.guard).toMatchObject({ gateOpen: false, mode: 'halted' });
    await reopened(world);
    await world.playOut();
    await world.expectAgreement();
  });

  it("shuts the gate with recovery's death", async () => {
    const world = await RuntimeWorld.start();
    await someTrades(world);
    await crashDesk(world, 'recovery');
    await world.until('the gate to shut', () => !world.guard.gateOpen);
    expect(world.guard.holds).toContain('gate');
    await reopened(world);
    expect(deskLives(world)).toEqual([1, 1, 1, 2]);
    await world.playOut();
    await world.expectAgreement();
  });

  it.each(DESK)(
    'keeps session time standing while %s is away, until recovery has granted the gate',
    async (name) => {
      const world = await RuntimeWorld.start({ strategies: TWO });
      await someTrades(world);
      const stoodAt = world.runtime.now();
      await crashDesk(world, name);
      // From here on the terminal may go on as fast as it can.
      world.terminal.play(() => true);
      const seen = new Set<number>();
      await world.until('recovery to grant the gate again', () => {
        seen.add(world.runtime.now());
        return isGranted(world);
      });
      seen.delete(stoodAt);
      expect([...seen].length).toBeLessThanOrEqual(1);
      await world.runtime.system.quiescent();
      expect(granted(world).every(({ at }) => at === stoodAt)).toBe(true);
      await world.playOut();
      await world.expectAgreement();
    },
  );

  it('restarts two strategies that crash together on their own, each on its own budget', async () => {
    const world = await RuntimeWorld.start({ strategies: THREE });
    await someTrades(world);
    const [first = '', second = '', third = ''] = world.strategies;
    await Promise.all([world.crash(first), world.crash(second)]);
    const back = () =>
      [first, second].every((path) => world.summary<{ phase: string }>(path)?.phase === 'trading');
    await world.until('both to trade again', back);
    expect([first, second, third].map((path) => world.incarnation(path))).toEqual([2, 2, 1]);
    for (const life of [3, 4]) {
      await world.crash(first);
      await world.until(
        'it to be back',
        () => world.incarnation(first) === life && world.isRunning(first),
      );
    }
    expect(deskLives(world)).toEqual([1, 1, 1, 1]);
    expect(world.events.filter(({ type }) => type === 'supervisor.exhausted')).toEqual([]);
    await world.playOut();
    await world.expectAgreement();
  });

  it('parks a strategy that burns its budget, alone, and lets the others trade on', async () => {
    const world = await RuntimeWorld.start({ strategies: THREE });
    await someTrades(world);
    const [first = '', ...others] = world.strategies;
    for (let crash = 0; crash < 4; crash += 1) {
      await world.until('it to be up', () => world.isRunning(first));
      await world.crash(first);
    }
    const parked = first.slice(0, -'.host'.length);
    await world.until(
      'it to be parked',
      () => world.runtime.system.info(parked)?.status === 'parked',
    );
    const dealt = world.entries('intent.planned').length;
    await world.playOut();
    const after = world.entries('intent.planned').slice(dealt);
    const traders = new Set(after.map(({ intent }) => intent.strategyId));
    expect([...traders].sort()).toEqual(['pulse:GBPUSD', 'second:EURUSD']);
    expect(others.map((path) => world.incarnation(path))).toEqual([1, 1]);
    expect(deskLives(world)).toEqual([1, 1, 1, 1]);
    await world.expectAgreement();
  });

  it('parks the account whose desk burns its budget, and touches nobody else', async () => {
    const world = await RuntimeWorld.start();
    await someTrades(world);
    const account = `accounts.${LOGIN}`;
    const isParked = () => world.runtime.system.info(account)?.status === 'parked';
    const guard = world.path('risk-guard');
    world.terminal.play(() => true);
    for (let crash = 0; crash < 40 && !isParked(); crash += 1) {
      await world.crash('risk-guard');
      await world.until('what follows', () => isParked() || world.isRunning(guard));
    }
    expect(isParked()).toBe(true);
    const exhausted = world.events.filter((event) => event.type === 'supervisor.exhausted');
    expect(exhausted.at(-1)).toMatchObject({ path: account, action: 'park' });
    const told = world.notices.filter(
      ({ code, path }) => code === 'supervisor.exhausted' && path === account,
    );
    expect(told).toMatchObject([{ severity: 'error' }]);
    expect(world.isRunning('journal') && world.isRunning('observers.auditor')).toBe(true);
    expect(world.runtime.finished()).toBe(false);
  });

  it('goes down when the journal burns its budget, and only then', async () => {
    const world = await RuntimeWorld.start();
    for (let crash = 0; crash < 4; crash += 1) {
      await world.until('the journal to be up', () => world.isRunning('journal'));
      await world.crash('journal');
    }
    expect(await world.runtime.system.ended).toMatchObject({ type: 'shutdown' });
    const exhausted = world.events.filter((event) => event.type === 'supervisor.exhausted');
    expect(exhausted).toMatchObject([{ path: '', action: 'exit' }]);
  });

  it('does not revive a strategy that an operator stopped when its group restarts', async () => {
    const world = await RuntimeWorld.start({ strategies: TWO });
    await someTrades(world);
    const strategies = world.runtime.system.supervisor(world.path('strategies'));
    expect(await strategies?.terminateChild('pulse:EURUSD')).toMatchObject({ ok: true });
    await crashDesk(world, 'connection');
    await reopened(world);
    expect(world.runtime.system.info(world.path('strategies.pulse:EURUSD'))?.status).toBe(
      'administrativelyDown',
    );
    const planned = world.entries('intent.planned').length;
    await world.playOut();
    const after = world.entries('intent.planned').slice(planned);
    expect(new Set(after.map(({ intent }) => intent.strategyId))).toEqual(
      new Set(['pulse:GBPUSD']),
    );
  });

  it('lets a halt overtake an order that was admitted and not sent', async () => {
    const world = await RuntimeWorld.start();
    await someTrades(world);
    const guard = world.runtime.system.ref(world.path('risk-guard'));
    const before = sent(world);
    guard.send(world.signal());
    const admitted = () =>
      (world.summary<{ live: unknown[] }>(world.path('executor'))?.live ?? []).length > 0;
    await world.until('the order to be admitted', admitted);
    guard.send({ type: 'operator.halt', reason: 'lunch' } as never);
    await world.until('the order to end', () =>
      world.entries('order.state').some(({ state }) => state === 'expired'),
    );
    expect(world.guard.mode).toBe('halted');
    expect(world.guard.reservations).toBe(0);
    expect(sent(world)).toBe(before + 1);
    const last = world.entries('intent.planned').at(-1)?.intent.intentId;
    await world.playOut();
    expect(
      world
        .entries('order.state')
        .filter(({ intentId }) => intentId === last)
        .map(({ state }) => state),
    ).toEqual(['expired']);
  });

  it('closes everything on a kill, and stays locked over a restart on the same folder', async () => {
    const world = await RuntimeWorld.start({ strategies: TWO });
    await world.play('an open position', () => world.guard.positions.length > 0);
    world.runtime.system
      .ref(world.path('risk-guard'))
      .send({ type: 'operator.kill', reason: 'enough' } as never);
    await world.play('the account to be flat', () => world.guard.positions.length === 0);
    expect(world.guard).toMatchObject({ mode: 'locked', reason: 'operator: enough' });
    const planned = world.entries('intent.planned').length;
    await world.stop();
    const second = await RuntimeWorld.start({ strategies: TWO, dataDir: world.dataDir });
    expect(second.guard).toMatchObject({ mode: 'locked', reason: 'operator: enough' });
    await second.playOut();
    expect(second.guard.mode).toBe('locked');
    expect(second.entries('intent.planned').length).toBe(planned);
    expect(new Set(second.entries('order.denied').map(({ code }) => code))).toEqual(
      new Set(['MODE']),
    );
    await second.expectAgreement();
  });

  it('rebuilds a crashed strategy by a muted replay: its orders are those of a run without a crash', async () => {
    const plain = await RuntimeWorld.start();
    await plain.playOut();
    await plain.stop();
    const world = await RuntimeWorld.start();
    await someTrades(world);
    const [path = ''] = world.strategies;
    await world.crash(path);
    await world.until(
      'it to trade again',
      () => world.summary<{ phase: string }>(path)?.phase === 'trading',
    );
    await world.playOut();
    const orders = (of: RuntimeWorld) =>
      of.entries('intent.planned').map(({ intent }) => [intent.key, intent.at]);
    expect(orders(world)).toEqual(orders(plain));
    await world.expectAgreement();
  });

  it('changes nothing when a signal is repeated', async () => {
    const world = await RuntimeWorld.start();
    await someTrades(world, 2);
    const raised = world.entries('signal.raised').at(-1) ?? raise('no signal');
    const { key } = world.options[0] ?? raise('no strategy');
    const before = world.journal().filter(({ kind }) => kind !== 'event').length;
    const again = { ...world.signal(), strategy: key, barAt: raised.barAt, signal: raised.signal };
    world.runtime.system.ref(world.path('risk-guard')).send(again);
    await world.runtime.system.quiescent();
    expect(world.journal().filter(({ kind }) => kind !== 'event').length).toBe(before);
  });
});
