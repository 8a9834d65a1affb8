import { ambientDefer } from '../../src/actors/kernel/ambient-clock.ts';
import { createSystem } from '../../src/actors/kernel/system.ts';
import type {
  Behaviour,
  ChildSpec,
  KernelEvent,
  Message,
  SupervisorSpec,
  System,
  SystemOptions,
  WorkerSpec,
} from '../../src/actors/kernel/types.ts';
import {
  advanceSettled,
  createVirtualClock,
  type VirtualClock,
} from '../../src/actors/kernel/virtual-clock.ts';

export const START_MS = 1_700_000_000_000;

/** A system on a virtual clock, with everything that happened to it. */
export interface World {
  readonly system: System;
  readonly clock: VirtualClock;
  readonly events: KernelEvent[];
  /** Moves time on by so many ms, settling after each timer on the way. */
  readonly pass: (ms: number) => Promise<void>;
  readonly send: (path: string, message: Message) => void;
  /** Events of one type, in order. */
  readonly seen: <T extends KernelEvent['type']>(type: T) => Extract<KernelEvent, { type: T }>[];
}

export const createWorld = (
  root: SupervisorSpec,
  options: Partial<Pick<SystemOptions, 'pick' | 'random' | 'defer'>> = {},
): World => {
  const clock = createVirtualClock(START_MS);
  const system = createSystem({
    name: 'test',
    root,
    clock,
    defer: ambientDefer,
    random: () => 0,
    ...options,
  });
  const events: KernelEvent[] = [];
  system.subscribe((event) => events.push(event));
  return {
    system,
    clock,
    events,
    pass: (ms) => advanceSettled(clock, clock.now() + ms, system.quiescent),
    send: (path, message) => system.ref(path).send(message),
    seen: (type) => events.filter((event) => event.type === type) as never,
  };
};

/** A started world. */
export const startWorld = async (
  root: SupervisorSpec,
  options: Parameters<typeof createWorld>[1] = {},
): Promise<World> => {
  const world = createWorld(root, options);
  await world.system.start();
  return world;
};

/** Erases a behaviour's types, as a list of children of different types has to. */
export const worker = <Msg extends Message, State>(
  id: string,
  start: () => Behaviour<Msg, State>,
  rest: Partial<Omit<WorkerSpec<Msg, State>, 'id' | 'type' | 'start'>> = {},
): ChildSpec => ({ ...rest, id, type: 'worker', start }) as unknown as ChildSpec;

/** Keeps what it receives in `log`; crashes at a message of type `crash`. */
export const recorder = (log: string[]): Behaviour<Message, number> => ({
  init: () => 0,
  receive: (count, message) => {
    if (message.type === 'crash') throw new Error('told to crash');
    log.push(message.type);
    return count + 1;
  },
  summary: (count) => ({ count }),
});
