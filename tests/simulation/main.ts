import { ambientStopwatch } from '../../src/actors/kernel/ambient-clock.ts';
import { runCampaign } from './campaign.ts';
import { play } from './play.ts';
import {
  commit,
  describeFailure,
  describeSummary,
  exitCodeOf,
  replayOf,
  replayOfPlan,
  summaryOf,
} from './report.ts';
import {
  type CampaignRequest,
  HELP,
  type OneRequest,
  parse,
  type Request,
  UsageError,
} from './request.ts';
import { shrink } from './shrink.ts';

const PROGRESS_MS = 5_000;

const say = (text: string): void => {
  process.stderr.write(text);
};

/** What has been done, told every few seconds. */
class Progress {
  readonly #total: number;
  readonly #started = ambientStopwatch.elapsedMs();
  #told = this.#started;
  #done = 0;
  #failed = 0;

  constructor(total: number) {
    this.#total = total;
  }

  get seconds(): number {
    return (ambientStopwatch.elapsedMs() - this.#started) / 1_000;
  }

  played(failed: boolean): void {
    this.#done += 1;
    if (failed) this.#failed += 1;
    const now = ambientStopwatch.elapsedMs();
    if (now - this.#told < PROGRESS_MS) return;
    this.#told = now;
    const rate = this.#done / this.seconds;
    const left = Math.ceil((this.#total - this.#done) / rate);
    say(
      `${this.#done} of ${this.#total} seeds, ${rate.toFixed(1)} seeds/s, ` +
        `${this.#failed} failed, ${left} s left\n`,
    );
  }
}

const runOne = async ({ plan, trace, json }: OneRequest): Promise<number> => {
  const outcome = await play(plan, trace ? { keepLines: Number.MAX_SAFE_INTEGER } : {});
  const { hash, steps, instants, deals, tail, failure } = outcome;
  say(`${tail.join('\n')}\n`);
  say(`${plan.faults.map((fault) => `fault ${JSON.stringify(fault)}\n`).join('')}`);
  say(`trace ${hash}, commit ${commit()}, ${steps} steps, ${instants} instants, ${deals} deals\n`);
  if (failure !== null) {
    say(describeFailure(outcome, await shrink(outcome), replayOfPlan(plan), commit()));
  }
  if (json) process.stdout.write(`${JSON.stringify({ plan, hash, steps, deals, failure })}\n`);
  return failure === null ? 0 : 1;
};

const runMany = async (request: CampaignRequest): Promise<number> => {
  let interrupted = false;
  // Ctrl-C ends a long campaign with what it has found so far; a second one ends it at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted = true;
    });
  }
  const ran = commit();
  const progress = new Progress(request.to - request.from + 1);
  const report = await runCampaign({
    ...request,
    isOver: () => interrupted,
    onOutcome: ({ plan, failure }) => {
      if (failure !== null) say(`seed ${plan.seed} failed: ${failure.detail.slice(0, 200)}\n`);
      progress.played(failure !== null);
    },
  });
  const { seconds } = progress;
  const shrunk = [];
  for (const failed of report.failures) {
    const small = await shrink(failed);
    shrunk.push(small);
    say(describeFailure(failed, small, replayOf(failed.plan, request.kinds), ran));
  }
  const summary = summaryOf({ request, report, shrunk, seconds, interrupted, commit: ran });
  say(describeSummary(summary));
  if (request.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  return exitCodeOf(summary);
};

const requested = (): Request | undefined => {
  try {
    return parse(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say(`${error.message}\n`);
    return undefined;
  }
};

const main = async (): Promise<number> => {
  const request = requested();
  switch (request?.type) {
    case undefined:
      return 2;
    case 'help':
      process.stdout.write(HELP);
      return 0;
    case 'one':
      return runOne(request);
    case 'campaign':
      return runMany(request);
  }
};

process.exitCode = await main();
