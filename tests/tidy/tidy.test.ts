import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const MAX_LINES = 400;
const HELP_TIMEOUT_MS = 20_000;

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const filesBelow = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));

const CODE = ['src', 'tests', 'scripts']
  .flatMap(filesBelow)
  .filter((path) => /\.m?ts$|\.mjs$/.test(path));
const SOURCES = CODE.filter((path) => path.startsWith('src/'));
const TESTS = CODE.filter((path) => path.endsWith('.test.ts'));
// Spelled in two halves, so that this file does not find itself.
const UNFINISHED = new RegExp(
  `\\b(${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK', 'XX' + 'X'].join('|')})\\b`,
);
const FOCUSED = /\b(?:it|test|describe)\.(?:only|todo)\b/;
const SKIPPED = /\b(?:it|test|describe)\.skip\(/;

const matching = (paths: readonly string[], pattern: RegExp): readonly string[] =>
  paths.filter((path) => pattern.test(read(path)));

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
interface Lockfile {
  readonly packages: Readonly<Record<string, Locked>>;
}
const manifest = JSON.parse(read('package.json')) as Manifest;
const lockfile = JSON.parse(read('package-lock.json')) as Lockfile;

describe('source files', () => {
  it('stay within 400 lines', () => {
    const long = CODE.filter((path) => read(path).split('\n').length - 1 > MAX_LINES);
    expect(long).toEqual([]);
  });

  it('take properties under the one seed, so that two runs are the same', () => {
    const direct = matching(CODE, /^import .* from 'fast-check'/m);
    expect(direct).toEqual(['tests/support/property-seed.ts']);
  });

  it('have kebab-case names with an optional role suffix', () => {
    const name = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)*\.(?:ts|mjs)$/;
    expect(CODE.filter((path) => !name.test(basename(path)))).toEqual([]);
  });

  it('are neither barrels nor drawers for everything', () => {
    const vague = /^(?:index|utils?|helpers?|common|misc)\.(?:ts|mjs)$/;
    expect(CODE.filter((path) => vague.test(basename(path)))).toEqual([]);
  });

  it('hold nothing unfinished', () => {
    expect(matching(CODE, UNFINISHED)).toEqual([]);
  });

  it('never switch off the rules on imports, globals, the environment and the plugins', () => {
    const evasion = /biome-ignore(?:-\w+)?\s+lint\/(?:plugin|style\/(?:noRestricted|noProcessEnv))/;
    expect(matching(SOURCES, evasion)).toEqual([]);
    expect(matching(SOURCES, /biome-ignore(?:-\w+)?\s+lint(?:\/\w+)?:/)).toEqual([]);
  });

  // The linter tells folders by name only; a nested namesake would confuse it.
  it('sit in no nested folder that bears the name of a top-level one', () => {
    const topLevel = readdirSync(join(root, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    const nested = SOURCES.filter((path) =>
      path
        .split('/')
        .slice(2, -1)
        .some((folder) => topLevel.includes(folder)),
    );
    expect(topLevel.length).toBeGreaterThan(5);
    expect(nested).toEqual([]);
  });
});

describe('tests', () => {
  it('run completely: none is focused, none is skipped for good', () => {
    expect(matching(TESTS, FOCUSED)).toEqual([]);
    expect(matching(TESTS, SKIPPED)).toEqual([]);
  });

  it('say so aloud where they are skipped because something is absent', () => {
    const silent = matching(TESTS, /\.(?:skipIf|runIf)\(/).filter(
      (path) => !/console\.warn\(/.test(read(path)),
    );
    expect(silent).toEqual([]);
  });
});

describe('package.json', () => {
  it('pins every dependency exactly', () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.length).toBeGreaterThan(0);
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual(
      [],
    );
  });

  const packages = Object.entries(lockfile.packages).filter(([path]) => path !== '');

  it('has a lockfile that names no host and checks every package by its digest', () => {
    expect(packages.length).toBeGreaterThan(0);
    expect(packages.filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
    // Binaries of other platforms may stand there by name only: they are never fetched here.
    const unchecked = packages.filter(
      ([, entry]) => entry.integrity === undefined && !(entry.optional && entry.os !== undefined),
    );
    expect(unchecked).toEqual([]);
  });

  // npm ci refuses a lockfile that lacks even one, for whatever platform it is.
  it('has a lockfile that lists every optional dependency', () => {
    const locked = new Set(packages.map(([path]) => path.replace(/^.*node_modules\//, '')));
    const missing = packages.flatMap(([, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter((name) => !locked.has(name)),
    );
    expect(missing).toEqual([]);
  });
});

describe('README.md and ARCHITECTURE.md', () => {
  const DOCUMENTS = ['README.md', 'ARCHITECTURE.md'] as const;
  /** What stands in fenced blocks and in code spans; prose may say "bulwark runs". */
  const codeOf = (path: string): string =>
    [...read(path).matchAll(/```[\s\S]*?```|`[^`\n]+`/g)].map(([code]) => code).join('\n');
  const named = (pattern: RegExp): readonly string[] =>
    DOCUMENTS.flatMap((path) => [...codeOf(path).matchAll(pattern)].map(([, name = '']) => name));

  it('exist', () => {
    expect(DOCUMENTS.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('name only npm scripts that exist', () => {
    const scripts = named(/\bnpm (?:run )?(?!ci\b|install\b|run\b|i\b)([a-z][\w:-]*)/g);
    expect(scripts).toContain('start');
    expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  it('name only commands that the CLI has', () => {
    const help = spawnSync(process.execPath, [join(root, 'dist/main.js'), '--help'], {
      encoding: 'utf8',
      timeout: HELP_TIMEOUT_MS,
    });
    const commands = [...help.stdout.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name);
    expect(commands).toContain('run');
    const missing = named(/\bbulwark ([a-z][a-z-]*)/g).filter((name) => !commands.includes(name));
    expect(missing).toEqual([]);
  });

  it('link only to files that exist', () => {
    const broken = DOCUMENTS.flatMap((path) =>
      [...read(path).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target = '']) => target),
    ).filter((target) => !existsSync(join(root, target)));
    expect(broken).toEqual([]);
  });
});
