import type { FillingMode, Side } from '../../../domain/instrument.ts';
import type {
  BalanceOperationKind,
  DealEntry,
  DealReason,
  OrderKind,
  TimeInForce,
  VenueOrderState,
} from '../../../domain/trading.ts';
import type { EpochMs, LotsE8, Minor, Points } from '../../../domain/units.ts';

/**
 * What the simulated broker writes down. Its state is the fold of these records and nothing else.
 * Absent values are null, and money fields end in `Minor`, so that a record survives JSON exactly.
 */
export interface BrokerAccount {
  readonly login: string;
  readonly server: string;
  readonly company: string;
  readonly currency: string;
  readonly currencyDigits: number;
  readonly leverage: number;
  readonly marginMode: 'hedging' | 'netting';
  readonly stopOutLevelPercent: number;
}

/** What the client said an order is for; a real broker stores only the magic. */
export interface ClientReference {
  readonly intent: string;
  readonly attempt: number;
}

export interface BrokerOrder extends ClientReference {
  readonly ticket: string;
  readonly symbol: string;
  readonly side: Side;
  readonly kind: OrderKind;
  readonly volumeE8: LotsE8;
  readonly filledE8: LotsE8;
  readonly price: Points;
  /** Level of the limit order that a triggered stop-limit becomes. */
  readonly stopLimitPrice: Points | null;
  readonly stopLoss: Points | null;
  readonly takeProfit: Points | null;
  readonly magic: string;
  readonly tif: TimeInForce;
  readonly expiresAt: EpochMs | null;
  readonly state: VenueOrderState;
  readonly placedAt: EpochMs;
  readonly doneAt: EpochMs | null;
  readonly positionTicket: string | null;
  readonly comment: string;
}

export interface BrokerPosition extends ClientReference {
  readonly ticket: string;
  readonly symbol: string;
  readonly side: Side;
  readonly volumeE8: LotsE8;
  readonly open: Points;
  readonly openedAt: EpochMs;
  readonly stopLoss: Points | null;
  readonly takeProfit: Points | null;
  /** Set when a bar-derived tick reached the take-profit: it fills at this instant, the end of the
   * bar, unless the stop is reached before. A bar does not tell which extreme came first. */
  readonly takeProfitDueAt: EpochMs | null;
  readonly magic: string;
  /** Accrued and not yet booked; negative costs. */
  readonly swapMinor: Minor;
  readonly marginMinor: Minor;
  readonly comment: string;
}

export interface BrokerDeal extends ClientReference {
  readonly ticket: string;
  readonly orderTicket: string;
  readonly positionTicket: string;
  readonly symbol: string;
  readonly side: Side;
  readonly entry: DealEntry;
  readonly volumeE8: LotsE8;
  readonly price: Points;
  readonly profitMinor: Minor;
  readonly commissionMinor: Minor;
  readonly swapMinor: Minor;
  readonly magic: string;
  readonly reason: DealReason;
  /** Of entry `balance`; absent in the logs of version 0.1: a deposit or withdrawal. */
  readonly operation?: BalanceOperationKind;
  readonly at: EpochMs;
  readonly comment: string;
}

/** Money that is to move without a trade, at an instant of the session. */
export interface ScheduledOperation {
  readonly at: EpochMs;
  readonly kind: BalanceOperationKind;
  readonly amountMinor: Minor;
  readonly comment: string;
}

