import { LOGIN } from '../support/runtime-spec.ts';
import { agree } from './agreement.ts';
import type { Plan } from './faults.ts';
import { StepBudgetExhausted } from './loop.ts';
import { MINUTE_MS, SCENES } from './market.ts';
import { strike } from './strike.ts';
import { Violation } from './violation.ts';
import { World } from './world.ts';

/** How a run went. */
export interface Outcome {
  readonly plan: Plan;
  readonly hash: string;
  readonly steps: number;
  readonly instants: number;
  readonly deals: number;
  readonly sometimes: ReadonlyMap<string, number>;
  readonly failure: { readonly invariant: string; readonly detail: string } | null;
  /** The last lines of what happened. */
  readonly tail: readonly string[];
}

const STEP_BUDGET = 60_000;
/** An account at its floor does not trade, nor does who asks for a price that is gone. */
const GOOD_REASONS = ['DAILY_FLOOR', 'ENTRY_PRICE'] as const;
/** Wall time from the healing to an open gate, and to the end of the data. */
const GATE_MS = 120_000;
const END_MS = 600_000;
const STOP_MS = 200_000;

/** Last lines of what happened that an outcome keeps. */
const KEPT_LINES = 60;

/** Plays a plan to its end; never rejects. */
export const play = async (
  plan: Plan,
  { keepLines = KEPT_LINES }: { readonly keepLines?: number } = {},
): Promise<Outcome> => {
  const world = new World(plan, keepLines);
  let failure: Outcome['failure'] = null;
  try {
    await run(world);
  } catch (error) {
    failure =
      error instanceof Violation
        ? { invariant: error.invariant, detail: error.message }
        : {
            invariant: 'defect',
            detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
          };
    world.say(`failed: ${failure.detail}`);
  }
  const { loop, instants, broker, sometimes, trace } = world;
  const tail = trace.tail();
  const outcome: Outcome = {
    plan,
    hash: trace.digest(),
    steps: loop.steps,
    instants,
    deals: broker.deals,
    sometimes,
    failure,
    tail,
  };
  world.close();
  return outcome;
};

const run = async (world: World): Promise<void> => {
  const { plan } = world;
  const waiting = [...plan.faults].sort((a, b) => a.instant - b.instant || a.steps - b.steps);
  world.first.start();
  world.terminal.start();
  const due = (): boolean => {
    const [next] = waiting;
    if (next === undefined || world.instants < next.instant) return false;
    return world.instants > next.instant || world.loop.steps - world.instantAtStep >= next.steps;
  };
  // Faults, until the market has come so far, or stands still for good because of them.
  const broken = world.loop.clock.now() + END_MS;
  while (world.instants < plan.healAtInstant && world.loop.clock.now() < broken) {
    while (due()) {
      const fault = waiting.shift();
      if (fault !== undefined) strike(world, fault);
    }
    await step(world);
  }
  await recover(world);
  await finish(world);
};

const step = async (world: World): Promise<void> => {
  if (world.loop.steps > STEP_BUDGET) throw new StepBudgetExhausted(world.loop.steps);
  await world.step();
};

/** Steps until `condition` holds, for at most so much of the loop's time. */
const until = async (
  world: World,
  what: string,
  limitMs: number,
  condition: () => boolean,
): Promise<void> => {
  const limit = world.loop.clock.now() + limitMs;
  while (!condition()) {
    if (world.loop.clock.now() > limit) {
      throw new Violation('S10', `${what} did not come within ${limitMs} ms: ${situation(world)}`);
    }
    await step(world);
  }
};

const situation = (world: World): string => {
  const { first, guard, terminal } = world;
  const tree = first.runtime?.system.tree() ?? [];
  const down = tree
    .filter(({ status }) => status !== 'running')
    .map(({ path, status }) => `${path} ${status}`);
  const link = JSON.stringify(
    first.runtime?.system.info(`accounts.${LOGIN}.desk.connection`)?.summary,
  );
  return [
    `mode ${guard?.mode} (${guard?.reason}; ${guard?.holds.join(',')}), gate ${guard?.gateOpen}`,
    `terminal ${terminal.model?.phase}`,
    `link ${link}`,
    `down: ${down.join(', ') || 'nobody'}`,
  ].join('; ');
};

