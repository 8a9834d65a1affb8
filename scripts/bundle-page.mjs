/**
 * Bundles the inspector's page: one script and one style sheet, named by their content so that a
 * browser may keep them for ever, and the document that names them.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildSync } from 'esbuild';

export const bundlePage = (source, target) => {
  const { metafile } = buildSync({
    entryPoints: [join(source, 'main.tsx')],
    outdir: join(target, 'assets'),
    entryNames: 'app-[hash]',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const outputs = Object.keys(metafile.outputs).map((name) => basename(name));
  const named = (ending) => `/assets/${outputs.find((name) => name.endsWith(ending))}`;
  const document = readFileSync(join(source, 'index.html'), 'utf8')
    .replace('APP_CSS', named('.css'))
    .replace('APP_JS', named('.js'));
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'index.html'), document);
};
