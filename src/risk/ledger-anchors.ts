import type { Minor } from '../domain/units.ts';
import { absurd, minor, ZERO_MINOR } from '../domain/units.ts';
import { maxMinor } from './floors.ts';
import type { FloorAnchor, LedgerState } from './ledger-state.ts';
import type { FloorRule } from './rule-set.ts';

export interface Figures {
  readonly balance: Minor;
  readonly equity: Minor;
}

/** The anchor of the first day. High waters start at I even when the account starts below it. */
export const firstAnchor = (
  rule: FloorRule,
  initial: Minor,
  figures: Figures,
  rebuilt: boolean,
): FloorAnchor => {
  // An account that opens above I has history; its first floor must not hang below what it has.
  const floorOfDay = rebuilt || rule.firstDayAnchor === 'observed' ? figures.balance : initial;
  const balance = rebuilt ? figures.balance : maxMinor(floorOfDay, figures.balance);
  const level = ((): Minor => {
    switch (rule.anchor) {
      case 'initial':
        return initial;
      case 'dayStartBalance':
        return balance;
      case 'dayStartEquity':
        return rule.firstDayAnchor === 'initial' && !rebuilt
          ? maxMinor(initial, figures.equity)
          : figures.equity;
      case 'dayStartMax':
        return maxMinor(balance, figures.equity);
      case 'endOfDayHighWater':
      case 'closedBalanceHighWater':
        return maxMinor(initial, figures.balance);
      case 'equityHighWater':
        return maxMinor(initial, figures.equity);
      default:
        return absurd(rule.anchor);
    }
  })();
  return { level, before: level, shift: ZERO_MINOR };
};

const levelAtReset = (rule: FloorRule, before: Minor, figures: Figures): Minor => {
  switch (rule.anchor) {
    case 'dayStartBalance':
      return figures.balance;
    case 'dayStartEquity':
      return figures.equity;
    case 'dayStartMax':
      return maxMinor(figures.balance, figures.equity);
    case 'endOfDayHighWater':
      return maxMinor(before, figures.balance);
    case 'initial':
    case 'closedBalanceHighWater':
    case 'equityHighWater':
      return before;
    default:
      return absurd(rule.anchor);
  }
};

const anchorAtReset = (rule: FloorRule, anchor: FloorAnchor, figures: Figures): FloorAnchor => ({
  level: levelAtReset(rule, anchor.level, figures),
  before: anchor.level,
  shift: ZERO_MINOR,
});

/** The last reset again, with the balance it should have had. */
const anchorCorrected = (rule: FloorRule, anchor: FloorAnchor, figures: Figures): FloorAnchor =>
  rule.ratchet === 'atReset'
    ? { ...anchor, level: minor(levelAtReset(rule, anchor.before, figures) + anchor.shift) }
    : anchor;

const raised = (anchor: FloorAnchor, to: Minor): FloorAnchor =>
  to > anchor.level ? { ...anchor, level: to } : anchor;

const anchorInRealTime = (rule: FloorRule, anchor: FloorAnchor, figures: Figures): FloorAnchor => {
  if (rule.anchor === 'closedBalanceHighWater') return raised(anchor, figures.balance);
  if (rule.anchor === 'equityHighWater') return raised(anchor, figures.equity);
  return anchor;
};

const anchorAfterTransfer = (
  rule: FloorRule,
  anchor: FloorAnchor,
  amount: Minor,
  initial: Minor,
): FloorAnchor => {
  switch (rule.withdrawal) {
    case 'none':
      return anchor;
    case 'shiftAnchor':
      return {
        ...anchor,
        level: minor(anchor.level + amount),
        shift: minor(anchor.shift + amount),
      };
    case 'resetToInitial':
      return { level: initial, before: initial, shift: ZERO_MINOR };
    default:
      return absurd(rule.withdrawal);
  }
};

type Move = (rule: FloorRule, anchor: FloorAnchor) => FloorAnchor;
const moved = (state: LedgerState, move: Move): LedgerState['anchors'] => {
  const { anchors } = state;
  const { phase } = state.rules;
  const total = move(phase.total, anchors.total);
  const daily =
    phase.daily === null || anchors.daily === null ? null : move(phase.daily, anchors.daily);
  return total === anchors.total && daily === anchors.daily ? anchors : { daily, total };
};

export const anchorsAtReset = (state: LedgerState, figures: Figures): LedgerState['anchors'] =>
  moved(state, (rule, anchor) => anchorAtReset(rule, anchor, figures));

export const anchorsCorrected = (state: LedgerState, figures: Figures): LedgerState['anchors'] =>
  moved(state, (rule, anchor) => anchorCorrected(rule, anchor, figures));

export const anchorsInRealTime = (state: LedgerState, figures: Figures): LedgerState['anchors'] =>
  moved(state, (rule, anchor) => anchorInRealTime(rule, anchor, figures));

export const anchorsAfterTransfer = (state: LedgerState, amount: Minor): LedgerState['anchors'] =>
  moved(state, (rule, anchor) => anchorAfterTransfer(rule, anchor, amount, state.initial));
