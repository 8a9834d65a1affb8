import type { Side } from './instrument.ts';
import type { EpochMs, LotsE8, Minor, Points } from './units.ts';

export type OrderKind = 'market' | 'limit' | 'stop' | 'stopLimit';
export type TimeInForce = 'gtc' | 'day' | 'specified';

/** A strategy's wish to open risk, before the guard sized and admitted it. */
export interface OpenSignal {
  readonly type: 'open';
  readonly side: Side;
  readonly kind: OrderKind;
  /** Entry level of a limit or stop order, trigger of a stop-limit; absent for market. */
  readonly price?: Points;
  /** Stop-limit only: level of the limit order that the trigger turns it into, at or beyond the
   * trigger on the favourable side (below it for a buy). */
  readonly stopLimitPrice?: Points;
  /** How long a pending order waits; `gtc` when absent. A market order has no such thing. */
  readonly tif?: TimeInForce;
  /** With `specified`, and only then: session time at which it lapses. */
  readonly expiresAt?: EpochMs;
  /** Distance from the entry to the protective stop; > 0. No signal opens without a stop. */
  readonly stopDistance: Points;
  readonly takeProfitDistance?: Points;
  /** A day's usual range: what a volatility target sizes by. Without it that rule opens nothing. */
  readonly dailyRangePoints?: Points;
  /** Several signals of one bar differ by their leg. */
  readonly leg: number;
  /** Why, for people: shown in the audit and the inspector. At most 200 characters. */
  readonly reason: string;
}
interface ChangeSignalBase {
  readonly leg: number;
  readonly reason: string;
}
/** Close what this strategy holds on its symbol: all of it, one position, or a part of each. */
export interface CloseSignal extends ChangeSignalBase {
  readonly type: 'close';
  /** Only this position. */
  readonly ticket?: string;
  /** Part of each position in whole percent, 1 to 99; all of it when absent. Rounded up to the
   * lot step; a remainder below the smallest volume is closed too. */
  readonly percent?: number;
}
/** Close two opposite positions against each other (hedging accounts): one spread is saved. */
export interface CloseBySignal extends ChangeSignalBase {
  readonly type: 'closeBy';
  readonly ticket: string;
  readonly byTicket: string;
}
/** Take working orders of this strategy off the book: all of them, or one. */
export interface CancelSignal extends ChangeSignalBase {
  readonly type: 'cancel';
  readonly ticket?: string;
}
/** Change one working order of this strategy; what is absent stays as it is. */
export interface ModifyOrderSignal extends ChangeSignalBase {
  readonly type: 'modifyOrder';
  readonly ticket: string;
  readonly price?: Points;
  readonly stopLimitPrice?: Points;
  readonly stopLoss?: Points;
  /** Null takes it away. */
  readonly takeProfit?: Points | null;
  readonly tif?: TimeInForce;
  readonly expiresAt?: EpochMs;
}
/** Move stop or target of this strategy's positions, or of one; what is absent stays. A stop can
 * be moved, never taken away. */
export interface ModifyPositionSignal extends ChangeSignalBase {
  readonly type: 'modifyPosition';
  readonly ticket?: string;
  readonly stopLoss?: Points;
  /** Null takes it away. */
  readonly takeProfit?: Points | null;
}
export type ChangeSignal =
  | CloseSignal
  | CloseBySignal
  | CancelSignal
  | ModifyOrderSignal
  | ModifyPositionSignal;
export type Signal = OpenSignal | ChangeSignal;

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
  /** Level that the order waits for; of a stop-limit that has not triggered, the trigger. */
  readonly price: Points;
  /** Stop-limit only: its limit. */
  readonly stopLimitPrice?: Points;
  readonly tif: TimeInForce;
  /** Instant at which the venue takes it off the book; absent for `gtc`. */
  readonly expiresAt?: EpochMs;
  readonly stopLoss?: Points;
  readonly takeProfit?: Points;
  readonly magic: string;
  readonly state: VenueOrderState;
  readonly placedAt: EpochMs;
  readonly doneAt?: EpochMs;
  readonly positionTicket?: string;
  readonly comment: string;
}

/** Money that moved without a trade, as MetaTrader types it (docs/wire-protocol.md). `balance` is a
 * deposit (positive) or a withdrawal (negative); a payout is a withdrawal. */
export const BALANCE_OPERATIONS = [
  'balance',
  'credit',
  'charge',
  'correction',
  'bonus',
  'commission',
  'interest',
  'dividend',
  'tax',
] as const;
export type BalanceOperationKind = (typeof BALANCE_OPERATIONS)[number];

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
  /** Of entry `balance`: what kind of money it is; absent: a deposit or withdrawal. */
  readonly operation?: BalanceOperationKind;
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
