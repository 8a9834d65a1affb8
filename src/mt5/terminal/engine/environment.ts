import type { Instrument } from '../../../domain/instrument.ts';
import type { EpochMs, Points } from '../../../domain/units.ts';
import { points } from '../../../domain/units.ts';
import type { Conversion } from './conversion.ts';
import { conversionOf } from './conversion.ts';
import type { ScheduledOperation } from './records.ts';

/**
 * What the broker does not decide: its symbols, the calendar, and how honest it is. All of it is
 * a pure function of its arguments, so that equal inputs give equal fills.
 */
export interface EngineEnvironment {
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly conversions: ReadonlyMap<string, Conversion>;
  readonly isOpen: (symbol: string, at: EpochMs) => boolean;
  /** Server time minus UTC at an instant, milliseconds. */
  readonly serverOffsetMs: (at: EpochMs) => number;
  /** Length of the bars that a symbol's ticks are derived from; undefined for real ticks. */
  readonly sourceBarMs: (symbol: string) => number | undefined;
  /** Points by which a triggered stop fills worse than its level or the gap; never negative. */
  readonly slippagePoints: (symbol: string) => number;
  readonly latencyMs: number;
  /** Probabilities of an arbitrary reject and of a requote, per market request. */
  readonly rejectRate: number;
  readonly requoteRate: number;
  /** Probability that an immediate-or-cancel request finds half of its volume; 0 when absent. */
  readonly partialFillRate?: number;
  /** Money that moves without a trade, in the order of its instants; none when absent. */
  readonly operations?: readonly ScheduledOperation[];
  readonly maxOrders: number;
  readonly maxPositions: number;
}

export const ENGINE_LIMITS = { maxOrders: 200, maxPositions: 1000 } as const;

/** Slippage of triggered stops by class: 2 points for currencies, 5 for metals, else 10. */
export const defaultSlippage = (instrument: Instrument): Points => {
  if (/^X(AU|AG|PT|PD)$/.test(instrument.baseCurrency)) return points(5);
  return points(instrument.contractSize >= 10_000 ? 2 : 10);
};

/** Conversions of all instruments, and those that have none: they cannot be traded. */
export const planConversions = (
  instruments: readonly Instrument[],
  accountCurrency: string,
): { readonly conversions: Map<string, Conversion>; readonly missing: readonly Instrument[] } => {
  const conversions = new Map<string, Conversion>();
  const missing: Instrument[] = [];
  for (const instrument of instruments) {
    const path = conversionOf(instrument, accountCurrency, instruments);
    if (path === undefined) missing.push(instrument);
    else conversions.set(instrument.symbol, path);
  }
  return { conversions, missing };
};

const DAY_MS = 86_400_000;

/** First server midnight after `at`, as a UTC instant. */
export const nextServerMidnight = (
  at: EpochMs,
  serverOffsetMs: (at: EpochMs) => number,
): EpochMs => {
  const server = at + serverOffsetMs(at);
  const midnight = (Math.floor(server / DAY_MS) + 1) * DAY_MS;
  const guess = (midnight - serverOffsetMs(at)) as EpochMs;
  return (midnight - serverOffsetMs(guess)) as EpochMs;
};

/** Weekday (0 = Sunday) of the server's day that contains `at`. */
export const serverWeekday = (at: EpochMs, serverOffsetMs: (at: EpochMs) => number): number =>
  (Math.floor((at + serverOffsetMs(at)) / DAY_MS) + 4) % 7;
