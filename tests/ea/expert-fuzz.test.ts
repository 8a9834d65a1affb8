import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileProgram, hasCompiler } from './toolchain.ts';

const present = hasCompiler();
if (!present) console.warn("SKIPPED: there is no g++ here, so the EA's decoders were not fuzzed");
const program = fileURLToPath(new URL('programs/fuzz.mq5', import.meta.url));

describe.runIf(present)(
  "the Expert Advisor's decoders, fed with mutations under sanitizers",
  () => {
    beforeAll(() => void compileProgram(program), 180_000);

    it.each([1, 2, 3])('read what is still good and only end on the rest, seed %i', (seed) => {
      const inputs = `InpSeed=${seed}\nInpRounds=2000`;
      const env = { ...process.env, MQL_INPUTS: inputs };
      const { stdout, stderr } = spawnSync(compileProgram(program), { encoding: 'utf8', env });
      expect(stderr).toBe('');
      const [, texts = '0', messages = '0'] =
        /read (\d+) texts and (\d+) messages/.exec(stdout) ?? [];
      expect(Number(texts)).toBeGreaterThan(0);
      expect(Number(messages)).toBeGreaterThan(100);
    });
  },
);
