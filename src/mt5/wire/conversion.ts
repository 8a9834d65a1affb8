import { parseLots, parsePrice } from '../../domain/instrument.ts';
import type { LotsE8, Minor, Points } from '../../domain/units.ts';
import { formatDecimal, minor, parseDecimal, points } from '../../domain/units.ts';

/**
 * Exact conversion between decimal strings and integer units. A value that does not fit exactly is
 * an error with its field and text, never rounded: a rounded stop or balance would be a wrong one.
 */
export type ConversionCode =
  | 'unknown_symbol'
  | 'bad_price'
  | 'bad_volume'
  | 'bad_money'
  | 'bad_range';
export interface ConversionError {
  readonly code: ConversionCode;
  /** What it was about, for people: "position 123456", "symbol EURUSD". */
  readonly subject: string;
  readonly field: string;
  readonly text: string;
}
export type Converted<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ConversionError };

/** Digits of a symbol's price, or undefined when the venue never described the symbol. */
export type DigitsOf = (symbol: string) => number | undefined;

/** Collects the first error of one record, so that a converter reads as a list of its fields. */
export interface FieldReader {
  readonly price: (field: string, text: string, digits: number) => Points;
  /** MT5 writes 0 for "no level"; a stop at 0 would pass for protection that does not exist. */
  readonly level: (field: string, text: string | null, digits: number) => Points | undefined;
  readonly volume: (field: string, text: string) => LotsE8;
  readonly money: (field: string, text: string, currencyDigits: number) => Minor;
  readonly range: (field: string, holds: boolean, text: unknown) => void;
  readonly digits: (digitsOf: DigitsOf, symbol: string) => number;
  readonly done: <T>(value: T) => Converted<T>;
}

/** Placeholders are returned after an error; `done` then returns the error instead of the record. */
export const fieldReader = (subject: string): FieldReader => {
  let first: ConversionError | undefined;
  const fail = (code: ConversionCode, field: string, text: string): void => {
    first ??= { code, subject, field, text: text.slice(0, 64) };
  };
  const price = (field: string, text: string, digits: number): Points => {
    const value = parsePrice(text, digits);
    if (value !== undefined && value >= 0 && Number.isSafeInteger(value)) return value;
    fail('bad_price', field, text);
    return points(0);
  };
  return {
    price,
    level: (field, text, digits) => {
      if (text === null) return undefined;
      const value = price(field, text, digits);
      return value === 0 ? undefined : value;
    },
    volume: (field, text) => {
      const value = parseLots(text);
      if (value !== undefined && Number.isSafeInteger(value)) return value;
      fail('bad_volume', field, text);
      return 0 as LotsE8;
    },
    money: (field, text, currencyDigits) => {
      const value = parseDecimal(text, currencyDigits);
      if (value !== undefined) return minor(value);
      fail('bad_money', field, text);
      return minor(0n);
    },
    range: (field, holds, text) => {
      if (!holds) fail('bad_range', field, String(text));
    },
    digits: (digitsOf, symbol) => {
      const digits = digitsOf(symbol);
      if (digits !== undefined) return digits;
      fail('unknown_symbol', 'symbol', symbol);
      return 0;
    },
    done: (value) => (first === undefined ? { ok: true, value } : { ok: false, error: first }),
  };
};

/** Converts a list whole, or returns the first error: half a list of positions is not evidence. */
export const convertAll = <From, To>(
  list: readonly From[],
  convert: (item: From) => Converted<To>,
): Converted<readonly To[]> => {
  const values: To[] = [];
  for (const item of list) {
    const converted = convert(item);
    if (!converted.ok) return converted;
    values.push(converted.value);
  }
  return { ok: true, value: values };
};

/** Decimal text of money, e.g. `-12.30` for -1230n with two digits. */
export const formatMoney = (amount: Minor, currencyDigits: number): string =>
  formatDecimal(amount, currencyDigits);
