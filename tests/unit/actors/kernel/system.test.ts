import { describe, expect, it } from 'vitest';
import { createSystem, SystemStartError } from '../../../../src/actors/kernel/system.ts';
import type { Message } from '../../../../src/actors/kernel/types.ts';
import { createWorld, recorder, startWorld, worker } from '../../../support/kernel-world.ts';

const CRASH: Message = { type: 'crash' };

describe('a system', () => {
  it('starts depth first, left to right, and stops in reverse', async () => {
    const log: string[] = [];
    const noisy = (id: string) =>
      worker(id, () => ({
        init: (context) => {
          log.push(`start ${context.path}`);
          return null;
        },
        receive: (state) => state,
        terminate: (_, reason, context) => {
          log.push(`stop ${context.path} ${reason.type}`);
        },
      }));
    const world = await startWorld({
      children: [
        noisy('a'),
        { id: 'b', type: 'supervisor', supervisor: { children: [noisy('b1'), noisy('b2')] } },
        noisy('c'),
      ],
    });
    expect(log).toEqual(['start a', 'start b.b1', 'start b.b2', 'start c']);
    expect(world.system.tree().map((line) => [line.path, line.status])).toEqual([
      ['a', 'running'],
      ['b', 'running'],
      ['b.b1', 'running'],
      ['b.b2', 'running'],
      ['c', 'running'],
    ]);
    log.length = 0;
    await world.system.shutdown();
    expect(log).toEqual([
      'stop c shutdown',
      'stop b.b2 shutdown',
      'stop b.b1 shutdown',
      'stop a shutdown',
    ]);
    expect(await world.system.ended).toEqual({ type: 'shutdown' });
    expect(world.clock.pending()).toBe(0);
  });

  it('waits for an asynchronous init before the next sibling starts', async () => {
    const log: string[] = [];
    const slow = worker('slow', () => ({
      init: async () => {
        await Promise.resolve();
        log.push('slow is up');
        return null;
      },
      receive: (state) => state,
    }));
    const next = worker('next', () => {
      log.push('next starts');
      return recorder([]);
    });
    await startWorld({ children: [slow, next] });
    expect(log).toEqual(['slow is up', 'next starts']);
  });

  it('rejects a start that fails, having stopped what was up', async () => {
    const log: string[] = [];
    const world = createWorld({
      children: [
        worker('a', () => ({
          init: () => null,
          receive: (state) => state,
          terminate: () => {
            log.push('a stopped');
          },
        })),
        worker('b', () => ({
          init: () => {
            throw new Error('no socket');
          },
          receive: (state) => state,
        })),
      ],
    });
    await expect(world.system.start()).rejects.toThrow(SystemStartError);
    await expect(world.system.ended).resolves.toMatchObject({ tag: 'failed_to_start_child' });
    expect(log).toEqual(['a stopped']);
    expect(world.seen('actor.crashed').map((event) => event.report.path)).toEqual(['b']);
  });

  it('shuts down before it was started', async () => {
    const world = createWorld({ children: [worker('a', () => recorder([]))] });
    await world.system.shutdown();
    expect(await world.system.ended).toEqual({ type: 'shutdown' });
  });

  it('keeps references over a restart, with what was sent meanwhile', async () => {
    const log: string[] = [];
    const world = await startWorld({
      children: [
        worker('a', () => recorder(log), {
          backoff: { initialMs: 100, maxMs: 1_000, healthyAfterMs: 60_000 },
        }),
      ],
    });
    const ref = world.system.ref('a');
    ref.send({ type: 'one' });
    ref.send(CRASH);
    ref.send({ type: 'two' });
    await world.system.quiescent();
    expect(world.system.info('a')?.status).toBe('restarting');
    ref.send({ type: 'three' });
    await world.pass(100);
    expect(log).toEqual(['one', 'two', 'three']);
    expect(world.system.info('a')).toMatchObject({
      status: 'running',
      incarnation: 2,
      restarts: 1,
    });
  });

  it('dead-letters what is sent to nobody, to the stopped and to a refusing restart', async () => {
    const world = await startWorld({
      children: [
        worker('gone', () => recorder([]), { restart: 'temporary' }),
        worker('picky', () => recorder([]), {
          mailbox: { capacity: 5, overflow: { type: 'reject' }, whileDown: 'deadLetter' },
          backoff: { initialMs: 100, maxMs: 100, healthyAfterMs: 0 },
        }),
      ],
    });
    world.send('gone', CRASH);
    world.send('picky', CRASH);
    await world.system.quiescent();
    for (const path of ['nobody', 'gone', 'picky']) world.send(path, { type: `to ${path}` });
    const letters = world.seen('deadLetter').map((event) => [event.message.type, event.why]);
    expect(letters).toEqual([
      ['crash', 'poison'],
      ['crash', 'poison'],
      ['to nobody', 'down'],
      ['to gone', 'down'],
      ['to picky', 'down'],
    ]);
  });

  it('reports a crash with state, message, queue depth and what is left of the budget', async () => {
    const world = await startWorld({
      intensity: 3,
      children: [worker('a', () => recorder([]))],
    });
    for (const type of ['x', 'crash', 'y', 'z']) world.send('a', { type });
    await world.system.quiescent();
    expect(world.seen('actor.crashed')[0]?.report).toMatchObject({
      path: 'a',
      incarnation: 1,
      reason: { type: 'crash', message: 'told to crash' },
      state: { count: 1 },
      message: { type: 'crash' },
      mailboxDepth: 2,
      restartsLeft: 3,
    });
  });

  it('goes on when a listener throws, and tells the others', async () => {
    const world = createWorld({ children: [worker('a', () => recorder([]))] });
    world.system.subscribe(() => {
      throw new Error('bad inspector');
    });
    await world.system.start();
    world.send('a', CRASH);
    await world.system.quiescent();
    expect(world.system.info('a')?.incarnation).toBe(2);
    expect(world.seen('listener.threw').length).toBeGreaterThan(0);
  });

  it('lets control messages overtake user messages', async () => {
    const log: string[] = [];
    const world = await startWorld({
      children: [
        worker('a', () => recorder(log), {
          mailbox: {
            capacity: 3,
            overflow: { type: 'reject' },
            lane: (message) => (message.type === 'halt' ? 'control' : 'user'),
          },
        }),
      ],
    });
    for (const type of ['t1', 't2', 't3', 't4', 'halt']) world.send('a', { type });
    await world.system.quiescent();
    expect(log).toEqual(['halt', 't1', 't2', 't3']);
  });

  it('refuses to start twice', async () => {
    const world = await startWorld({ children: [] });
    await expect(world.system.start()).rejects.toThrow('started before');
  });

  it('refuses a bad spec before anything runs', () => {
    expect(() =>
      createSystem({
        name: 'bad',
        root: { intensity: -1, children: [] },
        clock: createWorld({ children: [] }).clock,
        defer: () => undefined,
        random: () => 0,
      }),
    ).toThrow('invalid_intensity');
  });
});
