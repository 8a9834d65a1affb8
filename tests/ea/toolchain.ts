import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { translate } from './preprocess.ts';

/**
 * Compiles an MQL5 program against the shim, under AddressSanitizer and UndefinedBehaviorSanitizer.
 * Every object is cached in a temporary folder by the digest of what went into it.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const SHIM = join(root, 'tests/ea/shim');
const SQLITE = join(root, 'node_modules/better-sqlite3/deps/sqlite3');
/** Where `#include <…>` of the project's own programs is looked up. */
export const INCLUDE_DIRECTORY = join(root, 'mql5/Include');

const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const CXX = [
  '-std=c++17',
  '-g1',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wno-unused-function',
  '-Wno-unused-parameter',
  '-Wno-unused-variable',
  '-Wno-missing-field-initializers',
  // Locals hold no zeros by chance: MQL5 does not promise any.
  '-ftrivial-auto-var-init=pattern',
  '-fno-omit-frame-pointer',
];
const SQLITE_FLAGS = [
  '-O0',
  '-DSQLITE_THREADSAFE=0',
  '-DSQLITE_OMIT_LOAD_EXTENSION',
  '-DSQLITE_DQS=0',
];

export class CompileError extends Error {}

/** True when a C++ compiler is there; its absence skips the tests aloud. */
export const hasCompiler = (): boolean =>
  spawnSync('g++', ['--version'], { encoding: 'utf8' }).status === 0;

const cacheDirectory = (): string => {
  const uid = typeof process.getuid === 'function' ? process.getuid() : 0;
  const directory = join(tmpdir(), `bulwark-ea-${uid}`);
  mkdirSync(directory, { recursive: true });
  return directory;
};

const run = (command: string, args: readonly string[]): void => {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) throw new CompileError(`${command}: ${error.message}`);
  if (status !== 0) throw new CompileError(stderr);
};

const LOCK_MS = 100;
const LOCKS = 1_800;

/** True when the lock is ours; false when its owner made the file meanwhile, or died. */
const locked = (lock: string, path: string): boolean => {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (existsSync(path)) return false;
    try {
      process.kill(Number(readFileSync(lock, 'utf8')), 0);
    } catch {
      rmSync(lock, { force: true });
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_MS);
    return false;
  }
};

/** A file named by the digest of its ingredients; made once, whole or not at all, by one process
 * while others wait for it. */
const cached = (
  ingredients: readonly (string | Uint8Array)[],
  suffix: string,
  make: (output: string, scratch: string) => void,
): string => {
  const digest = createHash('sha256');
  for (const part of ingredients) digest.update(part).update('\0');
  const path = join(cacheDirectory(), `${digest.digest('hex').slice(0, 32)}${suffix}`);
  const lock = `${path}.lock`;
  for (let tries = 0; tries < LOCKS && !existsSync(path); tries += 1) {
    if (!locked(lock, path)) continue;
    const scratch = mkdtempSync(join(cacheDirectory(), 'make-'));
    try {
      const output = join(scratch, 'output');
      make(output, scratch);
      renameSync(output, path);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
      rmSync(lock, { force: true });
    }
  }
  if (!existsSync(path)) throw new CompileError(`${path} was not made in time`);
  return path;
};

const filesOf = (directory: string, extension: string): readonly string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(extension))
    .sort()
    .map((name) => join(directory, name));

const headers = (): readonly string[] =>
  [...filesOf(SHIM, '.hpp'), ...filesOf(join(SHIM, 'runtime'), '.hpp')].map((path) =>
    readFileSync(path, 'utf8'),
  );

const sqliteObject = (): string => {
  const source = join(SQLITE, 'sqlite3.c');
  const { size } = statSync(source);
  const header = readFileSync(join(SQLITE, 'sqlite3.h'));
  return cached([header, String(size), ...SQLITE_FLAGS], '.o', (output) =>
    run('gcc', ['-c', ...SQLITE_FLAGS, source, '-o', output]),
  );
};

const runtimeObjects = (flags: readonly string[]): readonly string[] =>
  filesOf(join(SHIM, 'runtime'), '.cpp').map((path) =>
    cached([readFileSync(path), ...headers(), ...flags], '.o', (output) =>
      run('g++', ['-c', ...flags, `-I${SHIM}`, `-I${SQLITE}`, path, '-o', output]),
    ),
  );

export interface CompileOptions {
  readonly includeDirectory?: string;
  /** Without sanitizers and with -O2, for measuring. */
  readonly fast?: boolean;
}

/** The executable of a program; throws CompileError with the compiler's words. */
export const compileProgram = (file: string, options: CompileOptions = {}): string => {
  const { code } = translate(file, options.includeDirectory ?? INCLUDE_DIRECTORY);
  // The two warnings are false alarms of the optimiser about arrays of no elements.
  // Unoptimised, a program compiles in a third of the time and runs fast enough for tests.
  const flags =
    options.fast === true
      ? [...CXX, '-O2', '-Wno-array-bounds', '-Wno-stringop-overflow']
      : [...CXX, '-O0', ...SANITIZERS];
  const objects = [...runtimeObjects(flags), sqliteObject()];
  return cached([code, ...objects, ...headers()], '.bin', (output, scratch) => {
    const source = join(scratch, 'program.cpp');
    writeFileSync(source, code);
    run('g++', [...flags, `-I${SHIM}`, source, ...objects, '-o', output]);
  });
};
