import { describe, expect, it } from 'vitest';
import {
  type AnyActorRef,
  fromPromise,
  type InspectionEvent,
  setup,
  toPromise,
  waitFor,
} from 'xstate';
import { chartActorRef } from '../../../../src/actors/kernel/chart-actor-ref.ts';
import { ChartChannel } from '../../../../src/actors/kernel/chart-channel.ts';
import {
  type ChartOptions,
  chartBehaviour,
  type PersistedChart,
} from '../../../../src/actors/kernel/chart-host.ts';
import {
  ChartNotHostableError,
  startChart,
  stepChart,
} from '../../../../src/actors/kernel/chart-step.ts';
import type { Message } from '../../../../src/actors/kernel/types.ts';
import { startWorld, type World, worker } from '../../../support/kernel-world.ts';
import { type DoorEvent, doorMachine } from '../../../support/sample-charts.ts';

type Door = typeof doorMachine;

const hosted = async (
  rest: Partial<ChartOptions<Door>> = {},
  spec: Parameters<typeof worker>[2] = {},
) => {
  const log: string[] = [];
  const channel = new ChartChannel<Door>();
  const options: ChartOptions<Door> = {
    machine: doorMachine,
    input: { opened: 0 },
    actions: {
      light: () => log.push('light'),
      ring: ({ params }) => log.push(`ring ${JSON.stringify(params)}`),
    },
    channel,
    ...rest,
  };
  const world = await startWorld({
    children: [worker('door', () => chartBehaviour(options), spec as object)],
  });
  const send = (event: DoorEvent): void => world.send('door', event as Message);
  return { world, log, send, channel, options };
};

const stateOf = (world: World): unknown =>
  (world.system.info('door')?.summary as { readonly value?: unknown } | undefined)?.value;

const refOf = (world: World, channel: ChartChannel<Door>, inspect?: (e: InspectionEvent) => void) =>
  chartActorRef({
    system: world.system,
    path: 'door',
    machine: doorMachine,
    channel,
    clock: world.clock,
    ...(inspect && { inspect }),
  });

describe('stepping a chart', () => {
  it('gives effects as data, in order, and leaves out what the step consumed itself', () => {
    const { snapshot } = startChart(doorMachine, { opened: 0 });
    const knocked = stepChart(doorMachine, snapshot, { type: 'knock', by: 'me' });
    expect(knocked.effects).toEqual([
      { type: 'emit', event: { type: 'knocked', by: 'me' } },
      { type: 'action', name: 'ring', params: { tone: 'low' } },
    ]);
    const opened = stepChart(doorMachine, snapshot, { type: 'open' });
    expect(opened.effects).toEqual([
      { type: 'schedule', id: 'reminder', event: { type: 'remind' }, delayMs: 2_000 },
      {
        type: 'schedule',
        id: 'xstate.after.closing.door.open',
        event: { type: 'xstate.after.closing.door.open' },
        delayMs: 5_000,
      },
    ]);
  });

  it('throws what the chart throws and leaves the snapshot as good as before', () => {
    const { snapshot } = startChart(doorMachine, { opened: 0 });
    expect(() => stepChart(doorMachine, snapshot, { type: 'blow' })).toThrow('blown up');
    expect(stepChart(doorMachine, snapshot, { type: 'open' }).snapshot.value).toBe('open');
  });

  it('refuses an inline function, which no journal could name', () => {
    const inline = setup({ types: { events: {} as { type: 'go' } } }).createMachine({
      on: { go: { actions: () => undefined } },
    });
    const { snapshot } = startChart(inline, undefined);
    expect(() => stepChart(inline, snapshot, { type: 'go' })).toThrow(ChartNotHostableError);
  });
});

