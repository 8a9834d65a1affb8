import type { ResetTime } from './zone-time.ts';

/**
 * A prop firm as data. Every dimension in which firms differ is a field here; the code asks for the
 * field and never for the firm. JSON documents (`rule-sets/*.json`, or a user's own file) become
 * this type through `parseRuleSet`.
 *
 * Ratios are integer parts per million (5 % = 50,000), so that a floor is computed exactly.
 */

/** What is compared with the floor. */
export const MEASURES = ['equity', 'balance', 'minOfBoth'] as const;
export type Measure = (typeof MEASURES)[number];

/** The figure that the floor hangs below. High waters never fall. */
export const ANCHORS = [
  'initial',
  'dayStartBalance',
  'dayStartEquity',
  'dayStartMax',
  'endOfDayHighWater',
  'closedBalanceHighWater',
  'equityHighWater',
] as const;
export type Anchor = (typeof ANCHORS)[number];

/** When the anchor may move: never, at the reset instant, or with every deal or tick. */
export const RATCHETS = ['none', 'atReset', 'realtime'] as const;
export type Ratchet = (typeof RATCHETS)[number];
export const RATCHET_OF: Readonly<Record<Anchor, Ratchet>> = {
  initial: 'none',
  dayStartBalance: 'atReset',
  dayStartEquity: 'atReset',
  dayStartMax: 'atReset',
  endOfDayHighWater: 'atReset',
  closedBalanceHighWater: 'realtime',
  equityHighWater: 'realtime',
};

/** How far below its anchor the floor lies. `absolute` is a decimal string, account currency. */
export type Amount =
  | { readonly of: 'initial' | 'anchor'; readonly ppm: number }
  | { readonly of: 'absolute'; readonly value: string };

export const WITHDRAWALS = ['shiftAnchor', 'resetToInitial', 'none'] as const;
export type WithdrawalPolicy = (typeof WITHDRAWALS)[number];
export const ON_BREACH = ['terminate', 'pauseUntilReset'] as const;
export type OnBreach = (typeof ON_BREACH)[number];

export interface FloorRule {
  readonly measure: Measure;
  readonly anchor: Anchor;
  readonly amount: Amount;
  readonly ratchet: Ratchet;
  /** Highest level to which the floor may rise, as a ratio of I; null: no such level. */
  readonly lockAtPpm: number | null;
  /** initial: the first day's anchor is I. observed: it is the figure at the opening. */
  readonly firstDayAnchor: 'initial' | 'observed';
  /** What a deposit or withdrawal does to the anchor. */
  readonly withdrawal: WithdrawalPolicy;
  readonly onBreach: OnBreach;
  /** true: only strictly below the floor breaches; false: reaching it breaches. */
  readonly strict: boolean;
}

export interface MinDaysRule {
  readonly count: number;
  /** A day counts when a position was opened, or when it closed with enough profit. */
  readonly countBy: 'open' | 'profit';
  /** countBy profit: least profit of the day as a ratio of I. */
  readonly profitPpm: number;
}
export interface ConsistencyRule {
  /** The best day may be at most this part of the total profit. */
  readonly bestDayMaxPpm: number;
  readonly blocks: 'pass' | 'payout';
}
export const NEWS_OPERATIONS = ['open', 'close', 'activation', 'stopHit'] as const;
export type NewsOperation = (typeof NEWS_OPERATIONS)[number];
/** Where the calendar of releases comes from: MetaTrader's own, or a file of the user's. */
export const NEWS_SOURCES = ['terminalCalendar', 'file'] as const;
export type NewsSource = (typeof NEWS_SOURCES)[number];
export interface NewsRule {
  readonly minutesBefore: number;
  readonly minutesAfter: number;
  /** targeted: events the firm lists for the symbol; highImpact: every such event. */
  readonly targets: 'targeted' | 'highImpact';
  readonly operations: readonly NewsOperation[];
  readonly source: NewsSource;
  /** A calendar older than this is no calendar: the window then counts as open (fail closed). */
  readonly staleAfterMinutes: number;
  /** Currency of a release → symbols it concerns. A currency that is not named concerns every
   * symbol that is quoted in it or made of it. */
  readonly symbols: Readonly<Record<string, readonly string[]>>;
}
export interface HoldingRule {
  readonly flatBeforeWeekend: boolean;
  /** Flat before closures longer than this many hours; null: may be held. */
  readonly flatBeforeBreakHours: number | null;
  /** No opening within `withinHours` before a closure of at least `breakHours` (gap trading). */
  readonly noOpenBeforeBreak: { readonly withinHours: number; readonly breakHours: number } | null;
}
/** null: the firm states no such bound. */
export interface ActivityRule {
  readonly requestsPerDay: number | null;
  readonly openOrders: number | null;
  readonly positionsPerDay: number | null;
  readonly lotsPerOrder: number | null;
}
export interface AccountRule {
  readonly marginMode: 'hedging' | 'netting' | 'either';
  readonly fifo: boolean;
  /** Leverage by asset class; `default` for a class that is not named. */
  readonly leverage: Readonly<Record<string, number>>;
  readonly stopWithinSec: number | null;
}
export interface CrossAccountRule {
  readonly oppositePositions: 'allow' | 'forbid';
  /** Largest sum of initial balances over accounts, decimal string; null: no bound. */
  readonly maxAllocation: string | null;
}
export const PAYOUT_STARTS = ['activation', 'firstTrade'] as const;
export interface PayoutRule {
  /** Days from one payout to the next; 0: whenever the other conditions hold. */
  readonly everyDays: number;
  /** Days of the first cycle, and what it counts from: the account, or its first opening. */
  readonly firstAfterDays: number;
  readonly countFrom: (typeof PAYOUT_STARTS)[number];
  /** The firm wants nothing to be open or to work when a payout is asked for. */
  readonly requiresFlat: boolean;
  /** The trader's part of the profit. */
  readonly sharePpm: number;
}
export interface ScalingRule {
  readonly afterMonths: number;
  readonly profitPpm: number;
  readonly payouts: number;
  /** Growth as a ratio of the original initial balance. */
  readonly growthPpm: number;
  readonly cap: string;
}

export interface PhaseRules {
  readonly name: string;
  /** Profit target as a ratio of I; null: none. */
  readonly targetPpm: number | null;
  readonly daily: FloorRule | null;
  readonly total: FloorRule;
  readonly minDays: MinDaysRule | null;
  /** Calendar days from the first; null: no time limit. */
  readonly maxDays: number | null;
  readonly inactivityDays: number | null;
  readonly consistency: ConsistencyRule | null;
  readonly news: NewsRule | null;
  readonly holding: HoldingRule;
  readonly activity: ActivityRule;
  readonly account: AccountRule;
  readonly crossAccount: CrossAccountRule;
  readonly payout: PayoutRule | null;
  readonly scaling: ScalingRule | null;
}

export interface RuleSet {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  /** First day (YYYY-MM-DD) for which these numbers are known to hold. */
  readonly effectiveFrom: string;
  /** full: the guard's verdict proves the floors; conditional: only while `condition` holds. */
  readonly proof: { readonly level: 'full' | 'conditional'; readonly condition: string };
  readonly reset: ResetTime;
  /** In order; an evaluation walks through them. */
  readonly phases: readonly PhaseRules[];
  /** Path pattern (`*` one segment, `**` any) of a number in the document → where it comes from. */
  readonly sources: Readonly<Record<string, string>>;
}

export const phaseOf = (ruleSet: RuleSet, name: string): PhaseRules | undefined =>
  ruleSet.phases.find((phase) => phase.name === name);
