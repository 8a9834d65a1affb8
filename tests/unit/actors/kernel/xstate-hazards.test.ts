import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { chartActorRef } from '../../../../src/actors/kernel/chart-actor-ref.ts';
import { ChartChannel } from '../../../../src/actors/kernel/chart-channel.ts';
import {
  type ChartOptions,
  chartBehaviour,
  type PersistedChart,
} from '../../../../src/actors/kernel/chart-host.ts';
import { ChartNotHostableError } from '../../../../src/actors/kernel/chart-step.ts';
import type { Behaviour, ChildSpec, Message } from '../../../../src/actors/kernel/types.ts';
import { startWorld, type World, worker } from '../../../support/kernel-world.ts';
import { doorMachine } from '../../../support/sample-charts.ts';

type Door = typeof doorMachine;

const door = (rest: Partial<ChartOptions<Door>> = {}): ChildSpec =>
  worker('door', () =>
    chartBehaviour({
      machine: doorMachine,
      input: { opened: 0 },
      actions: { light: () => undefined, ring: () => undefined },
      ...rest,
    }),
  );
const valueIn = (world: World): unknown =>
  (world.system.info('door')?.summary as { readonly value?: unknown } | undefined)?.value;
const letters = (world: World): string[] =>
  world.seen('deadLetter').map((event) => `${event.message.type} ${event.why}`);

