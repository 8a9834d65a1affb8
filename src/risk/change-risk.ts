import type { Side } from '../domain/instrument.ts';
import { direction } from '../domain/instrument.ts';
import type { ChangeRisk } from '../domain/intent.ts';
import type { Points } from '../domain/units.ts';

/**
 * What a change of levels does to the worst that can happen. Widening a stop or taking one away is as
 * much a new risk as a new order is. Targets bound the best: they count where a floor follows equity.
 */
export interface Stopped {
  readonly side: Side;
  readonly stopLoss?: Points | undefined;
}

/** A position loses from where it stands to its stop. */
export const positionChangeRisk = (
  { side, stopLoss: before }: Stopped,
  after: Points | undefined,
): ChangeRisk => {
  if (before === undefined) return 'reducing';
  if (after === undefined) return 'increasing';
  return direction(side) * (after - before) >= 0 ? 'reducing' : 'increasing';
};

/** An order that fills loses from its entry to its stop, wherever the entry lies. */
export const orderChangeRisk = (
  before: Stopped & { readonly entry: Points },
  after: { readonly entry: Points; readonly stopLoss: Points },
): ChangeRisk => {
  if (before.stopLoss === undefined) return 'reducing';
  const d = direction(before.side);
  const most = d * (before.entry - before.stopLoss);
  return d * (after.entry - after.stopLoss) <= most ? 'reducing' : 'increasing';
};

/** A target that moves away, or goes, lets equity rise further before it falls. */
export const targetChangeRisk = (
  side: Side,
  before: Points | undefined,
  after: Points | undefined,
): ChangeRisk => {
  if (before === undefined) return 'reducing';
  if (after === undefined) return 'increasing';
  return direction(side) * (after - before) <= 0 ? 'reducing' : 'increasing';
};
