import { formatLots, formatPrice, opposite } from '../../domain/instrument.ts';
import type { OrderKind } from '../../domain/trading.ts';
import type { Points } from '../../domain/units.ts';
import { absurd } from '../../domain/units.ts';
import { RETCODE } from '../retcodes.ts';
import type { EngineEnvironment } from '../terminal/engine/environment.ts';
import type { BrokerPosition, BrokerRequest, RequestBody } from '../terminal/engine/records.ts';
import type { BrokerState } from '../terminal/engine/state.ts';
import { isAddressable, type JsonApiRequest, type TradeAction } from './requests.ts';

/** A request in the EA's words, or the retcode with which it is refused here: it never leaves. */
export type Translated =
  | { readonly request: JsonApiRequest }
  | { readonly retcode: number; readonly comment: string };

type Body<Type extends RequestBody['type']> = Extract<RequestBody, { type: Type }>;
interface Book {
  readonly state: BrokerState;
  readonly env: EngineEnvironment;
  /** False: the EA hides something of the account. */
  readonly isWhole: boolean;
}

const refused = (retcode: number, comment: string): Translated => ({ retcode, comment });

/** What a request is about; '' where its ticket is not in the book. */
export const symbolOf = ({ body }: BrokerRequest, { positions, orders }: BrokerState): string => {
  if ('symbol' in body && body.symbol !== '') return body.symbol;
  if (!('ticket' in body)) return '';
  return positions.get(body.ticket)?.symbol ?? orders.get(body.ticket)?.symbol ?? '';
};

const TRADES: Readonly<
  Record<Exclude<OrderKind, 'stopLimit'>, readonly [TradeAction, TradeAction]>
> = {
  market: ['ORDER_TYPE_BUY', 'ORDER_TYPE_SELL'],
  limit: ['ORDER_TYPE_BUY_LIMIT', 'ORDER_TYPE_SELL_LIMIT'],
  stop: ['ORDER_TYPE_BUY_STOP', 'ORDER_TYPE_SELL_STOP'],
};

/** `id` is the request's own: what else is under way in its symbol decides about an opening. */
export const translated = (book: Book, { id, body }: BrokerRequest): Translated => {
  switch (body.type) {
    case 'place':
      return placed(book, id, body);
    case 'close':
      return closed(book, body);
    case 'modifyPosition':
      return positionModified(book, body);
    case 'modifyOrder':
      return orderModified(book, body);
    case 'cancel':
      return cancelled(book, body);
    case 'closeBy':
      return refused(RETCODE.INVALID_ORDER, 'this EA cannot close positions by each other');
    case 'nothing':
      return refused(RETCODE.DONE, 'flat');
    default:
      return absurd(body);
  }
};

/** What the EA would do wrong, and what would hide a position from it. */
const whyNot = (
  { state, isWhole }: Book,
  id: string,
  body: Body<'place'>,
): Translated | undefined => {
  const { symbol, kind, tif } = body;
  if (!isWhole) return refused(RETCODE.TOO_MANY_REQUESTS, 'the account cannot be read whole');
  if (kind === 'stopLimit')
    return refused(RETCODE.INVALID_ORDER, 'this EA has no stop-limit orders');
  if (kind !== 'market' && tif !== 'gtc')
    return refused(RETCODE.INVALID_EXPIRATION, 'this EA ignores when an order is to expire');
  for (const other of state.requests.values())
    if (other.id !== id && symbolOf(other, state) === symbol)
      return refused(RETCODE.TOO_MANY_REQUESTS, `an earlier request of ${symbol} is not settled`);
  // A ticket that the EA cannot name is one whose stop nobody can move.
  if (!isAddressable(String(state.nextTicket)))
    return refused(RETCODE.INVALID_ORDER, 'the tickets of this account no longer fit the EA');
  const held = [...state.positions.values(), ...state.orders.values()];
  const here = held.filter((one) => one.symbol === symbol);
  if (state.account?.marginMode === 'netting') {
    // MetaTrader books it as one deal in and out, which names no side of it.
    return here.some((one) => one.side !== body.side)
      ? refused(RETCODE.HEDGE_PROHIBITED, 'close the position before another side is opened')
      : undefined;
  }
  return here.length > 0
    ? refused(RETCODE.LIMIT_POSITIONS, `this EA shows one position of ${symbol} only`)
    : undefined;
};

