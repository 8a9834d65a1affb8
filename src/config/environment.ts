import type { ConfigProblem } from './errors.ts';
import { KEY_TREE, type KeyNode, showPath } from './key-tree.ts';
import type { Layer, Tree } from './layers.ts';
import { nearest } from './suggest.ts';

/**
 * `BULWARK_RISK__SIZING__PERCENT=0.5` sets `risk.sizing.percent`: two underscores part the names,
 * one stands where a capital begins. Lists and whole sections are written as JSON.
 */
const PREFIX = 'BULWARK_';
const NESTING = '__';
const MAX_TEXT_LENGTH = 65_536;

const screaming = (name: string): string =>
  /^[a-z]/.test(name) ? name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase() : name;

/** The variable that sets a path. */
export const variableOf = (path: readonly string[]): string =>
  PREFIX + path.map(screaming).join(NESTING);

const squeeze = (name: string): string => name.replaceAll('_', '').toLowerCase();

type Step =
  | { readonly name: string; readonly node: KeyNode }
  | { readonly known: readonly string[] };

const step = (node: KeyNode, segment: string): Step => {
  if (node.kind !== 'struct') return { known: [] };
  for (const [name, field] of node.fields) {
    if (squeeze(name) === squeeze(segment)) return { name, node: field };
  }
  if (node.rest !== undefined && segment !== '') return { name: segment, node: node.rest };
  return { known: [...node.fields.keys()] };
};

type Resolved =
  | { readonly ok: true; readonly path: readonly string[]; readonly node: KeyNode }
  | { readonly ok: false; readonly remedy: string };

const resolveVariable = (variable: string): Resolved => {
  let node: KeyNode = KEY_TREE;
  const path: string[] = [];
  for (const segment of variable.slice(PREFIX.length).split(NESTING)) {
    const next = step(node, segment);
    if ('known' in next) return { ok: false, remedy: remedyFor(path, segment, next.known) };
    path.push(next.name);
    node = next.node;
  }
  return { ok: true, path, node };
};

const remedyFor = (path: readonly string[], segment: string, known: readonly string[]): string => {
  if (known.length === 0) {
    return `${showPath(path)} has no keys of its own: write ${variableOf(path)}, as JSON if a list.`;
  }
  const meant = nearest(segment, known);
  if (meant !== undefined) return `Did you mean ${variableOf([...path, meant])}?`;
  return `Remove it. Known here: ${known.map((name) => variableOf([...path, name])).join(', ')}.`;
};

/**
 * Turns a text into what its key holds. A text that does not fit stays a text: the schema then says
 * what was expected. Undefined: it had to be JSON and is not.
 */
export const valueFromText = (node: KeyNode, value: string): unknown => {
  const numeric = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value.trim());
  const boolean = value === 'true' || value === 'false';
  if (node.kind === 'number' || node.kind === 'mixed') {
    if (numeric) return Number(value);
    return node.kind === 'mixed' && boolean ? value === 'true' : value;
  }
  if (node.kind === 'boolean') return boolean ? value === 'true' : value;
  if (node.kind === 'text' || node.kind === 'secret') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
};

/** A document that holds one value. */
export const treeOf = (path: readonly string[], value: unknown): Tree =>
  Object.fromEntries([
    path.length <= 1 ? [path[0], value] : [path[0], treeOf(path.slice(1), value)],
  ]);

export interface TextSources {
  readonly layers: readonly Layer[];
  readonly problems: readonly ConfigProblem[];
}

const problem = (path: string, origin: string, reason: string, remedy: string): ConfigProblem => ({
  path,
  origin,
  reason,
  remedy,
});

/** Layers of the variables that start with BULWARK_, one each, so that each value names its own. */
export const layersOfVariables = (
  variables: Readonly<Record<string, string | undefined>>,
  options: { readonly origin: string; readonly baseDir: string },
): TextSources => {
  const layers: Layer[] = [];
  const problems: ConfigProblem[] = [];
  for (const [variable, value] of Object.entries(variables)) {
    if (!variable.startsWith(PREFIX) || value === undefined) continue;
    const resolved = resolveVariable(variable);
    if (!resolved.ok) {
      problems.push(problem(variable, options.origin, 'no key has this name', resolved.remedy));
      continue;
    }
    const { path, node } = resolved;
    const parsed = value.length > MAX_TEXT_LENGTH ? undefined : valueFromText(node, value);
    if (parsed === undefined) {
      const reason = `${showPath(path)} is a ${node.kind} and the text is not JSON`;
      const remedy = `Write JSON of at most ${MAX_TEXT_LENGTH} characters, or use a file.`;
      problems.push(problem(variable, options.origin, reason, remedy));
      continue;
    }
    const origin = options.origin === 'environment' ? variable : `${variable} in ${options.origin}`;
    layers.push({ origin, baseDir: options.baseDir, tree: treeOf(path, parsed) });
  }
  return { layers, problems };
};

/** A value set by a command-line flag: a text is read as the key wants it, anything else as it is. */
export interface Override {
  /** For instance `['risk', 'sizing', 'percent']`. */
  readonly path: readonly string[];
  readonly value: unknown;
  /** As people typed it, for instance `--profile`. */
  readonly flag: string;
}

export const layerOfOverride = (override: Override, node: KeyNode, baseDir: string): Layer => {
  const { path, value, flag } = override;
  const parsed = typeof value === 'string' ? (valueFromText(node, value) ?? value) : value;
  return { origin: flag, baseDir, tree: treeOf(path, parsed) };
};

/** The environment that a process which we start inherits. Handed on as it is: what configures this
 * program is read by the layers of the configuration alone. */
export const inheritedEnvironment = (): Readonly<Record<string, string | undefined>> => process.env;
