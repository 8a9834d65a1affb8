import type { EpochMs, LotsE8 } from '../domain/units.ts';

/** The trader's own bounds. A firm's rules may be tighter; the tighter one counts. */
export interface RiskLimits {
  /** ε: how far above a floor the worst case must stay, as a ratio of I. */
  readonly floorBufferPpm: number;
  /** Part of a floor's amount that may be lost before nothing new opens until the reset;
   * 1,000,000: no soft limit. */
  readonly softDailyPpm: number;
  readonly softTotalPpm: number;
  /** Oldest quote to decide on, session time. */
  readonly maxQuoteAgeMs: number;
  /** Positions and orders that may fill, on the account and on one symbol. */
  readonly maxPositions: number;
  readonly maxPositionsPerSymbol: number;
  /** Opening orders per trading day. */
  readonly ordersPerDay: number;
  /** Requests of any kind per trading day. */
  readonly requestsPerDay: number;
  /** Part of the day's requests that openings may use; the rest is kept for closes. */
  readonly openingsSharePpm: number;
  /** Worst loss of a single order as a ratio of I, slippage of every class included. */
  readonly maxTradeRiskPpm: number;
  /** Worst loss of everything on one symbol as a ratio of I; 1,000,000: no cap of its own. */
  readonly maxSymbolRiskPpm: number;
  /** Requests kept back for each position and order: to close it, with a repetition or two. */
  readonly requestsPerClose: number;
  /** Longest time from a verdict to its execution: windows begin that much earlier. */
  readonly executionMs: number;
  /** Close everything before weekends, whatever the firm says. */
  readonly flatBeforeWeekend: boolean;
  /** How long before a deadline for being flat closing begins, and opening ends. */
  readonly flatLeadMs: number;
  /** Largest volume of one order; null: only the symbol's own bound. */
  readonly maxOrderVolumeE8: LotsE8 | null;
  /** Haircut on conversion rates, both sides. */
  readonly conversionHaircutPpm: number;
  /** Percentage points that the worst case stays above the broker's stop-out level (I3). */
  readonly stopOutReservePercent: number;
}

export const DEFAULT_RISK_LIMITS: RiskLimits = {
  floorBufferPpm: 1_000,
  softDailyPpm: 1_000_000,
  softTotalPpm: 1_000_000,
  maxQuoteAgeMs: 60_000,
  maxPositions: 20,
  maxPositionsPerSymbol: 4,
  ordersPerDay: 200,
  requestsPerDay: 2_000,
  openingsSharePpm: 800_000,
  maxTradeRiskPpm: 25_000,
  maxSymbolRiskPpm: 1_000_000,
  requestsPerClose: 3,
  executionMs: 10_000,
  flatBeforeWeekend: false,
  flatLeadMs: 600_000,
  maxOrderVolumeE8: null,
  conversionHaircutPpm: 20_000,
  stopOutReservePercent: 20,
};

/** True when a quote is too old to decide on at `at`. */
export const isStale = (quotedAt: number, at: EpochMs, limits: RiskLimits): boolean =>
  at - quotedAt > limits.maxQuoteAgeMs;
