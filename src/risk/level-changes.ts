import { direction } from '../domain/instrument.ts';
import type { Points } from '../domain/units.ts';
import { points } from '../domain/units.ts';
import type { OpenRisk, OrderRisk } from './exposure.ts';

/**
 * Levels that were asked for and are not known to hold. Until they are, the worse of the old and the
 * new ones counts: either may be the one that fills.
 */
export interface LevelChange {
  readonly what: 'position' | 'order';
  /** Of the position, or of the working order. */
  readonly ticket: string;
  /** An order may move its entry too. */
  readonly entry?: Points;
  /** Undefined: no stop. */
  readonly stopLoss: Points | undefined;
  /** Undefined: no target. */
  readonly takeProfit: Points | undefined;
}

/** A position as it may be. One whose stop may be gone has no worst case. */
export const positionWith = (position: OpenRisk, change: LevelChange): OpenRisk => {
  const { stopLoss: _, ...bare } = position;
  const targets = position.unconfirmedTargets ?? [];
  const withTarget = { unconfirmedTargets: [...targets, change.takeProfit ?? null] };
  if (change.stopLoss === undefined) return { ...bare, ...withTarget };
  const unconfirmedStops = [...(position.unconfirmedStops ?? []), change.stopLoss];
  return { ...position, ...withTarget, unconfirmedStops };
};

/** An order as it may be: the pair of entry and stop that loses more, and the best of both. */
export const orderWith = (order: OrderRisk, change: LevelChange): OrderRisk => {
  const d = direction(order.side);
  const entry = change.entry ?? order.entry;
  const { stopLoss: oldStop, takeProfit: oldTarget, ...rest } = order;
  if (oldStop === undefined || change.stopLoss === undefined) return rest;
  const isWider = d * (entry - change.stopLoss) > d * (order.entry - oldStop);
  const worse = isWider
    ? { ...rest, entry, stopLoss: change.stopLoss }
    : { ...rest, stopLoss: oldStop };
  if (oldTarget === undefined || change.takeProfit === undefined) return worse;
  const gain = Math.max(d * (oldTarget - order.entry), d * (change.takeProfit - entry));
  return { ...worse, takeProfit: points(worse.entry + d * gain) };
};

interface AtRisk {
  readonly positions: readonly OpenRisk[];
  readonly orders: readonly OrderRisk[];
}

/** Everything at risk, with the changes that may have been made. */
export const withChanges = (
  { positions, orders }: AtRisk,
  changes: Iterable<LevelChange>,
): AtRisk => {
  const asked = [...changes];
  if (asked.length === 0) return { positions, orders };
  const of = (what: LevelChange['what'], ticket: string): readonly LevelChange[] =>
    asked.filter((change) => change.what === what && change.ticket === ticket);
  return {
    positions: positions.map((one) => of('position', one.ticket).reduce(positionWith, one)),
    orders: orders.map((one) => of('order', one.id).reduce(orderWith, one)),
  };
};
