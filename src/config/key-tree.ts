import * as SchemaAST from 'effect/SchemaAST';
import { ConfigDocument } from './schema.ts';

/**
 * The keys of the configuration, read from its schema: what a text from the environment has to
 * become, which values are secret, and what to tell a person about a key. There is no second list.
 */
export interface StructNode {
  readonly kind: 'struct';
  readonly fields: ReadonlyMap<string, KeyNode>;
  /** Meaning of keys that people name themselves (symbols, parameters); undefined: none. */
  readonly rest: KeyNode | undefined;
  /** True when its `kind` decides which of the fields exist. */
  readonly hasVariants: boolean;
}
export interface ListNode {
  readonly kind: 'list';
  readonly item: KeyNode;
  readonly what: string;
  readonly example: unknown;
}
export interface LeafNode {
  readonly kind: 'number' | 'boolean' | 'text' | 'mixed' | 'secret';
  /** One clause that says what the value means, with its unit. */
  readonly what: string;
  readonly example: unknown;
  /** The only values allowed; empty when the value is free. */
  readonly choices: readonly string[];
}
export type KeyNode = StructNode | ListNode | LeafNode;
export type KeyPath = readonly (string | number)[];

const leafKind = (ast: SchemaAST.AST): LeafNode['kind'] => {
  if (SchemaAST.isNumber(ast)) return 'number';
  if (SchemaAST.isBoolean(ast)) return 'boolean';
  if (SchemaAST.isString(ast)) return 'text';
  // Redacted is the only declared type of the document.
  if (SchemaAST.isDeclaration(ast)) return 'secret';
  return choicesOf(ast).length > 0 ? 'text' : 'mixed';
};

/** The texts of a union of nothing but literal texts. */
const choicesOf = (ast: SchemaAST.AST): readonly string[] => {
  if (SchemaAST.isLiteral(ast)) return [String(ast.literal)];
  if (!SchemaAST.isUnion(ast) || !ast.types.every(SchemaAST.isLiteral)) return [];
  return ast.types.flatMap(choicesOf);
};

const nodeOf = (ast: SchemaAST.AST): KeyNode => {
  const notes = SchemaAST.resolve(ast);
  const what = typeof notes?.description === 'string' ? notes.description : '';
  const example: unknown = Array.isArray(notes?.examples) ? notes.examples[0] : undefined;
  if (SchemaAST.isObjects(ast)) {
    const [rest] = ast.indexSignatures;
    return {
      kind: 'struct',
      fields: new Map(ast.propertySignatures.map(({ name, type }) => [String(name), nodeOf(type)])),
      rest: rest === undefined ? undefined : nodeOf(rest.type),
      hasVariants: false,
    };
  }
  if (SchemaAST.isUnion(ast) && ast.types.every(SchemaAST.isObjects)) return variantsOf(ast.types);
  if (SchemaAST.isArrays(ast)) {
    const [item] = ast.rest;
    if (item === undefined) throw new Error('a tuple has no place in the configuration');
    return { kind: 'list', item: nodeOf(item), what, example };
  }
  return { kind: leafKind(ast), what, example, choices: choicesOf(ast) };
};

/** Sections that differ by their `kind` appear as one that has the keys of all of them. */
const variantsOf = (variants: readonly SchemaAST.AST[]): StructNode => {
  const fields = new Map<string, KeyNode>();
  for (const variant of variants.map(nodeOf)) {
    if (variant.kind !== 'struct') continue;
    for (const [name, field] of variant.fields) fields.set(name, joined(fields.get(name), field));
  }
  return { kind: 'struct', fields, rest: undefined, hasVariants: true };
};

const joined = (known: KeyNode | undefined, field: KeyNode): KeyNode =>
  known !== undefined && 'choices' in known && 'choices' in field
    ? { ...known, choices: [...known.choices, ...field.choices] }
    : field;

export const KEY_TREE = nodeOf(ConfigDocument.ast);

const childOf = (node: KeyNode | undefined, segment: string | number): KeyNode | undefined => {
  if (node?.kind === 'struct') return node.fields.get(String(segment)) ?? node.rest;
  if (node?.kind === 'list') return node.item;
  return undefined;
};

/** What the schema knows of a path; undefined where no such key exists. */
export const nodeAt = (path: KeyPath): KeyNode | undefined =>
  path.reduce<KeyNode | undefined>(childOf, KEY_TREE);

/** `strategies[0].symbol`, the way a path is shown to people. */
export const showPath = (path: KeyPath): string =>
  path
    .map((segment, index) => {
      if (typeof segment === 'number') return `[${segment}]`;
      return index === 0 ? segment : `.${segment}`;
    })
    .join('');

/** Every path of named keys, the sections included; keys that people name appear as `*`. */
export const allPaths = (): readonly (readonly string[])[] => {
  const below = (node: KeyNode, path: readonly string[]): readonly (readonly string[])[] => {
    if (node.kind !== 'struct') return [path];
    const named = [...node.fields].flatMap(([name, field]) => below(field, [...path, name]));
    const own = path.length === 0 ? [] : [path];
    return node.rest === undefined
      ? [...own, ...named]
      : [...own, ...named, ...below(node.rest, [...path, '*'])];
  };
  return below(KEY_TREE, []);
};
