import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import { build } from 'esbuild';
import { TIMEFRAMES } from '../domain/market.ts';
import type { AnyStrategy } from '../strategy/registry.ts';
import { BUILTIN_STRATEGY_NAMES, builtinStrategy } from '../strategy/registry.ts';
import { sha256Hex } from '../strategy/sha256.ts';
import type { StrategyProblem } from '../strategy/strategy-params.ts';

export type LoadedStrategy =
  | {
      readonly ok: true;
      readonly strategy: AnyStrategy;
      /** sha-256 of the bundled code, 64 hex digits; undefined for a built-in, whose name and
       * version stand for its code. Goes into `strategyHash`. */
      readonly codeHash: string | undefined;
      /** The bundled module, for a worker that imports it itself; undefined for a built-in. */
      readonly modulePath: string | undefined;
    }
  | { readonly ok: false; readonly errors: readonly StrategyProblem[] };

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];
const NAME = /^[a-z][a-z0-9-]{0,39}$/;

const failed = (path: string, reason: string, remedy: string): LoadedStrategy => ({
  ok: false,
  errors: [{ path, reason, remedy }],
});

/** `bulwark` and `bulwark/indicators` in a user's file mean this very installation. */
const bulwarkImports: Plugin = {
  name: 'bulwark',
  setup(pluginBuild) {
    const here = fileURLToPath(import.meta.url);
    const folder = join(dirname(here), '..', 'strategy');
    const fileOf = (name: string): string => join(folder, `${name}${extname(here)}`);
    pluginBuild.onResolve({ filter: /^bulwark(\/.*)?$/ }, ({ path }) => {
      if (path === 'bulwark') return { path: fileOf('api') };
      if (path === 'bulwark/indicators') return { path: fileOf('indicators') };
      return {
        errors: [{ text: `there is only "bulwark" and "bulwark/indicators", not "${path}"` }],
      };
    });
  },
};

/** One self-contained module. Whitespace is stripped so that the hash does not change with
 * comments or with the folder the file lies in. */
const bundle = async (file: string): Promise<string> => {
  const result = await build({
    entryPoints: [file],
    absWorkingDir: dirname(file),
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [bulwarkImports],
  });
  return result.outputFiles[0]?.text ?? '';
};

interface BuildMessage {
  readonly text: string;
  readonly location?: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
  } | null;
}
const bundleProblems = (file: string, error: unknown): readonly StrategyProblem[] => {
  const { errors } = error as { readonly errors?: readonly BuildMessage[] };
  if (errors === undefined || errors.length === 0) {
    const remedy = 'Check the file and its imports.';
    return [{ path: file, reason: String(error), remedy }];
  }
  return errors.map(({ text, location }) => ({
    path: location ? `${location.file}:${location.line}:${location.column + 1}` : file,
    reason: text,
    remedy: 'Correct the file; it is bundled with esbuild.',
  }));
};

type Loose = Readonly<Record<string, unknown>>;

const FUNCTIONS = [
  ['warmupBars', 'warmupBars: (params) => 100'],
  ['init', 'init: (context) => ({ … })'],
  ['onBar', 'onBar: (state, bar, context) => ({ state, signals: [] })'],
] as const;

const paramProblems = (file: string, params: unknown): readonly StrategyProblem[] => {
  if (params === null || typeof params !== 'object' || Array.isArray(params)) {
    const remedy = 'Write params: { … } with the defaults, {} when there are none.';
    return [{ path: `${file}: params`, reason: 'expected an object', remedy }];
  }
  return Object.entries(params).flatMap(([name, value]) => {
    const isSane = typeof value !== 'number' || Number.isFinite(value);
    if (['number', 'string', 'boolean'].includes(typeof value) && isSane) return [];
    const reason = 'a parameter is a finite number, a string or a boolean';
    return [{ path: `${file}: params.${name}`, reason, remedy: 'Change its default.' }];
  });
};

