import type { SupervisorSpec } from '../../src/actors/kernel/types.ts';
import { createVirtualClock } from '../../src/actors/kernel/virtual-clock.ts';
import { type AnyBehaviour, tree } from '../../src/actors/tree.ts';

/** What the specification says of one supervisor; the kernel is held to it. */
export interface Shape {
  /** Paths of its children, in the order in which they start. */
  readonly children: readonly string[];
  readonly isGroup: boolean;
  readonly intensity: number;
  readonly periodMs: number;
}

const never = (): AnyBehaviour => {
  throw new Error('nothing of this tree is ever started');
};

/** Supervisors by path ('' is the root), from the tree as data: nothing that runs is asked. */
export const treeShape = (
  login: string,
  strategyIds: readonly string[],
): ReadonlyMap<string, Shape> => {
  const shapes = new Map<string, Shape>();
  const walk = (path: string, spec: SupervisorSpec): void => {
    const below = (id: string): string => (path === '' ? id : `${path}.${id}`);
    shapes.set(path, {
      children: spec.children.map(({ id }) => below(id)),
      isGroup: spec.strategy === 'rest_for_one',
      intensity: spec.intensity ?? 1,
      periodMs: spec.periodMs ?? 5_000,
    });
    for (const child of spec.children) {
      if (child.type === 'supervisor') walk(below(child.id), child.supervisor);
    }
  };
  const desk = { connection: never, guard: never, executor: never, recovery: never };
  const clock = createVirtualClock(0);
  const strategies = strategyIds.map((id) => ({ id, host: never }));
  const account = { login, clock, watchdog: null, ...desk, strategies };
  walk('', tree({ journal: never, auditor: never, observers: [], accounts: [account] }));
  return shapes;
};
