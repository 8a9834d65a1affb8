import type { Side } from '../domain/instrument.ts';
import type { EpochMs, Minor } from '../domain/units.ts';

/**
 * What only the shell knows of the world around an order: when markets close, which releases come,
 * what moves together, and what our other accounts hold. Plain data, so that a verdict stays a pure
 * function of everything it depends on.
 */
export interface MarketContext {
  /** Closures of the order's symbol that have not ended yet, soonest first. */
  readonly closures: readonly Closure[];
  /** null: no calendar is known, and a rule about news then refuses (fail closed). */
  readonly calendar: NewsCalendar | null;
  readonly groups: readonly CorrelationGroup[];
  /** What other accounts under the same firm's rules hold; empty where there are none. */
  readonly elsewhere: Elsewhere;
}

/** A stretch [from, to) in which a symbol does not trade, session time. */
export interface Closure {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

export interface NewsRelease {
  readonly at: EpochMs;
  /** Where only its day is known: the latest that it may come. */
  readonly latest?: EpochMs;
  /** The currency that the release is about: "USD". */
  readonly currency: string;
  readonly impact: 'low' | 'medium' | 'high';
  readonly title: string;
  /** Does the firm list this release? Unknown, its impact decides. */
  readonly targeted?: boolean;
}

export interface NewsCalendar {
  /** When the calendar was fetched from its source. */
  readonly updatedAt: EpochMs;
  /** Every release in [from, until] is in it. */
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly releases: readonly NewsRelease[];
}

/** Symbols that are taken to move together: their losses add up, and may be capped together. */
export interface CorrelationGroup {
  readonly name: string;
  /** A broker's suffix counts as the same symbol: "EURUSD" is also "EURUSD.r". */
  readonly symbols: readonly string[];
  /** Worst loss of everything open and possible in the group, as a ratio of I. */
  readonly maxRiskPpm: number;
}

export interface Elsewhere {
  readonly positions: readonly { readonly symbol: string; readonly side: Side }[];
  /** Sum of the initial balances of the other accounts, account currency. */
  readonly allocated: Minor;
}

/** "EURUSD" names "EURUSD.r" and "EURUSDm" too, but not the other way round. */
export const isSymbol = (name: string, symbol: string): boolean => symbol.startsWith(name);
