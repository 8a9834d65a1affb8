import type { FloorRule, RuleSet } from '../../src/risk/rule-set.ts';
import { ftmo, ftmoWith } from './risk-fixtures.ts';
import type { ModelOptions } from './risk-options.ts';

const withTotal = (total: Partial<FloorRule>, daily?: Partial<FloorRule>): RuleSet =>
  ftmoWith({ total, ...(daily === undefined ? {} : { daily }) });
/** The rules of one floor alone: what another floor would have refused does not hide it. */
const totalOnly = (total: Partial<FloorRule>): RuleSet => {
  const base = withTotal(total);
  return { ...base, phases: base.phases.map((phase) => ({ ...phase, daily: null })) };
};
const nettingOf = (ruleSet: RuleSet): RuleSet => ({
  ...ruleSet,
  phases: ruleSet.phases.map((phase) => ({
    ...phase,
    account: { ...phase.account, marginMode: 'either' },
  })),
});
const MONDAY = '2024-01-08T09:00:00Z';

/** Every way in which a floor can move, both kinds of accounts, and both changes of the clocks. */
export const RISK_CASES = {
  ftmo: { ruleSet: ftmo(), startIso: MONDAY, targets: false },
  intoSummerTime: { ruleSet: ftmo(), startIso: '2024-03-30T21:00:00Z', targets: true },
  netting: { ruleSet: nettingOf(ftmo()), startIso: MONDAY, targets: false, netting: true },
  midnightHighIntoWinterTime: {
    ruleSet: withTotal({ anchor: 'endOfDayHighWater', ratchet: 'atReset' }),
    startIso: '2024-10-26T20:00:00Z',
    targets: false,
  },
  closedHighLocked: {
    ruleSet: withTotal({
      anchor: 'closedBalanceHighWater',
      ratchet: 'realtime',
      amount: { of: 'initial', ppm: 60_000 },
      lockAtPpm: 1_000_000,
    }),
    startIso: MONDAY,
    targets: false,
  },
  closedHigh: {
    ruleSet: totalOnly({
      anchor: 'closedBalanceHighWater',
      ratchet: 'realtime',
      amount: { of: 'initial', ppm: 60_000 },
    }),
    startIso: MONDAY,
    targets: false,
  },
  equityHigh: {
    ruleSet: totalOnly({ anchor: 'equityHighWater', ratchet: 'realtime' }),
    startIso: MONDAY,
    targets: true,
  },
  higherOfBoth: {
    ruleSet: withTotal({}, { anchor: 'dayStartMax', amount: { of: 'anchor', ppm: 50_000 } }),
    startIso: MONDAY,
    targets: true,
  },
} as const satisfies Readonly<Record<string, ModelOptions>>;

export type RiskCase = keyof typeof RISK_CASES;
