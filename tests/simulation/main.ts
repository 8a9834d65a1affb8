import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { ambientStopwatch } from '../../src/actors/kernel/ambient-clock.ts';
import { type CampaignReport, runCampaign, wantedOf } from './campaign.ts';
import { FAULT_KINDS, FAULTS, type FaultKind, type Plan } from './faults.ts';
import type { Outcome } from './play.ts';
import { shrink } from './shrink.ts';

const HELP = `Plays the whole system in one thread under seeds, with faults, and checks its promises.

  npm run simulate -- --seeds 1..500
  npm run simulate -- --seed 17 --mode liveness

  --seeds A..B    seeds to play; default 1..100
  --seed N        plays one seed, and prints the end of what happened
  --mode MODE     safety: faults anywhere, no promise is ever broken (default);
                  liveness: faults end half-way, and trading has to go on
  --faults A,B    only these faults; default: all
  --failures N    goes on until so many seeds have failed; default 1
                  (Ctrl-C ends it with a summary)
  --json          one line of JSON on stdout at the end
  --help

Faults:
${Object.entries(FAULTS)
  .map(([kind, what]) => `  ${kind.padEnd(17)} ${what}`)
  .join('\n')}

Exit code: 0 when every promise was kept and every fault was reached, 1 when not, 2 for a mistake in
the command line. A seed gives the same run, to the same hash, on every machine.
`;

class UsageError extends Error {}

interface Request {
  readonly from: number;
  readonly to: number;
  readonly one: boolean;
  readonly mode: Plan['mode'];
  readonly kinds: readonly FaultKind[];
  readonly maxFailures: number;
  readonly json: boolean;
}

const wholeNumber = (flag: string, text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new UsageError(`${flag}: ${text} is not a whole number from 1 on`);
};

const seedsOf = (text: string): readonly [number, number] => {
  const [from = '', to = from] = text.split('..');
  const range = [wholeNumber('--seeds', from), wholeNumber('--seeds', to)] as const;
  if (range[1] < range[0]) throw new UsageError(`--seeds: ${text} is empty; write it as 1..500`);
  return range;
};

const kindsOf = (text: string): readonly FaultKind[] =>
  text.split(',').map((name) => {
    const kind = FAULT_KINDS.find((known) => known === name.trim());
    if (kind !== undefined) return kind;
    throw new UsageError(`--faults: ${name} is not a fault; --help lists them`);
  });

const modeOf = (text: string): Plan['mode'] => {
  if (text === 'safety' || text === 'liveness') return text;
  throw new UsageError(`--mode: ${text} is neither safety nor liveness`);
};

const parse = (args: readonly string[]): Request | 'help' => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '1..100' },
      seed: { type: 'string' },
      mode: { type: 'string', default: 'safety' },
      faults: { type: 'string' },
      failures: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const [from, to] = seedsOf(values.seed ?? values.seeds);
  return {
    from,
    to,
    one: values.seed !== undefined,
    mode: modeOf(values.mode),
    kinds: values.faults === undefined ? FAULT_KINDS : kindsOf(values.faults),
    maxFailures: wholeNumber('--failures', values.failures),
    json: values.json,
  };
};

/** The commit that ran; uncommitted changes are told, because a seed alone would not reproduce. */
const commit = (): string => {
  try {
    const git = (...args: readonly string[]): string =>
      execFileSync('git', [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const changed = git('status', '--porcelain', '--untracked-files=no').trim() !== '';
    return `${git('rev-parse', '--short=12', 'HEAD').trim()}${changed ? ' with changes' : ''}`;
  } catch {
    return 'unknown commit';
  }
};

const describeFailure = (found: Outcome, small: Outcome, runs: number): string => {
  const { seed, mode } = found.plan;
  const faults = small.plan.faults.map((fault) => `    ${JSON.stringify(fault)}`);
  return [
    `seed ${seed} (${mode}, commit ${commit()}, trace ${found.hash}) broke ${found.failure?.invariant}:`,
    `  ${found.failure?.detail}`,
    `  ${small.plan.faults.length} of its ${found.plan.faults.length} faults are enough (${runs} more runs):`,
    ...faults,
    `  again: npm run simulate -- --seed ${seed} --mode ${mode}`,
    '',
  ].join('\n');
};

const say = (text: string): void => {
  process.stderr.write(text);
};

const printOne = ({ hash, steps, instants, deals, tail, plan }: Outcome): void => {
  say(`${tail.join('\n')}\n`);
  say(`faults: ${plan.faults.map((fault) => JSON.stringify(fault)).join(', ')}\n`);
  say(`trace ${hash}, ${steps} steps, ${instants} instants, ${deals} deals\n`);
};

const summaryOf = (request: Request, report: CampaignReport, seconds: number) => ({
  commit: commit(),
  mode: request.mode,
  seeds: report.seeds,
  seedsPerSecond: Math.round((10 * report.seeds) / seconds) / 10,
  instants: report.instants,
  deals: report.deals,
  failures: report.failures.map(({ plan: { seed }, failure, hash }) => ({
    seed,
    hash,
    ...failure,
  })),
  missed: report.missed,
  reached: Object.fromEntries(
    wantedOf(request.kinds).map((what) => [what, report.sometimes.get(what) ?? 0]),
  ),
});

const run = async (request: Request): Promise<number> => {
  const started = ambientStopwatch.elapsedMs();
  let told = started;
  let done = 0;
  let failed = 0;
  let interrupted = false;
  // Ctrl-C ends a long campaign with what it has found so far.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted = true;
    });
  }
  const report = await runCampaign({
    ...request,
    isOver: () => interrupted,
    onOutcome: (outcome) => {
      done += 1;
      if (request.one) printOne(outcome);
      if (outcome.failure !== null) {
        failed += 1;
        say(`seed ${outcome.plan.seed} failed: ${outcome.failure.detail.slice(0, 200)}\n`);
      }
      const now = ambientStopwatch.elapsedMs();
      if (now - told < 5_000) return;
      told = now;
      const rate = (done / ((now - started) / 1_000)).toFixed(1);
      say(`${done} of ${request.to - request.from + 1} seeds, ${rate} seeds/s, ${failed} failed\n`);
    },
  });
  const seconds = (ambientStopwatch.elapsedMs() - started) / 1_000;
  for (const failed of report.failures) {
    const { outcome, runs } = await shrink(failed);
    say(describeFailure(failed, outcome, runs));
  }
  const summary = summaryOf(request, report, seconds);
  // One seed cannot reach everything.
  const complete = request.one || report.missed.length === 0;
  if (request.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else {
    const reached = Object.entries(summary.reached).map(([what, count]) => `  ${what} ${count}`);
    say(`${reached.join('\n')}\n`);
    if (!complete) say(`never reached: ${report.missed.join(', ')}\n`);
    say(
      `${report.seeds} seeds, ${summary.seedsPerSecond} seeds/s, ${report.instants} instants, ` +
        `${report.deals} deals, ${report.failures.length} failures\n`,
    );
  }
  return report.failures.length === 0 && complete ? 0 : 1;
};

const main = async (): Promise<number> => {
  try {
    const request = parse(process.argv.slice(2));
    if (request !== 'help') return await run(request);
    process.stdout.write(HELP);
    return 0;
  } catch (error) {
    const wrong = error instanceof UsageError || error instanceof TypeError;
    if (!wrong) throw error;
    say(`${error.message}\n`);
    return 2;
  }
};

process.exitCode = await main();
