import { describe, expect, it } from 'vitest';
import { fc } from '../../support/property-seed.ts';
import { RISK_CASES, type RiskCase } from '../../support/risk-cases.ts';
import { RISK_LIVES } from '../../support/risk-lives.ts';
import { RiskModel } from '../../support/risk-model.ts';
import { operations } from '../../support/risk-operations.ts';

/** Of each case; together more than 100,000 operations. */
const RUNS = 300;

describe('no accepted order can take equity below a floor', () => {
  let done = 0;
  it.each(Object.keys(RISK_CASES) as RiskCase[])('in the case %s', (name) => {
    let accepted = 0;
    let refused = 0;
    let widened = 0;
    fc.assert(
      fc.property(operations, (list) => {
        const model = new RiskModel(RISK_CASES[name]);
        for (const next of list) model.apply(next);
        done += list.length;
        accepted += model.accepted;
        refused += model.refused;
        widened += model.widened;
      }),
      { numRuns: RUNS, examples: Object.values(RISK_LIVES).map((life) => [[...life]]) },
    );
    // A guard that refuses everything would pass the property too.
    expect(accepted).toBeGreaterThan(500);
    expect(refused).toBeGreaterThan(50);
    expect(widened).toBeGreaterThan(50);
  });

  it('was shown by at least 100,000 operations', () => {
    expect(done).toBeGreaterThanOrEqual(100_000);
  });
});
