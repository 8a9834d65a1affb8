import { parseLots, parsePrice } from '../../../src/domain/instrument.ts';
import type { Points } from '../../../src/domain/units.ts';
import { epochMs, lotsE8, points } from '../../../src/domain/units.ts';
import { RETCODE } from '../../../src/mt5/retcodes.ts';
import type { RequestBody } from '../../../src/mt5/terminal/engine/records.ts';
import type { FakeBroker } from './fake-broker.ts';

/** A MqlTradeRequest as the shim sends it; numbers as text, in the order of the structure. */
export interface TradeRequest {
  readonly action: number;
  readonly magic: string;
  readonly order: string;
  readonly symbol: string;
  readonly volume: string;
  readonly price: string;
  readonly stoplimit: string;
  readonly sl: string;
  readonly tp: string;
  readonly type: number;
  readonly filling: number;
  readonly time: number;
  readonly expiration: number;
  readonly comment: string;
  readonly position: string;
  readonly positionBy: string;
}

export const tradeRequestOf = (words: readonly string[]): TradeRequest => {
  const at = (index: number): string => words[index] ?? '';
  return {
    action: Number(at(0)),
    magic: at(1),
    order: at(2),
    symbol: at(3),
    volume: at(4),
    price: at(5),
    stoplimit: at(6),
    sl: at(7),
    tp: at(8),
    type: Number(at(10)),
    filling: Number(at(11)),
    time: Number(at(12)),
    expiration: Number(at(13)),
    comment: at(14),
    position: at(15),
    positionBy: at(16),
  };
};

const ACTION = { DEAL: 1, PENDING: 5, SLTP: 6, MODIFY: 7, REMOVE: 8, CLOSE_BY: 10 } as const;
const KINDS = [
  'market',
  'market',
  'limit',
  'limit',
  'stop',
  'stop',
  'stopLimit',
  'stopLimit',
] as const;
const FILLINGS = ['fok', 'ioc', 'return'] as const;
const TIMES = ['gtc', 'day', 'specified'] as const;

/** A double that is a decimal of the symbol's digits, but for what binary fractions add. */
const exact = (text: string, digits: number): string | undefined => {
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  const rounded = value.toFixed(digits);
  return Math.abs(value - Number(rounded)) <= 1e-9 * Math.max(1, Math.abs(value))
    ? rounded
    : undefined;
};
const priceOf = (text: string, digits: number): Points | undefined => {
  const rounded = exact(text, digits);
  return rounded === undefined ? undefined : parsePrice(rounded, digits);
};
const levelOf = (text: string, digits: number): Points | null | undefined => {
  const price = priceOf(text, digits);
  return price === 0 ? null : price;
};
const volumeOf = (text: string) => {
  const rounded = exact(text, 8);
  return rounded === undefined ? undefined : parseLots(rounded);
};

/** The request in the engine's words, or the retcode with which the server refuses it unread. */
export const bodyOf = (broker: FakeBroker, request: TradeRequest): RequestBody | number => {
  const { engine, env } = broker;
  const position = engine.state.positions.get(request.position);
  const order = engine.state.orders.get(request.order);
  const symbol = position?.symbol ?? order?.symbol ?? request.symbol;
  const instrument = env.instruments.get(symbol);
  const digits = instrument?.digits ?? 5;
  switch (request.action) {
    case ACTION.REMOVE:
      return { type: 'cancel', ticket: request.order };
    case ACTION.CLOSE_BY:
      return { type: 'closeBy', ticket: request.position, byTicket: request.positionBy };
    default:
  }
  if (instrument === undefined) return RETCODE.INVALID;
  const price = priceOf(request.price, digits);
  const stopLoss = levelOf(request.sl, digits);
  const takeProfit = levelOf(request.tp, digits);
  const stopLimitPrice = levelOf(request.stoplimit, digits);
  if (price === undefined || stopLimitPrice === undefined) return RETCODE.INVALID_PRICE;
  if (stopLoss === undefined || takeProfit === undefined) return RETCODE.INVALID_STOPS;
  const expiresAt =
    request.expiration === 0 ? null : epochMs(broker.zone.toUtc(request.expiration * 1000));
  const tif = TIMES[request.time] ?? 'gtc';
  if (request.action === ACTION.SLTP) {
    const ticket = request.position;
    return { type: 'modifyPosition', ticket, symbol, stopLoss, takeProfit };
  }
  if (request.action === ACTION.MODIFY) {
    const ticket = request.order;
    const levels = { price, stopLimitPrice, stopLoss, takeProfit };
    return { type: 'modifyOrder', ticket, symbol, ...levels, tif, expiresAt };
  }
  const volumeE8 = volumeOf(request.volume);
  if (volumeE8 === undefined || volumeE8 <= 0) return RETCODE.INVALID_VOLUME;
  const filling = FILLINGS[request.filling] ?? 'fok';
  const side = request.type % 2 === 0 ? ('buy' as const) : ('sell' as const);
  if (request.action === ACTION.DEAL && request.position !== '0') {
    if (position !== undefined && position.side === side) return RETCODE.INVALID;
    return { type: 'close', ticket: request.position, volumeE8: lotsE8(volumeE8), filling };
  }
  const kind = KINDS[request.type];
  const wanted = request.action === ACTION.DEAL ? kind === 'market' : kind !== 'market';
  if (kind === undefined || !wanted) return RETCODE.INVALID;
  return {
    type: 'place',
    symbol,
    side,
    kind,
    volumeE8: lotsE8(volumeE8),
    price: kind === 'market' ? points(price) : price,
    stopLimitPrice,
    stopLoss,
    takeProfit,
    magic: request.magic,
    filling,
    tif,
    expiresAt,
    comment: request.comment.slice(0, 31),
  };
};
