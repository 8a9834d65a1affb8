import type { EpochMs, Minor } from '../../src/domain/units.ts';
import { epochMs, minor } from '../../src/domain/units.ts';
import { parseAmount } from '../../src/mt5/reports/amounts.ts';
import { AccountWalk } from '../../src/risk/account-walk.ts';
import type { AccountEvent, WalkReport } from '../../src/risk/account-walk-types.ts';
import { builtinRuleSet } from '../../src/risk/builtin-rule-sets.ts';
import type { RuleSet } from '../../src/risk/rule-set.ts';

/** Decimal text as an amount of an audit. */
export const amount = (text: string | number): Minor => {
  const parsed = parseAmount(String(text));
  if (parsed === undefined) throw new Error(`no amount: ${text}`);
  return parsed;
};

export const instant = (iso: string): EpochMs => epochMs(Date.parse(iso));

type Money = string | number;
interface Stated {
  readonly balance?: Money;
  readonly equity?: Money;
  readonly symbol?: string;
  readonly lots?: number;
}

const entry = (
  type: AccountEvent['type'],
  iso: string,
  booked: Money,
  stated: Stated = {},
): AccountEvent => ({
  at: instant(iso),
  type,
  amount: amount(booked),
  ...(stated.balance === undefined ? {} : { balance: amount(stated.balance) }),
  ...(stated.equity === undefined ? {} : { equity: amount(stated.equity) }),
  ...(stated.symbol === undefined ? {} : { symbol: stated.symbol }),
  ...(stated.lots === undefined ? {} : { volumeE8: BigInt(Math.round(stated.lots * 1e8)) }),
});

export const equityAt = (iso: string, equity: Money, stated: Stated = {}): AccountEvent =>
  entry('equity', iso, 0, { ...stated, equity });
export const dealAt = (iso: string, booked: Money, stated?: Stated): AccountEvent =>
  entry('deal', iso, booked, stated);
export const openAt = (iso: string, stated?: Stated): AccountEvent => entry('open', iso, 0, stated);
export const closeAt = (iso: string, booked: Money, stated?: Stated): AccountEvent =>
  entry('close', iso, booked, stated);
export const depositAt = (iso: string, booked: Money, stated?: Stated): AccountEvent =>
  entry('deposit', iso, booked, stated);
export const withdrawalAt = (iso: string, booked: Money, stated?: Stated): AccountEvent => ({
  ...entry('withdrawal', iso, booked, stated),
  amount: minor(-amount(booked)),
});

export interface History {
  readonly rules?: string | RuleSet;
  readonly phase?: string;
  readonly initial?: Money;
}

/** The report of a history under FTMO's challenge with 100,000, unless something else is said. */
export const walked = (events: readonly AccountEvent[], history: History = {}): WalkReport => {
  const { rules = 'ftmo-2step', phase = 'challenge', initial = 100_000 } = history;
  const ruleSet = typeof rules === 'string' ? builtinRuleSet(rules) : rules;
  if (ruleSet === undefined) throw new Error(`no rule set ${String(rules)}`);
  const walk = new AccountWalk({ ruleSet, phase, initial: amount(initial) });
  for (const event of events) {
    const refused = walk.push(event);
    if (refused !== undefined) throw new Error(`${refused.reason}. ${refused.remedy}`);
  }
  const report = walk.report();
  if (report === undefined) throw new Error('no events');
  return report;
};
