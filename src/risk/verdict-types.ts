import type { AccountState, OpenSignal } from '../domain/trading.ts';
import type { EpochMs, LotsE8, Minor } from '../domain/units.ts';
import type { RefusalCode } from './codes.ts';
import type { Exposure, OpenRisk, OrderRisk, SymbolRisk } from './exposure.ts';
import type { ExposureCap } from './exposure-caps.ts';
import type { LedgerState } from './ledger-state.ts';
import type { Levels } from './levels.ts';
import type { MarketContext } from './market-context.ts';
import type { RiskLimits } from './risk-limits.ts';
import type { SizingRule } from './sizing.ts';

export type TradingModeName = 'active' | 'reducing' | 'halted' | 'locked';

/** A strategy's opening signal on its way to an order. */
export interface NewOrder {
  /** Intent id: becomes the reservation's id. */
  readonly intentId: string;
  readonly strategyId: string;
  readonly symbol: string;
  readonly signal: OpenSignal;
  readonly sizing: SizingRule;
}

/** Everything a verdict depends on; nothing else may influence it. */
export interface AssessInput {
  /** Session time of the decision. */
  readonly at: EpochMs;
  readonly mode: TradingModeName;
  /** The recovery lease. */
  readonly gateOpen: boolean;
  /** True when an intent with this key was planned before. */
  readonly duplicate: boolean;
  readonly account: AccountState;
  readonly ledger: LedgerState;
  readonly limits: RiskLimits;
  /** Every open position of the account, foreign ones too. */
  readonly positions: readonly OpenRisk[];
  /** Every order that may still fill: pending, in flight, of unknown outcome; foreign ones too. */
  readonly orders: readonly OrderRisk[];
  readonly symbols: ReadonlyMap<string, SymbolRisk>;
  readonly context: MarketContext;
  readonly order: NewOrder;
}

/** Figures behind a verdict: decimal strings in account currency, lots or points by name. */
export type VerdictNumbers = Readonly<Record<string, string>>;

/** What an accepted order holds until it is refused, absent, or a position. */
export interface Reservation {
  /** The order as the next verdict must count it. */
  readonly order: OrderRisk;
  /** min(0, w) of the order, ≤ 0. */
  readonly worst: Minor;
  readonly margin: Minor;
}

export interface Refusal {
  readonly code: RefusalCode;
  /** A sentence with the figures, for people. */
  readonly detail: string;
  readonly numbers: VerdictNumbers;
}

export type Verdict =
  | {
      readonly ok: true;
      readonly volumeE8: LotsE8;
      readonly levels: Levels;
      readonly reservation: Reservation;
      readonly numbers: VerdictNumbers;
    }
  | ({
      readonly ok: false;
      /** Largest volume that would have been accepted at this instant; 0 when none would. */
      readonly largestVolumeE8: LotsE8;
    } & Refusal);

/** What the checks share, computed once per verdict. */
export interface Assessment extends AssessInput {
  readonly symbol: SymbolRisk;
  readonly levels: Levels;
  /** Without the new order. */
  readonly exposure: Exposure;
  readonly pendingMargin: Minor;
  readonly caps: readonly ExposureCap[];
}
