import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runCampaign } from './campaign.ts';
import { type Fault, type Plan, planOf } from './faults.ts';
import { play } from './play.ts';

/** Plans that once broke a promise, whole: what seeds draw may change, these do not. */
const found: readonly { readonly what: string; readonly plan: Plan }[] = JSON.parse(
  readFileSync(new URL('found.json', import.meta.url), 'utf8'),
);

const LONG = { timeout: 120_000 } as const;

const calm: Plan = { ...planOf({ seed: 1, mode: 'liveness' }), faults: [] };
const struck = (...faults: readonly Partial<Fault>[]): Plan => ({
  ...calm,
  faults: faults.map((fault) => ({
    kind: 'cut',
    instant: 5,
    steps: 0,
    pick: 0,
    size: 0,
    ...fault,
  })),
});

describe('the whole system under one seed', () => {
  it('does the same again, to the same hash', async () => {
    const plan = planOf({ seed: 5, mode: 'safety' });
    const first = await play(plan);
    expect(first.deals).toBeGreaterThan(0);
    expect(await play(plan)).toEqual(first);
    expect((await play({ ...plan, seed: 6 })).hash).not.toBe(first.hash);
  });

  it('trades, with no fault, to the end of the data', async () => {
    const { failure, deals, instants } = await play(calm);
    expect(failure).toBeNull();
    expect(deals).toBeGreaterThan(5);
    expect(instants).toBeGreaterThan(20);
  });
});

describe.each(['safety', 'liveness'] as const)('%s', (mode) => {
  it.each([1, 51, 101, 151, 201])('holds for fifty seeds from %i on', LONG, async (from) => {
    const { failures, sometimes } = await runCampaign({ from, to: from + 49, mode });
    if (mode === 'liveness') expect(sometimes.get('liveness.demanded')).toBeGreaterThan(10);
    expect(failures.map(({ plan, failure }) => ({ seed: plan.seed, failure }))).toEqual([]);
  });
});

describe('what the simulation found', () => {
  it.each([
    ['a lost word to go on', { kind: 'loss', pick: 0.9, size: 0 }],
    ['a lost instant', { kind: 'loss', pick: 0, size: 0 }],
    ['instants that overtake each other', { kind: 'reordering', pick: 0, size: 0.9 }],
    ['an EA that lost its register and its clock', { kind: 'terminalForgets' }],
    ['a lease that another controller holds for a while', { kind: 'secondController' }],
  ] as const)('trading goes on after %s', async (_, fault) => {
    expect(await play(struck(fault))).toMatchObject({ failure: null });
  });

  it('a connection that is killed has its port again at once', async () => {
    const { failure, sometimes } = await play(struck({ kind: 'kill', pick: 0 }));
    expect(failure).toBeNull();
    expect(sometimes.get('actor.crashed')).toBe(1);
  });

  it('a close by hand is the client’s own, and no order of ours', async () => {
    const byHand: Partial<Fault> = { kind: 'closedByHand', instant: 4, steps: 2 };
    const plan = { ...struck(byHand), pending: false };
    const { failure, tail } = await play(plan, { keepLines: Number.MAX_SAFE_INTEGER });
    expect(failure).toBeNull();
    const booked = tail.filter((line) => line.includes(' journal: deal.booked '));
    const deals = booked.map((line) => JSON.parse(line.slice(line.indexOf('{'))));
    const closed = deals.filter(({ deal }) => deal.reason === 'client');
    expect(closed).toMatchObject([{ intentId: null, deal: { entry: 'out' } }]);
    expect(deals.filter(({ deal }) => deal.entry === 'in').length).toBeGreaterThan(1);
  });

  it.each(found)('nothing is lost with $what', async ({ plan }) => {
    expect(await play(plan)).toMatchObject({ failure: null });
  });
});
