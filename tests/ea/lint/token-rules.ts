import { closing } from './program.ts';
import { type Rule, rule, text, typeAt, words } from './rule-kit.ts';
import type { Token } from './tokens.ts';

export const WORD_RULES: readonly Rule[] = [
  words('nullptr', 'nullptr', 'MQL5 has no nullptr'),
  words('NULL', 'NULL', 'strings are values and there are no pointers: compare with ""'),
  words('auto', 'auto decltype', 'MQL5 deduces no types: name it'),
  words('casts', 'static_cast reinterpret_cast const_cast dynamic_cast', 'write (type)value'),
  words('constexpr', 'constexpr consteval constinit', 'use #define or const'),
  words('using', 'using typedef namespace', 'MQL5 has no aliases of types'),
  words('exceptions', 'try catch throw noexcept', 'MQL5 has no exceptions'),
  words('goto', 'goto', 'MQL5 has no goto'),
  words('signedness', 'unsigned signed', 'MQL5 writes uchar, ushort, uint, ulong'),
  words('allocation', 'new delete', 'the dialect has no pointers'),
  words('this', 'this', 'the dialect has structures without methods'),
  words(
    'classes',
    'class template typename virtual friend operator union public private protected',
    'the dialect has structures and functions only',
  ),
  words(
    'cpp keyword',
    'alignas alignof asm concept co_await co_return co_yield explicit export extern inline mutable register requires static_assert thread_local typeid volatile wchar_t char8_t char16_t char32_t',
    'MQL5 does not know this word',
  ),
  words(
    'alternative token',
    'and or not xor bitand bitor compl and_eq or_eq xor_eq not_eq',
    'write the operator',
  ),
  words('main', 'main', 'a program begins in OnInit or OnStart'),
];

export const PUNCTUATION_RULES: readonly Rule[] = [
  rule('arrow', 'there are no pointers', (t, at) => text(t, at) === '->'),
  rule('scope', 'there are no namespaces and no static members', (t, at) => text(t, at) === '::'),
  rule(
    'ellipsis',
    'MQL5 has no variadic functions, macros or case ranges',
    (t, at) =>
      text(t, at) === '...' || (t[at]?.kind === 'directive' && text(t, at).includes('...')),
  ),
  rule(
    'attribute',
    'MQL5 has no attributes',
    (t, at) => text(t, at) === '[' && text(t, at + 1) === '[',
  ),
  rule(
    'lambda',
    'MQL5 has no lambdas',
    (t, at) =>
      text(t, at) === '[' &&
      !/^(?:[\w\])]+)$/.test(text(t, at - 1)) &&
      text(t, at - 1) !== '[' &&
      text(t, at + 1) !== '[',
  ),
  rule(
    'range for',
    'MQL5 counts with an index',
    (t, at) =>
      text(t, at) === 'for' &&
      text(t, at + 1) === '(' &&
      hasBetween(t, at + 1, ':', '?') &&
      !hasBetween(t, at + 1, ';'),
  ),
  rule(
    'elvis',
    'name the middle operand',
    (t, at) => text(t, at) === '?' && text(t, at + 1) === ':',
  ),
  rule(
    'initialiser in condition',
    'declare it before',
    (t, at) =>
      /^(?:if|switch|while)$/.test(text(t, at)) &&
      text(t, at + 1) === '(' &&
      hasBetween(t, at + 1, ';'),
  ),
  rule(
    'brace initialiser',
    'MQL5 initialises arrays and structures only, with = {…}',
    (t, at, program) =>
      text(t, at + 1) === '{' &&
      t[at]?.kind === 'word' &&
      (typeAt(program, at) || typeAt(program, at - 1)) &&
      !/^(?:struct|enum)$/.test(text(t, at - 1)),
  ),
  rule(
    'designated initialiser',
    'list the values in order',
    (t, at) => /^[{,]$/.test(text(t, at)) && text(t, at + 1) === '.' && t[at + 2]?.kind === 'word',
  ),
  rule(
    'constructor initialiser',
    'write = value',
    (t, at, program) =>
      typeAt(program, at) &&
      t[at + 1]?.kind === 'word' &&
      text(t, at + 2) === '(' &&
      /^(?:number|string|character)$/.test(t[at + 3]?.kind ?? ''),
  ),
  rule(
    'bit field',
    'MQL5 has no bit fields',
    (t, at, program) =>
      typeAt(program, at) && t[at + 1]?.kind === 'word' && text(t, at + 2) === ':',
  ),
  rule(
    'token outside of MQL5',
    'ASCII only, and nothing that MQL5 does not use',
    (t, at) => t[at]?.kind === 'other',
  ),
];

