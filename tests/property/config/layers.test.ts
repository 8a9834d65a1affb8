import { describe, expect, it } from 'vitest';
import { isTree, type Layer, mergeLayers, type Tree } from '../../../src/config/layers.ts';
import { fc } from '../../support/property-seed.ts';

const names = fc.constantFrom('a', 'b', 'c.d', 'kind', '__proto__');
const { tree } = fc.letrec<{ tree: Tree; value: unknown }>((tie) => ({
  tree: fc
    .array(fc.tuple(names, tie('value')), { maxLength: 4 })
    .map((pairs) => Object.fromEntries(pairs)),
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.constant(undefined),
    fc.array(fc.integer(), { maxLength: 2 }),
    tie('tree'),
  ),
}));
const layers = fc
  .array(tree, { minLength: 1, maxLength: 4 })
  .map((trees) =>
    trees.map((content, index): Layer => ({ origin: String(index), baseDir: '/', tree: content })),
  );

/** What the highest layer says of a path, by looking from the top down: the definition of
 * precedence, where the code under test merges from the bottom up. */
const expected = (stack: readonly Layer[], path: readonly string[]): readonly [unknown, string] => {
  for (const layer of [...stack].reverse()) {
    let value: unknown = layer.tree;
    for (const name of path) {
      if (!isTree(value)) return [undefined, layer.origin];
      value = Object.hasOwn(value, name) ? value[name] : undefined;
      if (value === undefined) break;
    }
    if (value !== undefined) return [value, layer.origin];
  }
  return [undefined, ''];
};

const leavesOf = (value: Tree, path: readonly string[] = []): readonly (readonly string[])[] =>
  Object.entries(value).flatMap(([name, child]) =>
    isTree(child) ? leavesOf(child, [...path, name]) : [[...path, name]],
  );
const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((current, name) => (isTree(current) ? current[name] : undefined), value);

describe('laying layers over each other', () => {
  it('gives each leaf the value and the origin of the highest layer that has it', () => {
    fc.assert(
      fc.property(layers, ([lowest, ...others]) => {
        if (lowest === undefined) return;
        const merged = mergeLayers(lowest, others);
        for (const path of leavesOf(merged.tree)) {
          const [value, origin] = expected([lowest, ...others], path);
          expect(at(merged.tree, path)).toEqual(value);
          expect(merged.sourceOf(path).origin).toBe(origin);
        }
      }),
    );
  });

  it('never touches a prototype', () => {
    fc.assert(
      fc.property(layers, ([lowest, ...others]) => {
        if (lowest === undefined) return;
        const merged = mergeLayers(lowest, others);
        expect(Object.getPrototypeOf(merged.tree)).toBe(Object.prototype);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });
});
