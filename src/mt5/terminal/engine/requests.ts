import type { FillingMode, Instrument } from '../../../domain/instrument.ts';
import { floorToStep } from '../../../domain/instrument.ts';
import type { EpochMs, LotsE8, Points } from '../../../domain/units.ts';
import { absurd, lotsE8 } from '../../../domain/units.ts';
import { RETCODE } from '../../retcodes.ts';
import {
  checkCloseVolume,
  checkExpiry,
  checkFilling,
  checkMargin,
  checkPendingPrice,
  checkPlace,
  checkSession,
  checkStops,
  checkTradeMode,
  isFrozen,
} from './checks.ts';
import type { Desk } from './desk.ts';
import { entryPrice, exitPrice, instrumentOf, nextTicket, rateOf } from './desk.ts';
import { nextServerMidnight } from './environment.ts';
import { closeByEachOther, closeVolume, fillOrder } from './fills.ts';
import { draw } from './random.ts';
import type {
  BrokerOrder,
  BrokerPosition,
  BrokerQuote,
  BrokerRequest,
  ClientReference,
  RequestBody,
  RequestOutcome,
} from './records.ts';

type Body<Type extends RequestBody['type']> = Extract<RequestBody, { type: Type }>;

const bare = (retcode: number, symbol: string | null, comment = ''): RequestOutcome => ({
  retcode,
  symbol,
  order: null,
  deal: null,
  price: null,
  volumeE8: null,
  comment,
});

interface Mood {
  readonly refusal?: number;
  /** There is not enough on the other side of the market for all of it. */
  readonly isThin: boolean;
}
/** Whims of a venue: drawn only when configured, so that a rate of 0 leaves the generator alone. */
const moodOf = (desk: Desk): Mood => {
  const { rejectRate, requoteRate, partialFillRate = 0 } = desk.env;
  const bounds = [rejectRate, rejectRate + requoteRate, rejectRate + requoteRate + partialFillRate];
  const [rejects = 0, requotes = 0, thin = 0] = bounds;
  if (thin <= 0) return { isThin: false };
  const drawn = draw(desk.state.random);
  desk.emit({ type: 'random.drawn', state: drawn.state });
  if (drawn.value < rejects) return { refusal: RETCODE.REJECT, isThin: false };
  if (drawn.value < requotes) return { refusal: RETCODE.REQUOTE, isThin: false };
  return { isThin: drawn.value < thin };
};

/** What a thin market fills of an immediate-or-cancel request: half of it, on the lot step. Other
 * policies, and volumes that cannot be halved, are filled whole. */
const filledOf = (
  instrument: Instrument,
  { filling, volumeE8 }: { readonly filling: FillingMode; readonly volumeE8: LotsE8 },
  { isThin }: Mood,
): LotsE8 => {
  if (!isThin || filling !== 'ioc') return volumeE8;
  const half = floorToStep(instrument, volumeE8 / 2);
  return half === 0 ? volumeE8 : half;
};
const doneWith = (filled: LotsE8, wanted: LotsE8): number =>
  filled < wanted ? RETCODE.DONE_PARTIAL : RETCODE.DONE;

const newOrder = (desk: Desk, reference: ClientReference, body: Body<'place'>): BrokerOrder => ({
  intent: reference.intent,
  attempt: reference.attempt,
  ticket: nextTicket(desk),
  symbol: body.symbol,
  side: body.side,
  kind: body.kind,
  volumeE8: body.volumeE8,
  filledE8: lotsE8(0),
  price: body.price,
  stopLimitPrice: body.stopLimitPrice,
  stopLoss: body.stopLoss,
  takeProfit: body.takeProfit,
  magic: body.magic,
  tif: body.tif,
  expiresAt: expiryOf(desk, body),
  state: 'placed',
  placedAt: desk.state.now,
  doneAt: null,
  positionTicket: null,
  comment: body.comment,
});

/** `day` orders live until the next server midnight. */
const expiryOf = (desk: Desk, body: Body<'place'> | Body<'modifyOrder'>): EpochMs | null => {
  if (body.tif === 'gtc') return null;
  return body.tif === 'day'
    ? nextServerMidnight(desk.state.now, desk.env.serverOffsetMs)
    : body.expiresAt;
};

