import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type AnyMachineSnapshot, type AnyStateMachine, createActor } from 'xstate';
import { ChartChannel } from '../../../src/actors/kernel/chart-channel.ts';
import { chartBehaviour, type PersistedChart } from '../../../src/actors/kernel/chart-host.ts';
import type { Message } from '../../../src/actors/kernel/types.ts';
import { createVirtualClock, type VirtualClock } from '../../../src/actors/kernel/virtual-clock.ts';
import { breakerMachine } from '../../../src/machines/breaker.machine.ts';
import { evaluationMachine } from '../../../src/machines/evaluation.machine.ts';
import { flattenMachine } from '../../../src/machines/flatten.machine.ts';
import { linkMachine } from '../../../src/machines/link.machine.ts';
import { orderMachine } from '../../../src/machines/order.machine.ts';
import { recoveryMachine } from '../../../src/machines/recovery.machine.ts';
import { tradingModeMachine } from '../../../src/machines/trading-mode.machine.ts';
import { START_MS, startWorld, worker } from '../../support/kernel-world.ts';
import { fc } from '../../support/property-seed.ts';
import { doorMachine } from '../../support/sample-charts.ts';

/** What both hosts can be compared by: where the chart is, what it emitted, what it did. */
interface Seen {
  readonly states: unknown[];
  readonly emitted: unknown[];
  readonly actions: unknown[];
}
type Step = { readonly send: Message } | { readonly waitMs: number };

const stateOf = (snapshot: AnyMachineSnapshot): unknown =>
  JSON.parse(JSON.stringify([snapshot.value, snapshot.context, snapshot.status]));

/** The custom actions of a machine: those that are functions, not XState's own creators. */
const customActions = (machine: AnyStateMachine): string[] =>
  Object.entries(machine.implementations.actions)
    .filter(([, action]) => typeof action === 'function' && !('resolve' in action))
    .map(([name]) => name);

/** XState wants a clock of its own shape; its SimulatedClock mishandles chained timers. */
const xstateClock = (clock: VirtualClock) => {
  const timers = new Map<number, { readonly cancel: () => void }>();
  let next = 0;
  return {
    setTimeout: (fire: () => void, ms: number) => {
      next += 1;
      timers.set(next, clock.schedule(ms, fire));
      return next;
    },
    clearTimeout: (id: number) => timers.get(id)?.cancel(),
  };
};

const underXState = (machine: AnyStateMachine, input: unknown, steps: readonly Step[]): Seen => {
  const seen: Seen = { states: [], emitted: [], actions: [] };
  const clock = createVirtualClock(START_MS);
  const actions = Object.fromEntries(
    customActions(machine).map((name) => [
      name,
      (_: unknown, params: unknown) => seen.actions.push([name, params]),
    ]),
  );
  const actor = createActor(machine.provide({ actions }), {
    input,
    clock: xstateClock(clock) as never,
  });
  actor.on('*', (event) => seen.emitted.push(event));
  actor.start();
  seen.states.push(stateOf(actor.getSnapshot()));
  for (const step of steps) {
    // XState warns on the console of what is sent after the end; the kernel makes a dead letter.
    const over = actor.getSnapshot().status !== 'active';
    if ('send' in step) {
      if (!over) actor.send(step.send);
    } else clock.advanceTo(clock.now() + step.waitMs);
    seen.states.push(stateOf(actor.getSnapshot()));
  }
  actor.stop();
  return seen;
};

const underKernel = async (
  machine: AnyStateMachine,
  input: unknown,
  steps: readonly Step[],
  restartAfter?: number,
): Promise<Seen> => {
  const seen: Seen = { states: [], emitted: [], actions: [] };
  const channel = new ChartChannel<AnyStateMachine>();
  channel.on('*', (event) => seen.emitted.push(event));
  const actions = Object.fromEntries(
    customActions(machine).map((name) => [
      name,
      ({ params }: { readonly params: unknown }) => seen.actions.push([name, params]),
    ]),
  );
  let saved: PersistedChart | undefined;
  const persist = (chart: PersistedChart): void => {
    saved = JSON.parse(JSON.stringify(chart)) as PersistedChart;
  };
  const world = await startWorld({
    children: [
      worker(
        'chart',
        () =>
          chartBehaviour({ machine, input, actions, channel, persist, restored: saved }) as never,
        { restart: 'transient' },
      ),
    ],
  });
  const look = (): unknown =>
    channel.current === undefined ? undefined : stateOf(channel.current as AnyMachineSnapshot);
  seen.states.push(look());
  for (const [index, step] of steps.entries()) {
    if ('send' in step) world.send('chart', step.send);
    else await world.pass(step.waitMs);
    await world.system.quiescent();
    if (index === restartAfter) {
      world.system.kill('chart');
      await world.system.quiescent();
    }
    seen.states.push(look());
  }
  await world.system.shutdown();
  return seen;
};

