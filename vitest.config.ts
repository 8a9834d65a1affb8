import { defineConfig } from 'vitest/config';

// The JSON report is what .ci/run counts; people only want the default one.
const reportFile = process.env.VITEST_JSON_REPORT;

// Tests of functions keep one process for many files, because loading the same modules again for
// each costs more than running them. What plays a desk, or starts processes, gets its own.
const functions = [
  'tests/unit/{audit,build,cli,config,docs,domain,failures,journal,machines,mt5}/**/*.test.ts',
  'tests/unit/{risk,strategy,telemetry}/**/*.test.ts',
  'tests/property/**/*.test.ts',
];

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
    maxWorkers: 2,
    allowOnly: false,
    reporters:
      reportFile === undefined ? ['default'] : ['default', ['json', { outputFile: reportFile }]],
    projects: [
      { test: { ...common, name: 'functions', include: functions, isolate: false } },
      { test: { ...common, name: 'system', include: ['tests/**/*.test.ts'], exclude: functions } },
    ],
  },
});
