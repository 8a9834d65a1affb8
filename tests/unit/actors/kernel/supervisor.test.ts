import { describe, expect, it } from 'vitest';
import type { Behaviour, ChildSpec, Message } from '../../../../src/actors/kernel/types.ts';
import { recorder, startWorld, type World, worker } from '../../../support/kernel-world.ts';

const CRASH: Message = { type: 'crash' };
const plain = (): Behaviour<Message, number> => recorder([]);
const hangs = (): Behaviour<Message, null> => ({
  init: () => null,
  receive: () => null,
  terminate: () => new Promise<void>(() => undefined),
});

const crash = async (world: World, path: string): Promise<void> => {
  world.send(path, CRASH);
  await world.system.quiescent();
};
const lives = (world: World): Record<string, number> =>
  Object.fromEntries(world.system.tree().map((line) => [line.path, line.incarnation]));
const adminOf = (world: World, path = '') => {
  const admin = world.system.supervisor(path);
  if (admin === undefined) throw new Error(`no supervisor at '${path}'`);
  return admin;
};

describe('the restart window', () => {
  const sup = (world: World) => world.system.info('s');
  const world = (intensity: number, periodMs: number) =>
    startWorld({
      intensity: 0,
      onExhausted: 'park',
      children: [
        {
          id: 's',
          type: 'supervisor',
          restart: 'temporary',
          supervisor: { intensity, periodMs, children: [worker('a', plain)] },
        },
      ],
    });

  it('counts an entry exactly as old as the period, and not one a millisecond older', async () => {
    const inside = await world(1, 1_000);
    await crash(inside, 's.a');
    await inside.pass(1_000);
    await crash(inside, 's.a');
    expect(sup(inside)).toBeUndefined();

    const outside = await world(1, 1_000);
    await crash(outside, 's.a');
    await outside.pass(1_001);
    await crash(outside, 's.a');
    expect(sup(outside)?.status).toBe('running');
  });

  it('ends the supervisor with shutdown when it is exhausted, and says so', async () => {
    const w = await world(0, 1_000);
    await crash(w, 's.a');
    expect(w.seen('supervisor.exhausted')).toMatchObject([{ path: 's', action: 'exit' }]);
    const exit = w.seen('actor.exited').find((event) => event.path === 's');
    expect(exit?.reason).toEqual({ type: 'shutdown' });
  });

  it('counts each failed retry', async () => {
    let broken = false;
    const w = await startWorld({
      intensity: 3,
      onExhausted: 'park',
      children: [
        worker('a', () => ({
          init: () => {
            if (broken) throw new Error('no');
            return 0;
          },
          receive: () => {
            throw new Error('crash');
          },
        })),
      ],
    });
    broken = true;
    await crash(w, 'a');
    expect(w.seen('actor.crashed')).toHaveLength(1 + 3);
    expect(w.system.info('')?.status).toBe('parked');
  });

  it('shows in the info of its supervisor what is left of it', async () => {
    const w = await world(3, 1_000);
    expect(sup(w)?.budget).toEqual({ intensity: 3, periodMs: 1_000, left: 3 });
    await crash(w, 's.a');
    expect(sup(w)?.budget?.left).toBe(2);
    await w.pass(1_001);
    expect(sup(w)?.budget?.left).toBe(3);
  });

  it('takes the root down when the budget of the root is spent', async () => {
    const w = await startWorld({ intensity: 0, children: [worker('a', plain)] });
    await crash(w, 'a');
    expect(await w.system.ended).toEqual({ type: 'shutdown' });
    await w.system.shutdown();
  });
});

describe('the strategies', () => {
  const three = (strategy: 'one_for_one' | 'one_for_all' | 'rest_for_one') =>
    startWorld({ strategy, children: ['a', 'b', 'c'].map((id) => worker(id, plain)) });

  it('restart the dead one alone under one_for_one', async () => {
    const world = await three('one_for_one');
    await crash(world, 'b');
    expect(lives(world)).toEqual({ a: 1, b: 2, c: 1 });
  });

  it('restart everybody under one_for_all', async () => {
    const world = await three('one_for_all');
    await crash(world, 'b');
    expect(lives(world)).toEqual({ a: 2, b: 2, c: 2 });
  });

  it('restart the dead one and who started after it under rest_for_one', async () => {
    const world = await three('rest_for_one');
    await crash(world, 'b');
    expect(lives(world)).toEqual({ a: 1, b: 2, c: 2 });
  });

  it('remove temporary siblings that a group restart stopped', async () => {
    const world = await startWorld({
      strategy: 'one_for_all',
      children: [worker('a', plain), worker('t', plain, { restart: 'temporary' })],
    });
    await crash(world, 'a');
    expect(lives(world)).toEqual({ a: 2 });
  });
});

