import type { EpochMs, Minor } from '../domain/units.ts';
import { minor } from '../domain/units.ts';
import type { FloorName, MeasuredFigures } from './floors.ts';
import { amountOf, anchorOf, floorOf, measuredBy, shareOf } from './floors.ts';
import type { LedgerState } from './ledger-state.ts';
import type { RiskLimits } from './risk-limits.ts';

/**
 * The trader's own limits, short of the firm's floors. Each is a part of the floor's amount, so it
 * moves with the floor's anchor: with 80 % of a daily amount of 5,000 it lies 4,000 below the anchor.
 */
export interface SoftLimit {
  readonly name: FloorName;
  /** The level that is reached, account currency, and the figure that the floor is measured by. */
  readonly level: Minor;
  readonly measured: Minor;
  /** The next reset: until then nothing new opens. */
  readonly until: EpochMs;
}

const WHOLE_PPM = 1_000_000;

/** The limits that the figures have reached: to stand exactly at the level is to have reached it. */
export const softLimitsReached = (
  state: LedgerState,
  limits: Pick<RiskLimits, 'softDailyPpm' | 'softTotalPpm'>,
  figures: MeasuredFigures,
): readonly SoftLimit[] => {
  const reached: SoftLimit[] = [];
  for (const name of ['daily', 'total'] as const) {
    const rule = state.rules.phase[name];
    const ppm = name === 'daily' ? limits.softDailyPpm : limits.softTotalPpm;
    if (rule === null || ppm >= WHOLE_PPM) continue;
    const amount = amountOf(state, rule, anchorOf(state, name));
    const level = minor(floorOf(state, name, rule) + amount - shareOf(amount, ppm));
    const measured = measuredBy(rule, figures);
    if (measured <= level) reached.push({ name, level, measured, until: state.day.closesAt });
  }
  return reached;
};
