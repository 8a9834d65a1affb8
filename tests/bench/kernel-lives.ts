import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { dispatch, spawn, start, stop } from 'nact';
import { createActor, fromTransition } from 'xstate';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
} from '../../src/actors/kernel/ambient-clock.ts';
import { createSystem } from '../../src/actors/kernel/system.ts';
import type { Behaviour, Message, SupervisorSpec, System } from '../../src/actors/kernel/types.ts';
import { worker } from '../support/kernel-world.ts';
import { type BenchRow, median } from './bench-row.ts';
import { type Used, used } from './used.ts';

const ROUNDS = 5;
const RESTARTS = 3_000;
const CHILDREN = 10_000;
const CRASH: Message = { type: 'crash' };

const systemOf = (root: SupervisorSpec): System =>
  createSystem({
    name: 'bench',
    root,
    clock: ambientClock,
    defer: ambientDefer,
    random: ambientRandom.next,
  });

/** A life that ends at its first message, and tells when enough lives have begun. */
const mortal = (lives: number) => {
  let begun = 0;
  let reached: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const begin = (): number => {
    begun += 1;
    if (begun > lives) reached();
    return begun;
  };
  const die = (): never => {
    throw new Error('told to crash');
  };
  return { begin, die, done };
};

/** Crash, crash report, the supervisor's decision, the next life; one after the other. */
const kernelRestarts = async (): Promise<Used> => {
  const { begin, die, done } = mortal(RESTARTS);
  const behaviour = (): Behaviour<Message, number> => ({ init: begin, receive: die });
  const system = systemOf({
    intensity: RESTARTS,
    periodMs: 1,
    children: [worker('a', behaviour)],
  });
  await system.start();
  const ref = system.ref('a');
  const took = await used(() => {
    for (let sent = 0; sent < RESTARTS; sent += 1) ref.send(CRASH);
    return done;
  });
  await system.shutdown();
  return took;
};

/** nact's `reset` makes the state anew in place: no order among siblings, no budget, no report. */
const nactResets = async (): Promise<Used> => {
  const { begin, die, done } = mortal(RESTARTS);
  const system = start();
  const actor = spawn(system, (_: number, _message: Message): number => die(), 'a', {
    initialStateFunc: begin,
    onCrash: (_message, _error, context) => context.reset,
  });
  const took = await used(() => {
    for (let sent = 0; sent < RESTARTS; sent += 1) dispatch(actor, CRASH);
    return done;
  });
  stop(system);
  return took;
};

/** 10,000 idle actors of one runtime: brought up, and taken down. */
interface Crowd {
  readonly up: () => Promise<() => Promise<void>>;
}
const count = (state: number): number => state + 1;

const kernelCrowd: Crowd = {
  up: async () => {
    const behaviour = (): Behaviour<Message, number> => ({ init: () => 0, receive: count });
    const children = Array.from({ length: CHILDREN }, (_, index) => worker(`c${index}`, behaviour));
    const system = systemOf({ children });
    await system.start();
    return () => system.shutdown();
  },
};
const xstateCrowd: Crowd = {
  up: async () => {
    const logic = fromTransition(count, 0);
    const actors = Array.from({ length: CHILDREN }, () => createActor(logic).start());
    return async () => {
      for (const actor of actors) actor.stop();
    };
  },
};
const nactCrowd: Crowd = {
  up: async () => {
    const system = start();
    const receive = (state: number, _: Message): number => count(state);
    for (let index = 0; index < CHILDREN; index += 1) {
      spawn(system, receive, `c${index}`, { initialState: 0 });
    }
    return async () => stop(system);
  },
};

interface CrowdRound {
  readonly start: Used;
  readonly stop: Used;
  readonly bytes: number;
}

const collector = (): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
};

const gather = async ({ up }: Crowd, collect: () => void): Promise<CrowdRound> => {
  let down: () => Promise<void> = async () => undefined;
  collect();
  const before = process.memoryUsage().heapUsed;
  const begun = await used(async () => {
    down = await up();
  });
  collect();
  const bytes = (process.memoryUsage().heapUsed - before) / CHILDREN;
  return { start: begun, stop: await used(() => down()), bytes };
};

const benchCrowds = async (): Promise<readonly BenchRow[]> => {
  const collect = collector();
  const crowds = [
    { name: 'kernel', crowd: kernelCrowd, rounds: [] as CrowdRound[] },
    { name: 'createActor', crowd: xstateCrowd, rounds: [] as CrowdRound[] },
    { name: 'nact', crowd: nactCrowd, rounds: [] as CrowdRound[] },
  ];
  for (const { crowd } of crowds) await gather(crowd, collect);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { crowd, rounds } of crowds) rounds.push(await gather(crowd, collect));
  }
  const rows = (name: string, unit: string, of: (round: CrowdRound) => number) =>
    crowds.map((one) => ({
      name: `${name}, ${one.name}`,
      value: median(one.rounds.map(of)),
      unit,
    }));
  return [
    ...rows('10,000 children start', 'ms', ({ start }) => start.wallMs),
    ...rows('10,000 children start, CPU', 'ms', ({ start }) => start.cpuMs),
    ...rows('10,000 children stop', 'ms', ({ stop }) => stop.wallMs),
    ...rows('10,000 children stop, CPU', 'ms', ({ stop }) => stop.cpuMs),
    ...rows('memory per idle actor', 'B', ({ bytes }) => bytes),
  ];
};

/** How fast lives begin and end, and what one costs that only waits. Medians over the rounds. */
export const benchLives = async (): Promise<readonly BenchRow[]> => {
  const ours: Used[] = [];
  const theirs: Used[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await kernelRestarts());
    theirs.push(await nactResets());
  }
  const perSecond = (rounds: readonly Used[]): number =>
    (RESTARTS / median(rounds.map(({ wallMs }) => wallMs))) * 1_000;
  const cpuMicros = (rounds: readonly Used[]): number =>
    (median(rounds.map(({ cpuMs }) => cpuMs)) / RESTARTS) * 1_000;
  return [
    { name: 'restarts, kernel', value: perSecond(ours), unit: 'restarts/s' },
    { name: 'restarts, CPU each, kernel', value: cpuMicros(ours), unit: 'µs' },
    { name: 'resets, nact', value: perSecond(theirs), unit: 'resets/s' },
    { name: 'resets, CPU each, nact', value: cpuMicros(theirs), unit: 'µs' },
    { name: 'restarts, kernel/nact', value: perSecond(ours) / perSecond(theirs), unit: '×' },
    ...(await benchCrowds()),
  ];
};
