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

const BLANKS = /[\s\u00a0\u2007\u2009\u202f]/g;
const MINUS = /^[\u2212\u2013-]/;

/** An amount as MetaTrader prints it: `-1 234.56` with any kind of blank between the thousands; a
 * comma before two last digits is a decimal comma (`1 234,56`). Undefined when it is none. */
export const parseReportAmount = (text: string): Minor | undefined => {
  const plain = text.replace(BLANKS, '').replace(MINUS, '-');
  const decimal = /^-?\d+,\d{1,2}$/.test(plain) ? plain.replace(',', '.') : plain;
  return /^[+-]?\d+(\.\d+)?$/.test(decimal) ? parseAmount(decimal) : undefined;
};

/** Lots as 1e-8 lots; a partial fill is printed as `0.10 / 1.00`, of which the first counts. */
export const parseReportVolume = (text: string): bigint | undefined => {
  const [filled = ''] = text.split('/');
  return parseDecimal(filled.replace(BLANKS, ''), 8);
};
