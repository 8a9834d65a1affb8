import { describe, expect, it } from 'vitest';
import type { EvaluationStatus } from '../../../src/actors/operator/operator-view.ts';
import { evaluationLines } from '../../../src/cli/status-view.ts';
import { at } from '../../support/risk-fixtures.ts';

const funded: EvaluationStatus = {
  id: 'e1',
  ruleSet: 'ftmo-2step',
  state: 'funded.earning',
  phase: 'funded',
  accounts: [{ phase: 'funded', login: '300', at: at('2024-01-09T10:00:00Z') }],
  metAt: null,
  failure: null,
  pause: null,
  payouts: 0,
  payout: null,
  scalings: 0,
};
const cycle = {
  everyDays: 14,
  from: at('2024-01-09T10:00:00Z'),
  dueAt: at('2024-01-23T10:00:00Z'),
  withdrawable: '2000.00',
  share: '1600.00',
  blockedBy: [],
};

describe('an evaluation in lines', () => {
  it('says from when a payout can be asked for, and how much it would be', () => {
    expect(evaluationLines({ ...funded, payout: cycle })).toEqual([
      'evaluation e1   ftmo-2step/funded on 300   funded',
      'payout    1600.00 of 2000.00   from 2024-01-23 10:00:00 (cycle since 2024-01-09 10:00:00)   can be asked for',
    ]);
  });

  it('says what is in the way of a payout', () => {
    const waiting = { ...cycle, from: null, dueAt: null, blockedBy: ['cycle', 'open'] } as const;
    expect(evaluationLines({ ...funded, payouts: 2, payout: waiting })).toEqual([
      'evaluation e1   ftmo-2step/funded on 300   funded',
      '          payouts 2, scalings 0',
      'payout    1600.00 of 2000.00   cycle begins with the first trade   not now: its days are not over, something is open',
    ]);
  });

  it('names the rule that ended it', () => {
    const failure = { rule: 'maxDays', at: at('2024-02-09T10:00:00Z') };
    expect(evaluationLines({ ...funded, state: 'breached', failure })).toEqual([
      'evaluation e1   ftmo-2step/funded on 300   failed: maxDays on 2024-02-09 10:00:00',
    ]);
  });
});
