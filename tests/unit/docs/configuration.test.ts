import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../../../src/config/defaults.ts';
import { variableOf } from '../../../src/config/environment.ts';
import { KEY_TREE, type KeyNode } from '../../../src/config/key-tree.ts';

const text = readFileSync(
  fileURLToPath(new URL('../../../docs/configuration.md', import.meta.url)),
  'utf8',
);
/** Rows `| key | unit | default | variable | meaning |` of all tables. */
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [key = '', unit = '', value = '', variable = '', meaning = ''] = line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', ''));
    return { key, unit, value, variable, meaning };
  });

interface Leaf {
  readonly key: string;
  readonly node: KeyNode;
  /** `*` stands for a name that people choose; undefined inside of a list. */
  readonly path: readonly string[] | undefined;
}
const leavesBelow = (node: KeyNode, key: string, path: Leaf['path']): readonly Leaf[] => {
  if (node.kind === 'list' && node.item.kind === 'struct') {
    return [{ key, node, path }, ...leavesBelow(node.item, `${key}[]`, undefined)];
  }
  if (node.kind !== 'struct') return [{ key, node, path }];
  const below = (name: string, child: KeyNode): readonly Leaf[] =>
    leavesBelow(child, key === '' ? name : `${key}.${name}`, path && [...path, name]);
  const named = [...node.fields].flatMap(([name, child]) => below(name, child));
  return node.rest === undefined ? named : [...named, ...below('*', node.rest)];
};
const leaves = leavesBelow(KEY_TREE, '', []);

const defaultAt = (path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, name) =>
      value !== null && typeof value === 'object'
        ? (value as Readonly<Record<string, unknown>>)[name]
        : undefined,
    defaultsOf('paper'),
  );
const written = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
const unitOf = (key: string): string | undefined =>
  [
    [/(?:^|\.)\w*Ms$/, 'ms'],
    [/Percent$|\.percent$/, '%'],
    [/Points(?:\.\S+)?$/, 'points'],
    [/Lots$/, 'lots'],
    [/Mb$/, 'MB'],
  ].find(([pattern]) => (pattern as RegExp).test(key))?.[1] as string | undefined;

describe('docs/configuration.md', () => {
  it('has every key of the schema, and no other', () => {
    expect(rows.map(({ key }) => key).sort()).toEqual(leaves.map(({ key }) => key).sort());
  });

  it('states the defaults of the paper profile', () => {
    const stated = rows.map(({ key, value }) => [key, value]);
    const wanted = rows.map(({ key }) => {
      const path = leaves.find((leaf) => leaf.key === key)?.path;
      const isLong = key === 'strategies';
      return [key, isLong ? 'three' : written(path === undefined ? undefined : defaultAt(path))];
    });
    expect(Object.fromEntries(stated)).toEqual(Object.fromEntries(wanted));
  });

  it('names the variable of every key that one variable can set', () => {
    const wanted = leaves.map(({ key, path }) => [
      key,
      path === undefined ? '' : variableOf(path).replaceAll('*', '<NAME>'),
    ]);
    const stated = rows.map(({ key, variable }) => [key, variable]);
    expect(Object.fromEntries(stated)).toEqual(Object.fromEntries(wanted));
  });

  it('gives the unit that a key ends in, and says what every key means', () => {
    const wrong = rows.filter(({ key, unit }) => (unitOf(key) ?? unit) !== unit);
    expect(wrong).toEqual([]);
    expect(rows.filter(({ meaning }) => meaning.length < 10)).toEqual([]);
  });

  it('lists the choices of every key that has some', () => {
    const missing = leaves.flatMap(({ key, node }) => {
      if (!('choices' in node)) return [];
      const meaning = rows.find((row) => row.key === key)?.meaning ?? '';
      return node.choices
        .filter((choice) => !meaning.includes(choice))
        .map((choice) => `${key}: ${choice}`);
    });
    expect(missing).toEqual([]);
  });
});
