import type { Side } from './instrument.ts';
import type { OrderKind, TimeInForce } from './trading.ts';
import type { EpochMs, LotsE8, Points } from './units.ts';

/**
 * What was decided, admitted and is to be carried out: keyed, sized, and journalled before any byte
 * that increases risk leaves for the terminal. An intent is one request to the venue, made at most
 * once per attempt; attempt n is made only when attempt n-1 ended in a definite refusal.
 */
interface IntentBase {
  readonly intentId: string;
  /** Identity of the decision, unique in the journal: deciding the same again changes nothing. */
  readonly key: string;
  readonly strategyId: string;
  readonly symbol: string;
  /** Session time of the decision. */
  readonly at: EpochMs;
  readonly reason: string;
}

/** A market or pending order. */
export interface OpenIntent extends IntentBase {
  readonly type: 'open';
  readonly side: Side;
  readonly kind: OrderKind;
  readonly volumeE8: LotsE8;
  /** Market: the quote the decision was made on (slippage is measured against it). */
  readonly price: Points;
  /** Stop-limit only: its limit. */
  readonly stopLimitPrice?: Points;
  readonly stopLoss: Points;
  readonly takeProfit?: Points;
  readonly tif: TimeInForce;
  /** `specified` only. */
  readonly expiresAt?: EpochMs;
  readonly magic: string;
  /** Session time after which it must not be carried out any more. */
  readonly ttlMs: number;
}
/** Takes volume off one position: all of it, or a part. */
export interface CloseIntent extends IntentBase {
  readonly type: 'close';
  readonly positionTicket: string;
  /** Side of the closing order: opposite to the position's. */
  readonly side: Side;
  readonly volumeE8: LotsE8;
  /** A part leaves the rest of the position open; a full close is repeated until it is gone. */
  readonly scope: 'full' | 'partial';
  /** The position's: its closing deals are found by it. */
  readonly magic: string;
  /** The quote the decision was made on. */
  readonly price: Points;
}
/** Two opposite positions of one symbol close each other; the larger keeps the rest. */
export interface CloseByIntent extends IntentBase {
  readonly type: 'closeBy';
  readonly positionTicket: string;
  readonly byTicket: string;
  /** The first position's. */
  readonly magic: string;
  /** Side of the closing order: opposite to the first position's. */
  readonly side: Side;
  /** The smaller of the two volumes. */
  readonly volumeE8: LotsE8;
  /** Open price of the second position: what the first is closed at. */
  readonly price: Points;
}
/** Takes a working order off the book. */
export interface CancelIntent extends IntentBase {
  readonly type: 'cancel';
  readonly orderTicket: string;
}
/** `reducing`: no outcome of it can lose more than before. `increasing`: it passed the guard as a
 * new request, is durable before it is sent, and expires. */
export type ChangeRisk = 'reducing' | 'increasing';
/** Changes a working order. Every level is stated: what is absent is taken away. */
export interface ModifyOrderIntent extends IntentBase {
  readonly type: 'modifyOrder';
  readonly orderTicket: string;
  readonly price: Points;
  readonly stopLimitPrice?: Points;
  readonly stopLoss: Points;
  readonly takeProfit?: Points;
  readonly tif: TimeInForce;
  readonly expiresAt?: EpochMs;
  readonly risk: ChangeRisk;
  readonly ttlMs: number;
}
/** Moves stop and target of a position. Both are stated: what is absent is taken away. */
export interface ModifyPositionIntent extends IntentBase {
  readonly type: 'modifyPosition';
  readonly positionTicket: string;
  readonly stopLoss?: Points;
  readonly takeProfit?: Points;
  readonly risk: ChangeRisk;
  readonly ttlMs: number;
}

/** Ends in deals of its own. */
export type TradeIntent = OpenIntent | CloseIntent | CloseByIntent;
/** Changes something that is there, and leaves no deal. */
export type ChangeIntent = CancelIntent | ModifyOrderIntent | ModifyPositionIntent;
export type Intent = TradeIntent | ChangeIntent;
export type IntentType = Intent['type'];

/** Increasing: durable before it is sent, gated, and expires. All others persist until the state
 * that they want is reached, and go out even when the journal is not durable. */
export const increasesRisk = (intent: Intent): boolean => {
  switch (intent.type) {
    case 'open':
      return true;
    case 'modifyOrder':
    case 'modifyPosition':
      return intent.risk === 'increasing';
    case 'close':
    case 'closeBy':
    case 'cancel':
      return false;
  }
};

export const isTrade = (intent: Intent): intent is TradeIntent =>
  intent.type === 'open' || intent.type === 'close' || intent.type === 'closeBy';