/** Everything that was broken works again; from here on the system has to come back. */
const recover = async (world: World): Promise<void> => {
  const { first, second, terminal, network, disk, secondDisk } = world;
  world.say('healed');
  world.healed = true;
  network.calm();
  disk.heal();
  secondDisk.heal();
  first.heal();
  second.kill();
  terminal.heal();
  if (!terminal.running) terminal.start();
  if (!first.running) first.start();
  if (first.unpark() > 0) world.count('done.unparked');
  await until(world, 'an open gate', GATE_MS, () => world.guard?.gateOpen === true);
};

const finish = async (world: World): Promise<void> => {
  const { plan, broker, first } = world;
  const ended = (): boolean => first.runtime?.finished() === true;
  await until(
    world,
    'the end of the data',
    END_MS,
    () => (world.guard?.mode === 'active' && isWritable(world)) || ended(),
  );
  const refusals = () => GOOD_REASONS.map((code) => world.sometimes.get(`denied.${code}`) ?? 0);
  const progress = () =>
    refusals().reduce((sum, count) => sum + count, broker.deals + broker.placed);
  const before = progress();
  const demanded = plan.mode === 'liveness' && mustTrade(world);
  if (demanded) world.count('liveness.demanded');
  await until(world, 'the end of the data', END_MS, ended);
  await until(world, 'a journal', GATE_MS, () => isWritable(world));
  await until(world, 'an open gate', GATE_MS, () => world.guard?.gateOpen === true);
  await until(
    world,
    'nothing to hold it',
    GATE_MS,
    () => world.guard?.holds.some(passes) === false,
  );
  await until(world, 'the end of every order', END_MS, () => openOrders(world) === 0);
  const mayTrade = world.guard?.mode === 'active';
  world.count(`end.${world.guard?.mode}`);
  if (demanded && mayTrade && progress() === before) {
    throw new Violation('S10', `nothing was traded after the healing: ${situation(world)}`);
  }
  const { runtime } = first;
  if (runtime === undefined) throw new Violation('S10', 'the runtime is gone at the end');
  const down = () => runtime.system.tree().filter(({ status }) => status !== 'running');
  await until(world, 'everybody', GATE_MS, () => down().length === 0);
  first.checkTold();
  const lost = world.lost.lostTo(first.executor);
  let stopped = false;
  runtime.stop('the simulation ended').then(
    (late) => {
      stopped = true;
      if (late.length > 0) world.fail(new Violation('S7', late.join('; ')));
    },
    (error: unknown) => world.fail(error),
  );
  await until(world, 'the end of the stop', STOP_MS, () => stopped);
  const { disk, secondDisk, terminal } = world;
  await agree({
    dataDir: disk.dir,
    journalFile: disk.journalFile,
    othersJournalFile: secondDisk.journalFile,
    ledgerFile: world.file('ledger.ndjson'),
    ledger: terminal.ledger,
    lost,
  });
};

/** Holds that clear by themselves when their cause is gone; an operator's is not one of them. */
const passes = (hold: string): boolean => ['gate', 'link', 'ledger', 'journal'].includes(hold);

/** A journal that broke is opened again after a while, in which a whole market may go by. */
const isWritable = (world: World): boolean => {
  const journal = world.first.runtime?.system.info('journal');
  return (journal?.summary as { readonly writable: boolean } | undefined)?.writable === true;
};

/** The market that is left is long enough for every strategy to open and close. */
const mustTrade = ({ plan, guard, terminal }: World): boolean => {
  const { scene, minutes } = plan.market;
  const lastStart = SCENES[scene] + (minutes - 5) * MINUTE_MS;
  return guard?.mode === 'active' && (terminal.model?.now ?? lastStart) < lastStart;
};

/** What persists waits for its next try as long as its position is open. Where the data has ended the
 * session stands still, and that try never comes. */
const openOrders = (world: World): number => {
  const executor = world.first.runtime?.system.info(`accounts.${LOGIN}.desk.executor`);
  const summary = executor?.summary as
    | { readonly live: readonly { readonly state: string }[] }
    | undefined;
  return summary?.live.filter(({ state }) => state !== 'waiting').length ?? 1;
};
