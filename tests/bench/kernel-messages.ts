import { type BenchRow, median, quantile } from './bench-row.ts';
import {
  type Contender,
  chartKernel,
  chartPure,
  chartXState,
  type MakeContender,
  nact,
  plainKernel,
  plainXState,
} from './kernel-contenders.ts';
import { used } from './used.ts';

const ROUNDS = 7;
const FLOOD = 30_000;
const HOPS = 20_000;
const KNOCKS = 2_000;

/** Counts messages down, and keeps the latency of each when somebody wants it. */
class Referee {
  private left = 0;
  private over: () => void = () => undefined;
  private sentAtMs = 0;
  private samples: Float64Array | undefined;
  private passOn: () => void = () => undefined;

  /** Resolves after `count` messages. */
  expect(count: number): Promise<void> {
    this.left = count;
    this.samples = undefined;
    return new Promise((resolve) => {
      this.over = resolve;
    });
  }

  /** Resolves when every sample is filled with the µs from a send to its handling. */
  time(samples: Float64Array, pass: () => void): Promise<void> {
    const done = this.expect(samples.length);
    this.samples = samples;
    this.passOn = () => {
      this.sentAtMs = performance.now();
      pass();
    };
    this.passOn();
    return done;
  }

  /** Called by whichever actor handles a message. */
  readonly hit = (): void => {
    this.left -= 1;
    if (this.samples !== undefined) {
      this.samples[this.left] = (performance.now() - this.sentAtMs) * 1_000;
      if (this.left > 0) this.passOn();
    }
    if (this.left === 0) this.over();
  };
}

interface Round {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly hopP50: number;
  readonly hopP99: number;
  readonly hopCpuMicros: number;
  readonly entryP50: number;
  readonly entryP99: number;
}

interface Player {
  readonly contender: Contender;
  readonly referee: Referee;
  readonly rounds: Round[];
}

const enter = async (make: MakeContender): Promise<Player> => {
  const referee = new Referee();
  const { hit } = referee;
  const contender = await make({ count: hit, left: hit, right: hit }, FLOOD);
  return { contender, referee, rounds: [] };
};

const play = async ({ contender, referee }: Player): Promise<Round> => {
  const flood = await used(async () => {
    const done = referee.expect(FLOOD);
    for (let sent = 0; sent < FLOOD; sent += 1) contender.send('count');
    await done;
  });
  const hops = new Float64Array(HOPS);
  const rally = await used(() => {
    let right = false;
    return referee.time(hops, () => {
      right = !right;
      contender.send(right ? 'right' : 'left');
    });
  });
  const entries = new Float64Array(KNOCKS);
  const one = new Float64Array(1);
  for (let knock = 0; knock < KNOCKS; knock += 1) {
    await referee.time(one, () => contender.send('count'));
    entries[knock] = one[0] ?? Number.NaN;
  }
  const of = (samples: Float64Array, q: number): number => quantile([...samples], q);
  return {
    perSecond: (FLOOD / flood.wallMs) * 1_000,
    cpuMicros: (flood.cpuMs * 1_000) / FLOOD,
    hopP50: of(hops, 0.5),
    hopP99: of(hops, 0.99),
    hopCpuMicros: (rally.cpuMs * 1_000) / HOPS,
    entryP50: of(entries, 0.5),
    entryP99: of(entries, 0.99),
  };
};

const MEASURES: readonly (readonly [keyof Round, string, string])[] = [
  ['perSecond', 'flood', 'messages/s'],
  ['cpuMicros', 'flood, CPU per message', 'µs'],
  ['hopP50', 'hop between actors p50', 'µs'],
  ['hopP99', 'hop between actors p99', 'µs'],
  ['hopCpuMicros', 'hop between actors, CPU', 'µs'],
  ['entryP50', 'hop from outside p50', 'µs'],
  ['entryP99', 'hop from outside p99', 'µs'],
];

const report = (group: string, players: readonly Player[]): readonly BenchRow[] =>
  MEASURES.flatMap(([key, measure, unit]) => {
    const rows = players.map(({ contender, rounds }) => ({
      name: `${group}: ${measure}, ${contender.name}`,
      value: median(rounds.map((round) => round[key])),
      unit,
    }));
    const ours = rows[0]?.value ?? Number.NaN;
    const ratios = players.slice(1).map(({ contender }, index) => ({
      name: `${group}: ${measure}, kernel/${contender.name}`,
      value: ours / (rows[index + 1]?.value ?? Number.NaN),
      unit: '×',
    }));
    return [...rows, ...ratios];
  });

/** Rounds alternate between the runtimes, so that a busy machine disturbs all of them alike. */
const compete = async (
  group: string,
  makers: readonly MakeContender[],
): Promise<readonly BenchRow[]> => {
  const players = await Promise.all(makers.map(enter));
  for (const player of players) await play(player);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const player of players) player.rounds.push(await play(player));
  }
  for (const { contender } of players) await contender.close();
  return report(group, players);
};

/**
 * The kernel beside raw `createActor` sends and nact, medians over the rounds. createActor delivers
 * inside of the send, so its hop is a function call, and it has neither bound nor fairness to pay
 * for. nact waits for the event loop before every message. The kernel waits for it once, and then
 * serves whatever got ready, so a hop from outside costs a turn of the loop and the next ones do not.
 * A hosted chart costs what XState's pure `transition` costs, which makes an actor at every call.
 */
export const benchMessages = async (): Promise<readonly BenchRow[]> => [
  ...(await compete('plain', [plainKernel, plainXState, nact])),
  ...(await compete('chart', [chartKernel, chartXState, chartPure])),
];
