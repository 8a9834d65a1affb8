import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigInvalid } from './errors.ts';
import { isTree, type Layer } from './layers.ts';
import { readTextFile } from './text-file.ts';

export const CONFIG_FILE_NAMES = ['bulwark.config.json', 'bulwark.config.ts'] as const;
const MAX_FILE_BYTES = 1_048_576;
const CODE_EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];

const refuse = (file: string, reason: string, remedy: string): ConfigInvalid =>
  new ConfigInvalid({ problems: [{ path: file, origin: basename(file), reason, remedy }] });

/** The file named by --config, else the one in the working directory, else undefined. */
export const findConfigFile = (cwd: string, named: string | undefined): string | undefined => {
  if (named !== undefined) {
    const path = resolve(cwd, named);
    if (existsSync(path)) return path;
    throw refuse(path, 'the file does not exist', 'Correct the path given with --config.');
  }
  const found = CONFIG_FILE_NAMES.map((name) => resolve(cwd, name)).filter((path) =>
    existsSync(path),
  );
  const [first, second] = found;
  if (first !== undefined && second !== undefined) {
    const reason = `${basename(second)} stands beside it, and only one can count`;
    throw refuse(first, reason, 'Remove one of them, or choose with --config FILE.');
  }
  return first;
};

interface Location {
  readonly line: number;
  readonly column: number;
}
const locationOf = (error: unknown): Location | undefined => {
  const errors = (error as { readonly errors?: readonly { location?: Location | null }[] }).errors;
  return errors?.[0]?.location ?? undefined;
};

/** Neither the parser's message nor the line is shown: both quote the text, secrets included. */
const syntaxError = (file: string, location: Location | undefined, language: string) => {
  const place = location === undefined ? '' : ` (line ${location.line}, column ${location.column})`;
  return refuse(file, `it is not valid ${language}${place}`, 'Correct the syntax at that place.');
};

const parseJson = async (file: string): Promise<unknown> => {
  const text = readTextFile(file);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const { transform } = await import('esbuild');
    const location = await transform(text, { loader: 'json', logLevel: 'silent' }).then(
      () => undefined,
      locationOf,
    );
    throw syntaxError(file, location, 'JSON');
  }
};

/** Bundles the file and all it imports, and evaluates the bundle from memory: no file is written,
 * and no TypeScript loader is needed. */
const evaluate = async (file: string): Promise<unknown> => {
  const { build } = await import('esbuild');
  const bundle = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(file).href) },
  }).catch((error: unknown) => {
    throw syntaxError(file, locationOf(error), 'TypeScript with resolvable imports');
  });
  const code = bundle.outputFiles[0]?.text ?? '';
  const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
  try {
    const module = (await import(/* @vite-ignore */ url)) as { readonly default?: unknown };
    return module.default;
  } catch (error) {
    const name = error instanceof Error ? error.name : 'a value';
    throw refuse(file, `it throws ${name} while it is evaluated`, 'Run it alone to see why.');
  }
};

/** Reads a configuration file into a layer. Throws ConfigInvalid. */
export const readConfigFile = async (file: string): Promise<Layer> => {
  const extension = extname(file);
  if (extension !== '.json' && !CODE_EXTENSIONS.includes(extension)) {
    const known = ['.json', ...CODE_EXTENSIONS].join(', ');
    throw refuse(file, `its kind (${extension}) is not known`, `Use one of ${known}.`);
  }
  const stat = statSync(file);
  if (!stat.isFile()) throw refuse(file, 'it is not a file', 'Give a file.');
  if (stat.size > MAX_FILE_BYTES) throw refuse(file, 'it exceeds 1 MiB', 'Give a smaller file.');
  const tree = extension === '.json' ? await parseJson(file) : await evaluate(file);
  if (!isTree(tree)) {
    const reason =
      extension === '.json' ? 'it does not hold an object' : 'its default export is not an object';
    throw refuse(file, reason, 'Write { … } with the sections of the configuration.');
  }
  return { origin: basename(file), baseDir: dirname(file), tree };
};
