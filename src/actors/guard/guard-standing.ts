import type { StrategyKey } from '../../domain/trading.ts';
import type { EpochMs } from '../../domain/units.ts';
import type { RefusalCode } from '../../risk/codes.ts';
import { refuse } from '../../risk/refuse.ts';
import { standingRefusals } from '../../risk/standing-refusals.ts';
import type { Refusal } from '../../risk/verdict-types.ts';
import { assessable } from './guard-intents.ts';
import type { GuardOptions, GuardState } from './guard-state.ts';

/** Why any order that opens would be refused now: a code of the verdict, and the figures. */
export interface StandingRefusal {
  readonly code: RefusalCode;
  readonly detail: string;
}

/** What stands against each strategy's next opening order, by the strategy's id. */
export const standingOf = (
  state: GuardState,
  options: GuardOptions,
  at: EpochMs,
): Readonly<Record<string, readonly StandingRefusal[]>> =>
  Object.fromEntries(
    options.strategies.map(({ key }) => [
      key.id,
      against(state, options, at, key).map(({ code, detail }) => ({ code, detail })),
    ]),
  );

const against = (
  state: GuardState,
  options: GuardOptions,
  at: EpochMs,
  { id: strategyId, symbol }: StrategyKey,
): readonly Refusal[] => {
  const breaker = state.breakerOpen ? [refuse('BREAKER_OPEN', '')] : [];
  const input = assessable(state, options, at, symbol);
  if (input === undefined) return [...breaker, refuse('GATE_CLOSED', '')];
  const found = standingRefusals({ ...input, strategyId, symbol });
  const isKnown = state.instruments.has(symbol);
  return [...breaker, ...found.map((one) => (isKnown ? unquoted(one, symbol) : one))];
};

/** A symbol that was described and has had no quote is not unknown. */
const unquoted = (refusal: Refusal, symbol: string): Refusal =>
  refusal.code === 'UNKNOWN_SYMBOL'
    ? refuse('STALE_QUOTE', `No quote of ${symbol} has come yet.`)
    : refusal;
