import { existsSync } from 'node:fs';
import { INCLUDE_DIRECTORY } from '../toolchain.ts';
import { lintFiles } from './lint-mql5.ts';

const USAGE = 'npm run lint:mql5 -- FILE…   refuses what MetaEditor would refuse';

/** Prints `file:line: reason` for each finding. Exit code 1: findings; 2: bad usage. */
const files = process.argv.slice(2);
const missing = files.filter((file) => !existsSync(file));
if (files.includes('--help')) console.log(USAGE);
else if (files.length === 0 || missing.length > 0) {
  console.error(missing.length > 0 ? `no such file: ${missing.join(', ')}` : USAGE);
  process.exitCode = 2;
} else {
  const findings = lintFiles(files, INCLUDE_DIRECTORY);
  for (const { file, line, rule, reason } of findings)
    console.log(`${file}:${line}: ${rule}: ${reason}`);
  if (findings.length > 0) process.exitCode = 1;
}
