import { beforeAll, describe, it } from 'vitest';
import { compiledExpert, freeExpert } from './compiled-world.ts';
import { freeReplay, REPLAY_TIMEOUT_MS } from './free-replay.ts';
import { hasCompiler } from './toolchain.ts';

const present = hasCompiler();
if (!present) console.warn('SKIPPED: there is no g++ here, so nothing traded through the expert');

describe.runIf(present)('the runtime over the compiled Expert Advisor', () => {
  beforeAll(() => void compiledExpert(), 180_000);

  it('trades a replay, and audit and broker agree order by order', {
    timeout: REPLAY_TIMEOUT_MS,
  }, async () => {
    const world = await freeReplay(freeExpert);
    await world.expectAgreement();
  });
});
