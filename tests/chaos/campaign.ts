import { cpSync, lstatSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createSeededRandom } from '../../src/actors/kernel/seeded-random.ts';
import { isAlive } from '../../src/actors/process-identity.ts';
import type { Random } from '../../src/domain/ports.ts';
import { forgetEa } from './forget.ts';
import { kill, Rig } from './rig.ts';
import { disagreements } from './verify.ts';

/** What happens to the processes and to the link between them. */
export const ACTIONS = [
  'killRuntime',
  'killTerminal',
  'forgetfulTerminal',
  'killBoth',
  'stopRuntime',
  'stopTerminal',
  'cut',
  'oneWay',
  'partition',
  'slow',
  'diskFull',
] as const;
export type Action = (typeof ACTIONS)[number];
const KILLS: Readonly<Partial<Record<Action, number>>> = {
  killRuntime: 1,
  killTerminal: 1,
  forgetfulTerminal: 1,
  killBoth: 2,
};

export interface ChaosReport {
  readonly runs: number;
  readonly kills: number;
  readonly actions: ReadonlyMap<Action, number>;
  readonly disagreements: readonly string[];
  /** True where no small disk could be mounted, so that none was ever full. */
  readonly neverFull: boolean;
}

export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
  /** Kills of one run; what is wanted beyond them is another run with another market. */
  readonly killsPerRun?: number;
  /** Only this run of the campaign, counted from 1: to see again what it found. */
  readonly only?: number;
  readonly say: (line: string) => void;
  readonly isOver?: () => boolean;
}

/** A run that does not come to its end in this time hangs. */
const RUN_MS = 240_000;
const between = (random: Random, from: number, to: number): number =>
  from + random.next() * (to - from);

export const runChaos = async (options: ChaosOptions): Promise<ChaosReport> => {
  const { kills, seed, killsPerRun = 12, only, say, isOver = () => false } = options;
  const actions = new Map<Action, number>();
  const found: string[] = [];
  let killed = 0;
  let runs = 0;
  let neverFull = false;
  const isDone = (): boolean => (only === undefined ? killed >= kills : runs > 0) || isOver();
  while (!isDone()) {
    runs += 1;
    const number = only ?? runs;
    const name = `${seed}/${number}`;
    const random = createSeededRandom(name);
    const dir = mkdtempSync(join(tmpdir(), 'bulwark-chaos-'));
    const rig = await Rig.open(dir, seed * 1_000 + number);
    neverFull = !rig.canFill;
    try {
      const wanted = Math.min(killsPerRun, kills - killed);
      const tally = await torment(rig, random, wanted, actions);
      killed += tally;
      const wrong = await judged(rig);
      found.push(...wrong.map((what) => `run ${name}: ${what}`));
      say(`run ${name}: ${tally} kills, ${rig.starts} starts, ${wrong.length} disagreements`);
      if (wrong.length > 0) say([...wrong, `kept in ${kept(rig)}`].join('\n  '));
    } finally {
      await rig.close();
    }
  }
  return { runs, kills: killed, actions, disagreements: found, neverFull };
};

/** A copy of everything that a run left, for whoever finds out why. */
const kept = (rig: Rig): string => {
  const copy = mkdtempSync(join(tmpdir(), 'bulwark-chaos-kept-'));
  // A runtime that still lives has a socket in there, which nobody can copy.
  cpSync(rig.dir, copy, { recursive: true, filter: (from) => !lstatSync(from).isSocket() });
  return copy;
};

/** The run comes to the end of its data, and both records agree. */
const judged = async (rig: Rig): Promise<readonly string[]> => {
  rig.proxy.calm();
  rig.room();
  const until = performance.now() + RUN_MS;
  while (rig.finished === undefined && performance.now() < until) await pause(20);
  if (rig.finished === undefined) return [`it never came to its end: ${rig.said}`];
  return await disagreements(rig.dataDir, rig.ledger);
};

/** Acts at random moments until there were so many kills, or the run is over. */
const torment = async (
  rig: Rig,
  random: Random,
  kills: number,
  actions: Map<Action, number>,
): Promise<number> => {
  let killed = 0;
  while (killed < kills && rig.finished === undefined) {
    await pause(between(random, 100, 1_200));
    const action = ACTIONS[Math.floor(random.next() * ACTIONS.length)] ?? 'cut';
    if (await act(rig, action, random)) {
      actions.set(action, (actions.get(action) ?? 0) + 1);
      killed += KILLS[action] ?? 0;
    }
  }
  return killed;
};

/** False when there was nobody to do it to. */
const act = async (rig: Rig, action: Action, random: Random): Promise<boolean> => {
  const { runtimePid, terminalPid, proxy } = rig;
  const forMs = between(random, 50, 2_500);
  const signal = (pid: number | undefined, name: NodeJS.Signals): boolean =>
    pid !== undefined && kill(pid, name);
  switch (action) {
    case 'killRuntime':
      return signal(runtimePid, 'SIGKILL');
    case 'killTerminal':
      return signal(terminalPid, 'SIGKILL');
    case 'killBoth':
      return signal(runtimePid, 'SIGKILL') && signal(terminalPid, 'SIGKILL');
    case 'forgetfulTerminal': {
      if (terminalPid === undefined || !kill(terminalPid, 'SIGKILL')) return false;
      while (isAlive(terminalPid)) await pause(1);
      forgetEa(join(rig.dataDir, 'terminal'));
      return true;
    }
    case 'stopRuntime':
    case 'stopTerminal': {
      const pid = action === 'stopRuntime' ? runtimePid : terminalPid;
      if (!signal(pid, 'SIGSTOP')) return false;
      await pause(forMs);
      return signal(pid, 'SIGCONT');
    }
    case 'cut':
      proxy.cut();
      return true;
    case 'oneWay':
    case 'partition':
      proxy.hold(random.next() < 0.5 ? 'up' : 'down');
      if (action === 'partition') {
        proxy.hold('up');
        proxy.hold('down');
      }
      await pause(forMs);
      proxy.release();
      return true;
    case 'slow':
      proxy.slow(Math.ceil(between(random, 1, 60)), Math.ceil(between(random, 1, 200)));
      await pause(forMs);
      proxy.calm();
      return true;
    case 'diskFull':
      if (!rig.canFill) return false;
      rig.fill();
      await pause(forMs);
      rig.room();
      return true;
  }
};
