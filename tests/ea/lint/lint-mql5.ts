import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { builtinNames } from './builtins.ts';
import { namesOf, type Program } from './program.ts';
import { RULES } from './rules.ts';
import { type Token, tokensOf } from './tokens.ts';

/**
 * Refuses what g++ accepts and MetaEditor does not, and what lies outside of the dialect that both
 * read alike. It sees tokens, not meaning: g++ checks types, and the operator's MetaEditor the rest.
 */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly reason: string;
}

const builtins = builtinNames();

/** Tokens of what a file includes, transitively, each file once; a file that is absent is skipped:
 * the preprocess refuses it by name. */
const included = (
  file: string,
  tokens: readonly Token[],
  root: string,
  seen: Set<string>,
): Token[] =>
  tokens.flatMap((token) => {
    const [, system, local = ''] = /^#\s*include\s+(?:<([^>]+)>|"([^"]+)")/.exec(token.text) ?? [];
    if (token.kind !== 'directive' || (system === undefined && local === '')) return [];
    const path = resolve(system === undefined ? join(dirname(file), local) : join(root, system));
    if (seen.has(path)) return [];
    seen.add(path);
    try {
      const inner = tokensOf(readFileSync(path, 'utf8'));
      return [...included(path, inner, root, seen), ...inner];
    } catch {
      return [];
    }
  });

/** Findings of one source; names of the files that it includes, and of `also`, count as known. */
export const lintSource = (
  file: string,
  source: string,
  options: { readonly includeDirectory?: string; readonly also?: readonly Token[] } = {},
): readonly Finding[] => {
  const tokens = tokensOf(source);
  const root = options.includeDirectory ?? dirname(file);
  const context = [
    ...included(file, tokens, root, new Set([resolve(file)])),
    ...(options.also ?? []),
  ];
  const program: Program = {
    tokens,
    file,
    builtins: builtins.names,
    builtinStructs: builtins.structs,
    names: namesOf([...context, ...tokens]),
  };
  return RULES.flatMap(({ name, reason, find }) =>
    find(program).map((at) => ({ file, line: tokens[at]?.line ?? 0, rule: name, reason })),
  ).sort((a, b) => a.line - b.line);
};

export const lintFiles = (
  files: readonly string[],
  includeDirectory: string,
): readonly Finding[] => {
  // An include file may use what was included before it, so all of them know all names.
  const also = files.flatMap((file) => tokensOf(readFileSync(file, 'utf8')));
  return files.flatMap((file) =>
    lintSource(file, readFileSync(file, 'utf8'), { includeDirectory, also }),
  );
};