describe('a hosted chart', () => {
  it('carries out named actions, emits, and delays on the virtual clock', async () => {
    const { world, log, send, channel } = await hosted();
    const knocks: unknown[] = [];
    channel.on('knocked', (event) => knocks.push(event));
    send({ type: 'knock', by: 'you' });
    send({ type: 'open' });
    await world.pass(2_000);
    expect(log).toEqual(['light', 'ring {"tone":"low"}', 'ring {"tone":"high"}']);
    expect(knocks).toEqual([{ type: 'knocked', by: 'you' }]);
    await world.pass(2_999);
    expect(stateOf(world)).toBe('open');
    await world.pass(1);
    expect(stateOf(world)).toBe('closed');
  });

  it('announces each move between states, and no step inside one', async () => {
    const { world, send } = await hosted();
    send({ type: 'knock', by: 'me' });
    send({ type: 'open' });
    await world.system.quiescent();
    expect(world.seen('chart.moved')).toEqual([
      {
        type: 'chart.moved',
        at: world.clock.now(),
        path: 'door',
        chart: 'door',
        from: ['closed'],
        to: ['open'],
        by: 'open',
      },
    ]);
    expect(world.system.info('door')?.summary).toMatchObject({ charts: { door: ['open'] } });
  });

  it('cancels a delayed raise, also one that fired but was not handled yet', async () => {
    const { world, log, send } = await hosted(
      {},
      {
        mailbox: {
          capacity: 10,
          overflow: { type: 'reject' },
          lane: (message: Message) => (message.type === 'close' ? 'control' : 'user'),
        },
      },
    );
    send({ type: 'open' });
    await world.system.quiescent();
    // The reminder fires now, but the close overtakes it in the mailbox and takes it back.
    world.clock.advanceTo(world.clock.now() + 2_000);
    expect(world.system.info('door')?.mailboxDepth).toBe(1);
    send({ type: 'close' });
    await world.pass(10_000);
    expect(log).toEqual(['light', 'light']);
    expect(world.clock.pending()).toBe(0);
  });

  it('crashes the actor with the snapshot from before when the chart throws', async () => {
    const { world, send } = await hosted();
    send({ type: 'open' });
    send({ type: 'blow' });
    await world.system.quiescent();
    const [crash] = world.seen('actor.crashed');
    expect(crash?.report).toMatchObject({
      reason: { message: 'blown up' },
      state: { value: 'open' },
      message: { type: 'blow' },
    });
    expect(stateOf(world)).toBe('closed');
    await world.pass(10_000);
    expect(world.seen('deadLetter').map((letter) => letter.why)).toEqual(['poison']);
  });

  it('ends normally when the chart is done', async () => {
    const { world, send } = await hosted({}, { restart: 'transient' });
    send({ type: 'sealed' });
    await world.system.quiescent();
    expect(world.system.info('door')?.status).toBe('stopped');
    expect(world.seen('actor.exited')[0]?.reason).toEqual({ type: 'normal' });
  });

  it('persists before it acts, and takes up timers with what is left of them', async () => {
    const order: string[] = [];
    let saved: PersistedChart | undefined;
    const first = await hosted({
      persist: (chart) => {
        order.push('persist');
        saved = JSON.parse(JSON.stringify(chart)) as PersistedChart;
      },
      actions: { light: () => order.push('light'), ring: () => order.push('ring') },
    });
    expect(order).toEqual(['persist', 'light']);
    first.send({ type: 'open' });
    await first.world.pass(1_500);
    await first.world.system.shutdown();

    const second = await hosted({ restored: saved });
    await second.world.pass(1_500 - 1_000);
    expect(second.log).toEqual([]);
    expect(stateOf(second.world)).toBe('open');
    await second.world.pass(1_500);
    expect(second.log).toEqual(['ring {"tone":"high"}']);
    await second.world.pass(3_000);
    expect(stateOf(second.world)).toBe('closed');
  });

  it('does not take up a chart that was done', async () => {
    let saved: PersistedChart | undefined;
    const first = await hosted({ persist: (chart) => (saved = chart) }, { restart: 'transient' });
    first.send({ type: 'sealed' });
    await first.world.system.quiescent();
    const second = await hosted({ restored: saved });
    expect(second.world.system.info('door')?.status).toBe('stopped');
  });

  it('crashes when the chart names an action nobody carries out', async () => {
    const { world, send } = await hosted({ actions: { light: () => undefined } });
    send({ type: 'knock', by: 'me' });
    await world.system.quiescent();
    expect(world.seen('actor.crashed')[0]?.report.reason).toMatchObject({
      tag: 'chart_not_hostable',
    });
  });

  it('refuses charts with invocations or wildcards before they run', () => {
    const actors = { work: fromPromise(async () => 1) };
    const invoking = setup({ actors }).createMachine({
      initial: 'a',
      states: { a: { invoke: { src: 'work' } } },
    });
    const wild = setup({}).createMachine({
      initial: 'a',
      states: { a: { on: { '*': 'b' } }, b: {} },
    });
    for (const machine of [invoking, wild]) {
      expect(() => chartBehaviour({ machine, input: undefined, actions: {} })).toThrow(
        ChartNotHostableError,
      );
    }
  });
});

