import type { Side } from '../domain/instrument.ts';
import type { LotsE8, Points } from '../domain/units.ts';
import { lotsE8 } from '../domain/units.ts';
import type { OrderRisk } from './exposure.ts';

/** Headroom that an accepted intent holds until its order is final or visible at the terminal. */
export interface Held {
  readonly order: OrderRisk;
  /** The magic by which the terminal shows it. */
  readonly magic: string;
}

/** A working order as the terminal shows it; its `VenueOrder` fits. */
export interface WorkingOrder {
  readonly ticket: string;
  readonly symbol: string;
  readonly side: Side;
  readonly volumeE8: LotsE8;
  readonly filledE8: LotsE8;
  readonly price: Points;
  readonly stopLimitPrice?: Points;
  readonly stopLoss?: Points;
  readonly takeProfit?: Points;
  readonly magic: string;
}

/** What may still become a position: the terminal's working orders, and of each reservation what
 * the terminal does not show yet, as an order or as a position. A reservation ends only with a
 * definite refusal or a confirmed absence, never because time has passed. */
export const ordersAtRisk = (known: {
  readonly working: Iterable<WorkingOrder>;
  readonly held: Iterable<Held>;
  readonly positions: Iterable<{ readonly magic: string; readonly volumeE8: LotsE8 }>;
}): readonly OrderRisk[] => {
  const shown = new Set<string>();
  const orders: OrderRisk[] = [];
  for (const order of known.working) {
    shown.add(order.magic);
    orders.push({
      id: order.ticket,
      strategyId: null,
      status: 'pending',
      symbol: order.symbol,
      side: order.side,
      volumeE8: lotsE8(order.volumeE8 - order.filledE8),
      entry: order.stopLimitPrice ?? order.price,
      ...(order.stopLoss === undefined ? {} : { stopLoss: order.stopLoss }),
      ...(order.takeProfit === undefined ? {} : { takeProfit: order.takeProfit }),
    });
  }
  const filled = new Map<string, number>();
  for (const { magic, volumeE8 } of known.positions) {
    filled.set(magic, (filled.get(magic) ?? 0) + volumeE8);
  }
  for (const { magic, order } of known.held) {
    const rest = order.volumeE8 - (filled.get(magic) ?? 0);
    if (rest > 0 && !shown.has(magic)) orders.push({ ...order, volumeE8: lotsE8(rest) });
  }
  return orders;
};
