import type { Minor } from '../../../domain/units.ts';
import { minor } from '../../../domain/units.ts';
import { RETCODE } from '../../retcodes.ts';
import { checkMargin, checkPlace, marginAround } from './checks.ts';
import type { Desk } from './desk.ts';
import { entryPrice, instrumentOf } from './desk.ts';
import type { RequestBody } from './records.ts';

/** OrderCheck of MetaTrader: retcode 0 when nothing speaks against the order. */
export interface OrderCheck {
  readonly retcode: number;
  /** Margin of the account if the order were filled; as it is now when it would be refused. */
  readonly marginMinor: Minor;
}

export const checkOrder = (
  desk: Desk,
  equityMinor: bigint,
  order: Extract<RequestBody, { type: 'place' }>,
): OrderCheck => {
  const quote = desk.state.quotes.get(order.symbol);
  const instrument = instrumentOf(desk, order.symbol);
  const price =
    order.kind === 'market' && quote !== undefined ? entryPrice(order.side, quote) : order.price;
  const margin = marginAround(desk, order, price);
  if (margin === undefined) return { retcode: RETCODE.PRICE_OFF, marginMinor: minor(0n) };
  const retcode =
    checkPlace(desk, instrument, quote, order) ?? checkMargin(desk, equityMinor, order, price) ?? 0;
  return { retcode, marginMinor: minor(retcode === 0 ? margin.after : margin.before) };
};
