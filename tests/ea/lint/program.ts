import type { Token } from './tokens.ts';

/** What the rules have to know of a whole program: its names and what its functions take. */
export interface Program {
  readonly tokens: readonly Token[];
  readonly file: string;
  /** Names that the terminal defines. */
  readonly builtins: ReadonlySet<string>;
  readonly builtinStructs: ReadonlySet<string>;
  readonly names: Names;
}

export interface Names {
  readonly structs: ReadonlySet<string>;
  readonly macros: ReadonlySet<string>;
  readonly declared: ReadonlySet<string>;
  /** By function: which parameters are references. */
  readonly functions: ReadonlyMap<string, readonly boolean[]>;
  /** Names that are arrays wherever the program declares them. */
  readonly arrays: ReadonlySet<string>;
}

export const BASIC_TYPES: ReadonlySet<string> = new Set([
  ...['bool', 'char', 'uchar', 'short', 'ushort', 'int', 'uint', 'long', 'ulong'],
  ...['float', 'double', 'string', 'datetime', 'color', 'void'],
]);
export const isType = (text: string, names: Names, structs: ReadonlySet<string>): boolean =>
  BASIC_TYPES.has(text) || names.structs.has(text) || structs.has(text) || /^ENUM_/.test(text);

/** Index of the bracket that closes the one at `open`, or the end. */
export const closing = (tokens: readonly Token[], open: number): number => {
  const pairs: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
  const [opener, closer] = [tokens[open]?.text ?? '', pairs[tokens[open]?.text ?? '']];
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (tokens[at]?.text === opener) depth += 1;
    if (tokens[at]?.text === closer) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return tokens.length;
};

/** Token ranges [from, to) between the commas of an open bracket. */
export const listAt = (
  tokens: readonly Token[],
  open: number,
): readonly (readonly [from: number, to: number])[] => {
  const end = closing(tokens, open);
  const parts: (readonly [number, number])[] = [];
  let from = open + 1;
  let depth = 0;
  for (let at = open + 1; at < end; at += 1) {
    const { text } = tokens[at] ?? { text: '' };
    if ('([{'.includes(text)) depth += 1;
    if (')]}'.includes(text)) depth -= 1;
    if (text !== ',' || depth > 0) continue;
    parts.push([from, at]);
    from = at + 1;
  }
  if (end > from) parts.push([from, end]);
  return parts;
};

/** True at a function's name where it is defined: `TYPE NAME (` … `) {`. */
export const isDefinition = (tokens: readonly Token[], at: number): boolean => {
  const [before, name, open] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  if (name?.kind !== 'word' || open?.text !== '(' || before?.kind !== 'word') return false;
  if (/^(?:return|else|case|new|delete|do)$/.test(before.text)) return false;
  return tokens[closing(tokens, at + 1) + 1]?.text === '{';
};

export const namesOf = (tokens: readonly Token[]): Names => {
  const structs = new Set<string>();
  const macros = new Set<string>();
  const declared = new Set<string>();
  const functions = new Map<string, readonly boolean[]>();
  const arrays = new Set<string>();
  const scalars = new Set<string>();
  for (const [at, token] of tokens.entries()) {
    const { kind, text } = token;
    if (kind === 'directive') {
      const [, macro] = /^#\s*define\s+(\w+)/.exec(text) ?? [];
      if (macro !== undefined) macros.add(macro);
      for (const [, parameter = ''] of text.matchAll(/[(,]\s*(\w+)(?=\s*[,)])/g))
        declared.add(parameter);
      continue;
    }
    const next = tokens[at + 1];
    if ((text === 'struct' || text === 'enum') && next?.kind === 'word') structs.add(next.text);
    if (text === 'enum') {
      const open = next?.text === '{' ? at + 1 : at + 2;
      for (const [from] of listAt(tokens, open)) declared.add(tokens[from]?.text ?? '');
    }
    const before = tokens[at - 1];
    const typed = before?.kind === 'word' || before?.text === '&' || before?.text === ',';
    if (kind !== 'word' || !typed) continue;
    // `TYPE name`, `TYPE &name`, and what follows a comma of a declaration.
    if (before.kind === 'word' || /^[,;=)[]$/.test(next?.text ?? '')) declared.add(text);
    if (next?.text === '[' && before.kind === 'word' && before.text !== 'return') arrays.add(text);
    if (next?.text === '[' && before.text === '&') arrays.add(text);
    if (before.kind === 'word' && /^[=;,)]$/.test(next?.text ?? '')) scalars.add(text);
    if (!isDefinition(tokens, at)) continue;
    functions.set(
      text,
      listAt(tokens, at + 1).map(([from, to]) =>
        tokens.slice(from, to).some((part) => part.text === '&'),
      ),
    );
  }
  for (const name of scalars) arrays.delete(name);
  return { structs, macros, declared, functions, arrays };
};
