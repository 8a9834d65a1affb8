import type { FillingMode, Instrument, Side } from '../../../domain/instrument.ts';
import type { LotsE8, Points } from '../../../domain/units.ts';
import type { Retcode } from '../../retcodes.ts';
import { RETCODE } from '../../retcodes.ts';
import type { Desk } from './desk.ts';
import { entryPrice, exitPrice, marginFor } from './desk.ts';
import type { BrokerPosition, BrokerQuote, RequestBody } from './records.ts';
import { accountMargin } from './valuation.ts';

/** The server's own checks: each answers with the retcode of the refusal, or undefined for "fine". */
export type Refusal = Retcode | undefined;
type Place = Extract<RequestBody, { type: 'place' }>;

const firstOf = (...checks: readonly (() => Refusal)[]): Refusal => {
  for (const check of checks) {
    const refusal = check();
    if (refusal !== undefined) return refusal;
  }
  return undefined;
};

export const checkTradeMode = (instrument: Instrument, opens: Side | 'closing'): Refusal => {
  const mode = instrument.tradeMode;
  if (mode === 'full') return undefined;
  if (mode === 'disabled') return RETCODE.TRADE_DISABLED;
  if (opens === 'closing') return undefined;
  if (mode === 'closeOnly') return RETCODE.CLOSE_ONLY;
  if (mode === 'longOnly') return opens === 'sell' ? RETCODE.LONG_ONLY : undefined;
  return opens === 'buy' ? RETCODE.SHORT_ONLY : undefined;
};

export const checkSession = (desk: Desk, symbol: string): Refusal =>
  desk.env.isOpen(symbol, desk.state.now) ? undefined : RETCODE.MARKET_CLOSED;

const checkVolume = (instrument: Instrument, volumeE8: LotsE8): Refusal =>
  volumeE8 < instrument.volumeMinE8 ||
  volumeE8 > instrument.volumeMaxE8 ||
  volumeE8 % instrument.volumeStepE8 !== 0
    ? RETCODE.INVALID_VOLUME
    : undefined;

/** Part of a position: on the step, and nothing smaller than the minimum unless it is all of it. */
export const checkCloseVolume = (
  instrument: Instrument,
  position: BrokerPosition,
  volumeE8: LotsE8,
): Refusal => {
  if (volumeE8 === position.volumeE8) return undefined;
  if (volumeE8 > position.volumeE8) return RETCODE.INVALID_CLOSE_VOLUME;
  return checkVolume(instrument, volumeE8);
};

/** Market execution knows fok and ioc as the symbol allows; `return` is for pendings only. */
export const checkFilling = (
  instrument: Instrument,
  filling: FillingMode,
  pending: boolean,
): Refusal => {
  if (filling === 'return') return pending ? undefined : RETCODE.INVALID_FILL;
  return instrument.fillingModes.includes(filling) ? undefined : RETCODE.INVALID_FILL;
};

const onTickSize = (instrument: Instrument, price: Points): boolean =>
  price > 0 && price % instrument.tickSizePoints === 0;

/** True when `level` lies on the far side of `from` by more than nothing and at least `distance`. */
const beyond = (input: {
  readonly from: Points;
  readonly level: Points;
  readonly way: 'above' | 'below';
  readonly distance: number;
}): boolean => {
  const gap = input.way === 'above' ? input.level - input.from : input.from - input.level;
  return gap > 0 && gap >= input.distance;
};

/** Stops of a position or order, measured from where it would be closed (or from its level). */
export const checkStops = (input: {
  readonly instrument: Instrument;
  readonly side: Side;
  readonly from: Points;
  readonly stopLoss: Points | null;
  readonly takeProfit: Points | null;
}): Refusal => {
  const { instrument, side, from, stopLoss, takeProfit } = input;
  const distance = instrument.stopsLevelPoints;
  const lossWay = side === 'buy' ? 'below' : 'above';
  const profitWay = side === 'buy' ? 'above' : 'below';
  const lossFine =
    stopLoss === null ||
    (onTickSize(instrument, stopLoss) && beyond({ from, level: stopLoss, way: lossWay, distance }));
  const profitFine =
    takeProfit === null ||
    (onTickSize(instrument, takeProfit) &&
      beyond({ from, level: takeProfit, way: profitWay, distance }));
  return lossFine && profitFine ? undefined : RETCODE.INVALID_STOPS;
};

