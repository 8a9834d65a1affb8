import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * Makes C++17 of MQL5, line by line: every line of the source stays a line, and `#line` keeps file
 * and number, so that compilers and sanitizers speak of the .mq5 file. Token-level rewriting is
 * enough because the dialect is small; what it does not cover the lint refuses.
 */
export class PreprocessError extends Error {}

const HANDLERS = [
  ['OnInit', 'init'],
  ['OnDeinit', 'deinit'],
  ['OnTick', 'tick'],
  ['OnTimer', 'timer'],
  ['OnTradeTransaction', 'transaction'],
  ['OnStart', 'start'],
] as const;
/** Words that may stand before a name and a bracket without making it a declaration. */
const NO_TYPE = 'return|else|case|do|new|delete|goto|sizeof|operator';
const ARRAY = new RegExp(
  `\\b(?!(?:${NO_TYPE})\\b)([A-Za-z_]\\w*)(\\s+|\\s*&\\s*)([A-Za-z_]\\w*)\\s*\\[([^\\][]*)\\]`,
  'g',
);
/** String literals, character literals with a prefix, comments: what other rules must not look into. */
const LITERAL = /"(?:[^"\\]|\\.)*"|[DC]'[^']*'|'(?:[^'\\]|\\.)*'|\/\/.*$|\/\*.*?\*\//g;

const dateOf = (text: string): string => {
  const [date = '', time = '00:00:00'] = text.trim().split(/\s+/);
  const [year = 0, month = 1, day = 1] = date.split('.').map(Number);
  const [hour = 0, minute = 0, second = 0] = time.split(':').map(Number);
  return `${Date.UTC(year, month - 1, day, hour, minute, second) / 1000}L`;
};
const colourOf = (text: string): string => {
  const [red = 0, green = 0, blue = 0] = text.split(',').map(Number);
  return `${red + green * 256 + blue * 65_536}U`;
};
const literalOf = (text: string): string => {
  if (text.startsWith('"')) return `u${text}_s`;
  if (text.startsWith("D'")) return dateOf(text.slice(2, -1));
  return text.startsWith("C'") ? colourOf(text.slice(2, -1)) : text;
};
const arrayOf = (
  whole: string,
  type: string,
  between: string,
  name: string,
  size: string,
): string => {
  // `a & b[i]` is an expression; only `T &a[]` declares.
  if (between.includes('&')) return size.trim() === '' ? `MqlArray<${type}>& ${name}` : whole;
  return size.trim() === '' ? `MqlArray<${type}> ${name}` : `MqlFixed<${type}, ${size}> ${name}`;
};

/** One line of code outside of block comments. */
export const rewriteLine = (line: string): string => {
  if (/^\s*#\s*property\b/.test(line) || /^\s*s?input\s+group\b/.test(line)) return '';
  const literals: string[] = [];
  const bare = line.replace(LITERAL, (literal) => {
    if (/^\/[/*]/.test(literal)) return '';
    literals.push(literalOf(literal));
    return `§${literals.length - 1}§`;
  });
  return bare
    .replace(
      /^(\s*)s?input\s+(\w+)\s+(\w+)\s*=\s*(.*?);/,
      '$1static $2 $3 = inputOf<$2>("$3", $4);',
    )
    .replace(ARRAY, arrayOf)
    .replaceAll(/§(\d+)§/g, (_, at) => literals[Number(at)] ?? '');
};

export interface Translation {
  readonly code: string;
  /** Every file that went in, in order. */
  readonly files: readonly string[];
}

/** Translates a program and what it includes; `<…>` is looked up in `includeDirectory`. */
export const translate = (file: string, includeDirectory: string): Translation => {
  const files: string[] = [];
  const handlers = new Set<string>();
  const expand = (path: string): string => {
    if (files.includes(path)) return '';
    if (!existsSync(path)) throw new PreprocessError(`${path}: no such file`);
    files.push(path);
    let comment = false;
    const body = readFileSync(path, 'utf8')
      .split(/\r?\n/)
      .map((line, index) => {
        const include = /^\s*#\s*include\s+(?:<([^>]+)>|"([^"]+)")/.exec(line);
        if (include !== null && !comment) {
          const [, system, local = ''] = include;
          const name = (system ?? local).replaceAll('\\', '/');
          const found =
            system === undefined ? join(dirname(path), name) : join(includeDirectory, name);
          return `${expand(resolve(found))}\n#line ${index + 2} "${path}"`;
        }
        if (comment) {
          const end = line.indexOf('*/');
          if (end < 0) return '';
          comment = false;
          return rewriteLine(line.slice(end + 2));
        }
        const start = line.replaceAll(/"(?:[^"\\]|\\.)*"|\/\*.*?\*\//g, (it) =>
          ' '.repeat(it.length),
        );
        const opened = /^(?:(?!\/\/).)*?\/\*/.exec(start);
        if (opened !== null) comment = true;
        const code = opened === null ? line : line.slice(0, opened[0].length - 2);
        for (const [name] of HANDLERS)
          if (new RegExp(`^\\s*(?:void|int)\\s+${name}\\s*\\(`).test(code)) handlers.add(name);
        return rewriteLine(code);
      });
    return `#line 1 "${path}"\n${body.join('\n')}`;
  };
  const body = expand(resolve(file));
  const wired = HANDLERS.filter(([name]) => handlers.has(name)).map(
    ([name, field]) => `  handlers.${field} = ${name === 'OnInit' ? 'mqlInit' : name};`,
  );
  const init = /^\s*void\s+OnInit\s*\(/m.test(body)
    ? 'int mqlInit() { OnInit(); return 0; }'
    : handlers.has('OnInit')
      ? 'int mqlInit() { return OnInit(); }'
      : '';
  const code = [
    '#include "mql5.hpp"',
    'namespace mql5_program {',
    'using namespace mql5;',
    body,
    '#line 1 "event-handlers"',
    init,
    'mql5::Handlers programHandlers() {',
    '  mql5::Handlers handlers;',
    ...wired,
    '  return handlers;',
    '}',
    '}  // namespace mql5_program',
    'int main() { return mql5::runProgram(mql5_program::programHandlers()); }',
    '',
  ].join('\n');
  return { code, files };
};