const placed = (book: Book, id: string, body: Body<'place'>): Translated => {
  const why = whyNot(book, id, body);
  if (why !== undefined || body.kind === 'stopLimit')
    return why ?? refused(RETCODE.INVALID_ORDER, '');
  const { symbol, side, kind, volumeE8, price, stopLoss, takeProfit, comment } = body;
  const [buy, sell] = TRADES[kind];
  const level = levels(book, symbol);
  return {
    request: {
      action: 'TRADE',
      actionType: side === 'buy' ? buy : sell,
      symbol,
      volume: formatLots(volumeE8),
      ...(kind === 'market' ? {} : { price: level(price) }),
      stoploss: level(stopLoss),
      takeprofit: level(takeProfit),
      comment,
    },
  };
};

/** Part of a position is closed by its ticket, or, where positions are netted, by an order of the
 * other side. That one names no stops: those of the position would be wrong for its side, and stay. */
const closed = (book: Book, body: Body<'close'>): Translated => {
  const position = book.state.positions.get(body.ticket);
  if (position === undefined) return refused(RETCODE.POSITION_CLOSED, 'it is not in the list');
  const { symbol } = position;
  const named = { action: 'TRADE', symbol } as const;
  if (body.volumeE8 >= position.volumeE8) {
    if (isAddressable(body.ticket))
      return { request: { ...named, actionType: 'POSITION_CLOSE_ID', id: body.ticket } };
    return isAlone(book.state, position)
      ? { request: { ...named, actionType: 'POSITION_CLOSE_SYMBOL' } }
      : refused(RETCODE.INVALID, 'its ticket does not fit the EA');
  }
  const volume = formatLots(body.volumeE8);
  if (book.state.account?.marginMode === 'netting') {
    const [buy, sell] = TRADES.market;
    const actionType = opposite(position.side) === 'buy' ? buy : sell;
    return { request: { ...named, actionType, volume } };
  }
  return isAddressable(body.ticket)
    ? { request: { ...named, actionType: 'POSITION_PARTIAL', id: body.ticket, volume } }
    : refused(RETCODE.INVALID, 'its ticket does not fit the EA');
};

const isAlone = ({ positions }: BrokerState, position: BrokerPosition): boolean =>
  [...positions.values()].every((one) => one === position || one.symbol !== position.symbol);

const positionModified = (book: Book, body: Body<'modifyPosition'>): Translated => {
  const position = book.state.positions.get(body.ticket);
  if (position === undefined) return refused(RETCODE.POSITION_CLOSED, 'it is not in the list');
  const { stopLoss, takeProfit } = position;
  if (stopLoss === body.stopLoss && takeProfit === body.takeProfit)
    return refused(RETCODE.NO_CHANGES, 'it is so already');
  if (!isAddressable(body.ticket))
    return refused(RETCODE.INVALID, 'its ticket does not fit the EA');
  const level = levels(book, position.symbol);
  return {
    request: {
      ...{ action: 'TRADE', actionType: 'POSITION_MODIFY', symbol: position.symbol },
      id: body.ticket,
      stoploss: level(body.stopLoss),
      takeprofit: level(body.takeProfit),
    },
  };
};

const orderModified = (book: Book, body: Body<'modifyOrder'>): Translated => {
  const order = book.state.orders.get(body.ticket);
  if (order === undefined || !isAddressable(body.ticket))
    return refused(RETCODE.INVALID_ORDER, 'it is not in the list');
  if (body.tif !== 'gtc')
    return refused(RETCODE.INVALID_EXPIRATION, 'this EA ignores when an order is to expire');
  const level = levels(book, order.symbol);
  return {
    request: {
      ...{ action: 'TRADE', actionType: 'ORDER_MODIFY', symbol: order.symbol, id: body.ticket },
      price: level(body.price),
      stoploss: level(body.stopLoss),
      takeprofit: level(body.takeProfit),
    },
  };
};

const cancelled = (book: Book, body: Body<'cancel'>): Translated => {
  const order = book.state.orders.get(body.ticket);
  if (order === undefined || !isAddressable(body.ticket))
    return refused(RETCODE.INVALID_ORDER, 'it is not in the list');
  return {
    request: {
      ...{ action: 'TRADE', actionType: 'ORDER_CANCEL', symbol: order.symbol, id: body.ticket },
    },
  };
};

/** Prices of a symbol as text; '0' is none. */
const levels = ({ env }: Book, symbol: string): ((price: Points | null) => string) => {
  const digits = env.instruments.get(symbol)?.digits ?? 5;
  return (price) => (price === null ? '0' : formatPrice(price, digits));
};
