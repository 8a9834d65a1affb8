import { describe, expect, it } from 'vitest';
import type { Behaviour, ChildSpec, Message } from '../../../../src/actors/kernel/types.ts';
import { recorder, startWorld, worker } from '../../../support/kernel-world.ts';

const CRASH: Message = { type: 'crash' };
const idle = (): Behaviour<Message, null> => ({ init: () => null, receive: () => null });
const supervisor = (id: string, children: readonly ChildSpec[], rest = {}): ChildSpec => ({
  id,
  type: 'supervisor',
  supervisor: { children, ...rest },
});

/** Faults that other actor runtimes have had in production, one test each. */
describe('hazards of other runtimes', () => {
  it('stops the children of a supervisor that restarts', async () => {
    const alive = new Set<string>();
    let born = 0;
    const counted = (): Behaviour<Message, string> => ({
      init: () => {
        born += 1;
        alive.add(`child ${born}`);
        return `child ${born}`;
      },
      receive: (name, message) => {
        if (message.type === 'crash') throw new Error('crash');
        return name;
      },
      terminate: (name) => {
        alive.delete(name);
      },
    });
    const world = await startWorld({
      children: [supervisor('s', [worker('a', counted), worker('b', counted)], { intensity: 0 })],
    });
    world.send('s.a', CRASH);
    await world.system.quiescent();
    expect(world.system.info('s')?.incarnation).toBe(2);
    expect([...alive]).toEqual(['child 3', 'child 4']);
  });

  it('leaves no zombie after a throwing start, and tells its watchers', async () => {
    let starts = 0;
    let late = 0;
    const heard: Message[] = [];
    const fragile = (): Behaviour<Message, null> => ({
      init: (context) => {
        starts += 1;
        context.after(10, { type: 'late' });
        if (starts === 2) throw new Error('half built');
        return null;
      },
      receive: (_, message) => {
        if (message.type === 'crash') throw new Error('crash');
        late += 1;
        return null;
      },
    });
    const watcher = (): Behaviour<Message, null> => ({
      init: () => null,
      receive: (_, message, context) => {
        if (message.type === 'watch') {
          context.monitor(context.ref('fragile'), () => ({ type: 'down' }));
        } else heard.push(message);
        return null;
      },
    });
    const world = await startWorld({
      intensity: 5,
      children: [worker('fragile', fragile), worker('watcher', watcher)],
    });
    world.send('watcher', { type: 'watch' });
    await world.system.quiescent();
    world.send('fragile', CRASH);
    await world.system.quiescent();
    expect(heard).toEqual([{ type: 'down' }]);
    expect(world.system.info('fragile')).toMatchObject({ status: 'running', incarnation: 3 });
    await world.pass(10);
    expect(late).toBe(1);
  });

  it('does not spin while an actor with a full mailbox takes its time to stop', async () => {
    let turns = 0;
    let finish: () => void = () => undefined;
    const slow = (): Behaviour<Message, null> => ({
      init: () => null,
      receive: (_, message, context) => {
        if (message.type === 'stop') context.stop();
        return null;
      },
      terminate: () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    });
    const world = await startWorld(
      { children: [worker('slow', slow, { restart: 'temporary' })] },
      {
        defer: (turn) => {
          turns += 1;
          setImmediate(turn);
        },
      },
    );
    world.send('slow', { type: 'stop' });
    for (let i = 0; i < 100; i += 1) world.send('slow', { type: 'queued' });
    await world.system.quiescent();
    const before = turns;
    for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(turns).toBe(before);
    finish();
    await new Promise((resolve) => setImmediate(resolve));
    await world.system.quiescent();
    expect(world.seen('deadLetter')).toHaveLength(100);
  });

  it('makes a crash loop visible, restart by restart', async () => {
    const world = await startWorld({
      intensity: 3,
      onExhausted: 'park',
      children: [
        worker('loop', () => recorder([]), {
          backoff: { initialMs: 10, maxMs: 20, healthyAfterMs: 60_000 },
        }),
      ],
    });
    for (let i = 0; i < 4; i += 1) {
      world.send('loop', CRASH);
      await world.pass(20);
    }
    expect(world.seen('actor.crashed')).toHaveLength(4);
    expect(world.seen('actor.crashed').map((event) => event.report.restartsLeft)).toEqual([
      3, 2, 1, 0,
    ]);
    expect(world.seen('actor.restartScheduled').map((event) => event.delayMs)).toEqual([
      10, 20, 20,
    ]);
    expect(world.seen('supervisor.exhausted')).toMatchObject([{ path: '', action: 'park' }]);
  });

  it('parks a child that burns its budget, and no sibling notices', async () => {
    const parking = (id: string) =>
      supervisor(id, [worker('bot', () => recorder([]))], { intensity: 1, onExhausted: 'park' });
    const world = await startWorld({ intensity: 0, children: [parking('bad'), parking('good')] });
    for (let i = 0; i < 5; i += 1) {
      world.send('bad.bot', CRASH);
      await world.system.quiescent();
    }
    expect(world.system.info('bad')?.status).toBe('parked');
    expect(world.system.info('bad.bot')?.status).toBe('parked');
    expect(world.system.info('good.bot')).toMatchObject({ status: 'running', incarnation: 1 });
    expect(world.system.info('')).toMatchObject({ status: 'running', incarnation: 1 });
  });

  it('never throws an overflow, or a broken lane or key function, into the sender', async () => {
    const broken = (): never => {
      throw new Error('not my sender');
    };
    const world = await startWorld({
      children: [
        worker('full', idle, { mailbox: { capacity: 1, overflow: { type: 'reject' } } }),
        worker('broken', idle, {
          mailbox: { capacity: 1, overflow: { type: 'conflate', key: broken }, lane: broken },
        }),
      ],
    });
    for (const path of ['full', 'broken', 'full', 'broken']) world.send(path, { type: 'x' });
    expect(world.seen('deadLetter').map((letter) => [letter.path, letter.why])).toEqual([
      ['full', 'overflow'],
      ['broken', 'overflow'],
    ]);
  });

  it('does not resume a sibling that is already stopping when the group restarts', async () => {
    const log: string[] = [];
    let finish: () => void = () => undefined;
    const traced = (id: string, slow: boolean) => (): Behaviour<Message, null> => ({
      init: () => {
        log.push(`start ${id}`);
        return null;
      },
      receive: (_, message, context) => {
        if (message.type === 'crash') throw new Error('crash');
        if (message.type === 'leave') context.stop();
        return null;
      },
      terminate: () => {
        log.push(`stop ${id}`);
        if (!slow) return undefined;
        return new Promise<void>((resolve) => {
          finish = resolve;
        });
      },
    });
    const world = await startWorld({
      strategy: 'one_for_all',
      children: [worker('a', traced('a', false)), worker('b', traced('b', true))],
    });
    world.send('b', { type: 'leave' });
    await world.system.quiescent();
    world.send('a', CRASH);
    await world.system.quiescent();
    expect(log).toEqual(['start a', 'start b', 'stop b', 'stop a']);
    finish();
    await new Promise((resolve) => setImmediate(resolve));
    await world.system.quiescent();
    expect(log.slice(4)).toEqual(['start a', 'start b']);
    expect(world.system.info('b')).toMatchObject({ status: 'running', incarnation: 2 });
  });

  it('turns what was stashed into dead letters when nobody will come for it', async () => {
    const stasher = (): Behaviour<Message, null> => ({
      init: () => null,
      receive: (_, message, context) => {
        if (message.type === 'crash') throw new Error('crash');
        context.stash(message);
        return null;
      },
    });
    const world = await startWorld({
      children: [worker('s', stasher, { restart: 'temporary' })],
    });
    for (const type of ['a', 'b', 'crash', 'c']) world.send('s', { type });
    await world.system.quiescent();
    expect(world.seen('deadLetter').map((letter) => [letter.message.type, letter.why])).toEqual([
      ['crash', 'poison'],
      ['a', 'down'],
      ['b', 'down'],
      ['c', 'down'],
    ]);
  });

  it('never evicts a death notice from a bounded mailbox', async () => {
    const heard: string[] = [];
    const watcher = (): Behaviour<Message, null> => ({
      init: (context) => {
        context.monitor(context.ref('target'), () => ({ type: 'down' }));
        return null;
      },
      receive: (_, message) => {
        heard.push(message.type);
        return null;
      },
    });
    const world = await startWorld({
      children: [
        worker('target', () => recorder([])),
        worker('watcher', watcher, { mailbox: { capacity: 2, overflow: { type: 'dropOldest' } } }),
      ],
    });
    world.send('target', CRASH);
    for (let i = 0; i < 50; i += 1) world.send('watcher', { type: 'noise' });
    await world.system.quiescent();
    expect(heard.filter((type) => type === 'down')).toHaveLength(1);
    expect(heard).toHaveLength(3);
  });

  it('starts a singleton again whose restarts had failed, once the cause is gone', async () => {
    let broken = false;
    const singleton = (): Behaviour<Message, null> => ({
      init: () => {
        if (broken) throw new Error('port in use');
        return null;
      },
      receive: () => {
        throw new Error('crash');
      },
    });
    const world = await startWorld({
      intensity: 100,
      children: [
        worker('only', singleton, {
          backoff: { initialMs: 100, maxMs: 1_000, healthyAfterMs: 60_000 },
        }),
      ],
    });
    broken = true;
    world.send('only', CRASH);
    await world.pass(10_000);
    expect(world.system.info('only')?.status).toBe('restarting');
    broken = false;
    await world.pass(1_000);
    expect(world.system.info('only')?.status).toBe('running');
  });

  it('quarantines a poison message after its chances, and serves the good ones behind it', async () => {
    const log: string[] = [];
    const world = await startWorld({
      intensity: 10,
      children: [
        worker('a', () => recorder(log), {
          mailbox: { capacity: 10, overflow: { type: 'reject' }, poisonAfter: 3 },
        }),
      ],
    });
    for (const type of ['before', 'crash', 'after']) world.send('a', { type });
    await world.system.quiescent();
    expect(log).toEqual(['before', 'after']);
    expect(world.system.info('a')?.incarnation).toBe(4);
    const [letter] = world.seen('deadLetter');
    expect(letter).toMatchObject({ why: 'poison', message: { type: 'crash' } });
    expect(letter?.stack).toContain('told to crash');
  });

  it('quarantines a poison message also when something stashed comes before it each time', async () => {
    const stasher = (): Behaviour<Message, null> => ({
      init: () => null,
      receive: (_, message, context) => {
        if (message.type === 'crash') throw new Error('crash');
        context.stash(message);
        return null;
      },
    });
    const world = await startWorld({
      intensity: 10,
      children: [
        worker('s', stasher, {
          mailbox: { capacity: 10, overflow: { type: 'reject' }, poisonAfter: 2 },
        }),
      ],
    });
    for (const type of ['stashed', 'crash']) world.send('s', { type });
    await world.system.quiescent();
    expect(world.seen('deadLetter').map((letter) => letter.why)).toEqual(['poison']);
    expect(world.system.info('s')).toMatchObject({ status: 'running', incarnation: 3 });
  });

  it('lets an inspector that throws harm neither the actor nor the other listeners', async () => {
    const log: string[] = [];
    const world = await startWorld({ children: [worker('a', () => recorder(log))] });
    world.system.subscribe(() => {
      throw new Error('bad inspector');
    });
    for (const type of ['one', 'crash', 'two']) world.send('a', { type });
    await world.system.quiescent();
    expect(log).toEqual(['one', 'two']);
    expect(world.seen('actor.started').filter((event) => event.path === 'a')).toHaveLength(2);
  });

  it('can be stopped while a child of it restarts for ever', async () => {
    let healthy = true;
    const world = await startWorld({
      intensity: 1_000_000,
      children: [
        worker('loop', () => ({
          init: () => {
            if (!healthy) throw new Error('never again');
            return null;
          },
          receive: () => {
            throw new Error('crash');
          },
        })),
      ],
    });
    healthy = false;
    world.send('loop', CRASH);
    await new Promise((resolve) => setImmediate(resolve));
    const listed = await world.system.supervisor('')?.whichChildren();
    expect(listed?.map((child) => child.path)).toEqual(['loop']);
    await world.system.shutdown();
    expect(world.system.info('')?.status).toBe('stopped');
  });

  it('can be stopped while a child takes for ever to start', async () => {
    let starts = 0;
    const world = await startWorld({
      children: [
        worker('hangs', () => ({
          init: () => {
            starts += 1;
            return starts === 1 ? null : new Promise<null>(() => undefined);
          },
          receive: () => {
            throw new Error('crash');
          },
        })),
      ],
    });
    world.send('hangs', CRASH);
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.system.info('hangs')?.status).toBe('starting');
    const down = world.system.shutdown();
    await new Promise((resolve) => setImmediate(resolve));
    world.clock.advanceTo(world.clock.now() + 5_000);
    await down;
    expect(world.system.info('hangs')?.status).toBe('stopped');
  });
});
