import { commissionMinor, opposite } from '../../../domain/instrument.ts';
import type { DealEntry, DealReason } from '../../../domain/trading.ts';
import type { LotsE8, Minor, Points } from '../../../domain/units.ts';
import { divideRounded, lotsE8, minor, points, ZERO_MINOR } from '../../../domain/units.ts';
import type { Desk } from './desk.ts';
import { accountOf, instrumentOf, marginFor, nextTicket, profitAt } from './desk.ts';
import type { BrokerDeal, BrokerOrder, BrokerPosition, ClientReference } from './records.ts';

/** Books one deal and returns its ticket. Commission is charged on every side. */
const bookDeal = (
  desk: Desk,
  deal: Omit<BrokerDeal, 'ticket' | 'commissionMinor' | 'at'>,
): string => {
  const ticket = nextTicket(desk);
  const commission = commissionMinor(instrumentOf(desk, deal.symbol), deal.volumeE8);
  desk.emit({
    type: 'deal',
    deal: { ...deal, ticket, commissionMinor: minor(-commission), at: desk.state.now },
  });
  return ticket;
};

const share = (total: Minor, part: LotsE8, whole: LotsE8): Minor =>
  part === whole ? total : minor(divideRounded(total * BigInt(part), BigInt(whole)));

/** Margin at the position's open price; scaled, not re-quoted, when the position shrinks. */
const marginAt = (desk: Desk, symbol: string, price: Points, volumeE8: LotsE8): Minor => {
  const margin = marginFor(desk, symbol, price, volumeE8);
  if (margin === undefined) throw new Error(`no rate for ${symbol} at a fill`);
  return margin;
};

/**
 * Takes volume off a position at a price: profit and the volume's share of swap are booked. The
 * closing order must be in history already; its ticket and side go into the deal.
 */
const reducePosition = (
  desk: Desk,
  input: {
    readonly position: BrokerPosition;
    readonly volumeE8: LotsE8;
    readonly price: Points;
    readonly orderTicket: string;
    readonly reference: ClientReference;
    readonly reason: DealReason;
    readonly comment: string;
  },
): string => {
  const { position, volumeE8, price } = input;
  const swapMinor = share(position.swapMinor, volumeE8, position.volumeE8);
  const deal = bookDeal(desk, {
    orderTicket: input.orderTicket,
    positionTicket: position.ticket,
    intent: input.reference.intent,
    attempt: input.reference.attempt,
    symbol: position.symbol,
    side: opposite(position.side),
    entry: 'out',
    volumeE8,
    price,
    profitMinor: profitAt(desk, position, price, volumeE8),
    swapMinor,
    magic: position.magic,
    reason: input.reason,
    comment: input.comment,
  });
  const at = desk.state.now;
  if (volumeE8 === position.volumeE8) {
    desk.emit({ type: 'position.closed', ticket: position.ticket, symbol: position.symbol, at });
    return deal;
  }
  const rest = lotsE8(position.volumeE8 - volumeE8);
  desk.emit({
    type: 'position.changed',
    at,
    position: {
      ...position,
      volumeE8: rest,
      swapMinor: minor(position.swapMinor - swapMinor),
      marginMinor: share(position.marginMinor, rest, position.volumeE8),
    },
  });
  return deal;
};

/** State in the history of an order that got this much of what it wanted. */
const endOf = (filled: LotsE8, wanted: LotsE8): 'filled' | 'partial' =>
  filled < wanted ? 'partial' : 'filled';

export interface CloseInput {
  readonly position: BrokerPosition;
  readonly volumeE8: LotsE8;
  /** What the order asked for, where the market gave less: the rest of it is taken off. */
  readonly wantedE8?: LotsE8;
  readonly price: Points;
  readonly reference: ClientReference;
  readonly reason: DealReason;
  readonly comment: string;
}

/** A market order against a position: one history order and one `out` deal. */
export const closeVolume = (
  desk: Desk,
  input: CloseInput,
): { readonly order: string; readonly deal: string } => {
  const { position, volumeE8, wantedE8 = volumeE8, price, reference, comment } = input;
  const at = desk.state.now;
  const orderTicket = nextTicket(desk);
  desk.emit({
    type: 'order.done',
    order: {
      ...reference,
      ticket: orderTicket,
      symbol: position.symbol,
      side: opposite(position.side),
      kind: 'market',
      volumeE8: wantedE8,
      filledE8: volumeE8,
      price,
      stopLimitPrice: null,
      stopLoss: null,
      takeProfit: null,
      magic: position.magic,
      tif: 'gtc',
      expiresAt: null,
      state: endOf(volumeE8, wantedE8),
      placedAt: at,
      doneAt: at,
      positionTicket: position.ticket,
      comment,
    },
  });
  const deal = reducePosition(desk, { ...input, orderTicket });
  return { order: orderTicket, deal };
};