/** Level of a pending order against the market, and of a stop-limit's limit against its trigger. */
export const checkPendingPrice = (
  instrument: Instrument,
  quote: BrokerQuote,
  order: Pick<Place, 'side' | 'kind' | 'price' | 'stopLimitPrice'>,
): Refusal => {
  const { side, kind, price, stopLimitPrice } = order;
  if (!onTickSize(instrument, price)) return RETCODE.INVALID_PRICE;
  const from = entryPrice(side, quote);
  const above = (side === 'buy') === (kind !== 'limit');
  const way = above ? 'above' : 'below';
  if (!beyond({ from, level: price, way, distance: instrument.stopsLevelPoints }))
    return RETCODE.INVALID_PRICE;
  if (kind !== 'stopLimit') return undefined;
  if (stopLimitPrice === null || !onTickSize(instrument, stopLimitPrice))
    return RETCODE.INVALID_PRICE;
  const fine = side === 'buy' ? stopLimitPrice < price : stopLimitPrice > price;
  return fine ? undefined : RETCODE.INVALID_PRICE;
};

/** Margin of the account before and after an order is filled at a price; undefined without a rate. */
export const marginAround = (
  desk: Desk,
  order: Pick<Place, 'symbol' | 'side' | 'volumeE8'>,
  price: Points,
): { readonly before: bigint; readonly after: bigint } | undefined => {
  const marginMinor = marginFor(desk, order.symbol, price, order.volumeE8);
  if (marginMinor === undefined) return undefined;
  const positions = [...desk.state.positions.values()];
  const before = accountMargin(positions);
  const existing = positions.find((position) => position.symbol === order.symbol);
  const reduces =
    desk.state.account?.marginMode === 'netting' &&
    existing !== undefined &&
    existing.side !== order.side;
  const after = reduces
    ? before - existing.marginMinor + absolute(existing.marginMinor - marginMinor)
    : accountMargin([...positions, { symbol: order.symbol, side: order.side, marginMinor }]);
  return { before, after };
};

/** Free margin after the order would be filled; a hedge that needs none is always affordable. */
export const checkMargin = (
  desk: Desk,
  equityMinor: bigint,
  order: Pick<Place, 'symbol' | 'side' | 'volumeE8'>,
  price: Points,
): Refusal => {
  const margin = marginAround(desk, order, price);
  if (margin === undefined) return RETCODE.PRICE_OFF;
  const { before, after } = margin;
  return after > before && after > equityMinor ? RETCODE.NO_MONEY : undefined;
};

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

/** Everything that a new order is checked for, in the server's order. */
export const checkPlace = (
  desk: Desk,
  instrument: Instrument,
  quote: BrokerQuote | undefined,
  order: Place,
): Refusal => {
  const pending = order.kind !== 'market';
  const refusal = firstOf(
    () => checkTradeMode(instrument, order.side),
    () => checkVolume(instrument, order.volumeE8),
    () => checkFilling(instrument, order.filling, pending),
    () => checkSession(desk, order.symbol),
  );
  if (refusal !== undefined) return refusal;
  if (quote === undefined) return RETCODE.PRICE_OFF;
  return firstOf(
    () => (pending ? checkPendingPrice(instrument, quote, order) : undefined),
    () =>
      checkStops({
        instrument,
        side: order.side,
        from: pending ? pendingEntry(order) : exitPrice(order.side, quote),
        stopLoss: order.stopLoss,
        takeProfit: order.takeProfit,
      }),
    () => (pending ? checkExpiry(desk, order) : undefined),
    () =>
      pending && desk.state.orders.size >= desk.env.maxOrders ? RETCODE.LIMIT_ORDERS : undefined,
    () =>
      desk.state.positions.size >= desk.env.maxPositions ? RETCODE.LIMIT_POSITIONS : undefined,
  );
};

/** Price at which a pending order would fill: the limit of a stop-limit, else its level. */
const pendingEntry = (order: Place): Points =>
  order.kind === 'stopLimit' && order.stopLimitPrice !== null ? order.stopLimitPrice : order.price;

export const checkExpiry = (desk: Desk, order: Pick<Place, 'tif' | 'expiresAt'>): Refusal => {
  if (order.tif !== 'specified') return undefined;
  const fine = order.expiresAt !== null && order.expiresAt > desk.state.now;
  return fine ? undefined : RETCODE.INVALID_EXPIRATION;
};

/** Within the freeze level of the market, an order or position can no longer be changed. */
export const isFrozen = (instrument: Instrument, market: Points, level: Points | null): boolean =>
  level !== null &&
  instrument.freezeLevelPoints > 0 &&
  Math.abs(market - level) <= instrument.freezeLevelPoints;
