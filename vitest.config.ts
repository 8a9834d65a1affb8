import { defineConfig } from 'vitest/config';

// The JSON report is what .ci/run counts; people only want the default one.
const reportFile = process.env.VITEST_JSON_REPORT;

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/global-setup.mjs'],
    // Native addons (zeromq, better-sqlite3) and child processes want real processes, not threads.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 5_000,
    allowOnly: false,
    reporters:
      reportFile === undefined ? ['default'] : ['default', ['json', { outputFile: reportFile }]],
  },
});
