import { describe, expect, it } from 'vitest';
import type { ChildSpec, Strategy, SupervisorSpec } from '../../../src/actors/kernel/types.ts';
import { recorder, startWorld, worker } from '../../support/kernel-world.ts';
import { fc } from '../../support/property-seed.ts';

/** Given the tree and who is killed, who restarts? Said here by recursion over the plan alone. */
interface Leaf {
  readonly leaf: true;
}
interface Branch {
  readonly leaf: false;
  readonly strategy: Exclude<Strategy, 'simple_one_for_one'>;
  /** true: the first death below it is one too many, and it dies itself. */
  readonly brittle: boolean;
  readonly children: readonly Plan[];
}
type Plan = Leaf | Branch;

const plan = (depth: number): fc.Arbitrary<Branch> =>
  fc.record({
    leaf: fc.constant(false as const),
    strategy: fc.constantFrom('one_for_one', 'one_for_all', 'rest_for_one'),
    brittle: fc.boolean(),
    children: fc.array(
      depth === 0
        ? fc.constant<Plan>({ leaf: true })
        : (fc.oneof(fc.constant<Plan>({ leaf: true }), plan(depth - 1)) as fc.Arbitrary<Plan>),
      { minLength: 1, maxLength: 3 },
    ),
  });

const specOf = (branch: Branch, root = false): SupervisorSpec => ({
  strategy: branch.strategy,
  intensity: branch.brittle && !root ? 0 : 10,
  children: branch.children.map((child, index): ChildSpec => {
    const id = `c${index}`;
    if (child.leaf) return worker(id, () => recorder([]));
    return { id, type: 'supervisor', supervisor: specOf(child) };
  }),
});

const leavesOf = (node: Plan, path: string): string[] =>
  node.leaf
    ? [path]
    : node.children.flatMap((c, i) => leavesOf(c, path === '' ? `c${i}` : `${path}.c${i}`));

/** The leaves that get a new incarnation when the leaf at `steps` below `branch` is killed;
 * undefined when the branch itself dies of it. */
const restarted = (
  branch: Branch,
  path: string,
  steps: readonly number[],
  root: boolean,
): readonly string[] | undefined => {
  const [at = 0, ...below] = steps;
  const child = branch.children[at];
  const here = path === '' ? `c${at}` : `${path}.c${at}`;
  if (child !== undefined && !child.leaf) {
    const inside = restarted(child, here, below, false);
    if (inside !== undefined) return inside;
  }
  if (branch.brittle && !root) return undefined;
  const from = branch.strategy === 'one_for_all' ? 0 : at;
  const to = branch.strategy === 'one_for_one' ? at + 1 : branch.children.length;
  return branch.children
    .slice(from, to)
    .flatMap((member, i) =>
      leavesOf(member, path === '' ? `c${from + i}` : `${path}.c${from + i}`),
    );
};

describe('the kill oracle', () => {
  it('predicts exactly who restarts, and nobody else does', () =>
    fc.assert(
      fc.asyncProperty(plan(2), fc.nat(), async (tree, pick) => {
        const leaves = leavesOf(tree, '');
        const victim = leaves[pick % leaves.length];
        if (victim === undefined) return;
        const steps = victim.split('.').map((segment) => Number(segment.slice(1)));
        const world = await startWorld(specOf(tree, true));
        world.system.kill(victim);
        await world.system.quiescent();
        const seen = leaves.filter((path) => world.system.info(path)?.incarnation === 2);
        expect(seen).toEqual(restarted(tree, '', steps, true));
        const others = leaves.filter((path) => !seen.includes(path));
        for (const path of leaves) expect(world.system.info(path)?.status).toBe('running');
        for (const path of others) expect(world.system.info(path)?.incarnation).toBe(1);
        await world.system.shutdown();
      }),
      { numRuns: 200 },
    ));
});
