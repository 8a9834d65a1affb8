import { describe, expect, it } from 'vitest';
import { armTerminal } from '../../../../src/actors/guard/guard-floors.ts';
import { bootMode, isNews } from '../../../../src/actors/guard/guard-mode.ts';
import { builtinRuleSet } from '../../../../src/risk/builtin-rule-sets.ts';
import { entry, stored } from '../../../support/entries.ts';
import { guardOptions, NOW } from '../../../support/guard-fixtures.ts';
import { ftmoWith, ledgerAt, usd } from '../../../support/risk-fixtures.ts';

const changed = (to: string, reason: string) =>
  stored([entry({ kind: 'mode.changed', from: 'active', to, reason })])[0];

describe('the mode a guard boots in', () => {
  it.each([
    ['nothing before', undefined, 'halted', ['gate', 'link']],
    ['active before', changed('active', 'link'), 'halted', ['gate', 'link']],
    ['halted by the link', changed('halted', 'link'), 'halted', ['gate', 'link']],
    [
      'halted by a person',
      changed('halted', 'operator: lunch'),
      'halted',
      ['gate', 'link', 'operator: lunch'],
    ],
    ['active after a person', changed('active', 'operator: lunch'), 'halted', ['gate', 'link']],
    ['killed', changed('locked', 'operator: enough'), 'locked', ['gate', 'link']],
    ['at the floor', changed('locked', 'floor'), 'locked', ['gate', 'link']],
  ])('remembers what a person or a floor had said: %s', (_, last, mode, holds) => {
    const booted = bootMode(last, []);
    expect([booted.value, booted.context.holds]).toEqual([mode, holds]);
    if (mode === 'locked')
      expect(booted.context.reason).toBe(last?.kind === 'mode.changed' && last.reason);
  });

  it('remembers every halt of a person by the holds that were journalled', () => {
    const body = { kind: 'mode.changed', from: 'active', to: 'halted', reason: 'link' } as const;
    const holds = ['operator: lunch', 'link'];
    const [last] = stored([entry({ ...body, holds })]);
    expect(bootMode(last, []).context.holds).toEqual(['gate', 'link', 'operator: lunch']);
  });

  it('keeps the holds of the run', () => {
    expect(bootMode(undefined, ['dry run']).context.holds).toContain('dry run');
  });
});

describe('what the journal hears of the mode', () => {
  it('is every change, and what a person says also where nothing changes', () => {
    const halted = { from: 'halted', to: 'halted' };
    expect(isNews({ from: 'active', to: 'halted' }, { type: 'hold.raised', hold: 'link' })).toBe(
      true,
    );
    expect(isNews(halted, { type: 'hold.raised', hold: 'link' })).toBe(false);
    expect(isNews(halted, { type: 'hold.raised', hold: 'operator: lunch' })).toBe(true);
    expect(isNews(halted, { type: 'hold.cleared', hold: 'operator: lunch' })).toBe(true);
    expect(isNews(halted, { type: 'hold.cleared', hold: 'link' })).toBe(false);
  });
});

describe("the terminal's own guard", () => {
  const options = guardOptions();
  const armed = armTerminal(ledgerAt('2024-01-09T08:00:00Z'), options, NOW);

  it('gets both floors in the account currency and half of our buffer', () => {
    expect(armed.guard).toMatchObject({
      kind: 'guard',
      dailyAmount: '5000.00',
      anchor: '100000.00',
      totalFloor: '90000.00',
      buffer: '50.00',
    });
  });

  it('gets the dead-man policy of the configuration', () => {
    const deadMan = { policy: 'flatten', afterMs: 90_000 } as const;
    const ledger = ledgerAt('2024-01-09T08:00:00Z');
    expect(armTerminal(ledger, guardOptions({ deadMan }), NOW).guard.deadMan).toEqual(deadMan);
  });

  it.each([
    ['ftmo-2step', 'none'],
    ['ftmo-1step', 'atReset'],
    ['e8-one', 'realtime'],
  ] as const)('moves the total floor of %s alone: %s', (id, ratchet) => {
    const ledger = ledgerAt('2024-01-09T08:00:00Z', 100_000, builtinRuleSet(id));
    expect(armTerminal(ledger, options, NOW).guard.ratchet).toBe(ratchet);
  });

  it('wakes us a buffer above the higher floor', () => {
    expect(armed.equityAtOrBelow).toBe('95100.00');
  });

  it('knows the resets of two weeks ahead, midnight in Prague', () => {
    const { resetsMs } = armed.guard;
    expect(resetsMs).toHaveLength(14);
    expect(new Date(resetsMs[0] ?? 0).toISOString()).toBe('2024-01-09T23:00:00.000Z');
    expect(resetsMs.every((at, index) => index === 0 || at > (resetsMs[index - 1] ?? 0))).toBe(
      true,
    );
  });

  it('carries the total floor where the rules have no other amount', () => {
    const rules = ftmoWith({});
    const phases = rules.phases.map((phase) => ({ ...phase, daily: null }));
    const ledger = ledgerAt('2024-01-09T08:00:00Z', 100_000, { ...rules, phases });
    const { guard, equityAtOrBelow } = armTerminal(
      ledger,
      guardOptions({ killBuffer: usd(0) }),
      NOW,
    );
    // An amount as large as its anchor: a daily floor at zero, which is none.
    expect([guard.dailyAmount, guard.anchor]).toEqual(['100000.00', '100000.00']);
    expect(equityAtOrBelow).toBe('90000.00');
  });
});
