import { describe, expect, it } from 'vitest';
import { hunt } from '../../support/mutated-model.ts';
import { RISK_MUTANTS } from '../../support/risk-mutants.ts';

/** Each mutant is compiled into a model of its own; the theorem must fail on every one of them. */
describe('an account falls below its floor when the guard does without', () => {
  it.each(RISK_MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s', async (_, mutant) => {
    expect(await hunt(mutant, { shrink: false })).toMatchObject({
      detail: expect.stringMatching(/^equity \d+ below \d+$/),
    });
  });

  it('any of these, each named once', () => {
    const names = RISK_MUTANTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