describe('simple_one_for_one', () => {
  const pool = async () => {
    const world = await startWorld({
      children: [
        {
          id: 'pool',
          type: 'supervisor',
          supervisor: {
            strategy: 'simple_one_for_one',
            children: [worker('template', plain, { restart: 'transient', shutdown: 100 })],
          },
        },
      ],
    });
    return { world, admin: adminOf(world, 'pool') };
  };

  it('starts children from its template, and none by itself', async () => {
    const { world, admin } = await pool();
    expect(world.system.info('pool.template')).toBeUndefined();
    expect(await admin.startChild(worker('job1', plain))).toEqual({ ok: true, value: 'pool.job1' });
    expect(await admin.startChild(worker('job1', plain))).toMatchObject({
      error: 'already_started',
    });
    expect(await admin.countChildren()).toEqual({
      ok: true,
      value: { specs: 1, active: 1, supervisors: 0, workers: 1 },
    });
    const spec = await admin.getChildSpec('job1');
    expect(spec).toMatchObject({ ok: true, value: { id: 'job1', restart: 'transient' } });
  });

  it('keeps no spec of a child that ended, and offers none to restart or delete', async () => {
    const { world, admin } = await pool();
    await admin.startChild(worker('job1', plain));
    expect(await admin.terminateChild('job1')).toEqual({ ok: true, value: undefined });
    expect(world.system.info('pool.job1')).toBeUndefined();
    for (const reply of [await admin.restartChild('job1'), await admin.deleteChild('job1')]) {
      expect(reply).toMatchObject({ ok: false, error: 'simple_one_for_one' });
    }
  });

  it('stops its children in parallel', async () => {
    const { world, admin } = await pool();
    for (const id of ['x', 'y', 'z']) await admin.startChild(worker(id, hangs));
    const from = world.clock.now();
    let down = false;
    const done = world.system.shutdown().then(() => {
      down = true;
    });
    await world.pass(100);
    await new Promise((resolve) => setImmediate(resolve));
    expect([down, world.clock.now() - from]).toEqual([true, 100]);
    await done;
  });
});

describe('a stop', () => {
  it('kills a child that overruns its budget, and only then goes on', async () => {
    const order: string[] = [];
    const world = await startWorld({
      children: [
        worker('first', () => ({
          init: () => null,
          receive: () => null,
          terminate: () => {
            order.push('first');
          },
        })),
        worker('slow', hangs, { shutdown: 300 }),
      ],
    });
    const down = world.system.shutdown();
    await world.pass(299);
    expect(order).toEqual([]);
    await world.pass(1);
    await down;
    expect(order).toEqual(['first']);
    const exits = world.seen('actor.exited').map((event) => [event.path, event.reason.type]);
    expect(exits.slice(0, 2)).toEqual([
      ['slow', 'killed'],
      ['first', 'shutdown'],
    ]);
  });

  it('does not run terminate on a brutal kill', async () => {
    let cleaned = false;
    const world = await startWorld({
      children: [
        worker(
          'a',
          () => ({
            init: () => null,
            receive: () => null,
            terminate: () => {
              cleaned = true;
            },
          }),
          { shutdown: 'brutalKill' },
        ),
      ],
    });
    await world.system.shutdown();
    expect(cleaned).toBe(false);
    expect(world.seen('actor.crashed')).toEqual([]);
  });

  it('kills what hangs under a supervisor that overruns its own budget', async () => {
    const world = await startWorld({
      children: [
        {
          id: 's',
          type: 'supervisor',
          shutdown: 100,
          supervisor: { children: [worker('a', hangs, { shutdown: 'infinity' })] },
        },
      ],
    });
    const down = world.system.shutdown();
    await world.pass(100);
    await down;
    expect(world.seen('actor.exited').map((event) => event.path)).toEqual(['s.a', 's', '']);
  });

  it('bounds the clean-up of an actor that ends by itself', async () => {
    const world = await startWorld({
      children: [
        worker(
          'a',
          () => ({
            ...hangs(),
            receive: () => {
              throw new Error('x');
            },
          }),
          {
            shutdown: 200,
          },
        ),
      ],
    });
    await crash(world, 'a');
    expect(world.system.info('a')?.status).toBe('stopping');
    await world.pass(200);
    expect(world.system.info('a')).toMatchObject({ status: 'running', incarnation: 2 });
  });
});

describe('auto shutdown', () => {
  const world = (autoShutdown: 'any_significant' | 'all_significant') => {
    const significant = (id: string): ChildSpec =>
      worker(id, plain, { restart: 'temporary', significant: true });
    return startWorld({
      autoShutdown,
      children: [significant('a'), significant('b'), worker('c', plain)],
    });
  };

  it('follows the first significant child', async () => {
    const w = await world('any_significant');
    await crash(w, 'a');
    expect(await w.system.ended).toEqual({ type: 'shutdown' });
  });

  it('follows the last significant child', async () => {
    const w = await world('all_significant');
    await crash(w, 'a');
    expect(w.system.info('')?.status).toBe('running');
    await crash(w, 'b');
    expect(await w.system.ended).toEqual({ type: 'shutdown' });
  });
});
