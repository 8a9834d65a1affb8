import type { EpochMs, Minor } from '../domain/units.ts';
import { minor, parseDecimal } from '../domain/units.ts';
import type { LedgerState } from './ledger-state.ts';
import type { FloorRule } from './rule-set.ts';

export const MILLION = 1_000_000n;
export const maxMinor = (a: Minor, b: Minor): Minor => (a > b ? a : b);
export const minMinor = (a: Minor, b: Minor): Minor => (a < b ? a : b);

/** `value · ppm / 10^6`, rounded towards zero: a loss allowance is never rounded up. */
export const shareOf = (value: Minor, ppm: number): Minor => minor((value * BigInt(ppm)) / MILLION);

export type FloorName = 'daily' | 'total';

export interface Floors {
  /** Equity floor of the day; null when the rules have none. */
  readonly daily: Minor | null;
  readonly total: Minor;
  /** F: the higher of the two. */
  readonly max: Minor;
  /** Which of them F is. */
  readonly binding: FloorName;
}

/** The figure below which the floor hangs, right now. */
export const anchorOf = (state: LedgerState, name: FloorName): Minor =>
  (state.anchors[name] ?? state.anchors.total).level;

/** D or M: how far the floor lies below `anchor`. Never negative. */
export const amountOf = (state: LedgerState, rule: FloorRule, anchor: Minor): Minor => {
  const { amount } = rule;
  switch (amount.of) {
    case 'initial':
      return shareOf(state.initial, amount.ppm);
    case 'anchor':
      return shareOf(anchor, amount.ppm);
    case 'absolute':
      return minor(parseDecimal(amount.value, state.currencyDigits) ?? 0n);
  }
};

/** Highest level to which the floor may rise, or null. */
export const lockOf = (state: LedgerState, rule: FloorRule): Minor | null =>
  rule.lockAtPpm === null ? null : shareOf(state.initial, rule.lockAtPpm);

export const floorOf = (state: LedgerState, name: FloorName, rule: FloorRule): Minor => {
  const anchor = anchorOf(state, name);
  const floor = minor(anchor - amountOf(state, rule, anchor));
  const lock = lockOf(state, rule);
  return lock === null ? floor : minMinor(floor, lock);
};

/** F_day, F_tot and F = max of them, account currency, at the ledger's instant. */
export const floors = (state: LedgerState): Floors => {
  const total = floorOf(state, 'total', state.rules.phase.total);
  if (state.rules.phase.daily === null) return { daily: null, total, max: total, binding: 'total' };
  const daily = floorOf(state, 'daily', state.rules.phase.daily);
  return daily >= total
    ? { daily, total, max: daily, binding: 'daily' }
    : { daily, total, max: total, binding: 'total' };
};

/** A floor that does not hold: the account failed, or pauses until the reset. */
export interface Breach {
  readonly rule: FloorName;
  readonly at: EpochMs;
  /** The measured figure (equity, balance, or the lower of both). */
  readonly measured: Minor;
  readonly floor: Minor;
  readonly onBreach: FloorRule['onBreach'];
}

/** The account's figures that a floor may be measured by. */
export interface MeasuredFigures {
  readonly balance: Minor;
  readonly equity: Minor;
}

export const measuredBy = (rule: FloorRule, { balance, equity }: MeasuredFigures): Minor => {
  switch (rule.measure) {
    case 'equity':
      return equity;
    case 'balance':
      return balance;
    case 'minOfBoth':
      return minMinor(balance, equity);
  }
};

/** The first floor that the given figures breach, the total floor first: it is the final one. */
export const breachOf = (state: LedgerState, figures: MeasuredFigures): Breach | undefined => {
  for (const name of ['total', 'daily'] as const) {
    const rule = state.rules.phase[name];
    if (rule === null) continue;
    const floor = floorOf(state, name, rule);
    const measured = measuredBy(rule, figures);
    if (rule.strict ? measured >= floor : measured > floor) continue;
    return { rule: name, at: state.at, measured, floor, onBreach: rule.onBreach };
  }
  return undefined;
};
