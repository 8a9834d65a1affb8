import type { Instrument, Rate } from '../../../domain/instrument.ts';
import { UNIT_RATE } from '../../../domain/instrument.ts';
import type { BrokerQuote } from './records.ts';

/** How profit in a symbol's quote currency becomes account currency. */
export type Conversion =
  | { readonly type: 'identity' }
  /** The pair is quote/account: one unit is worth `bid`. */
  | { readonly type: 'direct'; readonly symbol: string; readonly digits: number }
  /** The pair is account/quote: one unit is worth `1 / ask`. */
  | { readonly type: 'inverse'; readonly symbol: string; readonly digits: number };

/**
 * Path for one instrument, or undefined when no available pair converts its quote currency.
 * Ties are broken by the order of `available`, so that every run takes the same path.
 */
export const conversionOf = (
  instrument: Instrument,
  accountCurrency: string,
  available: readonly Instrument[],
): Conversion | undefined => {
  const quote = instrument.quoteCurrency;
  if (quote === accountCurrency) return { type: 'identity' };
  for (const pair of available) {
    if (pair.baseCurrency === quote && pair.quoteCurrency === accountCurrency)
      return { type: 'direct', symbol: pair.symbol, digits: pair.digits };
    if (pair.baseCurrency === accountCurrency && pair.quoteCurrency === quote)
      return { type: 'inverse', symbol: pair.symbol, digits: pair.digits };
  }
  return undefined;
};

/** Exact rate now, or undefined before the first quote of the converting pair. */
export const rateNow = (
  conversion: Conversion,
  quotes: ReadonlyMap<string, BrokerQuote>,
): Rate | undefined => {
  if (conversion.type === 'identity') return UNIT_RATE;
  const quote = quotes.get(conversion.symbol);
  if (quote === undefined) return undefined;
  const scale = 10n ** BigInt(conversion.digits);
  return conversion.type === 'direct'
    ? { num: BigInt(quote.bid), den: scale }
    : { num: scale, den: BigInt(quote.ask) };
};
