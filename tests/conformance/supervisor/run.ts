import { replayScenario } from './otp-driver.ts';
import { readScenarios } from './scenario-file.ts';

/** `npm run conformance -- FILE.jsonl[.gz] …`: exits 1 when a scenario differs from OTP. */
const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: npm run conformance -- FILE.jsonl[.gz] …');
  process.exit(2);
}

let passed = 0;
let failed = 0;
for (const file of files) {
  for (const scenario of readScenarios(file)) {
    const difference = await replayScenario(scenario);
    if (difference === undefined) {
      passed += 1;
    } else {
      failed += 1;
      console.error(difference);
    }
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