const hasBetween = (
  tokens: readonly Token[],
  open: number,
  wanted: string,
  unless?: string,
): boolean => {
  const inside = tokens.slice(open + 1, closing(tokens, open));
  return (
    inside.some((token) => token.text === wanted) && !inside.some((token) => token.text === unless)
  );
};

export const LITERAL_RULES: readonly Rule[] = [
  rule(
    'adjacent literals',
    'join strings with +',
    (t, at) => t[at]?.kind === 'string' && t[at + 1]?.kind === 'string',
  ),
  rule(
    'literal plus literal',
    'MetaEditor refuses to add two literals: write one',
    (t, at) => t[at]?.kind === 'string' && text(t, at + 1) === '+' && t[at + 2]?.kind === 'string',
  ),
  rule(
    'prefixed literal',
    'MQL5 strings have no prefix',
    (t, at) =>
      (t[at]?.kind === 'string' && !text(t, at).startsWith('"')) ||
      (t[at]?.kind === 'character' && /^[uUL]/.test(text(t, at))),
  ),
  rule(
    'escape',
    'write the character itself, or \\x',
    (t, at) =>
      /^(?:string|character)$/.test(t[at]?.kind ?? '') &&
      /\\[uUabfv0-7?e]/.test(text(t, at).replaceAll('\\\\', '')),
  ),
  rule(
    'several characters',
    'a character is one',
    (t, at) =>
      t[at]?.kind === 'character' &&
      /^'/.test(text(t, at)) &&
      !/^'(?:[^\\']|\\x[\da-fA-F]{1,4}|\\.)'$/.test(text(t, at)),
  ),
  rule(
    'digit separator',
    'MQL5 has none',
    (t, at) => t[at]?.kind === 'number' && text(t, at).includes("'"),
  ),
  rule(
    'number suffix',
    'cast instead: (ulong)1',
    (t, at) =>
      t[at]?.kind === 'number' &&
      (/^0[xX][\da-fA-F]+[g-zG-Z]/.test(text(t, at)) ||
        /^(?!0[xX])[\d.]+(?:[eE][+-]?\d+)?[a-df-zA-DF-Z]/.test(text(t, at))),
  ),
  rule(
    'octal or binary',
    'MQL5 reads 010 as ten, and 0b differently',
    (t, at) => t[at]?.kind === 'number' && /^0(?:\d|[bB])/.test(text(t, at)),
  ),
  rule(
    'bit 31',
    'MetaEditor and g++ give it other types: cast it, (uint)0x80000000',
    (t, at) =>
      t[at]?.kind === 'number' &&
      /^0[xX](?:[89a-fA-F][\da-fA-F]{7}|[89a-fA-F][\da-fA-F]{15})$/.test(text(t, at)) &&
      text(t, at - 1) !== ')',
  ),
];

const DIRECTIVES = /^#\s*(?:include|define|undef|ifdef|ifndef|else|endif|property)\b/;
export const DIRECTIVE_RULES: readonly Rule[] = [
  rule(
    'directive',
    'only include, define, undef, ifdef, ifndef, else, endif and property',
    (t, at) => t[at]?.kind === 'directive' && !DIRECTIVES.test(text(t, at)),
  ),
  rule(
    'macro operator',
    'MQL5 neither pastes nor quotes in macros',
    (t, at) =>
      t[at]?.kind === 'directive' &&
      /^#\s*define\b.*#/.test(text(t, at).replaceAll(/"[^"]*"/g, '')),
  ),
  rule(
    'macro over lines',
    'a macro is one line',
    (t, at) => t[at]?.kind === 'directive' && /\\\r?\n/.test(text(t, at)),
  ),
];
