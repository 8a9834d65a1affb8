import { beforeAll, describe } from 'vitest';
import { compiledExpert, compiledWorld } from '../../ea/compiled-world.ts';
import { hasCompiler } from '../../ea/toolchain.ts';
import { linkConformance } from './suite.ts';

const present = hasCompiler();
if (!present) console.warn('SKIPPED: there is no g++ here, so the Expert Advisor did not run');

describe.runIf(present)('with g++', () => {
  beforeAll(() => void compiledExpert(), 180_000);
  linkConformance(compiledWorld);
});
