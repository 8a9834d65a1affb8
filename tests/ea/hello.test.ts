import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compileProgram, hasCompiler } from './toolchain.ts';

const present = hasCompiler();
if (!present) console.warn('SKIPPED: there is no g++ here, so no MQL5 program was compiled');
const hello = fileURLToPath(new URL('programs/hello.mq5', import.meta.url));

describe.runIf(present)('a compiled MQL5 script', () => {
  it('runs, with the defaults of its inputs and with others', { timeout: 120_000 }, () => {
    const binary = compileProgram(hello);
    const run = (inputs: string): string =>
      spawnSync(binary, { encoding: 'utf8', env: { ...process.env, MQL_INPUTS: inputs } }).stdout;
    const time = Date.UTC(2024, 2, 4, 10, 11, 12) / 1000;
    expect(run('')).toBe(`world 12 18446744073709551615 1.50\ntimes 2 0 ${time}\n`);
    expect(run('InpName=you\nInpTimes=7')).toBe(
      `you 10 18446744073709551615 1.50\ntimes 7 2 ${time}\n`,
    );
  });
});