/** Everything that is wrong with what a file exports; empty when it is a strategy. */
export const strategyProblems = (file: string, exported: unknown): readonly StrategyProblem[] => {
  if (exported === null || typeof exported !== 'object') {
    const remedy = 'Write: export default defineStrategy({ … }).';
    return [{ path: file, reason: 'the file has no default export of a strategy', remedy }];
  }
  const value = exported as Loose;
  const problems: StrategyProblem[] = [];
  const expect = (holds: boolean, key: string, reason: string, remedy: string): void => {
    if (!holds) problems.push({ path: `${file}: ${key}`, reason, remedy });
  };
  const name = value['name'];
  const nameRemedy = 'Use lower-case letters, digits and dashes, e.g. "my-breakout".';
  expect(typeof name === 'string' && NAME.test(name), 'name', 'expected a short name', nameRemedy);
  const version = value['version'];
  expect(
    typeof version === 'string' && version !== '',
    'version',
    'expected a version',
    'Write e.g. version: "1.0.0".',
  );
  const known = Object.keys(TIMEFRAMES);
  expect(
    known.includes(String(value['timeframe'])),
    'timeframe',
    `${JSON.stringify(value['timeframe'])} is no timeframe`,
    `Use one of: ${known.join(', ')}.`,
  );
  problems.push(...paramProblems(file, value['params']));
  for (const [key, example] of FUNCTIONS) {
    expect(typeof value[key] === 'function', key, 'expected a function', `Write ${example}.`);
  }
  const { onTick } = value;
  expect(
    onTick === undefined || typeof onTick === 'function',
    'onTick',
    'expected a function',
    'Write it as onBar, or leave it out.',
  );
  if (problems.length === 0) problems.push(...warmupProblems(file, exported as AnyStrategy));
  return problems;
};

const warmupProblems = (file: string, strategy: AnyStrategy): readonly StrategyProblem[] => {
  const path = `${file}: warmupBars`;
  const remedy = 'Answer a whole number from 0 to 100000.';
  try {
    const bars = strategy.warmupBars(strategy.params);
    if (Number.isInteger(bars) && bars >= 0 && bars <= 100_000) return [];
    return [{ path, reason: `answered ${String(bars)} for the defaults`, remedy }];
  } catch (error) {
    return [{ path, reason: `threw for the defaults: ${String(error)}`, remedy }];
  }
};

const loadFile = async (file: string, outDir: string): Promise<LoadedStrategy> => {
  if (!existsSync(file)) {
    return failed(
      file,
      'there is no such file',
      'Check the path; it is relative to where you are.',
    );
  }
  let code: string;
  try {
    code = await bundle(file);
  } catch (error) {
    return { ok: false, errors: bundleProblems(file, error) };
  }
  const codeHash = sha256Hex(code);
  mkdirSync(outDir, { recursive: true });
  // Named by its content: the same code is the same module, a changed one is never a stale cache.
  const module = join(outDir, `strategy-${codeHash.slice(0, 16)}.mjs`);
  writeFileSync(module, code);
  let exported: unknown;
  try {
    const loaded = (await import(pathToFileURL(module).href)) as { readonly default?: unknown };
    exported = loaded.default;
  } catch (error) {
    const remedy = 'The module must load without doing anything: define, then export.';
    return failed(file, `the file threw while loading: ${String(error)}`, remedy);
  }
  const errors = strategyProblems(file, exported);
  if (errors.length > 0) return { ok: false, errors };
  return { ok: true, strategy: exported as AnyStrategy, codeHash, modulePath: module };
};

/**
 * A built-in strategy by name, or a user's file (.ts, .mts, .js, .mjs), bundled into `outDir`.
 * Never throws for a mistake in the name or file: every one comes back with path and remedy.
 */
export const loadStrategy = async (
  nameOrFile: string,
  options: { readonly outDir: string; readonly cwd: string },
): Promise<LoadedStrategy> => {
  const builtin = builtinStrategy(nameOrFile);
  if (builtin !== undefined) {
    return { ok: true, strategy: builtin, codeHash: undefined, modulePath: undefined };
  }
  if (!EXTENSIONS.includes(extname(nameOrFile))) {
    const remedy = `Use ${BUILTIN_STRATEGY_NAMES.join(', ')}, or a file ending in ${EXTENSIONS.join(', ')}.`;
    return failed(nameOrFile, 'there is no built-in strategy of this name', remedy);
  }
  return loadFile(resolve(options.cwd, nameOrFile), resolve(options.cwd, options.outDir));
};
