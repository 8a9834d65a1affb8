/**
 * Prints one line, `N passed, N failed[, N skipped]`, from vitest's JSON report, and exits with 1
 * when anything failed or no test ran. A file that cannot even be loaded counts as one failure.
 */
import { existsSync, readFileSync } from 'node:fs';

const [, , reportFile] = process.argv;

const countsOf = (report) => {
  const brokenFiles = report.testResults.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
};

const exists = reportFile !== undefined && existsSync(reportFile);
if (!exists) console.error('There is no test report: the tests did not run to their end.');
const { passed, failed, skipped } = exists
  ? countsOf(JSON.parse(readFileSync(reportFile, 'utf8')))
  : { passed: 0, failed: 1, skipped: 0 };
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
