import type { StrategyDefinition } from './api.ts';
import { atrBreakout } from './atr-breakout.ts';
import { smaCross } from './sma-cross.ts';

/**
 * A strategy whose parameters and state types are nobody's business but its own. The host hands
 * the state that one call returned to the next, and never looks inside.
 */
export type AnyStrategy = StrategyDefinition<object, unknown>;

/** Forgets the types of parameters and state. Sound as long as the host passes back what it was
 * given, which is all a host can do with an `unknown`. */
export const erased = <Params extends object, State>(
  definition: StrategyDefinition<Params, State>,
): AnyStrategy => definition as unknown as AnyStrategy;

const BUILTINS: ReadonlyMap<string, AnyStrategy> = new Map(
  [erased(atrBreakout), erased(smaCross)].map((definition) => [definition.name, definition]),
);

export const BUILTIN_STRATEGY_NAMES: readonly string[] = [...BUILTINS.keys()];

export const builtinStrategy = (name: string): AnyStrategy | undefined => BUILTINS.get(name);
