/**
 * Makes one file of each program: the command line and the threads. Node spends more than half of a
 * start on finding and linking hundreds of small files; a program that is one file starts in half
 * the time, which a restart after a crash and a `bulwark kill` are glad of (docs/adr/0060).
 *
 *   node scripts/bundle-programs.mjs DIR     bundles the programs of DIR, compiled before, in place
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

const PROGRAMS = [
  'main.js',
  'actors/control/control-worker.js',
  'actors/isolation/strategy-worker.js',
  'inspector/inspector-worker.js',
  'journal/writer-thread.js',
  'telemetry/traces/export-worker.js',
  'telemetry/log/log-worker.js',
];

/** Pure JavaScript that is hundreds of files; all other packages load their own parts by path. */
const INLINED = new Set(['effect', 'xstate']);

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const external = Object.keys(manifest.dependencies)
  .filter((name) => !INLINED.has(name))
  .flatMap((name) => [name, `${name}/*`]);

/** A module finds the files beside it where they are, not beside the program it is now part of. */
const keepOwnUrls = (directory, place) => ({
  name: 'keep-own-urls',
  setup: (bundler) => {
    bundler.onLoad({ filter: /\.js$/ }, ({ path }) => {
      if (!path.startsWith(directory) || path.includes('node_modules')) return undefined;
      const code = readFileSync(path, 'utf8');
      if (!code.includes('import.meta.url')) return undefined;
      const own = `new URL(${JSON.stringify(`./${relative(place, path)}`)}, import.meta.url).href`;
      return { contents: code.replaceAll('import.meta.url', own), loader: 'js' };
    });
  },
});

const bundle = async (directory, program) => {
  const place = dirname(join(directory, program));
  await build({
    entryPoints: [join(directory, program)],
    outdir: place,
    allowOverwrite: true,
    bundle: true,
    // What is imported on demand stays on demand, in a file beside the program.
    splitting: true,
    chunkNames: `${basename(program, '.js')}-[hash]`,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external,
    sourcemap: true,
    logLevel: 'warning',
    plugins: [keepOwnUrls(directory, place)],
  });
};

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('usage: node scripts/bundle-programs.mjs DIR\n');
  process.exitCode = 2;
} else {
  for (const program of PROGRAMS) await bundle(directory, program);
}
