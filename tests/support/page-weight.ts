import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const PAGE = fileURLToPath(new URL('../../dist/inspector/page', import.meta.url));

/** Bytes of the built page, gzipped file by file as a browser gets them: document, script, styles. */
export const pageWeight = (): number =>
  readdirSync(PAGE, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:html|js|css)$/.test(name))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(PAGE, name))).length, 0);
