import { describe, expect, it } from 'vitest';
import type { ActorContext, Behaviour, Message } from '../../../../src/actors/kernel/types.ts';
import { recorder, START_MS, startWorld, worker } from '../../../support/kernel-world.ts';

const CRASH: Message = { type: 'crash' };

/** Runs `act` when it receives `go`; collects everything else. */
const actor = (
  log: unknown[],
  act: (context: ActorContext<Message>) => void,
): Behaviour<Message, null> => ({
  init: () => null,
  receive: (_, message, context) => {
    if (message.type === 'go') act(context);
    else log.push(message);
    return null;
  },
});

describe('the context of an actor', () => {
  it('says nothing is quiescent while a counted task runs, and ignores background ones', async () => {
    let finish: (value: string) => void = () => undefined;
    const log: unknown[] = [];
    const tasker = actor(log, (context) =>
      context.task(
        'wait',
        () => new Promise<string>((resolve) => (finish = resolve)),
        (result) => ({ type: 'done', result }),
      ),
    );
    const lazy = actor([], (context) =>
      context.task(
        'never',
        () => new Promise(() => undefined),
        () => ({ type: 'never' }),
      ),
    );
    const world = await startWorld({
      children: [worker('t', () => tasker), worker('b', () => lazy, { background: true })],
    });
    world.send('b', { type: 'go' });
    await world.system.quiescent();
    world.send('t', { type: 'go' });
    let quiet = false;
    const settled = world.system.quiescent().then(() => {
      quiet = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(quiet).toBe(false);
    finish('result');
    await settled;
    expect(log).toEqual([{ type: 'done', result: { ok: true, value: 'result' } }]);
  });

  it('drops the result of a task whose incarnation is gone, as a dead letter', async () => {
    let finish: () => void = () => undefined;
    let aborted = false;
    const tasker = (): Behaviour<Message, null> => ({
      init: () => null,
      receive: (_, message, context) => {
        if (message.type === 'crash') throw new Error('crash');
        context.task(
          'wait',
          (signal) => {
            signal.addEventListener('abort', () => {
              aborted = true;
            });
            return new Promise<void>((resolve) => (finish = resolve));
          },
          () => ({ type: 'done' }),
        );
        return null;
      },
    });
    const world = await startWorld({ children: [worker('t', tasker)] });
    world.send('t', { type: 'go' });
    world.send('t', CRASH);
    await new Promise((resolve) => setImmediate(resolve));
    expect(aborted).toBe(true);
    finish();
    await world.system.quiescent();
    expect(world.seen('deadLetter').map((event) => [event.message.type, event.why])).toEqual([
      ['crash', 'poison'],
      ['done', 'stale'],
    ]);
  });

  it('does not start a task of a turn that threw', async () => {
    let ran = false;
    const world = await startWorld({
      children: [
        worker('t', () =>
          actor([], (context) => {
            context.task(
              'x',
              async () => {
                ran = true;
              },
              () => ({ type: 'done' }),
            );
            throw new Error('after asking for the task');
          }),
        ),
      ],
    });
    world.send('t', { type: 'go' });
    await world.system.quiescent();
    expect(world.system.info('t')?.incarnation).toBe(2);
    expect(ran).toBe(false);
  });

  it('fires timers by key, replaces and cancels them, also after they fired', async () => {
    const log: unknown[] = [];
    const world = await startWorld({
      children: [
        worker('t', () =>
          actor(log, (context) => {
            context.after(10, { type: 'replaced' }, { key: 'k' });
            context.after(20, { type: 'kept' }, { key: 'k' });
            context.after(5, { type: 'cancelled' }).cancel();
            context.after(0, { type: 'takenBack' }, { key: 'z' });
            context.after(30, { type: 'plain' });
          }),
        ),
        worker('c', () => actor(log, (context) => context.cancel('z'))),
      ],
    });
    world.send('t', { type: 'go' });
    await world.system.quiescent();
    await world.pass(100);
    expect(log).toEqual([{ type: 'takenBack' }, { type: 'kept' }, { type: 'plain' }]);
    expect(world.clock.now()).toBe(START_MS + 100);
  });

  it('answers an ask once, and tells a time-out from a dead receiver and a full mailbox', async () => {
    const log: unknown[] = [];
    type Ask = Message & { readonly reply?: (value: string) => void };
    const ask = (path: string) =>
      actor(log, (context) =>
        context.ask<string, Ask>(
          context.ref(path),
          (reply) => ({ type: 'question', reply }),
          50,
          (result) => ({ type: path, result }),
        ),
      );
    const responder = (answer: (message: Ask) => void): Behaviour<Ask, null> => ({
      init: () => null,
      receive: (_, message) => {
        answer(message);
        return null;
      },
    });
    const paths = ['polite', 'mute', 'nobody', 'fragile', 'full'];
    const world = await startWorld({
      intensity: 5,
      children: [
        worker('polite', () =>
          responder((message) => {
            message.reply?.('yes');
            message.reply?.('again');
          }),
        ),
        worker('mute', () => responder(() => undefined)),
        worker('fragile', () =>
          responder(() => {
            throw new Error('asked');
          }),
        ),
        worker('full', () => responder(() => undefined), {
          mailbox: { capacity: 1, overflow: { type: 'reject' } },
        }),
        ...paths.map((path) => worker(`asks-${path}`, () => ask(path))),
      ],
    });
    for (const path of paths) {
      if (path === 'full') world.send('full', { type: 'fills' });
      world.send(`asks-${path}`, { type: 'go' });
    }
    await world.system.quiescent();
    await world.pass(50);
    expect(
      Object.fromEntries(log.map((m) => [(m as Message).type, (m as { result: unknown }).result])),
    ).toMatchObject({
      polite: { ok: true, value: 'yes' },
      mute: { ok: false, error: 'timeout' },
      nobody: { ok: false, error: 'dead' },
      fragile: { ok: false, error: 'dead' },
    });
    expect(log).toHaveLength(5);
  });

  it('lets somebody who is no actor ask', async () => {
    type Ask = Message & { readonly reply: (value: number) => void };
    const world = await startWorld({
      children: [
        worker(
          'calc',
          (): Behaviour<Ask, null> => ({
            init: () => null,
            receive: (_, message) => {
              message.reply(42);
              return null;
            },
          }),
        ),
      ],
    });
    const ref = world.system.ref<Ask>('calc');
    const request = (reply: (value: number) => void): Ask => ({ type: 'q', reply });
    expect(await world.system.ask(ref, request, 10)).toEqual({ ok: true, value: 42 });
  });

  it('tells a monitor once, also when the target is dead or unknown already', async () => {
    const log: unknown[] = [];
    const watch = (path: string) =>
      worker(`watch-${path}`, () =>
        actor(log, (context) => {
          context.monitor(context.ref(path), (reason) => ({ type: `down ${path}`, reason }));
        }),
      );
    const world = await startWorld({
      children: [
        worker('target', () => recorder([])),
        worker('dead', () => recorder([]), { restart: 'temporary' }),
        watch('target'),
        watch('dead'),
        watch('nobody'),
      ],
    });
    world.send('dead', CRASH);
    await world.system.quiescent();
    for (const path of ['target', 'dead', 'nobody']) world.send(`watch-${path}`, { type: 'go' });
    await world.system.quiescent();
    world.send('target', CRASH);
    await world.system.quiescent();
    world.system.kill('target');
    await world.system.quiescent();
    expect(log).toEqual([
      { type: 'down dead', reason: { type: 'crash', message: 'noproc', tag: 'noproc' } },
      { type: 'down nobody', reason: { type: 'crash', message: 'noproc', tag: 'noproc' } },
      { type: 'down target', reason: expect.objectContaining({ message: 'told to crash' }) },
    ]);
  });

  it('takes a linked actor along when its target dies abnormally, and only then', async () => {
    const world = await startWorld({
      intensity: 5,
      children: [
        worker('target', () => recorder([]), { restart: 'transient' }),
        worker('linked', () => ({
          init: (context) => {
            context.link(context.ref('../target'));
            return null;
          },
          receive: (state) => state,
        })),
      ],
    });
    world.send('target', CRASH);
    await world.system.quiescent();
    expect(world.system.info('linked')?.incarnation).toBe(2);
    const crash = world.seen('actor.crashed').find((event) => event.report.path === 'linked');
    expect(crash?.report.reason).toMatchObject({ type: 'crash', message: 'told to crash' });
    await world.system.supervisor('')?.terminateChild('target');
    await world.system.quiescent();
    expect(world.system.info('linked')?.incarnation).toBe(2);
  });

  it('hands stashed messages out again in order, before what came later', async () => {
    const log: string[] = [];
    const gate = (): Behaviour<Message, { open: boolean }> => ({
      init: () => ({ open: false }),
      receive: (state, message, context) => {
        if (message.type === 'open') {
          context.unstashAll();
          return { open: true };
        }
        if (state.open) log.push(message.type);
        else context.stash(message);
        return state;
      },
    });
    const world = await startWorld({ children: [worker('gate', gate)] });
    for (const type of ['a', 'b', 'open', 'c']) world.send('gate', { type });
    await world.system.quiescent();
    expect(log).toEqual(['a', 'b', 'c']);
  });

  it('stops an actor that wants to, after the message it handles', async () => {
    const world = await startWorld({
      children: [
        worker('a', () => actor([], (context) => context.stop()), { restart: 'transient' }),
      ],
    });
    world.send('a', { type: 'go' });
    await world.system.quiescent();
    expect(world.system.info('a')?.status).toBe('stopped');
    expect(world.seen('actor.exited')[0]?.reason).toEqual({ type: 'normal' });
  });

  it('ignores what a late callback asks of a dead incarnation', async () => {
    let late: ActorContext<Message> | undefined;
    const log: unknown[] = [];
    const world = await startWorld({
      children: [
        worker(
          'a',
          (): Behaviour<Message, null> => ({
            init: (context) => {
              late ??= context;
              return null;
            },
            receive: (_, message) => {
              if (message.type === 'crash') throw new Error('x');
              log.push(message);
              return null;
            },
          }),
        ),
      ],
    });
    world.send('a', CRASH);
    await world.system.quiescent();
    late?.after(1, { type: 'timer' });
    late?.task(
      't',
      async () => 1,
      () => ({ type: 'task' }),
    );
    late?.monitor(world.system.ref('nobody'), () => ({ type: 'down' }));
    late?.stop();
    await world.pass(10);
    expect(log).toEqual([]);
    expect(world.system.info('a')?.incarnation).toBe(2);
  });

  it('resolves relative paths', async () => {
    const seen: string[] = [];
    const world = await startWorld({
      children: [
        {
          id: 'desk',
          type: 'supervisor',
          supervisor: {
            children: [
              worker('a', () => ({
                init: (context) => {
                  seen.push(context.ref('../b').path, context.ref('./c').path);
                  seen.push(context.ref('x.y').path, context.ref('../../z').path);
                  return null;
                },
                receive: (state) => state,
              })),
            ],
          },
        },
      ],
    });
    expect(seen).toEqual(['desk.b', 'desk.a.c', 'x.y', 'z']);
    expect(world.system.info('desk')?.type).toBe('supervisor');
  });
});