const place = (
  desk: Desk,
  request: BrokerRequest,
  body: Body<'place'>,
  equityMinor: bigint,
): RequestOutcome => {
  const instrument = instrumentOf(desk, body.symbol);
  const quote = desk.state.quotes.get(body.symbol);
  const refusal = checkPlace(desk, instrument, quote, body);
  if (refusal !== undefined) return bare(refusal, body.symbol);
  if (quote === undefined || rateOf(desk, body.symbol) === undefined)
    return bare(RETCODE.PRICE_OFF, body.symbol);
  if (body.kind !== 'market') {
    const order = newOrder(desk, request, body);
    desk.emit({ type: 'order.placed', order });
    return {
      ...bare(RETCODE.DONE, body.symbol, 'pending order placed'),
      order: order.ticket,
      price: order.price,
      volumeE8: order.volumeE8,
    };
  }
  const price = entryPrice(body.side, quote);
  const money = checkMargin(desk, equityMinor, body, price);
  if (money !== undefined) return bare(money, body.symbol);
  const mood = moodOf(desk);
  if (mood.refusal !== undefined) return bare(mood.refusal, body.symbol);
  const order = { ...newOrder(desk, request, body), price };
  const volumeE8 = filledOf(instrument, body, mood);
  const { deal } = fillOrder(desk, order, price, volumeE8);
  return {
    retcode: doneWith(volumeE8, body.volumeE8),
    symbol: body.symbol,
    order: order.ticket,
    deal,
    price,
    volumeE8,
    comment: '',
  };
};

const close = (desk: Desk, request: BrokerRequest, body: Body<'close'>): RequestOutcome => {
  const position = desk.state.positions.get(body.ticket);
  if (position === undefined) return bare(RETCODE.POSITION_CLOSED, null);
  const { symbol } = position;
  const instrument = instrumentOf(desk, symbol);
  const quote = desk.state.quotes.get(symbol);
  if (quote === undefined) return bare(RETCODE.PRICE_OFF, symbol);
  const market = exitPrice(position.side, quote);
  const refusal =
    checkTradeMode(instrument, 'closing') ??
    checkCloseVolume(instrument, position, body.volumeE8) ??
    checkFilling(instrument, body.filling, false) ??
    checkSession(desk, symbol) ??
    (frozenPosition(desk, position, market) ? RETCODE.FROZEN : undefined);
  if (refusal !== undefined) return bare(refusal, symbol);
  const mood = moodOf(desk);
  if (mood.refusal !== undefined) return bare(mood.refusal, symbol);
  const volumeE8 = filledOf(instrument, body, mood);
  const { order, deal } = closeVolume(desk, {
    position,
    volumeE8,
    wantedE8: body.volumeE8,
    price: market,
    reference: { intent: request.intent, attempt: request.attempt },
    reason: body.reason ?? 'expert',
    comment: '',
  });
  const retcode = doneWith(volumeE8, body.volumeE8);
  return { retcode, symbol, order, deal, price: market, volumeE8, comment: '' };
};

const frozenPosition = (desk: Desk, position: BrokerPosition, market: Points): boolean => {
  const instrument = instrumentOf(desk, position.symbol);
  return (
    isFrozen(instrument, market, position.stopLoss) ||
    isFrozen(instrument, market, position.takeProfit)
  );
};

const closeBy = (desk: Desk, request: BrokerRequest, body: Body<'closeBy'>): RequestOutcome => {
  const position = desk.state.positions.get(body.ticket);
  const by = desk.state.positions.get(body.byTicket);
  if (position === undefined || by === undefined) return bare(RETCODE.POSITION_CLOSED, null);
  const { symbol } = position;
  if (by.symbol !== symbol || by.side === position.side) return bare(RETCODE.INVALID, symbol);
  const isFrozenPair = [position, by].some((one) => {
    const quote = desk.state.quotes.get(symbol);
    return quote !== undefined && frozenPosition(desk, one, exitPrice(one.side, quote));
  });
  const refusal =
    checkTradeMode(instrumentOf(desk, symbol), 'closing') ??
    checkSession(desk, symbol) ??
    (isFrozenPair ? RETCODE.FROZEN : undefined);
  if (refusal !== undefined) return bare(refusal, symbol);
  const volumeE8 = lotsE8(Math.min(position.volumeE8, by.volumeE8));
  const { order, deal } = closeByEachOther(desk, position, by, {
    intent: request.intent,
    attempt: request.attempt,
  });
  return { retcode: RETCODE.DONE, symbol, order, deal, price: by.open, volumeE8, comment: '' };
};

