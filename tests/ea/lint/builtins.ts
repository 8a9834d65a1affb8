import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHIM = fileURLToPath(new URL('../shim/', import.meta.url));

/**
 * Names that MQL5 defines, as far as the shim knows them: what stands in its headers and begins like
 * one of MQL5's. A name that is neither here nor in the program is C++'s, or a slip of the pen.
 */
export const builtinNames = (): {
  readonly names: ReadonlySet<string>;
  readonly structs: ReadonlySet<string>;
  /** Functions alone. */
  readonly functions: ReadonlySet<string>;
} => {
  const headers = readdirSync(SHIM).filter((name) => name.endsWith('.hpp') && name !== 'core.hpp');
  const text = headers.map((name) => readFileSync(join(SHIM, name), 'utf8')).join('\n');
  const names = new Set(
    [...text.matchAll(/\b_?[A-Z]\w+/g)]
      .map(([name]) => name)
      .filter(
        (name) =>
          !/^(?:MQL_[A-Z]+S|MQL_ENUM|MQL_VALUE|MQL_NAME|MqlArray|MqlFixed|Handlers|FormatArgument)$/.test(
            name,
          ),
      ),
  );
  const structs = new Set([...text.matchAll(/\bstruct (Mql\w+)/g)].map(([, name = '']) => name));
  const functions = new Set(
    [...text.matchAll(/^\w[\w<>,:. ]*?\b(?!MQL_)([A-Z]\w+)\(/gm)].map(([, name = '']) => name),
  );
  return { names, structs, functions };
};