export type RequestBody =
  | {
      readonly type: 'place';
      readonly symbol: string;
      readonly side: Side;
      readonly kind: OrderKind;
      readonly volumeE8: LotsE8;
      readonly price: Points;
      readonly stopLimitPrice: Points | null;
      readonly stopLoss: Points | null;
      readonly takeProfit: Points | null;
      readonly magic: string;
      readonly filling: FillingMode;
      readonly tif: TimeInForce;
      readonly expiresAt: EpochMs | null;
      readonly comment: string;
    }
  | {
      readonly type: 'modifyOrder';
      readonly ticket: string;
      /** '' when the sender does not know the order any more; so for positions. */
      readonly symbol: string;
      readonly price: Points;
      readonly stopLimitPrice: Points | null;
      readonly stopLoss: Points | null;
      readonly takeProfit: Points | null;
      readonly tif: TimeInForce;
      readonly expiresAt: EpochMs | null;
    }
  | { readonly type: 'cancel'; readonly ticket: string }
  | {
      readonly type: 'modifyPosition';
      readonly ticket: string;
      readonly symbol: string;
      readonly stopLoss: Points | null;
      readonly takeProfit: Points | null;
    }
  | {
      readonly type: 'close';
      readonly ticket: string;
      readonly volumeE8: LotsE8;
      readonly filling: FillingMode;
      /** A person at the terminal asked for it; absent: an expert did. The deal says which. */
      readonly reason?: 'client';
    }
  | { readonly type: 'closeBy'; readonly ticket: string; readonly byTicket: string }
  /** Changes nothing and is done when it executes: what a flatten of a flat account comes to. */
  | { readonly type: 'nothing' };

/** A request on its way: it executes at `dueAt`, the decision plus the latency. */
export interface BrokerRequest extends ClientReference {
  readonly id: string;
  readonly receivedAt: EpochMs;
  readonly dueAt: EpochMs;
  readonly body: RequestBody;
}

export interface RequestOutcome {
  readonly retcode: number;
  readonly symbol: string | null;
  readonly order: string | null;
  readonly deal: string | null;
  readonly price: Points | null;
  readonly volumeE8: LotsE8 | null;
  readonly comment: string;
}

export interface BrokerQuote {
  readonly bid: Points;
  readonly ask: Points;
  readonly at: EpochMs;
}

export type BrokerRecord =
  | {
      readonly type: 'opened';
      readonly account: BrokerAccount;
      readonly at: EpochMs;
      readonly seed: number;
      /** First server midnight after `at`. */
      readonly nextRolloverAt: EpochMs;
    }
  | { readonly type: 'request.received'; readonly request: BrokerRequest }
  | {
      readonly type: 'request.done';
      readonly id: string;
      readonly intent: string;
      readonly attempt: number;
      readonly at: EpochMs;
      readonly outcome: RequestOutcome;
    }
  | { readonly type: 'order.placed'; readonly order: BrokerOrder }
  | { readonly type: 'order.changed'; readonly order: BrokerOrder; readonly at: EpochMs }
  | { readonly type: 'order.done'; readonly order: BrokerOrder }
  | { readonly type: 'deal'; readonly deal: BrokerDeal }
  | { readonly type: 'position.opened'; readonly position: BrokerPosition }
  | {
      readonly type: 'position.changed';
      readonly position: BrokerPosition;
      readonly at: EpochMs;
    }
  | {
      readonly type: 'position.closed';
      readonly ticket: string;
      readonly symbol: string;
      readonly at: EpochMs;
    }
  /** A bar-derived tick went through the take-profit: granted at `grantAt` unless the stop is hit. */
  | { readonly type: 'takeProfit.reached'; readonly ticket: string; readonly grantAt: EpochMs }
  /** Server midnight passed: swaps are booked, the next one is due at `nextAt`. */
  | { readonly type: 'rollover'; readonly at: EpochMs; readonly nextAt: EpochMs }
  | { readonly type: 'random.drawn'; readonly state: number }
  /** Equity fell under the used margin (active), or recovered. */
  | { readonly type: 'margin.call'; readonly active: boolean; readonly at: EpochMs }
  /** Clock and quotes: absolute values, so that the ticks between two cursors need no record. */
  | {
      readonly type: 'cursor';
      readonly at: EpochMs;
      /** Ticks of the market consumed. */
      readonly position: number;
      readonly quotes: readonly (readonly [symbol: string, quote: BrokerQuote])[];
      /** Lowest equity seen on any tick so far. */
      readonly worstMinor: Minor;
    };
