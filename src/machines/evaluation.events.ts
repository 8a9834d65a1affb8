import type { EpochMs } from '../domain/units.ts';

/** One phase as the chart needs it: its name, and whether a target leads out of it. */
export interface EvaluationPhase {
  readonly name: string;
  readonly hasTarget: boolean;
}

/** The account that one phase is traded on. Firms issue a new login for every phase. */
export interface PhaseBinding {
  readonly phase: string;
  readonly login: string;
  readonly at: EpochMs;
}

/** Everything that an evaluation remembers. Plain data, bounded by the number of phases. */
export interface EvaluationContext {
  readonly phases: readonly EvaluationPhase[];
  /** Index of the phase that is traded, or that awaits its account. */
  readonly phaseIndex: number;
  /** At most one per phase, oldest first; the last one is the account that is traded now. */
  readonly bindings: readonly PhaseBinding[];
  /** Since when the target is reached while something is open that may still lose it; null: not. */
  readonly reachedAt: EpochMs | null;
  /** When the objectives of the phase were met; null: not yet. */
  readonly metAt: EpochMs | null;
  /** Why nothing leads on any more; null while the evaluation lives. */
  readonly failure: { readonly rule: string; readonly at: EpochMs } | null;
  /** The soft limit that pauses trading, and until when; null: none. */
  readonly pause: { readonly rule: string; readonly until: EpochMs } | null;
  /** Payouts made, and when the running payout cycle began. */
  readonly payouts: number;
  readonly cycleFrom: EpochMs | null;
  /** Since when a payout can be asked for; null: it cannot. */
  readonly payoutDueAt: EpochMs | null;
  /** When the funded phase began, and how often the firm has scaled the account since. */
  readonly fundedAt: EpochMs | null;
  readonly scalings: number;
  /** When the conditions of the scaling plan were met; null: not since the last scaling. */
  readonly scalingEarnedAt: EpochMs | null;
}

/** Facts come from the ledger (`evaluationFacts`), commands from a person. Instants are session
 * time, UTC. */
export type EvaluationEvent =
  /** `phaseIndex`: the phase that the account is in, for who begins in the middle; default 0. */
  | {
      readonly type: 'operator.start';
      readonly login: string;
      readonly at: EpochMs;
      readonly phaseIndex?: number;
    }
  /** The firm has reviewed and issued the next account, or a larger one of the funded phase. */
  | { readonly type: 'operator.bind'; readonly login: string; readonly at: EpochMs }
  /** Target, trading days and consistency are met, and something is open still. */
  | { readonly type: 'objectives.reached'; readonly at: EpochMs }
  /** What was open has lost them again. */
  | { readonly type: 'objectives.lost'; readonly at: EpochMs }
  /** Target, trading days and consistency are met, and nothing is open. */
  | { readonly type: 'objectives.met'; readonly at: EpochMs }
  /** A rule that ends the account was broken: a floor, a time limit, the firm's review. */
  | { readonly type: 'rule.breached'; readonly rule: string; readonly at: EpochMs }
  /** A rule that only pauses trading was broken. */
  | { readonly type: 'limit.reached'; readonly rule: string; readonly until: EpochMs }
  | { readonly type: 'limit.lifted'; readonly at: EpochMs }
  | { readonly type: 'payout.due'; readonly at: EpochMs }
  /** The profit that was to be paid out is lost again, or its days are inconsistent. */
  | { readonly type: 'payout.lost'; readonly at: EpochMs }
  /** Profit left the account. A payout may be booked in parts: the trader's, and the firm's. */
  | { readonly type: 'payout.made'; readonly at: EpochMs }
  | { readonly type: 'scaling.earned'; readonly at: EpochMs };