const openPosition = (desk: Desk, order: BrokerOrder, volumeE8: LotsE8, price: Points): string => {
  const deal = bookEntry(desk, order, order.ticket, volumeE8, price);
  desk.emit({
    type: 'position.opened',
    position: {
      intent: order.intent,
      attempt: order.attempt,
      ticket: order.ticket,
      symbol: order.symbol,
      side: order.side,
      volumeE8,
      open: price,
      openedAt: desk.state.now,
      stopLoss: order.stopLoss,
      takeProfit: order.takeProfit,
      takeProfitDueAt: null,
      magic: order.magic,
      swapMinor: ZERO_MINOR,
      marginMinor: marginAt(desk, order.symbol, price, volumeE8),
      comment: order.comment,
    },
  });
  return deal;
};

const bookEntry = (
  desk: Desk,
  order: BrokerOrder,
  positionTicket: string,
  volumeE8: LotsE8,
  price: Points,
): string => {
  const entry: DealEntry = 'in';
  return bookDeal(desk, {
    intent: order.intent,
    attempt: order.attempt,
    orderTicket: order.ticket,
    positionTicket,
    symbol: order.symbol,
    side: order.side,
    entry,
    volumeE8,
    price,
    profitMinor: ZERO_MINOR,
    swapMinor: ZERO_MINOR,
    magic: order.magic,
    reason: 'expert',
    comment: order.comment,
  });
};

/** Same side on a netting account: one position at the volume-weighted price. */
const enlarge = (
  desk: Desk,
  position: BrokerPosition,
  order: BrokerOrder,
  price: Points,
): string => {
  const deal = bookEntry(desk, order, position.ticket, order.volumeE8, price);
  const volumeE8 = lotsE8(position.volumeE8 + order.volumeE8);
  const weighted =
    BigInt(position.open) * BigInt(position.volumeE8) + BigInt(price) * BigInt(order.volumeE8);
  const open = points(Number(divideRounded(weighted, BigInt(volumeE8))));
  desk.emit({
    type: 'position.changed',
    at: desk.state.now,
    position: {
      ...position,
      volumeE8,
      open,
      magic: order.magic,
      stopLoss: order.stopLoss ?? position.stopLoss,
      takeProfit: order.takeProfit ?? position.takeProfit,
      takeProfitDueAt: null,
      marginMinor: marginAt(desk, order.symbol, open, volumeE8),
    },
  });
  return deal;
};

const nettingPosition = (desk: Desk, symbol: string): BrokerPosition | undefined => {
  if (accountOf(desk).marginMode !== 'netting') return undefined;
  for (const position of desk.state.positions.values())
    if (position.symbol === symbol) return position;
  return undefined;
};

/**
 * Fills an order at a price, whole or as far as `filledE8` goes; the rest is taken off. On a netting account it enlarges, reduces, closes or reverses
 * the symbol's position; a reversal is booked as one deal out and one deal in, and the position
 * that is left carries the ticket of the reversing order.
 */
export const fillOrder = (
  desk: Desk,
  wanted: BrokerOrder,
  price: Points,
  filledE8: LotsE8 = wanted.volumeE8,
): { readonly deal: string } => {
  const order = { ...wanted, volumeE8: filledE8 };
  const existing = nettingPosition(desk, order.symbol);
  const against = existing !== undefined && existing.side !== order.side;
  const outE8 = against ? lotsE8(Math.min(existing.volumeE8, order.volumeE8)) : lotsE8(0);
  const positionTicket =
    existing !== undefined && outE8 === (against ? order.volumeE8 : 0)
      ? existing.ticket
      : order.ticket;
  desk.emit({
    type: 'order.done',
    order: {
      ...wanted,
      state: endOf(filledE8, wanted.volumeE8),
      filledE8,
      doneAt: desk.state.now,
      positionTicket,
    },
  });
  if (existing === undefined) return { deal: openPosition(desk, order, order.volumeE8, price) };
  if (!against) return { deal: enlarge(desk, existing, order, price) };
  const deal = reducePosition(desk, {
    position: existing,
    volumeE8: outE8,
    price,
    orderTicket: order.ticket,
    reference: order,
    reason: 'expert',
    comment: order.comment,
  });
  const rest = lotsE8(order.volumeE8 - outE8);
  return rest === 0 ? { deal } : { deal: openPosition(desk, order, rest, price) };
};

/** Two opposite positions of one symbol close each other; the remainder of the larger stays. */
export const closeByEachOther = (
  desk: Desk,
  position: BrokerPosition,
  by: BrokerPosition,
  reference: ClientReference,
): { readonly order: string; readonly deal: string } => {
  const volumeE8 = lotsE8(Math.min(position.volumeE8, by.volumeE8));
  const common = { volumeE8, reference, reason: 'expert' as const };
  const first = closeVolume(desk, {
    ...common,
    position,
    price: by.open,
    comment: `close by #${by.ticket}`,
  });
  closeVolume(desk, {
    ...common,
    position: by,
    price: by.open,
    comment: `close by #${position.ticket}`,
  });
  return first;
};
