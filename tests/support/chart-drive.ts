import { type AnyStateMachine, createActor, type InputFrom, type SnapshotFrom } from 'xstate';
import { type ChartEffect, startChart, stepChart } from '../../src/actors/kernel/chart-step.ts';
import type { Message } from '../../src/actors/kernel/types.ts';
import { createVirtualClock, type VirtualClock } from '../../src/actors/kernel/virtual-clock.ts';

/** A chart in the hands of a test: events and time in, states and named actions out. */
export interface DrivenChart {
  readonly value: () => string;
  readonly context: () => unknown;
  readonly tags: () => readonly string[];
  /** Names of the actions asked for so far; `take` forgets them. */
  readonly take: () => readonly string[];
  readonly send: (event: Message) => void;
  readonly wait: (ms: number) => void;
}

const path = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value as object)
        .flat()
        .map(path)
        .join('.');

/** Through the pure API, as every actor of the desk does it; delays on a virtual clock. */
export const drivePure = <Machine extends AnyStateMachine>(
  machine: Machine,
  input: InputFrom<Machine>,
): DrivenChart => {
  const clock = createVirtualClock(0);
  const timers = new Map<string, { readonly cancel: () => void }>();
  const asked: string[] = [];
  let snapshot: SnapshotFrom<Machine>;
  const perform = (effect: ChartEffect): void => {
    if (effect.type === 'action') asked.push(effect.name);
    if (effect.type === 'cancel') timers.get(effect.id)?.cancel();
    if (effect.type !== 'schedule') return;
    timers.get(effect.id)?.cancel();
    timers.set(
      effect.id,
      clock.schedule(effect.delayMs, () => send(effect.event)),
    );
  };
  const send = (event: Message): void => {
    const step = stepChart(machine, snapshot, event as never);
    snapshot = step.snapshot;
    for (const effect of step.effects) perform(effect);
  };
  const first = startChart(machine, input);
  snapshot = first.snapshot;
  for (const effect of first.effects) perform(effect);
  const view = (): { value: unknown; context: unknown; tags: Set<string> } => snapshot as never;
  return {
    value: () => path(view().value),
    context: () => view().context,
    tags: () => [...view().tags].sort(),
    take: () => asked.splice(0),
    send,
    wait: (ms) => clock.advanceTo(clock.now() + ms),
  };
};

/** XState wants a clock of its own shape. */
const xstateClock = (clock: VirtualClock) => {
  const timers = new Map<number, { readonly cancel: () => void }>();
  return {
    setTimeout: (fire: () => void, ms: number): number => {
      timers.set(timers.size, clock.schedule(ms, fire));
      return timers.size - 1;
    },
    clearTimeout: (id: number): void => timers.get(id)?.cancel(),
  };
};

/** Through XState's own actor, which knows nothing of our kernel. */
export const drivePlain = <Machine extends AnyStateMachine>(
  machine: Machine,
  input: InputFrom<Machine>,
): DrivenChart => {
  const clock = createVirtualClock(0);
  const asked: string[] = [];
  const effects = Object.entries(machine.implementations.actions)
    .filter(([, action]) => !('resolve' in (action as object)))
    .map(([name]) => [name, () => asked.push(name)] as const);
  const provided = machine.provide({ actions: Object.fromEntries(effects) } as never);
  const actor = createActor(provided, { input, clock: xstateClock(clock) } as never);
  actor.start();
  const view = (): { value: unknown; context: unknown; tags: Set<string> } =>
    actor.getSnapshot() as never;
  return {
    value: () => path(view().value),
    context: () => view().context,
    tags: () => [...view().tags].sort(),
    take: () => asked.splice(0),
    // XState warns on the console of what is sent after the end.
    send: (event) => {
      if (actor.getSnapshot().status === 'active') actor.send(event as never);
    },
    wait: (ms) => clock.advanceTo(clock.now() + ms),
  };
};
