/**
 * Builds dist/ from src/: one JavaScript file per TypeScript file, the programs among them as one
 * file each, the JSON assets beside them, the inspector's page as one hashed file, and the drawings
 * of the statecharts that it lights up.
 *
 * Several processes may ask for a build at once (parallel test runs, `npm start` in another shell),
 * and running processes load files from dist/ lazily. So the compiler writes to a directory of its
 * own, only files whose content changed are renamed into dist/ one by one, one builder works at a
 * time, and a build whose inputs did not change costs a directory walk and nothing else.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundlePage } from './bundle-page.mjs';
import { withLock } from './lock.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');
const dist = join(root, 'dist');
const stampFile = join(dist, '.build-stamp.json');
const drawings = join(root, 'docs', 'statecharts');
const configFiles = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
const programBundler = fileURLToPath(new URL('bundle-programs.mjs', import.meta.url));
const executables = ['main.js'];

const filesIn = (directory) =>
  existsSync(directory)
    ? readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
        .sort()
    : [];

/** Names, sizes and modification times of every input: a deleted file changes it as well. */
const fingerprint = () => {
  const hash = createHash('sha256').update(process.version);
  const inputs = [
    ...configFiles.map((name) => join(root, name)),
    ...filesIn(src).map((name) => join(src, name)),
    ...filesIn(drawings).map((name) => join(drawings, name)),
    fileURLToPath(import.meta.url),
    programBundler,
  ];
  for (const path of inputs) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined) hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`);
  }
  return hash.digest('hex');
};

const readStamp = () => {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return undefined; // Absent or torn: both mean "build".
  }
};

const compilerPath = () => {
  try {
    const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
    return join(dirname(manifest), 'bin', 'tsc');
  } catch {
    return undefined;
  }
};

const sameContent = (a, b) => existsSync(b) && readFileSync(a).equals(readFileSync(b));

/** Moves the fresh files over dist/, each by an atomic rename, and removes what has no source. */
const install = (fresh) => {
  const wanted = new Set(filesIn(fresh));
  for (const name of wanted) {
    const from = join(fresh, name);
    const to = join(dist, name);
    if (sameContent(from, to)) continue;
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  }
  for (const name of filesIn(dist)) {
    if (!wanted.has(name) && join(dist, name) !== stampFile) rmSync(join(dist, name));
  }
  for (const name of executables) {
    if (existsSync(join(dist, name))) chmodSync(join(dist, name), 0o755);
  }
};

const copyInto = (target, from, names) => {
  for (const name of names) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    copyFileSync(join(from, name), join(target, name));
  }
};

const copyAssets = (target) => {
  copyInto(
    target,
    src,
    filesIn(src).filter((file) => file.endsWith('.json')),
  );
  copyInto(join(target, 'inspector', 'statecharts'), drawings, filesIn(drawings));
  bundlePage(join(src, 'inspector', 'client'), join(target, 'inspector', 'page'));
};

const bundlePrograms = (target) => {
  const run = spawnSync(process.execPath, [programBundler, target], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`the programs were not bundled\n${run.stderr}`);
};

const compile = (compiler, inputs) => {
  const fresh = join(root, `.dist-${process.pid}.tmp`);
  try {
    const args = [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', fresh];
    const run = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    const diagnostics = `${run.stdout ?? ''}${run.stderr ?? ''}`.trim();
    if (run.status !== 0 && filesIn(fresh).length === 0) {
      throw new Error(`tsc emitted nothing\n${diagnostics}`);
    }
    copyAssets(fresh);
    bundlePrograms(fresh);
    mkdirSync(dist, { recursive: true });
    install(fresh);
    const stamp = { inputs, clean: run.status === 0 };
    writeFileSync(`${stampFile}.tmp`, `${JSON.stringify(stamp)}\n`);
    renameSync(`${stampFile}.tmp`, stampFile);
    return { built: true, clean: stamp.clean, diagnostics };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
};

const isFresh = (stamp, inputs, acceptTypeErrors) =>
  stamp?.inputs === inputs && (stamp.clean || acceptTypeErrors);

/**
 * Builds unless dist/ is up to date. With `acceptTypeErrors` a program that TypeScript can emit but
 * does not approve of is built all the same: tests then run, and `npm run types` is what fails.
 * Returns whether it compiled, whether the types are clean, and the compiler's words. Without a
 * compiler (production dependencies only) an existing dist/ is kept as it is.
 */
export const build = ({ acceptTypeErrors = false } = {}) => {
  const upToDate = { built: false, clean: true, diagnostics: '' };
  if (isFresh(readStamp(), fingerprint(), acceptTypeErrors)) return upToDate;
  const compiler = compilerPath();
  if (compiler === undefined) {
    const diagnostics = 'typescript is not installed; dist/ is left as it is';
    return { built: false, clean: existsSync(join(dist, 'main.js')), diagnostics };
  }
  return withLock(join(root, 'node_modules', '.bulwark-build.lock'), () => {
    const inputs = fingerprint();
    if (isFresh(readStamp(), inputs, acceptTypeErrors)) return upToDate;
    return compile(compiler, inputs);
  });
};

const isMain =
  process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href;
if (isMain) {
  // The prepare script asks with --if-possible: a failed build must not fail an installation, be it
  // for a type error (`npm run types` judges those) or for want of a compiler (`--omit=dev`).
  const isLenient = process.argv.includes('--if-possible');
  const { clean, diagnostics } = build({ acceptTypeErrors: isLenient });
  if (diagnostics !== '') process.stderr.write(`${diagnostics.split(root + sep).join('')}\n`);
  process.exitCode = clean || isLenient ? 0 : 1;
}
