import { dispatch, spawn, start, stop } from 'nact';
import {
  type AnyActorLogic,
  createActor,
  fromTransition,
  initialTransition,
  setup,
  transition,
} from 'xstate';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
} from '../../src/actors/kernel/ambient-clock.ts';
import { chartBehaviour } from '../../src/actors/kernel/chart-host.ts';
import { createSystem } from '../../src/actors/kernel/system.ts';
import type { Behaviour, Message } from '../../src/actors/kernel/types.ts';
import { worker } from '../support/kernel-world.ts';

/** One message for everybody, so that nobody pays for making it. */
export const BALL = { type: 'ball' } as const satisfies Message;

/** What an actor of any runtime does with a message: here only the benchmark's own bookkeeping. */
type Handler = () => void;

/** Three actors of one runtime: one that counts, and two that play to and fro. */
export interface Contender {
  readonly name: string;
  /** Never throws; the handler of that seat runs at once or later, as the runtime does it. */
  readonly send: (seat: Seat) => void;
  readonly close: () => Promise<void>;
}
export const SEATS = ['count', 'left', 'right'] as const;
export type Seat = (typeof SEATS)[number];
export type Handlers = Readonly<Record<Seat, Handler>>;
export type MakeContender = (handlers: Handlers, mailbox: number) => Promise<Contender>;

const onKernel = async (
  name: string,
  behaviourOf: (handle: Handler) => () => Behaviour<Message, unknown>,
  handlers: Handlers,
  capacity: number,
): Promise<Contender> => {
  const mailbox = { capacity, overflow: { type: 'reject' } } as const;
  const system = createSystem({
    name: 'bench',
    root: { children: SEATS.map((seat) => worker(seat, behaviourOf(handlers[seat]), { mailbox })) },
    clock: ambientClock,
    defer: ambientDefer,
    random: ambientRandom.next,
  });
  await system.start();
  const refs = Object.fromEntries(SEATS.map((seat) => [seat, system.ref(seat)]));
  return { name, send: (seat) => refs[seat]?.send(BALL), close: () => system.shutdown() };
};

const onXState = (
  name: string,
  logicOf: (handle: Handler) => AnyActorLogic,
  handlers: Handlers,
): Contender => {
  const actors = SEATS.map((seat) => [seat, createActor(logicOf(handlers[seat]))] as const);
  for (const [, actor] of actors) actor.start();
  const bySeat = Object.fromEntries(actors);
  return {
    name,
    send: (seat) => bySeat[seat]?.send(BALL),
    close: async () => {
      for (const [, actor] of actors) actor.stop();
    },
  };
};

export const plainKernel: MakeContender = (handlers, capacity) =>
  onKernel(
    'kernel',
    (handle) => () => ({
      init: () => 0,
      receive: (count) => {
        handle();
        return Number(count) + 1;
      },
    }),
    handlers,
    capacity,
  );

/** A reducer with a side effect is no good XState, and the cheapest actor that XState has. */
export const plainXState: MakeContender = async (handlers) =>
  onXState(
    'createActor',
    (handle) =>
      fromTransition((count: number) => {
        handle();
        return count + 1;
      }, 0),
    handlers,
  );

export const nact: MakeContender = async (handlers) => {
  const system = start();
  const actors = Object.fromEntries(
    SEATS.map((seat) => {
      const receive = (count: number, _: Message): number => {
        handlers[seat]();
        return count + 1;
      };
      return [seat, spawn(system, receive, seat, { initialState: 0 })];
    }),
  );
  return {
    name: 'nact',
    send: (seat) => {
      const actor = actors[seat];
      if (actor !== undefined) dispatch(actor, BALL);
    },
    close: async () => stop(system),
  };
};

const swing = setup({
  types: { events: {} as { readonly type: 'ball' } },
  actions: { hit: () => {} },
}).createMachine({
  initial: 'here',
  states: {
    here: { on: { ball: { target: 'there', actions: 'hit' } } },
    there: { on: { ball: { target: 'here', actions: 'hit' } } },
  },
});

export const chartKernel: MakeContender = (handlers, capacity) =>
  onKernel(
    'kernel',
    (hit) => () =>
      chartBehaviour({ machine: swing, input: undefined, actions: { hit } }) as Behaviour<
        Message,
        unknown
      >,
    handlers,
    capacity,
  );

export const chartXState: MakeContender = async (handlers) =>
  onXState('createActor', (hit) => swing.provide({ actions: { hit } }), handlers);

/** XState's pure functions by themselves: what of a hosted chart's cost is not the kernel's. */
export const chartPure: MakeContender = async (handlers) => {
  const snapshots = SEATS.map(() => initialTransition(swing)[0]);
  const waiting: Seat[] = [];
  let busy = false;
  const turn = (seat: Seat): void => {
    const index = SEATS.indexOf(seat);
    const [next, actions] = transition(
      swing,
      snapshots[index] ?? initialTransition(swing)[0],
      BALL,
    );
    snapshots[index] = next;
    for (const _ of actions) handlers[seat]();
  };
  return {
    name: 'pure transition',
    // A queue, because a rally that calls itself would overflow the stack.
    send: (seat) => {
      waiting.push(seat);
      if (busy) return;
      busy = true;
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) turn(next);
      busy = false;
    },
    close: async () => undefined,
  };
};