const modifyPosition = (desk: Desk, body: Body<'modifyPosition'>): RequestOutcome => {
  const position = desk.state.positions.get(body.ticket);
  if (position === undefined) return bare(RETCODE.POSITION_CLOSED, null);
  const { symbol, side } = position;
  const { stopLoss, takeProfit } = body;
  if (stopLoss === position.stopLoss && takeProfit === position.takeProfit)
    return bare(RETCODE.NO_CHANGES, symbol);
  const instrument = instrumentOf(desk, symbol);
  const quote = desk.state.quotes.get(symbol);
  if (quote === undefined) return bare(RETCODE.PRICE_OFF, symbol);
  const from = exitPrice(side, quote);
  const moved = {
    stopLoss: stopLoss === position.stopLoss ? null : stopLoss,
    takeProfit: takeProfit === position.takeProfit ? null : takeProfit,
  };
  const refusal =
    checkSession(desk, symbol) ??
    (frozenPosition(desk, position, from) ? RETCODE.FROZEN : undefined) ??
    checkStops({ instrument, side, from, ...moved });
  if (refusal !== undefined) return bare(refusal, symbol);
  const takeProfitDueAt = takeProfit === position.takeProfit ? position.takeProfitDueAt : null;
  desk.emit({
    type: 'position.changed',
    at: desk.state.now,
    position: { ...position, stopLoss, takeProfit, takeProfitDueAt },
  });
  return bare(RETCODE.DONE, symbol, 'modified');
};

/** The level that a pending order waits for is frozen near the market, as its stops are not. */
const orderFrozen = (desk: Desk, order: BrokerOrder, quote: BrokerQuote): boolean =>
  isFrozen(instrumentOf(desk, order.symbol), entryPrice(order.side, quote), order.price);

const CHANGEABLE = [
  'price',
  'stopLimitPrice',
  'stopLoss',
  'takeProfit',
  'tif',
  'expiresAt',
] as const satisfies readonly (keyof BrokerOrder)[];
const isSame = (a: BrokerOrder, b: BrokerOrder): boolean =>
  CHANGEABLE.every((field) => a[field] === b[field]);

const modifyOrder = (desk: Desk, body: Body<'modifyOrder'>): RequestOutcome => {
  const order = desk.state.orders.get(body.ticket);
  if (order === undefined) return bare(RETCODE.INVALID_ORDER, null);
  const { symbol, side, kind } = order;
  const { price, stopLimitPrice, stopLoss, takeProfit, tif } = body;
  const changed = { ...order, price, stopLimitPrice, stopLoss, takeProfit, tif };
  const wanted = { ...changed, expiresAt: expiryOf(desk, body) };
  if (isSame(order, wanted)) return bare(RETCODE.NO_CHANGES, symbol);
  const instrument = instrumentOf(desk, symbol);
  const quote = desk.state.quotes.get(symbol);
  if (quote === undefined) return bare(RETCODE.PRICE_OFF, symbol);
  const from = kind === 'stopLimit' ? (stopLimitPrice ?? price) : price;
  const level = { side, kind, price, stopLimitPrice };
  const refusal =
    checkSession(desk, symbol) ??
    (orderFrozen(desk, order, quote) ? RETCODE.FROZEN : undefined) ??
    checkPendingPrice(instrument, quote, level) ??
    checkStops({ instrument, side, from, stopLoss, takeProfit }) ??
    checkExpiry(desk, body);
  if (refusal !== undefined) return bare(refusal, symbol);
  desk.emit({ type: 'order.changed', order: wanted, at: desk.state.now });
  return { ...bare(RETCODE.DONE, symbol, 'modified'), order: order.ticket, price };
};

const cancel = (desk: Desk, body: Body<'cancel'>): RequestOutcome => {
  const order = desk.state.orders.get(body.ticket);
  if (order === undefined) return bare(RETCODE.INVALID_ORDER, null);
  const quote = desk.state.quotes.get(order.symbol);
  const refusal =
    checkSession(desk, order.symbol) ??
    (quote !== undefined && orderFrozen(desk, order, quote) ? RETCODE.FROZEN : undefined);
  if (refusal !== undefined) return bare(refusal, order.symbol);
  const done = { ...order, state: 'cancelled' as const, doneAt: desk.state.now };
  desk.emit({ type: 'order.done', order: done });
  return { ...bare(RETCODE.DONE, order.symbol, 'cancelled'), order: order.ticket };
};

const perform = (desk: Desk, request: BrokerRequest, equityMinor: bigint): RequestOutcome => {
  const { body } = request;
  switch (body.type) {
    case 'place':
      return place(desk, request, body, equityMinor);
    case 'close':
      return close(desk, request, body);
    case 'closeBy':
      return closeBy(desk, request, body);
    case 'modifyPosition':
      return modifyPosition(desk, body);
    case 'modifyOrder':
      return modifyOrder(desk, body);
    case 'cancel':
      return cancel(desk, body);
    case 'nothing':
      return bare(RETCODE.DONE, null, 'flat');
    default:
      return absurd(body);
  }
};

/** Executes a request at the quotes of this instant and records what became of it. */
export const executeRequest = (desk: Desk, request: BrokerRequest, equityMinor: bigint): void => {
  const outcome = perform(desk, request, equityMinor);
  const { id, intent, attempt } = request;
  desk.emit({ type: 'request.done', id, intent, attempt, at: desk.state.now, outcome });
};
