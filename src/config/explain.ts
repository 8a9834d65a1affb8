import type * as Schema from 'effect/Schema';
import * as SchemaIssue from 'effect/SchemaIssue';
import type { ConfigProblem } from './errors.ts';
import {
  allPaths,
  KEY_TREE,
  type KeyNode,
  type KeyPath,
  type LeafNode,
  nodeAt,
  showPath,
} from './key-tree.ts';
import { isTree, type Merged } from './layers.ts';
import { nearest } from './suggest.ts';

const UNKNOWN_KEY = 'unknown key';
const MAX_SHOWN = 40;
const MAX_LISTED = 20;

const format = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) =>
    issue._tag === 'UnexpectedKey' ? UNKNOWN_KEY : SchemaIssue.defaultLeafHook(issue),
});

const valueAt = (tree: unknown, path: KeyPath): unknown =>
  path.reduce<unknown>((value, segment) => {
    if (Array.isArray(value)) return value[Number(segment)];
    return isTree(value) && Object.hasOwn(value, segment) ? value[segment] : undefined;
  }, tree);

const article = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a section';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
};

/** A value as an error may show it. Secrets, and everything that might hold one, show their type
 * only: whoever puts a token into the wrong place must not find it in a log. */
const shown = (node: KeyNode | undefined, value: unknown): string => {
  const isOpen = node !== undefined && !['secret', 'struct', 'list'].includes(node.kind);
  if (!isOpen || (typeof value === 'object' && value !== null)) return article(value);
  const json = typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  if (json === undefined) return article(value);
  return json.length > MAX_SHOWN ? `${json.slice(0, MAX_SHOWN)}…` : json;
};

const MS_PER: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  sec: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

/** "5s" for a key in milliseconds, "0.5%" for one in percent, "5" for a number. */
const numberRemedy = (path: KeyPath, value: string): string | undefined => {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z%]*)\s*$/i.exec(value);
  if (match === null) return undefined;
  const [, figure = '', unit = ''] = match;
  // The unit may end the name of a whole section: slippagePoints.EURUSD.
  const isIn = (ending: string): boolean => path.some((name) => String(name).endsWith(ending));
  if (unit === '') return `Write the number ${figure} without quotes.`;
  const factor = MS_PER[unit.toLowerCase()];
  if (factor !== undefined && isIn('Ms')) {
    return `The key counts milliseconds: write ${Number(figure) * factor}, without a unit.`;
  }
  if (/^pips?$/i.test(unit) && isIn('Points')) {
    return 'The key counts points: with 5 or 3 digits a pip is 10 points.';
  }
  return `The unit is part of the key's name: write ${figure} if that is what it means.`;
};

const exampleOf = (node: LeafNode | { readonly example: unknown }): string => {
  if ('choices' in node && node.choices.length > 0) {
    return `one of ${node.choices.slice(0, MAX_LISTED).join(', ')}`;
  }
  return node.example === undefined ? 'a text' : `for example ${JSON.stringify(node.example)}`;
};

const valueRemedy = (node: KeyNode | undefined, path: KeyPath, value: unknown): string => {
  if (node === undefined) return 'Remove it.';
  if (node.kind === 'struct') {
    return `It is a section with the keys ${[...node.fields.keys()].join(', ')}.`;
  }
  if (node.kind === 'number' && typeof value === 'string') {
    const remedy = numberRemedy(path, value);
    if (remedy !== undefined) return remedy;
  }
  if (node.kind === 'text' && typeof value === 'number' && node.choices.length === 0) {
    return `Write it as text: "${value}".`;
  }
  return `Give ${node.what}: ${exampleOf(node)}.`;
};

const unknownKeyRemedy = (path: KeyPath): string => {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1));
  const node = parent.length === 0 ? KEY_TREE : nodeAt(parent);
  const siblings = node?.kind === 'struct' ? [...node.fields.keys()] : [];
  const meant = nearest(key, siblings);
  if (meant !== undefined) {
    const target = nodeAt([...parent, meant]);
    const what = target === undefined || !('what' in target) ? '' : ` (${target.what})`;
    return `Did you mean ${showPath([...parent, meant])}${what}?`;
  }
  const elsewhere = allPaths().find((other) => other.at(-1) === key && !other.includes('*'));
  if (elsewhere !== undefined) return `Did you mean ${showPath(elsewhere)}?`;
  return `Remove it. Known here: ${siblings.slice(0, MAX_LISTED).join(', ')}.`;
};

/** A section whose `kind` is wrong or absent is reported at its kind. */
const pointOf = (path: KeyPath, value: unknown): KeyPath => {
  const node = nodeAt(path);
  return node?.kind === 'struct' && node.hasVariants && isTree(value) ? [...path, 'kind'] : path;
};

const problemOf = (issuePath: KeyPath, message: string, merged: Merged): ConfigProblem => {
  const path = pointOf(issuePath, valueAt(merged.tree, issuePath));
  const place = {
    path: path.length === 0 ? '(document)' : showPath(path),
    origin: merged.sourceOf(path).origin,
  };
  if (message === UNKNOWN_KEY) {
    return { ...place, reason: 'no such key', remedy: unknownKeyRemedy(path) };
  }
  const node = nodeAt(path);
  const value = valueAt(merged.tree, path);
  const remedy = valueRemedy(node, path, value);
  if (value === undefined) return { ...place, reason: 'it is missing', remedy };
  let expectation = message;
  if (node?.kind === 'struct') expectation = 'Expected a section';
  else if (path !== issuePath) expectation = 'there is no such kind';
  return { ...place, reason: `${expectation}, found ${shown(node, value)}`, remedy };
};

/** Everything that the schema has against a document: one problem per path, in document order. */
export const explain = (error: Schema.SchemaError, merged: Merged): readonly ConfigProblem[] => {
  const problems = new Map<string, ConfigProblem>();
  for (const issue of format(error.issue).issues) {
    const path = (issue.path ?? []).map((segment): string | number => {
      const key = typeof segment === 'object' ? segment.key : segment;
      return typeof key === 'number' ? key : String(key);
    });
    const problem = problemOf(path, issue.message, merged);
    if (!problems.has(problem.path)) problems.set(problem.path, problem);
  }
  return [...problems.values()];
};