/** Facts about XState's own runtime (5.33) that the kernel's host must not repeat. */
describe('hazards of createActor that a hosted chart does not have', () => {
  it('1: a throwing action leaves nothing of the chart running', async () => {
    const world = await startWorld({
      children: [
        door({
          actions: {
            light: () => undefined,
            ring: () => {
              throw new Error('no bell');
            },
          },
        }),
      ],
    });
    world.send('door', { type: 'open' });
    await world.system.quiescent();
    expect(world.clock.pending()).toBe(2);
    world.send('door', { type: 'remind' });
    await world.system.quiescent();
    expect(world.system.info('door')).toMatchObject({ status: 'running', incarnation: 2 });
    expect(world.clock.pending()).toBe(0);
  });

  it('2: a chart that fails again at once spends a budget instead of all memory', async () => {
    let starts = 0;
    const world = await startWorld({
      intensity: 3,
      onExhausted: 'park',
      children: [
        door({
          actions: {
            ring: () => undefined,
            light: () => {
              starts += 1;
              if (starts > 1) throw new Error('dark');
            },
          },
        }),
      ],
    });
    world.send('door', { type: 'blow' });
    await world.system.quiescent();
    expect(starts).toBe(1 + 3);
    expect(world.system.info('')?.status).toBe('parked');
  });

  it('3: an inspector that throws does not make the chart deaf', async () => {
    const channel = new ChartChannel<Door>();
    const world = await startWorld({ children: [door({ channel })] });
    channel.inspect(() => {
      throw new Error('bad inspector');
    });
    for (const type of ['open', 'close', 'open']) world.send('door', { type });
    await world.system.quiescent();
    expect(valueIn(world)).toBe('open');
  });

  it('4: a failure with observers but no error observer raises nothing in the process', async () => {
    const raised: unknown[] = [];
    const onRaised = (error: unknown): void => {
      raised.push(error);
    };
    process.on('uncaughtException', onRaised);
    process.on('unhandledRejection', onRaised);
    const channel = new ChartChannel<Door>();
    const world = await startWorld({ children: [door({ channel })] });
    const { system, clock } = world;
    chartActorRef({ system, path: 'door', machine: doorMachine, channel, clock }).subscribe(
      () => undefined,
    );
    world.send('door', { type: 'blow' });
    await world.system.quiescent();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('uncaughtException', onRaised);
    process.off('unhandledRejection', onRaised);
    expect(raised).toEqual([]);
    expect(world.system.info('door')?.incarnation).toBe(2);
  });

  it('5: a rejection of asynchronous work comes back to the chart as an event', async () => {
    const rang: unknown[] = [];
    const world = await startWorld({
      children: [
        door({
          actions: {
            light: () => undefined,
            ring: ({ params, context }) => {
              rang.push(params);
              if (rang.length > 1) return;
              context.task(
                'ring',
                () => Promise.reject(new Error('no answer')),
                (result) => ({ type: 'knock', by: result.ok ? 'nobody' : String(result.error) }),
              );
            },
          },
        }),
      ],
    });
    world.send('door', { type: 'knock', by: 'me' } as Message);
    await world.system.quiescent();
    expect(rang).toHaveLength(2);
    expect(world.system.info('door')?.incarnation).toBe(1);
  });

  it('6: a wildcard that would swallow crashes is refused', () => {
    const machine = setup({}).createMachine({ on: { '*': { actions: [] } } });
    expect(() => chartBehaviour({ machine, input: undefined, actions: {} })).toThrow(
      ChartNotHostableError,
    );
  });

  it('7: references stay good, start makes no zombie, and queued events are accounted for', async () => {
    const channel = new ChartChannel<Door>();
    const world = await startWorld({ children: [door({ channel })] });
    const { system, clock } = world;
    const ref = chartActorRef({ system, path: 'door', machine: doorMachine, channel, clock });
    ref.send({ type: 'blow' });
    ref.send({ type: 'open' });
    await system.quiescent();
    expect(ref.getSnapshot().value).toBe('open');
    ref.stop();
    ref.start();
    ref.send({ type: 'close' });
    await system.quiescent();
    expect([ref.getSnapshot().value, world.system.info('door')?.incarnation]).toEqual([
      'closed',
      2,
    ]);
    const down = system.shutdown();
    ref.send({ type: 'open' });
    await down;
    ref.start();
    ref.send({ type: 'lock' });
    expect(letters(world)).toEqual(['blow poison', 'open down', 'lock down']);
    expect(world.system.info('door')?.status).toBe('stopped');
  });

  it('8: a chain of 5,000 actors does not overflow the stack, nor re-enter anybody', async () => {
    const length = 5_000;
    let arrived = 0;
    let depth = 0;
    let deepest = 0;
    const link = (index: number): Behaviour<Message, null> => ({
      init: () => null,
      receive: (_, message, context) => {
        depth += 1;
        deepest = Math.max(deepest, depth);
        if (index + 1 < length) context.ref(`n${index + 1}`).send(message);
        else arrived += 1;
        depth -= 1;
        return null;
      },
    });
    const children = Array.from({ length }, (_, index) => worker(`n${index}`, () => link(index)));
    const world = await startWorld({ children });
    world.send('n0', { type: 'go' });
    await world.system.quiescent();
    expect([arrived, deepest]).toEqual([1, 1]);
    await world.system.shutdown();
  });

  it('9: a restored chart has its timers, and does not order twice', async () => {
    const orders: unknown[] = [];
    let saved: PersistedChart | undefined;
    const actions = {
      light: () => undefined,
      ring: ({ params }: { readonly params: unknown }) => {
        orders.push(params);
      },
    };
    const persist = (chart: PersistedChart): void => {
      saved = JSON.parse(JSON.stringify(chart)) as PersistedChart;
    };
    const first = await startWorld({ children: [door({ actions, persist })] });
    first.send('door', { type: 'knock', by: 'me' } as Message);
    first.send('door', { type: 'open' });
    await first.system.quiescent();
    first.system.kill('door');
    expect(orders).toHaveLength(1);

    const second = await startWorld({ children: [door({ actions, restored: saved })] });
    expect(orders).toHaveLength(1);
    expect(valueIn(second)).toBe('open');
    await second.pass(5_000);
    expect(orders).toEqual([{ tone: 'low' }, { tone: 'high' }]);
    expect(valueIn(second)).toBe('closed');
  });

  it('10: delays that follow from delays come at their own instants', async () => {
    const at: number[] = [];
    const machine = setup({ actions: { note: () => {} } }).createMachine({
      initial: 'a',
      states: {
        a: { after: { 10: 'b' } },
        b: { entry: 'note', after: { 10: 'c' } },
        c: { entry: 'note', after: { 10: 'd' } },
        d: { entry: 'note' },
      },
    });
    const world = await startWorld({
      children: [
        worker('chain', () =>
          chartBehaviour({
            machine,
            input: undefined,
            actions: { note: ({ context }) => at.push(context.now()) },
          }),
        ),
      ],
    });
    const from = world.clock.now();
    await world.pass(100);
    expect(at.map((ms) => ms - from)).toEqual([10, 20, 30]);
  });
});
