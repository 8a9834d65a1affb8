import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { terminalOf } from './expert-bench.ts';
import { compileProgram, hasCompiler } from './toolchain.ts';

const present = hasCompiler();
if (!present) console.warn('SKIPPED: there is no g++ here, so the self-test script was not run');
const script = fileURLToPath(new URL('../../mql5/Scripts/BulwarkSelfTest.mq5', import.meta.url));

describe.runIf(present)('the script for the first run in a real terminal', () => {
  beforeAll(() => void compileProgram(script), 180_000);

  it('tries everything that the Expert Advisor stands on, and trades nothing', async () => {
    const terminal = terminalOf({ binary: compileProgram(script) });
    onTestFinished(() => terminal.close());
    await terminal.elapse(5_000);
    await terminal.runScript();
    expect(terminal.stderr).toBe('');
    const told = terminal.printed.map((line) => line.replace(/:.*/, ''));
    expect(told).toEqual([
      'ok      JSON and UTF-8',
      'ok      numbers',
      'ok      cryptography',
      'ok      journal (SQLite)',
      'ok      files',
      'ok      terminal variables',
      'ok      clocks',
      'ok      Market Watch',
      'ok      EURUSD',
      'ok      history',
      'Bulwark self-test',
    ]);
    expect(terminal.printed.at(-1)).toBe('Bulwark self-test: all is well');
    expect(terminal.desk.sends).toBe(0);
  });

  it('says what failed', async () => {
    const terminal = terminalOf({ binary: compileProgram(script) });
    onTestFinished(() => terminal.close());
    terminal.faults.historyFails = true;
    await terminal.runScript();
    expect(terminal.printed.at(-1)).toMatch(/^Bulwark self-test: \d FAILED/);
  });
});
