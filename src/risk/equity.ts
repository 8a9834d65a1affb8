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

/**
 * Exact rate from `from` into `to`: 1 when they are the same; else the bid of the pair from/to, or
 * one over the ask of the pair to/from (both are what selling `from` now brings). Undefined when
 * no pair is quoted, or its price is not positive.
 */
export const rateFor = (
  from: string,
  to: string,
  quotes: Iterable<PairQuote>,
): Rate | undefined => {
  if (from === to) return UNIT_RATE;
  let inverse: Rate | undefined;
  for (const pair of quotes) {
    const scale = 10n ** BigInt(pair.digits);
    if (pair.base === from && pair.quote === to && pair.bid > 0) {
      return { num: BigInt(pair.bid), den: scale };
    }
    if (pair.base === to && pair.quote === from && pair.ask > 0) {
      inverse = { num: scale, den: BigInt(pair.ask) };
    }
  }
  return inverse;
};

const MILLION = 1_000_000n;

/** The rate with a haircut on both sides (parts per million). Identity needs none. */
export const bandOf = (rate: Rate, haircutPpm: number): RateBand => {
  if (rate.num === rate.den) return { low: rate, high: rate };
  const haircut = BigInt(haircutPpm);
  return {
    low: { num: rate.num * (MILLION - haircut), den: rate.den * MILLION },
    high: { num: rate.num * (MILLION + haircut), den: rate.den * MILLION },
  };
};

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
