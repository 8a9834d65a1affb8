import type { Instrument } from '../../domain/instrument.ts';
import type { Bar, Tick, Timeframe } from '../../domain/market.ts';
import type { Position, Signal, VenueOrder } from '../../domain/trading.ts';
import type { EpochMs } from '../../domain/units.ts';

/**
 * What is said between a strategy's host, which is an actor, and its engine, which holds the user's
 * code and may live in another thread. All of it is plain data: nothing that is shared, nothing
 * that can be called.
 */

/** Where the code comes from. A file is the bundled module, never the user's source. */
export type StrategySource =
  | { readonly type: 'builtin'; readonly name: string }
  | { readonly type: 'file'; readonly file: string };

export interface EngineSpec {
  /** `<strategy>:<symbol>`: whoever breaks something is named by it. */
  readonly strategyId: string;
  readonly source: StrategySource;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly params: object;
  /** Zone of the server, by which bars align; `ny+7`, `UTC±h` or an IANA name. */
  readonly serverTz: string;
}

/** What a strategy has at the terminal. */
export interface Holdings {
  readonly positions: readonly Position[];
  readonly orders: readonly VenueOrder[];
}

export type EngineRequest =
  /** Start from history, signals muted; ticks up to `includedUpTo` (UTC) are in it already. */
  | {
      readonly type: 'warm';
      readonly instrument: Instrument;
      readonly holdings: Holdings;
      readonly now: EpochMs;
      readonly bars: readonly Bar[];
      readonly includedUpTo: EpochMs;
    }
  /** One batch of ticks that ends on the instant `at` (UTC). */
  | {
      readonly type: 'feed';
      readonly ticks: readonly Tick[];
      readonly at: EpochMs;
      /** Null: the same as at the last request. */
      readonly holdings: Holdings | null;
    };

export interface RaisedSignal {
  /** Opening instant of the bar, or the instant of the tick, that was decided on. */
  readonly barAt: EpochMs;
  readonly signal: Signal;
}

export type EngineAnswer =
  | { readonly type: 'warmed'; readonly warmupMissing: number }
  | {
      readonly type: 'decided';
      /** Bars that were completed by this batch. */
      readonly bars: number;
      /** Complete bars still wanted before signals may leave. */
      readonly warmupMissing: number;
      readonly signals: readonly RaisedSignal[];
    };

/** A request as it crosses: prices in columns of one buffer, so that a batch costs one copy. */
export type EncodedRequest =
  | {
      readonly type: 'warm';
      readonly instrument: Instrument;
      readonly holdings: Holdings;
      readonly now: EpochMs;
      readonly bars: Float64Array;
      readonly includedUpTo: EpochMs;
    }
  | {
      readonly type: 'feed';
      readonly ticks: Float64Array;
      readonly at: EpochMs;
      readonly holdings: Holdings | null;
    };

/** To a worker. It gets the next request only after it answered the one before. */
export type ThreadRequest =
  | { readonly type: 'open'; readonly engine: number; readonly spec: EngineSpec }
  | { readonly type: 'ask'; readonly engine: number; readonly request: EncodedRequest }
  | { readonly type: 'close'; readonly engine: number };

export type ThreadReply =
  | { readonly type: 'ready' }
  | { readonly type: 'opened'; readonly warmupBars: number }
  | { readonly type: 'answered'; readonly answer: EngineAnswer }
  | { readonly type: 'threw'; readonly message: string; readonly stack: string };
