import type { Side } from '../domain/instrument.ts';
import { lotsE8, points } from '../domain/units.ts';
import { checkAccountMode, checkAllocation } from './account-mode-checks.ts';
import type { SymbolRisk } from './exposure.ts';
import {
  checkCounts,
  checkExposure,
  checkMarket,
  checkMode,
  checkResolved,
} from './order-checks.ts';
import { refuse } from './refuse.ts';
import { checkHolding, checkNews } from './timing-checks.ts';
import { assessmentOf } from './verdict.ts';
import type { AssessInput, NewOrder, Refusal } from './verdict-types.ts';
import { candidateOf, checkVolume } from './volume-checks.ts';

/** A verdict before there is an order: the account, and who would open on which symbol. */
export type StandingInput = Omit<AssessInput, 'order' | 'duplicate'> &
  Pick<NewOrder, 'strategyId' | 'symbol'>;

/**
 * Every refusal that any order of this strategy on this symbol would meet now, the most general
 * first; empty: some order would pass. The checks are the verdict's own, asked for the order that
 * they mind least: at the market, the smallest volume, its stop and take-profit as close as the
 * broker lets them be. What only one side meets stands when the other side is not free either.
 */
export const standingRefusals = (input: StandingInput): readonly Refusal[] => {
  const buy = against(leastOrder(input, 'buy'));
  const sell = against(leastOrder(input, 'sell'));
  const shared = buy.filter(({ code }) => sell.some((other) => other.code === code));
  if (shared.length > 0 || buy.length === 0 || sell.length === 0) return shared;
  return [...buy, ...sell];
};

const NO_LOTS = lotsE8(0);

/** Points from the entry at the market to the closest level that the broker takes. */
const closestDistance = ({ bid, ask, instrument }: SymbolRisk) =>
  points(Math.max(0, ask - bid) + Math.max(1, instrument.stopsLevelPoints));

const leastOrder = (input: StandingInput, side: Side): AssessInput => {
  const { strategyId, symbol, ...rest } = input;
  const known = input.symbols.get(symbol);
  const distance = known === undefined ? points(1) : closestDistance(known);
  const levels = { stopDistance: distance, takeProfitDistance: distance };
  return {
    ...rest,
    duplicate: false,
    order: {
      ...{ intentId: '', strategyId, symbol },
      signal: { type: 'open', side, kind: 'market', ...levels, leg: 0, reason: '' },
      sizing: { type: 'fixedLots', volumeE8: known?.instrument.volumeMinE8 ?? NO_LOTS },
    },
  };
};

/** Everything against this one order; the verdict itself stops at the first. */
const against = (input: AssessInput): readonly Refusal[] => {
  const symbol = input.symbols.get(input.order.symbol);
  const general = [checkMode(input), checkResolved(input)];
  if (symbol === undefined) {
    return present([...general, refuse('UNKNOWN_SYMBOL', '', { symbol: input.order.symbol })]);
  }
  const a = assessmentOf(input, symbol);
  const market = checkMarket(input, symbol);
  const exposure = checkExposure(a);
  const isValued = market === undefined && exposure === undefined;
  const least = symbol.instrument.volumeMinE8;
  return present([
    ...general,
    market,
    checkAllocation(a),
    checkAccountMode(a),
    checkNews(a),
    checkHolding(a),
    exposure,
    checkCounts(a),
    isValued ? checkVolume(a, candidateOf(a, least)) : undefined,
  ]);
};

const present = (found: readonly (Refusal | undefined)[]): readonly Refusal[] =>
  found.filter((refusal) => refusal !== undefined);
