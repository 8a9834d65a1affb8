import { BASIC_TYPES, closing, isDefinition, listAt } from './program.ts';
import { inParameters, insideStruct, type Rule, rule, structAt, text, typeAt } from './rule-kit.ts';
import type { Token } from './tokens.ts';

/** Text of an argument that a reference can bind to: a variable, an element, a field. */
const LVALUE = /^\(?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[.*\])*\)?$/;
const NOT_VARIABLES = /^(?:true|false|[A-Z][A-Z0-9_]*)$/;

export const DECLARATION_RULES: readonly Rule[] = [
  rule(
    'long long',
    'long has 64 bits',
    (t, at) => text(t, at) === 'long' && /^(?:long|double|int)$/.test(text(t, at + 1)),
  ),
  rule(
    'enum class',
    'MQL5 has plain enumerations',
    (t, at) =>
      text(t, at) === 'enum' &&
      (/^(?:class|struct)$/.test(text(t, at + 1)) || text(t, at + 2) === ':'),
  ),
  rule(
    'forward structure',
    'define it before it is used',
    (t, at) => text(t, at) === 'struct' && text(t, at + 2) === ';',
  ),
  rule(
    'inheritance',
    'the dialect has plain structures',
    (t, at) => text(t, at) === 'struct' && text(t, at + 2) === ':',
  ),
  rule(
    'member initialiser',
    "a structure's members have no defaults",
    (t, at, program) =>
      typeAt(program, at) &&
      t[at + 1]?.kind === 'word' &&
      text(t, at + 2) === '=' &&
      insideStruct(t, at),
  ),
  rule(
    'pointer',
    'the dialect has no pointers',
    (t, at, program) => typeAt(program, at) && text(t, at + 1) === '*',
  ),
  rule(
    'address',
    'the dialect has no pointers',
    (t, at) =>
      text(t, at) === '&' &&
      /^(?:[=(,]|return|[<>!]=?|==|&&|\|\|)$/.test(text(t, at - 1)) &&
      t[at + 1]?.kind === 'word',
  ),
  rule(
    'dereference',
    'the dialect has no pointers',
    (t, at) =>
      text(t, at) === '*' &&
      /^(?:[=(,;{}]|return)$/.test(text(t, at - 1)) &&
      t[at + 1]?.kind === 'word',
  ),
  rule(
    'returned reference',
    'functions return values',
    (t, at, program) =>
      typeAt(program, at) &&
      text(t, at + 1) === '&' &&
      t[at + 2]?.kind === 'word' &&
      text(t, at + 3) === '(',
  ),
  rule(
    'local reference',
    'only parameters are references',
    (t, at, program) =>
      typeAt(program, at) &&
      text(t, at + 1) === '&' &&
      t[at + 2]?.kind === 'word' &&
      /^[=;]$/.test(text(t, at + 3)),
  ),
  rule(
    'several dimensions',
    'arrays have one dimension',
    (t, at) => text(t, at) === ']' && text(t, at + 1) === '[',
  ),
  rule(
    'arrays in one declaration',
    'declare one array at a time',
    (t, at, program) => typeAt(program, at) && arraysAfterComma(t, at),
  ),
  rule(
    'array size',
    'a size is a number or a #define: MetaEditor refuses a const',
    (t, at, { names }) =>
      text(t, at) === '[' &&
      t[at - 1]?.kind === 'word' &&
      t[at - 2]?.kind === 'word' &&
      text(t, at - 2) !== 'return' &&
      t
        .slice(at + 1, closing(t, at))
        .some((part) => part.kind === 'word' && !names.macros.has(part.text)),
  ),
  rule(
    'structure in function',
    'define structures outside of functions',
    (t, at) => text(t, at) === 'struct' && bracesBefore(t, at) > 0,
  ),
  rule(
    'array assignment',
    'use ArrayCopy',
    (t, at, { names }) =>
      text(t, at) === '=' &&
      names.arrays.has(text(t, at - 1)) &&
      names.arrays.has(text(t, at + 1)) &&
      text(t, at + 2) === ';' &&
      text(t, at - 2) !== '.',
  ),
  rule(
    'name too long',
    'a name has at most 63 characters',
    (t, at) => t[at]?.kind === 'word' && text(t, at).length > 63,
  ),
  rule(
    'function pointer',
    'the dialect has none',
    (t, at) =>
      text(t, at) === '(' &&
      text(t, at + 1) === '*' &&
      t[at + 2]?.kind === 'word' &&
      text(t, at + 3) === ')',
  ),
  rule(
    'overload of a built-in',
    'the terminal has a function of this name',
    (t, at, { builtins }) =>
      isDefinition(t, at) && builtins.has(text(t, at)) && !/^On[A-Z]/.test(text(t, at)),
  ),
  {
    name: 'array by value',
    reason: 'arrays are passed by reference',
    ...inParameters(
      ({ tokens }, from, to) =>
        tokens.slice(from, to).some((part) => part.text === '[') &&
        !tokens.slice(from, to).some((part) => part.text === '&'),
    ),
  },
  {
    name: 'structure by value',
    reason: 'structures are passed by reference',
    ...inParameters((program, from, to) => {
      const part = program.tokens.slice(from, to);
      return (
        part.some((_, index) => structAt(program, from + index)) &&
        !part.some(({ text: it }) => it === '&')
      );
    }),
  },
  {
    name: 'default of a reference',
    reason: 'a reference has no default',
    ...inParameters(({ tokens }, from, to) => {
      const part = tokens.slice(from, to);
      return part.some(({ text: it }) => it === '&') && part.some(({ text: it }) => it === '=');
    }),
  },
  rule(
    'temporary to a reference',
    'a reference takes a variable: name the value first',
    (t, at, program) => {
      const references = program.names.functions.get(text(t, at));
      if (references === undefined || text(t, at + 1) !== '(' || isDefinition(t, at)) return false;
      return listAt(t, at + 1).some(([from, to], index) => {
        const argument = t
          .slice(from, to)
          .map((token) => token.text)
          .join('');
        return (
          references[index] === true && (!LVALUE.test(argument) || NOT_VARIABLES.test(argument))
        );
      });
    },
  ),
  rule(
    'unknown name',
    'neither the terminal nor the program defines it',
    (t, at, { names, builtins }) => {
      const name = text(t, at);
      if (t[at]?.kind !== 'word' || text(t, at - 1) === '.') return false;
      return !(
        KEYWORDS.has(name) ||
        BASIC_TYPES.has(name) ||
        builtins.has(name) ||
        names.declared.has(name) ||
        names.macros.has(name) ||
        names.structs.has(name) ||
        names.functions.has(name) ||
        REFUSED_WORDS.has(name)
      );
    },
  ),
];

const bracesBefore = (tokens: readonly Token[], at: number): number =>
  tokens
    .slice(0, at)
    .reduce((depth, { text: it }) => depth + (it === '{' ? 1 : it === '}' ? -1 : 0), 0);

/** `T a[], b` or `T a, b[5]`: from the type on to the end of the declaration. */
const arraysAfterComma = (tokens: readonly Token[], at: number): boolean => {
  if (tokens[at + 1]?.kind !== 'word' || text(tokens, at + 2) === '(') return false;
  if (
    /^[(,]$/.test(text(tokens, at - 1)) ||
    (text(tokens, at - 1) === 'const' && /^[(,]$/.test(text(tokens, at - 2)))
  )
    return false;
  let depth = 0;
  let arrays = 0;
  let commas = 0;
  for (let index = at + 1; index < tokens.length; index += 1) {
    const it = text(tokens, index);
    if (it === ';' && depth === 0) break;
    if ('({'.includes(it)) depth += 1;
    if (')}'.includes(it)) depth -= 1;
    if (depth < 0) return false;
    if (depth > 0) continue;
    if (it === '=') {
      while (index < tokens.length && !(/^[,;]$/.test(text(tokens, index)) && depth === 0)) {
        if ('({['.includes(text(tokens, index))) depth += 1;
        if (')}]'.includes(text(tokens, index))) depth -= 1;
        index += 1;
      }
      index -= 1;
      continue;
    }
    if (it === '[') arrays += 1;
    if (it === ',') commas += 1;
  }
  return arrays > 0 && commas > 0;
};

const KEYWORDS: ReadonlySet<string> = new Set(
  'break case const continue default do else enum false for if input sinput group return sizeof static struct switch true while'.split(
    ' ',
  ),
);
const REFUSED_WORDS: ReadonlySet<string> = new Set(
  'nullptr NULL auto decltype static_cast reinterpret_cast const_cast dynamic_cast constexpr consteval constinit using typedef namespace try catch throw noexcept goto unsigned signed new delete this class template typename virtual friend operator union public private protected alignas alignof asm concept co_await co_return co_yield explicit export extern inline mutable register requires static_assert thread_local typeid volatile wchar_t char8_t char16_t char32_t and or not xor bitand bitor compl and_eq or_eq xor_eq not_eq main'.split(
    ' ',
  ),
);
