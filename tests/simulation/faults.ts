import { createSeededRandom } from '../../src/actors/kernel/seeded-random.ts';
import type { Random } from '../../src/domain/ports.ts';
import { type MarketPlan, SCENES, type Scene } from './market.ts';

/** Every fault that a campaign knows, and what it does. `--faults` takes these names. */
export const FAULTS = {
  crash: 'an actor throws before, in the middle of, or after its next message',
  kill: 'an actor is killed in whatever it does',
  failingStart: 'the next start of an actor throws',
  slowStart: 'the next start of an actor takes seconds',
  strategyThrows: 'a strategy throws',
  strategyHangs: 'a strategy does not answer within its deadline',
  strategyLate: 'a strategy opens late, or not at all',
  runtimeKilled: 'kill -9 of the runtime, which starts again from its journal',
  diesInCommit: 'the runtime dies before or after a commit, and nobody hears of it',
  tornWrite: 'the runtime dies within a commit: the end of the journal is torn',
  diskFull: 'the disk is full for a while',
  diskError: 'the disk reports an error',
  diskSlow: 'a commit takes seconds',
  loss: 'messages are lost',
  duplication: 'messages arrive twice',
  reordering: 'messages overtake each other',
  delay: 'messages are late',
  partition: 'nothing passes in either direction',
  oneWay: 'nothing passes in one direction',
  halfOpen: 'only the terminal notices the end of the connection',
  cut: 'the connection is reset',
  unheardFill: 'an order is executed, and its answer does not arrive',
  terminalKilled: 'kill -9 of the terminal, which starts again from its log',
  terminalForgets: 'the terminal starts again without the journal of its EA',
  terminalDiskFull: 'the terminal cannot write its log and ends',
  balanceAhead: 'the EA shows the account after deals that it tells with its next report',
  requotes: 'the broker rejects and requotes',
  clockJump: 'the wall clock jumps',
  secondController: 'a second runtime takes the account over for a while',
  halt: 'the operator halts or kills',
  stopRemoved: 'somebody removes the stop of a position at the terminal',
  closedByHand: 'somebody closes a position at the terminal',
} as const;
export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as readonly FaultKind[];

export interface Fault {
  readonly kind: FaultKind;
  /** It strikes so many steps of the loop after the terminal has sent its n-th instant. */
  readonly instant: number;
  readonly steps: number;
  /** Which of the possible victims, 0..1. */
  readonly pick: number;
  /** How long, how many, 0..1. */
  readonly size: number;
}

/** All that a seed decides about a run, apart from the order in which the loop takes its turns. */
export interface Plan {
  readonly seed: number;
  readonly mode: 'safety' | 'liveness';
  readonly style: Style;
  readonly market: MarketPlan;
  readonly volumeE8: number;
  readonly stopPoints: number;
  /** Strategies work with orders that wait for a price, and with changes of what they have. */
  readonly pending?: boolean;
  readonly faults: readonly Fault[];
  /** From this instant on, nothing is broken any more. */
  readonly healAtInstant: number;
}

const oneOf = <T>(random: Random, items: readonly T[]): T => {
  const item = items[Math.floor(random.next() * items.length)];
  if (item === undefined) throw new Error('there is nothing to choose from');
  return item;
};

/** How much is risked on a market of which kind: steps from tick to tick, points. */
const STYLES = {
  quiet: { stepPoints: 30, volumeE8: 10_000_000, stopPoints: 400 },
  /** Stops are hit, and slip. */
  rough: { stepPoints: 120, volumeE8: 400_000_000, stopPoints: 250 },
  /** Each position may lose a third of what a day may, stops are hit one after the other, and none
   * slips by more than the guard reckons with: the floors are near, and have to hold. */
  heavy: { stepPoints: 20, volumeE8: 2_000_000_000, stopPoints: 60 },
} as const;
export type Style = keyof typeof STYLES;
export const STYLE_NAMES = Object.keys(STYLES) as readonly Style[];

const styleOf = (random: Random): Style => {
  const drawn = random.next();
  if (drawn < 0.2) return 'rough';
  return drawn < 0.35 ? 'heavy' : 'quiet';
};

const MINUTES = 12;
/** Instants of a run that nobody disturbs: the bars of two symbols and what orders cause. */
const INSTANTS = 28;
/** Steps of the loop between two instants, about. */
const STEPS = 15;

const faultsOf = (random: Random, kinds: readonly FaultKind[], until: number): readonly Fault[] => {
  const count = 1 + Math.floor(random.next() * 5);
  return Array.from({ length: count }, () => ({
    kind: oneOf(random, kinds),
    instant: 1 + Math.floor(random.next() * until),
    steps: Math.floor(random.next() * STEPS),
    pick: random.next(),
    size: random.next(),
  }));
};

export const planOf = (input: {
  readonly seed: number;
  readonly mode: Plan['mode'];
  readonly kinds?: readonly FaultKind[];
}): Plan => {
  const { seed, mode, kinds = FAULT_KINDS } = input;
  const random = createSeededRandom(`${seed}/${mode}/plan`);
  const style = styleOf(random);
  const market: MarketPlan = {
    seed,
    scene: oneOf(random, Object.keys(SCENES) as readonly Scene[]),
    symbols: ['EURUSD', 'GBPUSD'],
    minutes: MINUTES,
    stepPoints: STYLES[style].stepPoints,
  };
  const healAtInstant = Math.floor(INSTANTS * (mode === 'safety' ? 0.85 : 0.5));
  const { volumeE8, stopPoints } = STYLES[style];
  const faults = faultsOf(random, kinds, healAtInstant);
  const pending = random.next() < 0.3;
  return { seed, mode, style, market, volumeE8, stopPoints, pending, faults, healAtInstant };
};