const wait = fc.record({
  waitMs: fc.constantFrom(0, 1, 999, 1_000, 2_000, 3_000, 5_000, 10_000, 30_000),
});
const stepsOf = (events: fc.Arbitrary<Message>): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      events.map((send) => ({ send })),
      wait,
    ),
    { maxLength: 15 },
  ) as fc.Arbitrary<Step[]>;

const doorEvents: fc.Arbitrary<Message> = fc.oneof(
  fc.constantFrom<Message[]>(
    ...['open', 'open', 'close', 'lock', 'remind', 'unknown', 'sealed'].map((type) => ({ type })),
  ),
  fc.record({ type: fc.constant('knock'), by: fc.constantFrom('a', 'b') }),
);

/** Any event the chart knows by name, with every field some guard or assigner may look at. */
const eventsOf = (machine: AnyStateMachine): fc.Arbitrary<Message> =>
  fc.record({
    type: fc.constantFrom(
      ...machine.events.filter((type) => type !== '*' && !type.startsWith('xstate.')),
    ),
    attempt: fc.integer({ min: 1, max: 3 }),
    orderTicket: fc.constantFrom('1', '2'),
    dealTicket: fc.constantFrom('10', '11', '12'),
    volumeE8: fc.constantFrom(1_000_000, 2_000_000),
    mayRetry: fc.boolean(),
    identity: fc.constantFrom('a', 'b'),
    epoch: fc.integer({ min: 1, max: 3 }),
    hold: fc.constantFrom('a', 'b'),
    hash: fc.constantFrom('x', 'y'),
    login: fc.constantFrom('1', '2'),
    rule: fc.constantFrom('daily', 'total'),
    name: fc.constantFrom('daily', 'total'),
    limit: fc.record({
      name: fc.constantFrom('daily', 'total'),
      detail: fc.constantFrom('a', 'b'),
      until: fc.nat(9),
    }),
    at: fc.nat(9),
    until: fc.nat(9),
  });

const LINK_LIMITS = {
  handshakeMs: 2_000,
  suspectMs: 1_000,
  downMs: 3_000,
  backoffInitialMs: 500,
  backoffMaxMs: 8_000,
  authBackoffMs: 30_000,
};

const CHARTS: readonly {
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly input: unknown;
  readonly steps: fc.Arbitrary<Step[]>;
}[] = [
  { name: 'door', machine: doorMachine, input: { opened: 0 }, steps: stepsOf(doorEvents) },
  {
    name: 'order',
    machine: orderMachine,
    input: { intentId: 'i', action: 'open', volumeE8: 2_000_000 },
    steps: stepsOf(eventsOf(orderMachine)),
  },
  {
    name: 'link',
    machine: linkMachine,
    input: { jitterSeed: 7, limits: LINK_LIMITS },
    steps: stepsOf(eventsOf(linkMachine)),
  },
  {
    name: 'trading mode',
    machine: tradingModeMachine,
    input: { holds: ['a'] },
    steps: stepsOf(eventsOf(tradingModeMachine)),
  },
  {
    name: 'flatten',
    machine: flattenMachine,
    input: { stuckAfterMs: 12_000 },
    steps: stepsOf(eventsOf(flattenMachine)),
  },
  {
    name: 'breaker',
    machine: breakerMachine,
    input: {
      failures: 2,
      failurePpm: 500_000,
      windowRequests: 4,
      openMs: 1_000,
      openMaxMs: 8_000,
      probes: 2,
    },
    steps: stepsOf(eventsOf(breakerMachine)),
  },
  {
    name: 'recovery',
    machine: recoveryMachine,
    input: undefined,
    steps: stepsOf(eventsOf(recoveryMachine)),
  },
  {
    name: 'evaluation',
    machine: evaluationMachine,
    input: {
      phases: [
        { name: 'challenge', hasTarget: true },
        { name: 'funded', hasTarget: false },
      ],
    },
    steps: stepsOf(eventsOf(evaluationMachine)),
  },
];

describe('a chart under the kernel and under createActor', () => {
  it('is any of src/machines', () => {
    const folder = fileURLToPath(new URL('../../../src/machines', import.meta.url));
    const files = readdirSync(folder).filter((file) => file.endsWith('.machine.ts'));
    const compared = CHARTS.map(({ name }) => `${name.replace(' ', '-')}.machine.ts`);
    expect(files.filter((file) => !compared.includes(file))).toEqual([]);
  });

  it.each(CHARTS)('behaves alike: $name', ({ machine, input, steps }) =>
    fc.assert(
      fc.asyncProperty(steps, async (given) => {
        expect(await underKernel(machine, input, given)).toEqual(
          underXState(machine, input, given),
        );
      }),
      { numRuns: 60 },
    ),
  );

  it.each(CHARTS)('goes on as if nothing had happened after a crash: $name', (chart) =>
    fc.assert(
      fc.asyncProperty(chart.steps, fc.nat({ max: 10 }), async (given, at) => {
        const { machine, input } = chart;
        const whole = await underKernel(machine, input, given);
        expect(await underKernel(machine, input, given, at)).toEqual(whole);
      }),
      { numRuns: 60 },
    ),
  );
});