describe('a hosted chart as an XState actor reference', () => {
  it('works with waitFor, toPromise, subscribe and select', async () => {
    const { world, channel } = await hosted({}, { restart: 'transient' });
    const ref = refOf(world, channel) satisfies AnyActorRef;
    const values: unknown[] = [];
    let completed = 0;
    ref.subscribe({ next: (s) => values.push(s.value), complete: () => (completed += 1) });
    const selected: number[] = [];
    ref.select((s) => s.context.opened).subscribe((opened) => selected.push(opened));
    const opened = waitFor(ref, (snapshot) => snapshot.matches('open'));
    const done = toPromise(ref);
    ref.send({ type: 'open' });
    expect((await opened).context.opened).toBe(1);
    ref.send({ type: 'sealed' });
    await done;
    expect(values).toEqual(['open', 'gone']);
    expect(selected).toEqual([1]);
    expect(completed).toBe(1);
    expect(ref.getSnapshot().status).toBe('done');
    expect(ref.getPersistedSnapshot()).toMatchObject({ value: 'gone' });
    expect([ref.id, ref.sessionId, ref.src]).toEqual(['door', 'door', doorMachine]);
  });

  it('emits inspection events, and survives an inspector that throws', async () => {
    const { world, channel } = await hosted();
    const types: string[] = [];
    const ref = refOf(world, channel, (event) => {
      types.push(event.type);
      throw new Error('bad inspector');
    });
    ref.send({ type: 'knock', by: 'me' });
    await world.system.quiescent();
    expect(types).toEqual(['@xstate.event', '@xstate.action', '@xstate.snapshot']);
    ref.send({ type: 'open' });
    await world.system.quiescent();
    expect(ref.getSnapshot().value).toBe('open');
  });

  it('tells observers of one incarnation its failure, and goes on with the next', async () => {
    const { world, channel } = await hosted();
    const ref = refOf(world, channel);
    const errors: unknown[] = [];
    ref.subscribe({ error: (error) => errors.push(error) });
    ref.send({ type: 'blow' });
    await world.system.quiescent();
    expect(errors).toMatchObject([{ type: 'crash', message: 'blown up' }]);
    ref.send({ type: 'open' });
    expect((await waitFor(ref, (snapshot) => snapshot.matches('open'))).status).toBe('active');
  });

  it('gives what it emits to handlers, until they unsubscribe', async () => {
    const { world, channel } = await hosted();
    const ref = refOf(world, channel);
    const heard: string[] = [];
    const subscription = ref.on('knocked', (event) => heard.push(event.by));
    ref.send({ type: 'knock', by: 'a' });
    await world.system.quiescent();
    subscription.unsubscribe();
    ref.send({ type: 'knock', by: 'b' });
    await world.system.quiescent();
    expect(heard).toEqual(['a']);
  });
});
