import type { Side } from './instrument.ts';
import type { EpochMs, LotsE8, Minor, Points } from './units.ts';

export type OrderKind = 'market' | 'limit' | 'stop' | 'stopLimit';
export type TimeInForce = 'gtc' | 'day' | 'specified';

/** A strategy's wish to open risk, before the guard sized and admitted it. */
export interface OpenSignal {
  readonly type: 'open';
  readonly side: Side;
  readonly kind: 'market' | 'limit' | 'stop';
  /** Entry level of a pending order; absent for market. */
  readonly price?: Points;
  /** Distance from the entry to the protective stop; > 0. No signal opens without a stop. */
  readonly stopDistance: Points;
  readonly takeProfitDistance?: Points;
  /** Several signals of one bar differ by their leg. */
  readonly leg: number;
  /** Why, for people: shown in the audit and the inspector. At most 200 characters. */
  readonly reason: string;
}
/** Close every position this strategy holds on its symbol. */
export interface CloseSignal {
  readonly type: 'close';
  readonly leg: number;
  readonly reason: string;
}
export type Signal = OpenSignal | CloseSignal;

/** Identity of a strategy instance; `id` is its path segment, e.g. "atr-breakout:EURUSD". */
export interface StrategyKey {
  readonly id: string;
  readonly name: string;
  readonly symbol: string;
  /** 16-bit number carried in the magic. */
  readonly number: number;
  /** Hash of code and parameters: part of every intent key. */
  readonly hash: string;
}

/** An admitted wish: sized, keyed, and journalled before any byte leaves for the terminal. */
export interface OpenIntent {
  readonly type: 'open';
  readonly intentId: string;
  readonly key: string;
  readonly strategyId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly kind: 'market' | 'limit' | 'stop';
  readonly volumeE8: LotsE8;
  /** Market: the quote the decision was made on (slippage is measured against it). */
  readonly price: Points;
  readonly stopLoss: Points;
  readonly takeProfit?: Points;
  readonly magic: string;
  readonly at: EpochMs;
  readonly ttlMs: number;
  readonly reason: string;
}
export interface CloseIntent {
  readonly type: 'close';
  readonly intentId: string;
  readonly key: string;
  readonly strategyId: string;
  readonly symbol: string;
  readonly positionTicket: string;
  readonly side: Side;
  readonly volumeE8: LotsE8;
  readonly price: Points;
  readonly at: EpochMs;
  readonly reason: string;
}

/** A position as the terminal shows it. */
export interface Position {
  readonly ticket: string;
  readonly symbol: string;
  readonly side: Side;
  readonly volumeE8: LotsE8;
  readonly open: Points;
  readonly openedAt: EpochMs;
  readonly stopLoss?: Points;
  readonly takeProfit?: Points;
  readonly magic: string;
  readonly swap: Minor;
  readonly comment: string;
}

export type VenueOrderState =
  | 'placed'
  | 'partial'
  | 'filled'
  | 'cancelled'
  | 'expired'
  | 'rejected';
/** An order as the terminal shows it: live in `orders`, final in history. */
export interface VenueOrder {
  readonly ticket: string;
  readonly symbol: string;
  readonly side: Side;
  readonly kind: OrderKind;
  readonly volumeE8: LotsE8;
  readonly filledE8: LotsE8;
  readonly price: Points;
  readonly stopLoss?: Points;
  readonly takeProfit?: Points;
  readonly magic: string;
  readonly state: VenueOrderState;
  readonly placedAt: EpochMs;
  readonly doneAt?: EpochMs;
  readonly positionTicket?: string;
  readonly comment: string;
}

export type DealEntry = 'in' | 'out' | 'balance';
export type DealReason = 'client' | 'expert' | 'sl' | 'tp' | 'stopOut' | 'rollover' | 'balance';
/** A deal as the terminal booked it. Costs are signed as MT5 signs them: negative costs money. */
export interface Deal {
  readonly ticket: string;
  readonly orderTicket: string;
  readonly positionTicket: string;
  readonly symbol: string;
  readonly side: Side;
  readonly entry: DealEntry;
  readonly volumeE8: LotsE8;
  readonly price: Points;
  readonly profit: Minor;
  readonly commission: Minor;
  readonly swap: Minor;
  readonly magic: string;
  readonly reason: DealReason;
  readonly at: EpochMs;
  readonly comment: string;
}

export interface AccountState {
  readonly login: string;
  readonly server: string;
  readonly currency: string;
  readonly currencyDigits: number;
  readonly leverage: number;
  readonly marginMode: 'hedging' | 'netting';
  readonly stopOutLevelPercent: number;
  readonly balance: Minor;
  readonly equity: Minor;
  readonly margin: Minor;
}
