import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// The JSON report is what .ci/run counts; people only want the default one.
const reportFile = process.env.VITEST_JSON_REPORT;

// Tests keep one process for many files, because loading the same modules again for each costs a
// third of their time. What watches processes of its own gets one for itself.
const alone = ['tests/unit/actors/terminal-watchdog.test.ts'];

// A fresh clone has no times to go by: what takes longest is begun first, so that no worker is left
// alone with it.
const LONGEST = [
  'simulation/simulation',
  'e2e/market-files',
  'ea/runtime-killed',
  'link/compiled-expert',
  'link/simulated-terminal',
  'actors/trading-tree',
  'e2e/isolation',
  'e2e/runtime-killed',
  'e2e/operator',
  'chaos/chaos',
  'e2e/terminal-killed',
  'e2e/inspector-page',
  'json-api/live-bridge',
  'actors/crash-at-every-step',
  'e2e/built-in-market',
  'terminal/terminal-process',
  'connection/hostile-peers',
  'ea/expert-session',
  'e2e/evaluation-walk',
  'ea/expert-curve',
  'ea/expert-alone',
  'ea/expert-replay',
  'json-api/json-api-replay',
];
const rank = ({ moduleId }: TestSpecification): number => {
  const found = LONGEST.findIndex((name) => moduleId.endsWith(`${name}.test.ts`));
  return found < 0 ? LONGEST.length : found;
};
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

const common = {
  // Native addons (zeromq, better-sqlite3) and child processes want real processes, not threads.
  pool: 'forks',
  testTimeout: 60_000,
  hookTimeout: 60_000,
  teardownTimeout: 5_000,
} as const;

export default defineConfig({
  test: {
    globalSetup: ['tests/support/global-setup.mjs'],
    // Many tests wait for processes of theirs: a third worker uses two cores that would stand still.
    maxWorkers: 3,
    allowOnly: false,
    sequence: { sequencer: LongestFirst },
    reporters:
      reportFile === undefined ? ['default'] : ['default', ['json', { outputFile: reportFile }]],
    projects: [
      {
        test: {
          ...common,
          name: 'together',
          include: ['tests/**/*.test.ts'],
          exclude: alone,
          isolate: false,
        },
      },
      { test: { ...common, name: 'alone', include: alone } },
    ],
  },
});
