import type { Minor } from '../../domain/units.ts';
import { minor, parseDecimal } from '../../domain/units.ts';
import { WALK_DIGITS } from '../../risk/account-walk-types.ts';

const NUMBER = /^([+-]?)(\d{1,30})(?:\.(\d{1,60}))?(?:[eE]([+-]?\d{1,3}))?$/;
const MAX_EXPONENT = 40;

/** Shifts the decimal point of `whole.fraction` by `exponent` places, as text. */
const shifted = (whole: string, fraction: string, exponent: number): string => {
  const digits = `${whole}${fraction}`;
  const point = whole.length + exponent;
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${digits}${'0'.repeat(point - digits.length)}`;
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
};

/**
 * A decimal text (`-12.5`, `1e5`: what JSON writes for a number) as an exact amount with WALK_DIGITS
 * decimals; it never becomes a binary float. Undefined when it is no number or finer than that.
 */
export const parseAmount = (text: string): Minor | undefined => {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '0', fraction = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > MAX_EXPONENT) return undefined;
  const value = parseDecimal(`${sign}${shifted(whole, fraction, exponent)}`, WALK_DIGITS);
  return value === undefined ? undefined : minor(value);
};

/** Blanks and apostrophes between thousands. */
const BLANKS = /[\s\u00a0\u2007\u2009\u202f'\u2019]/g;
const MINUS = /^[\u2212\u2013-]/;

/** Thousands in groups of three, and the decimal sign of the other kind: 1,234.56 or 1.234,56. */
const GROUPED_BY_COMMA = /^-?\d{1,3}(?:,\d{3})+\.\d+$|^-?\d{1,3}(?:,\d{3}){2,}$/;
const GROUPED_BY_POINT = /^-?\d{1,3}(?:\.\d{3})+,\d+$|^-?\d{1,3}(?:\.\d{3}){2,}$/;
/** A comma before three digits may part thousands or decimals: such a text says neither. */
const DECIMAL_COMMA = /^-?\d+,(?:\d{1,2}|\d{4,})$/;

const plainOf = (text: string): string => text.replace(BLANKS, '').replace(MINUS, '-');

/** How a text writes its decimals: by a comma, or so that a point could part thousands as well. */
export const decimalSignOf = (text: string): 'comma' | 'either' | undefined => {
  const plain = plainOf(text);
  if (DECIMAL_COMMA.test(plain) || GROUPED_BY_POINT.test(plain)) return 'comma';
  return /^-?[1-9]\d{0,2}\.\d{3}$/.test(plain) ? 'either' : undefined;
};

const pointed = (plain: string): string => {
  if (GROUPED_BY_COMMA.test(plain)) return plain.replaceAll(',', '');
  if (GROUPED_BY_POINT.test(plain)) return plain.replaceAll('.', '').replace(',', '.');
  return DECIMAL_COMMA.test(plain) ? plain.replace(',', '.') : plain;
};

/** An amount as MetaTrader or a spreadsheet prints it: `-1 234.56`, `1 234,56`, `1,234.56`,
 * `1.234,56`. Undefined when it is none, or `1,234`, which could be either. */
export const parseReportAmount = (text: string): Minor | undefined => {
  const decimal = pointed(plainOf(text));
  return /^[+-]?\d+(\.\d+)?$/.test(decimal) ? parseAmount(decimal) : undefined;
};

const LOT_DIGITS = 8;

/** A decimal text of lots (`0.1`, `1e-2`) as 1e-8 lots; undefined when it is none, or finer. */
export const parseVolume = (text: string): bigint | undefined => {
  const amount = parseAmount(text);
  const unit = 10n ** BigInt(WALK_DIGITS - LOT_DIGITS);
  return amount === undefined || amount % unit !== 0n ? undefined : amount / unit;
};

/** Lots as 1e-8 lots; a partial fill is printed as `0.10 / 1.00`, of which the first counts. */
export const parseReportVolume = (text: string): bigint | undefined => {
  const [filled = ''] = text.split('/');
  return parseVolume(pointed(filled.replace(BLANKS, '')));
};
