import type { Instrument } from '../domain/instrument.ts';
import { floorToStep } from '../domain/instrument.ts';
import type { LotsE8, Minor, Points } from '../domain/units.ts';
import { lotsE8, minor, ZERO_MINOR } from '../domain/units.ts';
import type { PointValue, RateBand } from './exact.ts';
import { worstCommission, worstMoney } from './exact.ts';
import { MILLION, shareOf } from './floors.ts';

/** Which figure a percentage is of. */
export type SizingBase = 'balance' | 'initial' | 'equity';

/** How a strategy's orders are sized. Ratios are parts per million. */
export type SizingRule =
  | { readonly type: 'riskPercent'; readonly ppm: number; readonly base: SizingBase }
  | { readonly type: 'fixedLots'; readonly volumeE8: LotsE8 }
  /** Fraction of Kelly's W − (1 − W)/R, at most `capPpm` of the base, at risk per trade. */
  | {
      readonly type: 'kelly';
      readonly winRatePpm: number;
      readonly payoffPpm: number;
      readonly fractionPpm: number;
      readonly capPpm: number;
      readonly base: SizingBase;
    }
  /** A day's usual range moves the account by `ppm` of the base. */
  | { readonly type: 'volatilityTarget'; readonly ppm: number; readonly base: SizingBase };

export interface SizingInput {
  readonly rule: SizingRule;
  readonly instrument: Instrument;
  readonly rate: RateBand;
  readonly accountDigits: number;
  /** Entry to stop, > 0. */
  readonly stopDistance: Points;
  /** Slippage of entry and exit together, points. */
  readonly slippagePoints: number;
  readonly bases: Readonly<Record<SizingBase, Minor>>;
  /** A day's usual range in points (volatilityTarget); absent, that rule gives no volume. */
  readonly dailyRangePoints?: number;
  /** Largest volume of one order besides the instrument's own bound. */
  readonly maxVolumeE8?: LotsE8;
}

export interface Sized {
  /** A multiple of the lot step, rounded down; 0 when even the smallest volume risks too much. */
  readonly volumeE8: LotsE8;
  /** What the rule allows to be lost; 0 for fixed lots. */
  readonly budget: Minor;
  /** What `volumeE8` loses at its stop: distance, slippage and both commissions. */
  readonly cost: Minor;
}

/** Kelly's fraction of the base at risk, parts per million, rounded down, never negative. */
export const kellyPpm = (rule: Extract<SizingRule, { type: 'kelly' }>): number => {
  const win = BigInt(rule.winRatePpm);
  const payoff = BigInt(Math.max(1, rule.payoffPpm));
  const edge = win - ((MILLION - win) * MILLION) / payoff;
  if (edge <= 0n) return 0;
  const scaled = (edge * BigInt(rule.fractionPpm)) / MILLION;
  return Math.min(Number(scaled), rule.capPpm);
};

/** Loss of a volume over `points`, both commissions included, rounded against us. */
const costOf = (input: SizingInput, points: number, volumeE8: LotsE8): Minor => {
  const { instrument, rate, accountDigits } = input;
  const value: PointValue = { instrument, rate, accountDigits };
  const commissions = 2n * worstCommission(instrument, volumeE8);
  return minor(commissions - worstMoney(value, -points, volumeE8));
};

/** Largest number of lot steps whose cost stays inside the budget. */
const stepsWithin = (cost: (steps: number) => Minor, budget: Minor, most: number): number => {
  if (budget <= 0n) return 0;
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (cost(middle) <= budget) low = middle;
    else high = middle - 1;
  }
  return low;
};

const sizedWithin = (input: SizingInput, points: number, budget: Minor): LotsE8 => {
  const { instrument, maxVolumeE8 } = input;
  const bound = Math.min(instrument.volumeMaxE8, maxVolumeE8 ?? instrument.volumeMaxE8);
  const step = instrument.volumeStepE8;
  const most = Math.floor(bound / step);
  const steps = stepsWithin((n) => costOf(input, points, lotsE8(n * step)), budget, most);
  return floorToStep(instrument, steps * step);
};

/** Volume of an order by its rule. Money arithmetic is exact; a tie goes to the smaller volume. */
export const sizeVolume = (input: SizingInput): Sized => {
  const { rule, bases, instrument } = input;
  const points = input.stopDistance + input.slippagePoints;
  const sized = (volumeE8: LotsE8, budget: Minor): Sized => ({
    volumeE8,
    budget,
    cost: costOf(input, points, volumeE8),
  });
  switch (rule.type) {
    case 'fixedLots':
      return sized(floorToStep(instrument, rule.volumeE8), ZERO_MINOR);
    case 'riskPercent':
    case 'kelly': {
      const ppm = rule.type === 'kelly' ? kellyPpm(rule) : rule.ppm;
      const budget = shareOf(bases[rule.base], ppm);
      return sized(sizedWithin(input, points, budget), budget);
    }
    case 'volatilityTarget': {
      const budget = shareOf(bases[rule.base], rule.ppm);
      const range = input.dailyRangePoints ?? 0;
      if (range <= 0) return sized(lotsE8(0), budget);
      return sized(sizedWithin(input, range, budget), budget);
    }
  }
};
