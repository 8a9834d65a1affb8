import type { EpochMs, Minor } from '../../domain/units.ts';
import type { CurveClientKeys } from '../wire/curve.ts';
import type { WireCalendarEvent } from '../wire/records.ts';
import type { InstrumentOverride } from './catalog.ts';
import type { ScheduledOperation } from './engine/records.ts';
import type { MarketOptions } from './market/types.ts';

/** Whose account the simulated broker keeps. */
export interface TerminalAccountOptions {
  readonly login: string;
  readonly server: string;
  readonly company: string;
  readonly currency: string;
  readonly currencyDigits: number;
  readonly leverage: number;
  readonly marginMode: 'hedging' | 'netting';
  /** Initial deposit; counts only when the data directory is new. */
  readonly balanceMinor: Minor;
  readonly stopOutLevelPercent: number;
}

/** Everything that a simulated terminal needs to know. */
export interface TerminalOptions {
  /** Runtime to connect to: `tcp://host:port`, several separated by commas, the nearest first. */
  readonly endpoint: string;
  /** Directory of the broker's log; made when absent. One terminal process at a time. */
  readonly dataDir: string;
  /** A copy of the broker's ledger for outsiders, besides `<dataDir>/ledger.ndjson`. */
  readonly ledgerFile?: string;
  /** Starts over: what the broker remembers in `dataDir` is deleted first. */
  readonly fresh: boolean;
  readonly account: TerminalAccountOptions;
  readonly market: MarketOptions;
  /** The market ends before this instant, if not by itself sooner. */
  readonly marketUntilMs?: EpochMs;
  /** Own figures of instruments by symbol. */
  readonly instruments?: Readonly<Record<string, InstrumentOverride>>;
  /** Session milliseconds per wall millisecond, or as fast as both sides can. */
  readonly speed: number | 'max';
  /** `master`: the session stands still between an advance and its confirmation, so that a replay
   * gives the same orders at any speed. `free`: it runs by the wall, as a real terminal does. */
  readonly clock: 'master' | 'free';
  /** Decision to execution, session milliseconds. */
  readonly latencyMs: number;
  /** Seed of the broker's own randomness: rejects and requotes. */
  readonly seed: number;
  readonly instanceId: string;
  /** Pauses between attempts to dial, wall milliseconds, as DealerOptions.backoff; absent: its default. */
  readonly reconnect?: { readonly initialMs: number; readonly maxMs: number };
  /** Probability of an arbitrary reject, and of a requote, per market request; 0..1. */
  readonly rejectRate: number;
  readonly requoteRate: number;
  /** Probability that an immediate-or-cancel request finds half of its volume; 0..1. */
  readonly partialFillRate: number;
  /** Money that moves without a trade, e.g. a payout that is to be rehearsed. The list may only grow
   * at its end while the data directory lives. */
  readonly operations?: readonly ScheduledOperation[];
  /** Its economic calendar in time order; absent: it has none. */
  readonly calendar?: readonly (typeof WireCalendarEvent.Type)[];
  /** Wall milliseconds without a word from any runtime after which the process ends by itself. */
  readonly orphanTimeoutMs: number;
  /** Per-EA token that hello carries. */
  readonly token?: string;
  /** Keys of a link with CURVE. */
  readonly curve?: CurveClientKeys;
  /** What an operator shows to take the account over from a runtime that still holds it. */
  readonly takeoverToken?: string;
}

/** Defaults of everything that does not name an account, a market or a place. */
export const TERMINAL_DEFAULTS = {
  fresh: false,
  speed: 'max',
  clock: 'master',
  latencyMs: 250,
  seed: 1,
  rejectRate: 0,
  requoteRate: 0,
  partialFillRate: 0,
  orphanTimeoutMs: 120_000,
} as const;
