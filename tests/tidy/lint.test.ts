import { beforeAll, describe, expect, it } from 'vitest';
import { type LintCase, type LintFinding, lintCases } from './lint-fixtures.ts';

const IMPORTS = 'lint/style/noRestrictedImports';
const GLOBALS = 'lint/style/noRestrictedGlobals';
const ENVIRONMENT = 'lint/style/noProcessEnv';
const PLUGIN = 'plugin';

/** Each folder may import those of its own row and of the rows above it. */
const TIERS = [
  ['domain'],
  ['risk', 'strategy', 'machines'],
  ['mt5', 'journal', 'audit', 'telemetry'],
  ['actors'],
  ['inspector', 'backtest'],
  ['cli'],
] as const;
const FOLDERS = TIERS.flat();
const tierOf = (folder: string): number =>
  TIERS.findIndex((tier) => (tier as readonly string[]).includes(folder));
const PURE = FOLDERS.filter((folder) => tierOf(folder) < 2);

let serial = 0;
const lintCase = (where: string, code: string, refusedBy: string | undefined): LintCase => {
  serial += 1;
  return { path: where.replace('#', String(serial)), code: `${code}\n`, refusedBy };
};

const directionCases = FOLDERS.flatMap((from) =>
  [...FOLDERS, 'config' as const].flatMap((to) => {
    const allowed = to === 'config' ? from === 'cli' : tierOf(to) <= tierOf(from);
    const verdict = from === to || allowed ? undefined : IMPORTS;
    return [
      lintCase(`src/${from}/case-#.ts`, `export { x } from '../${to}/some/x.ts';`, verdict),
      lintCase(`src/${from}/deep/case-#.ts`, `import '../../${to}/x.ts';`, verdict),
    ];
  }),
);

const importCases = [
  ...FOLDERS.filter((from) => from !== 'cli').map((from) =>
    lintCase(`src/${from}/case-#.ts`, `import '../main.ts';`, IMPORTS),
  ),
  lintCase('src/domain/case-#.ts', `import type { X } from '../risk/x.ts';`, IMPORTS),
  lintCase('src/domain/case-#.ts', `await import('../risk/x.ts');`, IMPORTS),
  lintCase('src/main.ts', `import './cli/x.ts';\nimport './config/x.ts';`, undefined),
  lintCase('src/config/case-#.ts', `import '../risk/x.ts';`, undefined),
  lintCase('src/config/case-#.ts', `import '../mt5/x.ts';`, undefined),
  lintCase('src/config/case-#.ts', `import '../actors/x.ts';`, IMPORTS),
  lintCase('src/config/case-#.ts', `import '../cli/x.ts';`, IMPORTS),
  lintCase('tests/unit/config/case-#.ts', `import '../../../src/config/x.ts';`, undefined),
  ...PURE.flatMap((folder) => [
    lintCase(`src/${folder}/case-#.ts`, `import 'effect';`, IMPORTS),
    lintCase(`src/${folder}/case-#.ts`, `import 'effect/Schema';`, IMPORTS),
    lintCase(`src/${folder}/case-#.ts`, `import 'node:fs';`, IMPORTS),
    lintCase(`src/${folder}/case-#.ts`, `import 'node:fs/promises';`, IMPORTS),
    lintCase(`src/${folder}/case-#.ts`, `import { createHash } from 'node:crypto';`, undefined),
    lintCase(`src/${folder}/case-#.ts`, `import { randomUUID } from 'node:crypto';`, PLUGIN),
  ]),
  lintCase('src/mt5/case-#.ts', `import 'effect';`, undefined),
];

const KERNEL = 'src/actors/kernel';
const kernelCases = [
  lintCase(`${KERNEL}/case-#.ts`, `import './types.ts';`, undefined),
  lintCase(`${KERNEL}/case-#.ts`, `import '../../domain/ports.ts';`, undefined),
  lintCase(`${KERNEL}/case-#.ts`, `import '../../domain/units.ts';`, undefined),
  lintCase(`${KERNEL}/chart-#.ts`, `import 'xstate';`, undefined),
  lintCase(`${KERNEL}/ambient-#.ts`, `import 'node:crypto';`, undefined),
  lintCase(`${KERNEL}/case-#.ts`, `import 'xstate';`, IMPORTS),
  lintCase(`${KERNEL}/case-#.ts`, `import '../../domain/trading.ts';`, IMPORTS),
  lintCase(`${KERNEL}/chart-#.ts`, `import '../../machines/order.machine.ts';`, IMPORTS),
  lintCase(`${KERNEL}/ambient-#.ts`, `import '../../domain/trading.ts';`, IMPORTS),
  lintCase(`${KERNEL}/case-#.ts`, `import '../executor.ts';`, IMPORTS),
  lintCase(`${KERNEL}/case-#.ts`, `import 'effect';`, IMPORTS),
  lintCase(`${KERNEL}/case-#.ts`, `import 'node:fs';`, IMPORTS),
];

