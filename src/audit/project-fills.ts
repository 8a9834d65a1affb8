import type { Database } from 'better-sqlite3';
import type { Side } from '../domain/instrument.ts';
import { direction } from '../domain/instrument.ts';
import { listText, priceText, volumeText } from './audit-text.ts';
import type { DealRows } from './deal-rows.ts';
import { meanPrice, volumeOf } from './trade-rounds.ts';

interface OrderRow {
  readonly action: string;
  readonly price_points: number | null;
}

/** Points by which the fill was worse than the price the decision was made on; negative: better. */
const slippage = (side: Side, wanted: number | null, filled: bigint): number | null =>
  wanted === null ? null : Number(BigInt(direction(side)) * (filled - BigInt(wanted)));

export interface FillProjection {
  /** Derives an order's fill from all its deals; harmless for an unknown intent. */
  readonly refresh: (accountId: string, intentId: string) => void;
}

export const fillProjection = (db: Database, deals: DealRows): FillProjection => {
  const order = db.prepare<[string, string], OrderRow>(
    'SELECT action, price_points FROM orders WHERE account_id = ? AND intent_id = ?',
  );
  const update = db.prepare(
    `UPDATE orders SET filled_volume = @volume, fill_price = @price, slippage_points = @slippage,
       deal_tickets = @dealTickets, order_ticket = @orderTicket,
       position_ticket = coalesce(position_ticket, @positionTicket)
     WHERE account_id = @accountId AND intent_id = @intentId`,
  );
  const refresh = (accountId: string, intentId: string): void => {
    const row = order.get(accountId, intentId);
    if (row === undefined) return;
    // An exit that carries the opening intent's id (a stop-loss) is no fill of that order.
    const entry = row.action === 'open' ? 'in' : 'out';
    const fills = deals.ofIntent(accountId, intentId).filter((deal) => deal.entry === entry);
    const last = fills.at(-1);
    const mean = meanPrice(fills);
    if (last === undefined || mean === undefined) return;
    update.run({
      accountId,
      intentId,
      volume: volumeText(volumeOf(fills)),
      price: priceText(mean.points, mean.digits),
      slippage: slippage(last.side, row.price_points, mean.points),
      dealTickets: listText(fills.map((deal) => deal.ticket)),
      orderTicket: last.orderTicket,
      positionTicket: last.positionTicket,
    });
  };
  return { refresh };
};
