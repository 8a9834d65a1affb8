import type { Instrument } from '../domain/instrument.ts';
import type { Bar, Tick, Timeframe } from '../domain/market.ts';
import type { Position, Signal, VenueOrder } from '../domain/trading.ts';
import type { EpochMs, Points } from '../domain/units.ts';
import { points } from '../domain/units.ts';

/** What a strategy may know at a decision: no clock, no network, no account secrets. */
export interface StrategyContext<Params> {
  readonly instrument: Instrument;
  readonly params: Params;
  readonly now: EpochMs;
  /** This strategy's own open positions on this symbol, as the terminal shows them. */
  readonly positions: readonly Position[];
  /** Its own working orders on this symbol, oldest first. */
  readonly orders: readonly VenueOrder[];
}

export interface Decision<State> {
  readonly state: State;
  readonly signals: readonly Signal[];
}

/**
 * A strategy is pure: the same bars give the same signals, in a backtest, on paper and live. Its
 * state must be plain data. It is rebuilt after a restart by replaying `warmupBars` bars with its
 * signals muted, so it must not remember more than those bars can teach it.
 */
export interface StrategyDefinition<Params extends object, State> {
  readonly name: string;
  readonly version: string;
  readonly timeframe: Timeframe;
  /** Parameters with their defaults; a configuration may override any of them by name. Numbers, strings and booleans. */
  readonly params: Params;
  /** Complete bars needed before the first signal may leave. */
  readonly warmupBars: (params: Params) => number;
  readonly init: (context: StrategyContext<Params>) => State;
  /** Called once for each complete bar, oldest first. */
  readonly onBar: (state: State, bar: Bar, context: StrategyContext<Params>) => Decision<State>;
  /** Optional: called for each tick. Declaring it makes a replay stop at every tick. */
  readonly onTick?: (state: State, tick: Tick, context: StrategyContext<Params>) => Decision<State>;
}

/** Identity with type inference: `export default defineStrategy({ … })` in a user's file. */
export const defineStrategy = <Params extends object, State>(
  definition: StrategyDefinition<Params, State>,
): StrategyDefinition<Params, State> => definition;

export type { Bar, EpochMs, Instrument, Points, Position, Signal, Tick, Timeframe, VenueOrder };
// What a strategy's file needs to be written with types: `points(150)` is a distance of 150 points.
export { points };
