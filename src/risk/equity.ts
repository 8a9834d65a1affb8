import type { Instrument, Rate } from '../domain/instrument.ts';
import { profitMinor, UNIT_RATE } from '../domain/instrument.ts';
import type { Position } from '../domain/trading.ts';
import type { Minor, Points } from '../domain/units.ts';
import { minor } from '../domain/units.ts';
import type { RateBand } from './exact.ts';

export interface Quote {
  readonly bid: Points;
  readonly ask: Points;
}

/** A quoted pair, for conversions: one unit of `base` costs bid..ask points of `quote`. */
export interface PairQuote extends Quote {
  readonly base: string;
  readonly quote: string;
  readonly digits: number;
}

/** What one unit of `from` brings now (low) and costs now (high) in `to`, by one pair; undefined
 * where the two have none, or its price is not positive. The direct pair goes before the inverse. */
const legOf = (from: string, to: string, quotes: readonly PairQuote[]): RateBand | undefined => {
  const good = quotes.filter(({ bid, ask }) => bid > 0 && ask > 0);
  const direct = good.find(({ base, quote }) => base === from && quote === to);
  if (direct !== undefined) {
    const den = 10n ** BigInt(direct.digits);
    return { low: { num: BigInt(direct.bid), den }, high: { num: BigInt(direct.ask), den } };
  }
  const inverse = good.find(({ base, quote }) => base === to && quote === from);
  if (inverse === undefined) return undefined;
  const num = 10n ** BigInt(inverse.digits);
  return { low: { num, den: BigInt(inverse.ask) }, high: { num, den: BigInt(inverse.bid) } };
};

const times = (a: Rate, b: Rate): Rate => ({ num: a.num * b.num, den: a.den * b.den });
const isBelow = (a: Rate, b: Rate): boolean => a.num * b.den < b.num * a.den;

const MILLION = 1_000_000n;
const cut = ({ low, high }: RateBand, haircutPpm: number): RateBand => {
  if (haircutPpm === 0) return { low, high };
  const haircut = BigInt(haircutPpm);
  return {
    low: { num: low.num * (MILLION - haircut), den: low.den * MILLION },
    high: { num: high.num * (MILLION + haircut), den: high.den * MILLION },
  };
};

/**
 * The exact conversion from one currency into another with a haircut (parts per million) on both
 * sides of every pair it goes through: one pair where there is one, else two with a currency
 * between, and of several ways the worst of each end. Nothing is taken from a currency to itself.
 * Undefined while no way is quoted.
 */
export const bandFor = (
  from: string,
  to: string,
  quotes: Iterable<PairQuote>,
  haircutPpm = 0,
): RateBand | undefined => {
  if (from === to) return { low: UNIT_RATE, high: UNIT_RATE };
  const pairs = [...quotes];
  const leg = (a: string, b: string): RateBand | undefined => {
    const found = legOf(a, b, pairs);
    return found === undefined ? undefined : cut(found, haircutPpm);
  };
  const direct = leg(from, to);
  if (direct !== undefined) return direct;
  let worst: RateBand | undefined;
  for (const between of new Set(pairs.flatMap(({ base, quote }) => [base, quote]))) {
    const first = leg(from, between);
    const second = first === undefined ? undefined : leg(between, to);
    if (first === undefined || second === undefined) continue;
    const low = times(first.low, second.low);
    const high = times(first.high, second.high);
    worst = {
      low: worst === undefined || isBelow(low, worst.low) ? low : worst.low,
      high: worst === undefined || isBelow(worst.high, high) ? high : worst.high,
    };
  }
  return worst;
};

/** What selling one unit of `from` brings now, exactly; see `bandFor`. */
export const rateFor = (from: string, to: string, quotes: Iterable<PairQuote>): Rate | undefined =>
  bandFor(from, to, quotes)?.low;

/** Profit of closing now, without swap: a buy closes on the bid, a sell on the ask. */
export const floatingMinor = (input: {
  readonly position: Pick<Position, 'side' | 'open' | 'volumeE8'>;
  readonly instrument: Pick<Instrument, 'digits' | 'contractSize'>;
  readonly quote: Quote;
  readonly rate: Rate;
  readonly accountDigits: number;
}): Minor =>
  profitMinor({
    instrument: input.instrument,
    side: input.position.side,
    open: input.position.open,
    close: input.position.side === 'buy' ? input.quote.bid : input.quote.ask,
    volumeE8: input.position.volumeE8,
    rate: input.rate,
    accountDigits: input.accountDigits,
  });

/** What is known of a symbol when equity is counted. */
export interface SymbolQuote {
  readonly instrument: Instrument;
  readonly quote: Quote;
  readonly rate: Rate;
}

/** Balance + floating profit + swap of every position, or undefined when one cannot be valued
 * (no quote or rate yet): a guess would arm or trip a floor. */
export const equityMinor = (input: {
  readonly balance: Minor;
  readonly positions: readonly Position[];
  readonly symbolOf: (symbol: string) => SymbolQuote | undefined;
  readonly accountDigits: number;
}): Minor | undefined => {
  let equity: bigint = input.balance;
  for (const position of input.positions) {
    const known = input.symbolOf(position.symbol);
    if (known === undefined) return undefined;
    equity += floatingMinor({ position, ...known, accountDigits: input.accountDigits });
    equity += position.swap;
  }
  return minor(equity);
};
