import { describe, expect, it } from 'vitest';
import { evaluationState } from '../../../src/actors/guard/evaluation-record.ts';
import type { GuardSummary } from '../../../src/actors/guard/guard-summary.ts';
import { riskGuard } from '../../../src/actors/guard/risk-guard.ts';
import type { GuardMessage } from '../../../src/actors/messages.ts';
import type { Deal } from '../../../src/domain/trading.ts';
import { epochMs, minor } from '../../../src/domain/units.ts';
import type { Entry } from '../../../src/journal/types.ts';
import { type DeskBench, deskBench } from '../../support/desk-bench.ts';
import { guardOptions, NOW, snapshotOf, tick } from '../../support/guard-fixtures.ts';
import { fc } from '../../support/property-seed.ts';
import { account, deal, ftmo, usd } from '../../support/risk-fixtures.ts';

/** Deals, each by its profit; a withdrawal takes what is above the initial balance; after a night
 * it is the next day, and three days are all that the challenge has. */
interface Story {
  readonly phase: 'challenge' | 'funded';
  readonly steps: readonly (number | 'withdrawal' | 'night')[];
}
const DAY_MS = 86_400_000;
const RUNS = 40;
const step = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3_000, max: 6_000 }) },
  { weight: 1, arbitrary: fc.constant('withdrawal' as const) },
  { weight: 2, arbitrary: fc.constant('night' as const) },
);
const story: fc.Arbitrary<Story> = fc.record({
  phase: fc.constantFrom('challenge' as const, 'funded' as const),
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
});

const rules = () => {
  const base = ftmo();
  const phases = base.phases.map((phase) => ({
    ...phase,
    minDays: null,
    maxDays: phase.name === 'challenge' ? 3 : null,
  }));
  return { ...base, phases };
};
const say = (desk: DeskBench, message: GuardMessage): Promise<void> =>
  desk.tell('risk-guard', message);
const shownAt = (balance: bigint) => account({ balance: minor(balance), equity: minor(balance) });

const lifeOf = async (
  phase: Story['phase'],
  before: readonly Entry[],
): Promise<{ readonly desk: DeskBench; readonly appends: (readonly Entry[])[] }> => {
  const appends: (readonly Entry[])[] = [];
  const desk = await deskBench(
    'risk-guard',
    (deps) =>
      riskGuard(
        {
          ...deps,
          journal: {
            ...deps.journal,
            append: (entries) => {
              appends.push(entries);
              return deps.journal.append(entries);
            },
          },
        },
        guardOptions({ ruleSet: rules(), phase }),
      ),
    before,
  );
  return { desk, appends };
};

const recovered = (desk: DeskBench, balance: bigint, deals: readonly Deal[]): Promise<void> =>
  say(desk, {
    type: 'recovery.balance',
    snapshot: snapshotOf({ account: shownAt(balance), deals }),
    epoch: 2,
  });

/** What must be the same: where it stands, what it counts, and whether the account may open. */
const standing = (desk: DeskBench) => {
  const { evaluation, holds } = desk.summary<GuardSummary>('risk-guard');
  if (evaluation === null) return null;
  const { payouts, failure, bindings, cycleFrom, phaseIndex } = evaluation.chart.context;
  return {
    state: evaluationState(evaluation.chart),
    ...{ payouts, bindings, cycleFrom, phaseIndex, rule: failure?.rule ?? null },
    holds: holds.includes('evaluation'),
  };
};

const play = async (desk: DeskBench, { steps }: Story) => {
  const deals: Deal[] = [];
  let balance: bigint = usd(100_000);
  let afterMs = 0;
  for (const what of steps) {
    afterMs += what === 'night' ? DAY_MS : 1_000;
    const at = epochMs(NOW + afterMs);
    const ticks = { type: 'market.ticks', ticks: [tick(afterMs, 110_000)], at } as const;
    const above = balance - usd(100_000);
    if (what === 'night') {
      await say(desk, ticks);
      continue;
    }
    if (what === 'withdrawal' && above <= 0n) continue;
    const made =
      what === 'withdrawal'
        ? deal({ at, entry: 'balance', profit: minor(-above) })
        : deal({ at, profit: usd(what) });
    balance += made.profit;
    deals.push(made);
    const report = { account: shownAt(balance), deals: [made], orders: [], positions: [] };
    await say(desk, { type: 'trade.reported', report: { ...report, closedPositions: [] } });
    await say(desk, ticks);
    // A passed or failed account is halted, and nothing is open: nothing can follow.
    if (['awaitingReview', 'breached'].includes(standing(desk)?.state ?? '')) break;
  }
  return { balance, deals, afterMs };
};

describe('an evaluation over restarts', () => {
  it('stands where it stood, whichever append was the last that the disk took', async () => {
    let cutsTried = 0;
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(story, fc.nat(1_000), async (told, where) => {
        const { desk, appends } = await lifeOf(told.phase, []);
        await recovered(desk, usd(100_000), []);
        const start = { id: 'e', reason: 'r', by: 'b', reply: () => undefined };
        await say(desk, { type: 'operator.startEvaluation', ...start });
        const begun = appends.length;
        const end = await play(desk, told);
        const lived = standing(desk);
        const cut = begun + (where % (appends.length - begun + 1));
        const again = await lifeOf(told.phase, appends.slice(0, cut).flat());
        await recovered(again.desk, end.balance, end.deals);
        const { afterMs } = end;
        const at = epochMs(NOW + afterMs);
        await say(again.desk, { type: 'market.ticks', ticks: [tick(afterMs, 110_000)], at });
        expect(standing(again.desk)).toEqual(lived);
        cutsTried += 1;
        seen.add(lived?.state ?? '');
        await desk.system.shutdown();
        await again.desk.system.shutdown();
      }),
      { numRuns: RUNS },
    );
    expect(cutsTried).toBe(RUNS);
    expect(seen.size).toBeGreaterThan(2);
  });
});