const AMBIENT: readonly (readonly [code: string, refusedBy: string])[] = [
  ['export const x = Date.now();', PLUGIN],
  ['export const x = new Date();', PLUGIN],
  ['export const x = new Date;', PLUGIN],
  ['export const x = Date();', PLUGIN],
  ["export const x = Date['now']();", PLUGIN],
  ['const { now } = Date;\nexport const x = now();', PLUGIN],
  ['const D = Date;\nexport const x = new D();', PLUGIN],
  ['export const x = Math.random();', PLUGIN],
  ["export const x = Math['random']();", PLUGIN],
  ['const { random } = Math;\nexport const x = random();', PLUGIN],
  ['export const x = process.hrtime.bigint();', PLUGIN],
  ['export const x = AbortSignal.timeout(5);', PLUGIN],
  ["import { setTimeout } from 'node:timers/promises';\nawait setTimeout(5);", PLUGIN],
  ["import { performance } from 'node:perf_hooks';\nexport const x = performance;", PLUGIN],
  ["import { randomUUID } from 'node:crypto';\nexport const x = randomUUID;", PLUGIN],
  ["import { randomBytes as r } from 'node:crypto';\nexport const x = r;", PLUGIN],
  ["import * as c from 'node:crypto';\nexport const x = c.randomBytes(8);", PLUGIN],
  ["import { hrtime } from 'node:process';\nexport const x = hrtime;", PLUGIN],
  ['setTimeout(() => undefined, 5);', GLOBALS],
  ['setInterval(() => undefined, 5);', GLOBALS],
  ['setImmediate(() => undefined);', GLOBALS],
  ['export const x = performance.now();', GLOBALS],
  ['export const x = crypto.randomUUID();', GLOBALS],
  ['export const x = globalThis.Date.now();', GLOBALS],
];
const PURE_TIME = [
  'export const x = new Date(3).getUTCDay();',
  'export const x = Date.UTC(2014, 5, 1);',
  'export const x = (value: Date): boolean => value instanceof Date;',
  'export const x = [1, -2].map(Math.abs);',
  "import { createHash } from 'node:crypto';\nexport const x = createHash;",
];
const ambientCases = [
  ...AMBIENT.flatMap(([code, refusedBy]) => [
    lintCase('src/mt5/case-#.ts', code, refusedBy),
    lintCase(`${KERNEL}/ambient-#.ts`, code, undefined),
    lintCase('tests/unit/case-#.ts', code, undefined),
  ]),
  ...AMBIENT.filter(([code]) => !code.startsWith('import')).map(([code, refusedBy]) =>
    lintCase(`${KERNEL}/case-#.ts`, code, refusedBy),
  ),
  ...PURE_TIME.map((code) => lintCase('src/mt5/case-#.ts', code, undefined)),
];

const ENVIRONMENT_READS: readonly (readonly [code: string, refusedBy: string])[] = [
  ['export const x = process.env;', ENVIRONMENT],
  ['export const x = process.env.HOME;', ENVIRONMENT],
  ["export const x = process['env'];", ENVIRONMENT],
  ['const { env } = process;\nexport const x = env;', PLUGIN],
  ["import { env } from 'node:process';\nexport const x = env;", PLUGIN],
  ["import p from 'node:process';\nexport const x = p;", PLUGIN],
];
const environmentCases = ENVIRONMENT_READS.flatMap(([code, refusedBy]) => [
  lintCase('src/cli/case-#.ts', code, refusedBy),
  lintCase('src/config/case-#.ts', code, undefined),
  lintCase('tests/e2e/case-#.ts', code, undefined),
]);

const styleCases = [
  lintCase('src/domain/case-#.ts', 'export const x: any = 1;', 'lint/suspicious/noExplicitAny'),
  lintCase(
    'src/domain/case-#.ts',
    'export const x = (y?: string): string => y!;',
    'lint/style/noNonNullAssertion',
  ),
  lintCase('src/domain/case-#.ts', 'export enum X { a }', 'lint/style/noEnum'),
  lintCase('src/domain/case-#.ts', "export * from './units.ts';", 'lint/performance/noReExportAll'),
  lintCase('src/domain/case-#.ts', 'export default 1;', 'lint/style/noDefaultExport'),
  lintCase('src/domain/case-#.ts', "console.log('x');", 'lint/suspicious/noConsole'),
  lintCase('src/cli/case-#.ts', "console.log('x');", undefined),
  lintCase('src/domain/CamelCase#.ts', 'export const x = 1;', 'lint/style/useFilenamingConvention'),
  lintCase(
    'src/mt5/case-#.ts',
    'export const x = (y: () => Promise<void>): void => {\n  y();\n};',
    'lint/nursery/noFloatingPromises',
  ),
];

const SECTIONS: Readonly<Record<string, readonly LintCase[]>> = {
  ...Object.fromEntries(
    FOLDERS.map((from) => [
      `lets ${from} import only what stands before it`,
      directionCases.filter(({ path }) => path.startsWith(`src/${from}/`)),
    ]),
  ),
  'keeps the root, config, Effect and I/O out of where they do not belong': importCases,
  'keeps the kernel ignorant of trading': kernelCases,
  'allows ambient time, randomness and ids in the ambient files only': ambientCases,
  'allows src/config alone to read the environment': environmentCases,
  'refuses what the style forbids': styleCases,
};
const ENFORCED: readonly string[] = [IMPORTS, GLOBALS, ENVIRONMENT, PLUGIN];

const isSatisfied = (verdict: LintCase, findings: readonly LintFinding[]): boolean => {
  const found = findings.filter(({ path }) => path === verdict.path).map((f) => f.category);
  return verdict.refusedBy === undefined
    ? !found.some((category) => ENFORCED.includes(category))
    : found.includes(verdict.refusedBy);
};

describe('the linter', () => {
  let findings: readonly LintFinding[] = [];
  beforeAll(() => {
    findings = lintCases(Object.values(SECTIONS).flat());
  });

  it.each(Object.entries(SECTIONS))('%s', (_title, cases) => {
    expect(cases.length).toBeGreaterThan(0);
    expect(cases.filter((verdict) => !isSatisfied(verdict, findings))).toEqual([]);
  });
});
