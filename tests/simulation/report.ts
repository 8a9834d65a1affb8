import { execFileSync } from 'node:child_process';
import { type CampaignReport, wantedOf } from './campaign.ts';
import { FAULT_KINDS, type FaultKind, type Plan } from './faults.ts';
import type { Outcome } from './play.ts';
import { type CampaignRequest, COVERING_SEEDS } from './request.ts';

/** The commit that ran; uncommitted changes are told, because a seed alone would not reproduce. */
export const commit = (): string => {
  try {
    const git = (...args: readonly string[]): string =>
      execFileSync('git', [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const changed = git('status', '--porcelain', '--untracked-files=no').trim() !== '';
    return `${git('rev-parse', '--short=12', 'HEAD').trim()}${changed ? ' with changes' : ''}`;
  } catch {
    return 'unknown commit';
  }
};

/** The command that plays a seed of a campaign again. */
export const replayOf = ({ seed, mode }: Plan, kinds: readonly FaultKind[]): string => {
  const some = kinds.length === FAULT_KINDS.length ? '' : ` --faults ${kinds.join(',')}`;
  return `npm run simulate -- --seed ${seed} --mode ${mode}${some}`;
};

/** The command that plays a plan again, whatever seeds draw by then. */
export const replayOfPlan = (plan: Plan): string =>
  `npm run simulate -- --plan '${JSON.stringify(plan)}'`;

export interface Shrunk {
  readonly outcome: Outcome;
  readonly runs: number;
}

export const describeFailure = (
  found: Outcome,
  { outcome: small, runs }: Shrunk,
  again: string,
  ran: string,
): string => {
  const { seed, mode } = found.plan;
  const faults = small.plan.faults.map((fault) => `    ${JSON.stringify(fault)}`);
  return [
    `seed ${seed} (${mode}, commit ${ran}, trace ${found.hash}) broke ${found.failure?.invariant}:`,
    `  ${found.failure?.detail}`,
    `  ${small.plan.faults.length} of its ${found.plan.faults.length} faults are enough (${runs} more runs):`,
    ...faults,
    `  again: ${again}`,
    `  small: ${replayOfPlan(small.plan)}`,
    '',
  ].join('\n');
};

/** True when the campaign was large enough to have reached all that it is meant to reach. */
const mustCover = ({ from, to }: CampaignRequest): boolean => to - from + 1 >= COVERING_SEEDS;

export const summaryOf = (input: {
  readonly request: CampaignRequest;
  readonly report: CampaignReport;
  readonly shrunk: readonly Shrunk[];
  readonly seconds: number;
  readonly interrupted: boolean;
  readonly commit: string;
}) => {
  const { request, report, shrunk, seconds, interrupted } = input;
  const { mode, kinds } = request;
  return {
    commit: input.commit,
    mode,
    from: request.from,
    seeds: report.seeds,
    interrupted,
    seconds: Math.round(seconds),
    seedsPerSecond: Math.round((10 * report.seeds) / seconds) / 10,
    instants: report.instants,
    deals: report.deals,
    failures: report.failures.map(({ plan, failure, hash }, index) => ({
      ...{ seed: plan.seed, hash, ...failure, again: replayOf(plan, kinds) },
      ...{ smallest: shrunk[index]?.outcome.plan ?? plan },
    })),
    missed: report.missed,
    covered: report.missed.length === 0 || !mustCover(request) || interrupted,
    reached: Object.fromEntries(
      wantedOf(kinds).map((what) => [what, report.sometimes.get(what) ?? 0]),
    ),
  };
};
export type Summary = ReturnType<typeof summaryOf>;

export const describeSummary = (summary: Summary): string => {
  const { seeds, seedsPerSecond, instants, deals, failures, missed, covered } = summary;
  const reached = Object.entries(summary.reached).map(([what, count]) => `  ${what} ${count}`);
  const few = covered ? ', which so few seeds need not' : '';
  return [
    ...reached,
    ...(missed.length > 0 ? [`never reached${few}: ${missed.join(', ')}`] : []),
    ...(summary.interrupted ? ['interrupted'] : []),
    `${seeds} seeds (${summary.mode}, commit ${summary.commit}), ${seedsPerSecond} seeds/s, ` +
      `${instants} instants, ${deals} deals, ${failures.length} failures`,
    '',
  ].join('\n');
};

export const exitCodeOf = ({ failures, covered, interrupted }: Summary): number => {
  if (failures.length > 0 || !covered) return 1;
  return interrupted ? 130 : 0;
};
