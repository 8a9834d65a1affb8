import { BASIC_TYPES, isDefinition, isType, listAt, type Program } from './program.ts';
import type { Token } from './tokens.ts';

export interface Rule {
  readonly name: string;
  readonly reason: string;
  /** Indices of the tokens at which the program breaks the rule. */
  readonly find: (program: Program) => readonly number[];
}

type Test = (tokens: readonly Token[], at: number, program: Program) => boolean;
const where = (program: Program, test: Test): readonly number[] =>
  program.tokens.flatMap((_, at) => (test(program.tokens, at, program) ? [at] : []));
export const rule = (name: string, reason: string, test: Test): Rule => ({
  name,
  reason,
  find: (program) => where(program, test),
});
export const words = (name: string, list: string, reason: string): Rule => {
  const set = new Set(list.split(' '));
  return rule(
    name,
    reason,
    (tokens, at) => tokens[at]?.kind === 'word' && set.has(tokens[at].text),
  );
};
export const text = (tokens: readonly Token[], at: number): string => tokens[at]?.text ?? '';
export const typeAt = ({ tokens, names, builtinStructs }: Program, at: number): boolean =>
  tokens[at]?.kind === 'word' && isType(text(tokens, at), names, builtinStructs);
export const structAt = (program: Program, at: number): boolean =>
  typeAt(program, at) &&
  !BASIC_TYPES.has(text(program.tokens, at)) &&
  !/^ENUM_/.test(text(program.tokens, at)) &&
  !isEnum(program, text(program.tokens, at));
const isEnum = ({ tokens }: Program, name: string): boolean =>
  tokens.some((token, at) => token.text === 'enum' && text(tokens, at + 1) === name);

/** Parameter lists of the functions that the program defines: [from, to) of each parameter. */
const parameters = (program: Program): readonly (readonly [number, number])[] =>
  program.tokens.flatMap((_, at) =>
    isDefinition(program.tokens, at) ? listAt(program.tokens, at + 1) : [],
  );
export const inParameters = (test: (program: Program, from: number, to: number) => boolean) => ({
  find: (program: Program): readonly number[] =>
    parameters(program).flatMap(([from, to]) => (test(program, from, to) ? [from] : [])),
});

/** Number of braces open before each token, and whether the innermost is a structure's. */
export const insideStruct = (tokens: readonly Token[], at: number): boolean => {
  let depth = 0;
  for (let index = at - 1; index >= 0; index -= 1) {
    if (tokens[index]?.text === '}') depth += 1;
    if (tokens[index]?.text !== '{') continue;
    if (depth === 0) return text(tokens, index - 2) === 'struct';
    depth -= 1;
  }
  return false;
};
