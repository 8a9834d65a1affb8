import type { EpochMs } from '../../domain/units.ts';
import type { ReachedLimit } from '../../machines/trading-mode.machine.ts';
import type { PayoutBlock } from '../../risk/payout.ts';
import type { HealthReport } from '../connection/connection-health.ts';
import type { StandingRefusal } from '../guard/guard-standing.ts';

/**
 * What a person sees of a running system. Plain data that survives JSON: amounts and prices are
 * decimal texts, volumes lots, instants milliseconds of UTC in session time unless they say wall.
 */
export interface RuntimeStatus {
  readonly at: EpochMs;
  readonly wallAt: EpochMs;
  readonly runId: string;
  readonly profile: string;
  readonly accounts: readonly AccountStatus[];
  /** Actors that should run and do not. */
  readonly troubled: readonly { readonly path: string; readonly status: string }[];
  /** Restarts of actors and of the terminal's process since the start. */
  readonly restarts: number;
}

export interface AccountStatus {
  readonly login: string;
  readonly rules: string;
  readonly currency: string;
  readonly mode: ModeStatus;
  /** Everything is being closed, or was, and by whom. */
  readonly flatten: FlattenStatus;
  /** Both sides were compared, and recovery vouches for it. */
  readonly gateOpen: boolean;
  readonly link: { readonly state: string; readonly epoch: number };
  /** Null: no breaker stands before this link. */
  readonly breaker: { readonly state: string } | null;
  /** What the last health probe found, null before the first. */
  readonly health: HealthReport | null;
  /** Null while the account is not known. */
  readonly balance: string | null;
  readonly equity: string | null;
  readonly minEquity: string | null;
  readonly floors: { readonly daily: FloorStatus | null; readonly total: FloorStatus } | null;
  /** What the account has achieved under its phase; null while it is not known. */
  readonly progress: ProgressStatus | null;
  /** Null: the account is traded for no evaluation. */
  readonly evaluation: EvaluationStatus | null;
  readonly positions: readonly PositionStatus[];
  readonly orders: readonly WorkingOrderStatus[];
  /** Headroom held for intents whose end is not known. */
  readonly reservations: number;
  readonly strategies: readonly StrategyStatus[];
  readonly symbols: readonly SymbolStatus[];
  /** What stands against the next opening order of each strategy, by its id. */
  readonly standing: Readonly<Record<string, readonly StandingRefusal[]>>;
  /** The last signal of each strategy that was refused, by its id: it need not matter any more. */
  readonly refusals: Readonly<Record<string, RefusedSignal>>;
}
/** Target, days and headroom. What is null has no rule in this phase. */
export interface ProgressStatus {
  /** Closed profit, deposits and withdrawals excluded. */
  readonly profit: string;
  readonly target: string | null;
  readonly tradingDays: number;
  readonly minDays: number | null;
  /** The day with the highest profit; null while no day made one. */
  readonly bestDay: { readonly date: string; readonly profit: string } | null;
  /** Largest part of the profit that one day may have made, percent. */
  readonly bestDayMaxPercent: number | null;
  readonly bestDayHolds: boolean;
  readonly daysElapsed: number;
  readonly maxDays: number | null;
  /** Calendar days until the time is up, the running one included. */
  readonly daysLeft: number | null;
  /** Equity above each floor. */
  readonly headroom: { readonly daily: string | null; readonly total: string };
  /** Everything that a pass needs, floors and open positions aside. */
  readonly met: boolean;
}
/** The running payout cycle of a funded account. */
export interface PayoutStatus {
  /** Days from one payout to the next; 0: on demand. */
  readonly everyDays: number;
  /** Null: it begins with the first trade. */
  readonly from: EpochMs | null;
  readonly dueAt: EpochMs | null;
  /** Profit above the initial balance, and the trader's part of it. */
  readonly withdrawable: string;
  readonly share: string;
  /** Empty: it can be asked for. */
  readonly blockedBy: readonly PayoutBlock[];
}
/** One life cycle over the accounts of its phases. */
export interface EvaluationStatus {
  readonly id: string;
  readonly ruleSet: string;
  /** Leaf of the chart, e.g. `inPhase.trading`. */
  readonly state: string;
  readonly phase: string;
  /** Accounts of the phases, oldest first; the last is the one that is traded. */
  readonly accounts: readonly {
    readonly phase: string;
    readonly login: string;
    readonly at: EpochMs;
  }[];
  /** When the objectives of the phase were met. */
  readonly metAt: EpochMs | null;
  /** The rule that ended it. */
  readonly failure: { readonly rule: string; readonly at: EpochMs } | null;
  readonly pause: { readonly rule: string; readonly until: EpochMs } | null;
  /** Payouts made, and where the running cycle stands; null: the phase has none. */
  readonly payouts: number;
  readonly payout: PayoutStatus | null;
  readonly scalings: number;
}

export interface SymbolStatus {
  readonly symbol: string;
  readonly isOpen: boolean;
  /** Null: no quote has come yet. */
  readonly quotedAt: EpochMs | null;
}
export interface RefusedSignal {
  readonly at: EpochMs;
  readonly code: string;
  readonly detail: string;
}

export interface ModeStatus {
  readonly name: 'active' | 'reducing' | 'halted' | 'locked';
  /** What led to it, or keeps it. */
  readonly reason: string;
  readonly holds: readonly string[];
  /** Soft limits that were reached: nothing opens before their reset. */
  readonly limits: readonly ReachedLimit[];
}
export interface FlattenStatus {
  readonly state: string;
  readonly reason: string | null;
}
export interface FloorStatus {
  readonly floor: string;
  /** Equity above the floor; negative: below it. */
  readonly headroom: string | null;
}
export interface PositionStatus {
  readonly ticket: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly volume: string;
  readonly open: string;
  readonly stopLoss: string | null;
  /** Price at which it could be closed now. */
  readonly now: string | null;
  /** Null: not ours. */
  readonly strategy: string | null;
}
export interface WorkingOrderStatus {
  readonly ticket: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly kind: string;
  readonly volume: string;
  readonly price: string;
}
export interface StrategyStatus {
  readonly id: string;
  readonly symbol: string;
  /**
   * enabled: it decides. warming: it waits for its market, or its history. restarting: between two
   * lives. parked: it used up its restarts. disabled: an operator stopped it.
   */
  readonly state: 'enabled' | 'warming' | 'restarting' | 'parked' | 'disabled';
  readonly bars: number;
  readonly signals: number;
  readonly restarts: number;
}

/** One strategy on one symbol: does it trade now, and if not, why not. */
export interface SymbolExplanation {
  readonly account: string;
  readonly symbol: string;
  readonly strategy: string;
  readonly trades: boolean;
  /** Everything that stands in the way, the most general first. */
  readonly because: readonly {
    readonly code: string;
    readonly cause: string;
    readonly remedy: string;
  }[];
  readonly lastRefusal: RefusedSignal | null;
}
