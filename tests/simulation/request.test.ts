import { describe, expect, it } from 'vitest';
import { runCampaign } from './campaign.ts';
import { FAULT_KINDS, planOf } from './faults.ts';
import type { Outcome } from './play.ts';
import {
  describeFailure,
  describeSummary,
  exitCodeOf,
  replayOf,
  replayOfPlan,
  summaryOf,
} from './report.ts';
import { type CampaignRequest, HELP, parse } from './request.ts';

/** What a shell makes of a printed command. */
const argsOf = (command: string): readonly string[] =>
  [...command.replace('npm run simulate -- ', '').matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );

const campaign = (...args: readonly string[]): CampaignRequest => {
  const request = parse(args);
  if (request.type !== 'campaign') throw new Error(`${args.join(' ')} is no campaign`);
  return request;
};

describe('the command line of the simulation', () => {
  it('plays a hundred seeds with every fault when nothing is said', () => {
    expect(campaign()).toMatchObject({ from: 1, to: 100, mode: 'safety', maxFailures: 1 });
    expect(campaign().kinds).toEqual(FAULT_KINDS);
  });

  it('takes a range, or one number for a range of one', () => {
    expect(campaign('--seeds', '5..9')).toMatchObject({ from: 5, to: 9 });
    expect(campaign('--seeds', '5')).toMatchObject({ from: 5, to: 5 });
    expect(campaign('--faults', 'cut, loss,cut').kinds).toEqual(['cut', 'loss']);
  });

  it.each([
    ['--seeds', '9..5'],
    ['--seeds', '1..2..3'],
    ['--seeds', '0..3'],
    ['--seeds', '1.5'],
    ['--seed', '1..5'],
    ['--seed', '-1'],
    ['--seed', '1e3'],
    ['--mode', 'fast'],
    ['--faults', ''],
    ['--faults', 'cut,earthquake'],
    ['--failures', '0'],
    ['--seed', '1', '--seeds', '1..2'],
    ['--seed', '1', '--plan', '{}'],
    ['--plan', 'no-such-file.json'],
    ['--plan', '{"seed":1}'],
    ['--plan', '{"seed":1,"mode":"safety","faults":[{"kind":"flood"}]}'],
    ['--plan', '{'],
    ['--trace'],
    ['--colour'],
    ['17'],
  ])('refuses %s %s %s %s', (...args) => {
    expect(() => parse(args.filter((arg) => arg !== undefined))).toThrow(/--|'17'/);
  });

  it('names every fault in its help', () => {
    for (const kind of FAULT_KINDS) expect(HELP).toContain(`  ${kind} `);
    expect(parse(['--help'])).toEqual({ type: 'help' });
  });

  it('prints commands that play the same plan again', () => {
    const kinds = ['cut', 'loss'] as const;
    const some = planOf({ seed: 7, mode: 'liveness', kinds });
    const again = replayOf(some, kinds);
    expect(parse(argsOf(again))).toMatchObject({ type: 'one', plan: some });
    expect(replayOf(some, FAULT_KINDS)).not.toContain('--faults');
    const smaller = { ...some, faults: some.faults.slice(1) };
    expect(parse(argsOf(replayOfPlan(smaller)))).toMatchObject({ type: 'one', plan: smaller });
  });
});

describe('the report of a campaign', () => {
  const failed: Outcome = {
    plan: planOf({ seed: 3, mode: 'safety' }),
    ...{ hash: 'abc', steps: 1, instants: 2, deals: 3, sometimes: new Map(), tail: [] },
    failure: { invariant: 'S9', detail: 'S9: two orders' },
  };
  const small = { ...failed, plan: { ...failed.plan, faults: failed.plan.faults.slice(0, 1) } };
  const summarised = (change: {
    to?: number;
    failures?: readonly Outcome[];
    missed?: readonly string[];
  }) => {
    const { to = 2, failures = [], missed = [] } = change;
    const request = { ...campaign(), to };
    const report = { seeds: to, instants: 2, deals: 3, sometimes: new Map(), missed, failures };
    const shrunk = failures.map(() => ({ outcome: small, runs: 4 }));
    return summaryOf({ request, report, shrunk, seconds: 2, interrupted: false, commit: 'c0ffee' });
  };

  it('says what broke, on which commit, and how to see it again', () => {
    const text = describeFailure(failed, { outcome: small, runs: 4 }, 'again', 'c0ffee');
    expect(text).toContain('seed 3 (safety, commit c0ffee, trace abc) broke S9');
    expect(text).toContain(`1 of its ${failed.plan.faults.length} faults are enough (4 more runs)`);
    expect(text).toContain(replayOfPlan(small.plan));
  });

  it('ends with 1 for a failure, and tells the smallest plan in its JSON too', () => {
    const summary = summarised({ failures: [failed] });
    expect(exitCodeOf(summary)).toBe(1);
    expect(summary.failures).toMatchObject([{ seed: 3, invariant: 'S9', smallest: small.plan }]);
    expect(describeSummary(summary)).toContain('1 seeds/s, 2 instants, 3 deals, 1 failures');
  });

  it('ends with 1 for what a large campaign never reached, and lets a small one be', () => {
    const missed = ['fault.cut'];
    expect(exitCodeOf(summarised({ missed }))).toBe(0);
    expect(describeSummary(summarised({ missed }))).toContain('so few seeds need not: fault.cut');
    expect(exitCodeOf(summarised({ to: 1_000, missed }))).toBe(1);
    expect(exitCodeOf(summarised({ to: 1_000 }))).toBe(0);
  });

  it('ends with 130 when it was interrupted and nothing had failed', () => {
    const interrupted = { ...summarised({}), interrupted: true };
    expect(exitCodeOf(interrupted)).toBe(130);
    expect(exitCodeOf({ ...summarised({ failures: [failed] }), interrupted: true })).toBe(1);
  });

  it('tells each outcome as it comes, and ends early when it is told to', async () => {
    const seeds: number[] = [];
    const report = await runCampaign({
      ...{ from: 1, to: 50, mode: 'safety' },
      onOutcome: ({ plan }) => seeds.push(plan.seed),
      isOver: () => seeds.length === 2,
    });
    expect(seeds).toEqual([1, 2]);
    expect(report.seeds).toBe(2);
    expect(report.missed.length).toBeGreaterThan(0);
  });
});
