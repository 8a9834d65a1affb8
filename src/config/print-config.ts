import { KEY_TREE, type KeyNode, type KeyPath, nodeAt, showPath } from './key-tree.ts';
import { isTree, type Merged } from './layers.ts';
import type { LoadedConfig } from './load-config.ts';

export interface ConfigEntry {
  /** `risk.sizing.percent`, `strategies[0].symbol`. */
  readonly key: string;
  /** As it was written; `<redacted>` for a secret. */
  readonly value: unknown;
  readonly origin: string;
}

const REDACTED = '<redacted>';

const isEmpty = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : isTree(value) && Object.keys(value).length === 0;

/** Keys in the order of the schema, then those that people named, sorted. */
const sortedKeys = (node: KeyNode | undefined, tree: Readonly<Record<string, unknown>>) => {
  const known = node?.kind === 'struct' ? [...node.fields.keys()] : [];
  const named = Object.keys(tree).filter((key) => !known.includes(key));
  return [...known.filter((key) => Object.hasOwn(tree, key)), ...named.sort()];
};

/** Every value of the merged document, secrets redacted by key and not by value. */
export const entriesOf = (merged: Merged): readonly ConfigEntry[] => {
  const below = (value: unknown, path: KeyPath): readonly ConfigEntry[] => {
    const node = path.length === 0 ? KEY_TREE : nodeAt(path);
    if (isTree(value) && !isEmpty(value)) {
      return sortedKeys(node, value).flatMap((key) => below(value[key], [...path, key]));
    }
    if (Array.isArray(value) && value.some(isTree)) {
      return value.flatMap((item, index) => below(item, [...path, index]));
    }
    const shown = node?.kind === 'secret' ? REDACTED : value;
    return [{ key: showPath(path), value: shown, origin: merged.sourceOf(path).origin }];
  };
  return below(merged.tree, []);
};

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

/**
 * The effective configuration for people (key, value, origin in columns) or for programs (one JSON
 * object by key). Ends without a line break. Secrets appear as `<redacted>`.
 */
export const renderConfig = (
  loaded: Pick<LoadedConfig, 'entries'>,
  { json }: { readonly json: boolean },
): string => {
  if (json) {
    const byKey = loaded.entries.map(({ key, value, origin }) => [key, { value, origin }] as const);
    return JSON.stringify(Object.fromEntries(byKey), null, 2);
  }
  const rows = loaded.entries.map(
    ({ key, value, origin }) => [key, textOf(value), origin] as const,
  );
  const keyWidth = Math.max(0, ...rows.map(([key]) => key.length));
  const valueWidth = Math.max(0, ...rows.map(([, value]) => value.length));
  return rows
    .map(
      ([key, value, origin]) => `${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${origin}`,
    )
    .join('\n');
};
