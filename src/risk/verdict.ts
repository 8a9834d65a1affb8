import type { LotsE8, Minor } from '../domain/units.ts';
import { lotsE8, minor } from '../domain/units.ts';
import { asHeld, checkAccountMode, checkAllocation } from './account-mode-checks.ts';
import type { OrderRisk, SymbolRisk } from './exposure.ts';
import { exposureOf } from './exposure.ts';
import { capsOf } from './exposure-caps.ts';
import { levelsOf } from './levels.ts';
import { marginMinor } from './margin.ts';
import {
  checkCounts,
  checkExposure,
  checkLevels,
  checkMarket,
  checkPermission,
} from './order-checks.ts';
import { refuse } from './refuse.ts';
import { sizeVolume } from './sizing.ts';
import { checkTiming } from './timing-checks.ts';
import type { AssessInput, Assessment, Refusal, Verdict } from './verdict-types.ts';
import { candidateOf, checkVolume, maxVolumeE8, numbersOf } from './volume-checks.ts';

/**
 * The pre-trade verdict. A pure function of everything it depends on: it accepts with the
 * reservation that the next verdict must count, or refuses with a code, the figures, and the
 * largest volume that would have passed. The caller checks and reserves in one step.
 *
 * I1: E_wc ≥ F + ε with the order. I2: what may survive the next reset loses at most D_next − ε.
 * I3: E_wc ≥ (stop-out level + reserve) · margin. No credit for a hedge, a locked profit at the
 * reset, or an order that has not been confirmed absent.
 */

/** Margin that everything which may still fill would need, account currency. */
export const marginOfOrders = (
  input: Pick<AssessInput, 'account' | 'orders' | 'symbols'>,
): Minor => {
  const one = (order: OrderRisk): bigint => {
    const symbol = input.symbols.get(order.symbol);
    if (symbol?.rate === undefined) return 0n;
    return marginMinor({
      instrument: symbol.instrument,
      volumeE8: order.volumeE8,
      price: order.entry,
      leverage: input.account.leverage,
      rate: symbol.rate,
      accountDigits: input.account.currencyDigits,
    });
  };
  return minor(input.orders.reduce<bigint>((sum, order) => sum + one(order), 0n));
};

/** What the checks share. */
export const assessmentOf = (input: AssessInput, symbol: SymbolRisk): Assessment => ({
  ...input,
  symbol,
  levels: levelsOf(input.order.signal, symbol),
  exposure: exposureOf({
    ...asHeld(input),
    symbolOf: (name) => input.symbols.get(name),
    accountDigits: input.account.currencyDigits,
  }),
  pendingMargin: marginOfOrders(input),
  caps: capsOf(input),
});

/** Volume by the order's sizing rule at the present levels, before any other bound. */
const sizedVolume = (a: Assessment): LotsE8 => {
  const { symbol, order, account, ledger, levels } = a;
  if (symbol.rate === undefined) return lotsE8(0);
  const { dailyRangePoints } = order.signal;
  const distance = Math.abs(levels.entry - levels.stopLoss);
  const { volumeE8 } = sizeVolume({
    rule: order.sizing,
    instrument: symbol.instrument,
    rate: symbol.rate,
    accountDigits: account.currencyDigits,
    stopDistance: distance as typeof levels.entry,
    slippagePoints: symbol.sizingSlippagePoints + symbol.entrySlippagePoints,
    bases: { balance: account.balance, initial: ledger.initial, equity: account.equity },
    maxVolumeE8: maxVolumeE8(a),
    ...(dailyRangePoints === undefined ? {} : { dailyRangePoints }),
  });
  return volumeE8;
};

/** Largest multiple of the lot step that passes every check of volume; 0 when none does. Each
 * check is monotonous in the volume, so halving finds it. */
const largestVolume = (a: Assessment): LotsE8 => {
  const { volumeMinE8, volumeStepE8 } = a.symbol.instrument;
  const passes = (steps: number): boolean =>
    checkVolume(a, candidateOf(a, lotsE8(steps * volumeStepE8))) === undefined;
  let low = Math.ceil(volumeMinE8 / volumeStepE8);
  if (!passes(low)) return lotsE8(0);
  let high = Math.floor(maxVolumeE8(a) / volumeStepE8);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (passes(middle)) low = middle;
    else high = middle - 1;
  }
  return lotsE8(low * volumeStepE8);
};

const refused = (refusal: Refusal, largestVolumeE8: LotsE8): Verdict => ({
  ok: false,
  ...refusal,
  largestVolumeE8,
});

/** Accepts or refuses one opening order. Never throws on any market or account state. */
export const assess = (input: AssessInput): Verdict => {
  const none = lotsE8(0);
  const permission = checkPermission(input);
  if (permission !== undefined) return refused(permission, none);
  const symbol = input.symbols.get(input.order.symbol);
  if (symbol === undefined) {
    const detail = `The terminal has not described ${input.order.symbol}.`;
    return refused(refuse('UNKNOWN_SYMBOL', detail, { symbol: input.order.symbol }), none);
  }
  const market = checkMarket(input, symbol);
  if (market !== undefined) return refused(market, none);
  const a = assessmentOf(input, symbol);
  const refusal =
    checkAllocation(a) ??
    checkAccountMode(a) ??
    checkTiming(a) ??
    checkLevels(a) ??
    checkExposure(a) ??
    checkCounts(a);
  if (refusal !== undefined) return refused(refusal, none);
  const c = candidateOf(a, sizedVolume(a));
  const against = checkVolume(a, c);
  if (against !== undefined) {
    // Below the smallest volume the sizing rule itself says no: no other volume would do.
    return refused(against, c.volumeE8 === 0 ? none : largestVolume(a));
  }
  return {
    ok: true,
    volumeE8: c.volumeE8,
    levels: a.levels,
    reservation: c.reservation,
    numbers: numbersOf(a, c),
  };
};
