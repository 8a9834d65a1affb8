import { describe, expect, it } from 'vitest';
import { minor } from '../../../src/domain/units.ts';
import { BUILTIN_RULE_SET_IDS, builtinRuleSet } from '../../../src/risk/builtin-rule-sets.ts';
import { amountOf, anchorOf, floorOf } from '../../../src/risk/floors.ts';
import { openLedger } from '../../../src/risk/ledger.ts';
import { softLimitsReached } from '../../../src/risk/soft-limits.ts';
import { at, ftmoWith, ledgerAt, usd } from '../../support/risk-fixtures.ts';

const LIMITS = { softDailyPpm: 800_000, softTotalPpm: 700_000 };
const names = (state: ReturnType<typeof ledgerAt>, equity: bigint, balance = equity) =>
  softLimitsReached(state, LIMITS, { balance: minor(balance), equity: minor(equity) }).map(
    ({ name }) => name,
  );

describe('a soft limit', () => {
  it('is a part of the amount below the anchor: FTMO, 80 % of 5,000 and 70 % of 10,000', () => {
    const ledger = ledgerAt('2024-01-09T08:00:00Z');
    const figures = { balance: usd(100_000), equity: usd(93_000) };
    expect(softLimitsReached(ledger, LIMITS, figures)).toEqual([
      { name: 'daily', level: usd(96_000), measured: usd(93_000), until: ledger.day.closesAt },
      { name: 'total', level: usd(93_000), measured: usd(93_000), until: ledger.day.closesAt },
    ]);
  });

  const phases = BUILTIN_RULE_SET_IDS.flatMap((id) => {
    const ruleSet = builtinRuleSet(id);
    return ruleSet?.phases.map(({ name }) => [id, name, ruleSet] as const) ?? [];
  });
  it.each(phases)(
    'is reached exactly at its level, and not a cent above: %s %s',
    (_, phase, ruleSet) => {
      const [initial, balance] = [usd(100_000), usd(100_000)];
      const now = at('2024-01-09T08:00:00Z');
      const ledger = openLedger({ ruleSet, phase, initial, at: now, balance });
      for (const name of ['daily', 'total'] as const) {
        const rule = ledger.rules.phase[name];
        if (rule === null) continue;
        const amount = amountOf(ledger, rule, anchorOf(ledger, name));
        const kept = name === 'daily' ? 20n : 30n;
        const level = floorOf(ledger, name, rule) + (amount * kept) / 100n;
        expect(names(ledger, level + 1n)).not.toContain(name);
        expect(names(ledger, level)).toContain(name);
        expect(names(ledger, level - 1n)).toContain(name);
      }
    },
  );

  it('goes by the figure that the floor is measured by', () => {
    const measured = (measure: 'balance' | 'minOfBoth') =>
      ledgerAt('2024-01-09T08:00:00Z', 100_000, ftmoWith({ daily: { measure } }));
    expect(names(measured('balance'), usd(95_500), usd(100_000))).toEqual([]);
    expect(names(measured('balance'), usd(100_000), usd(95_500))).toEqual(['daily']);
    expect(names(measured('minOfBoth'), usd(95_500), usd(100_000))).toEqual(['daily']);
  });

  it('never lets more be lost than was said, to the last cent', () => {
    const amount = { of: 'absolute', value: '0.03' } as const;
    const ledger = ledgerAt('2024-01-09T08:00:00Z', 100_000, ftmoWith({ daily: { amount } }));
    // 80 % of three cents is 2.4 cents, so two may be lost.
    expect(names(ledger, usd(99_999.99))).toEqual([]);
    expect(names(ledger, usd(99_999.98))).toEqual(['daily']);
  });

  it('is none at 100 percent, and where the rules have no floor', () => {
    const ledger = ledgerAt('2024-01-09T08:00:00Z');
    const figures = { balance: usd(1), equity: usd(1) };
    const none = { softDailyPpm: 1_000_000, softTotalPpm: 1_000_000 };
    expect(softLimitsReached(ledger, none, figures)).toEqual([]);
  });
});
