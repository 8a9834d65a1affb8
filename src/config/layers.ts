import { type KeyPath, nodeAt } from './key-tree.ts';

/** A partial document and where all of it came from. */
export interface Layer {
  readonly origin: string;
  /** Folder that relative paths of this layer start from. */
  readonly baseDir: string;
  readonly tree: Tree;
}
export type Tree = Readonly<Record<string, unknown>>;

/** The layers laid over each other, and the layer that each value came from. */
export interface Merged {
  readonly tree: Tree;
  /** Layer of the value at a path, or of the nearest thing around it. */
  readonly sourceOf: (path: KeyPath) => Layer;
}

export const isTree = (value: unknown): value is Tree =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Where the `kind` decides which keys exist, another kind keeps none of the keys below it. */
const changesKind = (path: KeyPath, under: Tree, over: Tree): boolean => {
  const node = nodeAt(path);
  const hasVariants = node?.kind === 'struct' && node.hasVariants;
  return hasVariants && over.kind !== undefined && over.kind !== under.kind;
};

/** Names may hold dots (`EURUSD.r`), so paths are compared by a text that keeps them apart. */
const SEPARATOR = '\u0000';
const keyOf = (path: KeyPath): string => path.join(SEPARATOR);

const forget = (sources: Map<string, Layer>, path: KeyPath): void => {
  const prefix = `${keyOf(path)}${SEPARATOR}`;
  for (const key of sources.keys()) if (key.startsWith(prefix)) sources.delete(key);
};

/** Lays layers over each other, lowest precedence first. Sections merge key by key; lists and plain
 * values replace what is under them. Absent (undefined) values change nothing. */
export const mergeLayers = (lowest: Layer, others: readonly Layer[]): Merged => {
  const sources = new Map<string, Layer>();
  const lay = (under: Tree, layer: Layer, over: Tree, path: KeyPath): Tree => {
    const result = new Map(Object.entries(under));
    for (const [key, value] of Object.entries(over)) {
      if (value === undefined) continue;
      const here = [...path, key];
      const below = result.get(key);
      if (isTree(below) && isTree(value) && !changesKind(here, below, value)) {
        result.set(key, lay(below, layer, value, here));
        continue;
      }
      forget(sources, here);
      sources.set(keyOf(here), layer);
      result.set(key, isTree(value) ? lay({}, layer, value, here) : value);
    }
    return Object.fromEntries(result);
  };
  let tree: Tree = {};
  for (const layer of [lowest, ...others]) tree = lay(tree, layer, layer.tree, []);
  const sourceOf = (path: KeyPath): Layer => {
    for (let length = path.length; length > 0; length -= 1) {
      const layer = sources.get(keyOf(path.slice(0, length)));
      if (layer !== undefined) return layer;
    }
    return lowest;
  };
  return { tree, sourceOf };
};
