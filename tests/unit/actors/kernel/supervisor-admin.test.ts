import { describe, expect, it } from 'vitest';
import type { Behaviour, Message } from '../../../../src/actors/kernel/types.ts';
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

describe('the admin verbs', () => {
  it('answer as OTP does, also about what is not there', async () => {
    const world = await startWorld({ children: [worker('a', plain)] });
    const admin = adminOf(world);
    expect(await admin.restartChild('a')).toMatchObject({ error: 'running' });
    expect(await admin.deleteChild('a')).toMatchObject({ error: 'running' });
    expect(await admin.terminateChild('x')).toMatchObject({ error: 'not_found' });
    expect(await admin.getChildSpec('x')).toMatchObject({ error: 'not_found' });
    expect(await admin.startChild(worker('a', plain))).toMatchObject({ error: 'already_started' });
    expect(await admin.terminateChild('a')).toMatchObject({ ok: true });
    expect(await admin.startChild(worker('a', plain))).toMatchObject({ error: 'already_present' });
    expect(await admin.restartChild('a')).toEqual({ ok: true, value: 'a' });
    await admin.terminateChild('a');
    expect(await admin.deleteChild('a')).toMatchObject({ ok: true });
    expect(await admin.whichChildren()).toEqual([]);
  });

  it('refuse a spec with the code of what is wrong with it', async () => {
    const world = await startWorld({ children: [] });
    const bad = worker('a', plain, { shutdown: -1 });
    expect(await adminOf(world).startChild(bad)).toEqual({
      ok: false,
      error: 'invalid_spec',
      detail: 'invalid_shutdown',
    });
  });

  it('say what a failed start died of, and keep nothing of it', async () => {
    const world = await startWorld({ children: [] });
    const bad = worker('a', () => ({
      init: () => {
        throw new Error('no port');
      },
      receive: (state: unknown) => state,
    }));
    expect(await adminOf(world).startChild(bad)).toMatchObject({
      error: 'start_failed',
      reason: { message: 'no port' },
    });
    expect(world.system.info('a')).toBeUndefined();
  });

  it('say restarting while a child waits for its retry', async () => {
    const world = await startWorld({
      children: [
        worker('a', plain, { backoff: { initialMs: 50, maxMs: 50, healthyAfterMs: 1_000 } }),
      ],
    });
    await crash(world, 'a');
    const admin = adminOf(world);
    expect(await admin.restartChild('a')).toMatchObject({ error: 'restarting' });
    expect(await admin.deleteChild('a')).toMatchObject({ error: 'restarting' });
    expect(await admin.terminateChild('a')).toMatchObject({ ok: true });
    await world.pass(1_000);
    expect(world.system.info('a')?.status).toBe('stopped');
  });

  it('start the rest of a group whose restart waited for a child that was terminated', async () => {
    const backoff = { initialMs: 50, maxMs: 50, healthyAfterMs: 1_000 };
    const world = await startWorld({
      strategy: 'one_for_all',
      children: [worker('a', plain, { backoff }), worker('b', plain)],
    });
    await crash(world, 'a');
    expect(world.system.info('b')?.status).toBe('restarting');
    await adminOf(world).terminateChild('a');
    expect(world.system.info('b')?.status).toBe('running');
  });

  it('answer dead from a supervisor that ends before it could act', async () => {
    const world = await startWorld({ children: [worker('a', hangs)] });
    const admin = adminOf(world);
    const down = world.system.shutdown();
    const late = admin.terminateChild('a');
    await world.pass(5_000);
    await down;
    expect(await late).toMatchObject({ error: 'dead' });
    expect(await admin.deleteChild('a')).toMatchObject({ error: 'dead' });
    expect(await admin.whichChildren()).toEqual([]);
    expect(await admin.countChildren()).toMatchObject({ error: 'dead' });
  });

  it('forget what was added at run time when the supervisor restarts', async () => {
    const world = await startWorld({
      children: [
        {
          id: 's',
          type: 'supervisor',
          supervisor: { intensity: 0, children: [worker('a', plain)] },
        },
      ],
    });
    await adminOf(world, 's').startChild(worker('b', plain));
    await crash(world, 's.a');
    expect(lives(world)).toEqual({ s: 2, 's.a': 2 });
  });
});

describe('beyond OTP', () => {
  it('backs off twice as long each time, with jitter, and starts over after a healthy life', async () => {
    const backoff = { initialMs: 100, maxMs: 400, healthyAfterMs: 10_000 };
    const world = await startWorld(
      { intensity: 100, children: [worker('a', plain, { backoff })] },
      { random: () => 0.5 },
    );
    for (let i = 0; i < 4; i += 1) {
      await crash(world, 'a');
      await world.pass(500);
    }
    await world.pass(10_000);
    await crash(world, 'a');
    expect(world.seen('actor.restartScheduled').map((event) => event.delayMs)).toEqual([
      113, 225, 450, 450, 113,
    ]);
  });

  it('leaves down what an operator stopped, through group restarts and those above', async () => {
    const world = await startWorld({
      children: [
        {
          id: 'desk',
          type: 'supervisor',
          supervisor: {
            strategy: 'one_for_all',
            intensity: 1,
            honourAdministrativelyDown: true,
            children: [worker('a', plain), worker('b', plain)],
          },
        },
      ],
    });
    await adminOf(world, 'desk').terminateChild('b');
    expect(world.system.info('desk.b')?.status).toBe('administrativelyDown');
    await crash(world, 'desk.a');
    expect(lives(world)).toEqual({ desk: 1, 'desk.a': 2, 'desk.b': 1 });
    await crash(world, 'desk.a');
    expect(lives(world)).toEqual({ desk: 2, 'desk.a': 3, 'desk.b': 1 });
    expect(await adminOf(world, 'desk').restartChild('b')).toMatchObject({ ok: true });
    await crash(world, 'desk.a');
    expect(lives(world)).toMatchObject({ 'desk.b': 3 });
  });

  it('revives what an operator stopped in OTP mode', async () => {
    const world = await startWorld({
      strategy: 'one_for_all',
      children: [worker('a', plain), worker('b', plain)],
    });
    await adminOf(world).terminateChild('b');
    await crash(world, 'a');
    expect(world.system.info('b')).toMatchObject({ status: 'running', incarnation: 2 });
  });

  it('unparks on request, with a new budget, in order', async () => {
    const world = await startWorld({
      intensity: 1,
      onExhausted: 'park',
      children: [worker('a', plain), worker('b', plain)],
    });
    const admin = adminOf(world);
    expect(await admin.unpark()).toMatchObject({ error: 'running' });
    await crash(world, 'a');
    await crash(world, 'a');
    expect(world.system.tree().map((line) => line.status)).toEqual(['parked', 'parked']);
    expect(await admin.unpark()).toMatchObject({ ok: true });
    await crash(world, 'b');
    expect(world.system.info('')?.status).toBe('running');
    expect(lives(world)).toEqual({ a: 3, b: 3 });
  });

  it('shuts down a parked supervisor', async () => {
    const world = await startWorld({
      intensity: 0,
      onExhausted: 'park',
      children: [worker('a', plain)],
    });
    await crash(world, 'a');
    await world.system.shutdown();
    expect(await world.system.ended).toEqual({ type: 'shutdown' });
  });
});
