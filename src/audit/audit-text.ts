import { formatLots, formatPrice } from '../domain/instrument.ts';
import { formatDecimal, lotsE8, points } from '../domain/units.ts';

/**
 * How the audit tables spell values: prices with the symbol's digits, money with the currency's,
 * volumes as the shortest decimal, instants as ISO 8601 UTC with milliseconds (session time).
 * Where the digits are not known (yet), the integer is shown with its unit rather than guessed.
 */
export const priceText = (value: number | bigint, digits: number | null): string =>
  digits === null ? `${value}pt` : formatPrice(points(Number(value)), digits);

export const moneyText = (minor: bigint, digits: number | null): string =>
  digits === null ? `${minor}mu` : formatDecimal(minor, digits);

export const volumeText = (volumeE8: number): string => formatLots(lotsE8(volumeE8));

export const timeText = (atMs: number): string => new Date(atMs).toISOString();

/** A list in one cell; ids and tickets contain no space. Each value once, in first-seen order. */
export const listText = (values: readonly (string | null)[]): string =>
  [...new Set(values.filter((value) => value !== null))].join(' ');
