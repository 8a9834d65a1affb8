import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface LintCase {
  /** Where the code pretends to live, relative to the repository. */
  readonly path: string;
  readonly code: string;
  /** Category of the diagnostic that must appear; undefined when the code must pass. */
  readonly refusedBy: string | undefined;
}
export interface LintFinding {
  readonly path: string;
  readonly category: string;
  readonly message: string;
}
interface Report {
  readonly diagnostics: readonly {
    readonly severity: string;
    readonly category: string;
    readonly message: string;
    readonly location: { readonly path: string };
  }[];
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Lints the cases with the project's own configuration, in a tree of their own outside the
 * repository (so that a parallel `npm run lint` never sees them). Returns the errors found.
 */
export const lintCases = (cases: readonly LintCase[]): readonly LintFinding[] => {
  const tree = mkdtempSync(join(tmpdir(), 'bulwark-lint-'));
  try {
    for (const name of ['biome.json', 'package.json', '.gitignore', 'scripts/lint']) {
      cpSync(join(root, name), join(tree, name), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    for (const { path, code } of cases) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), code);
    }
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none'];
    const run = spawnSync(process.execPath, args, {
      cwd: tree,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      timeout: 30_000,
    });
    const report = JSON.parse(run.stdout) as Report;
    return report.diagnostics
      .filter((diagnostic) => diagnostic.severity === 'error')
      .map(({ category, message, location }) => ({ path: location.path, category, message }));
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
};
