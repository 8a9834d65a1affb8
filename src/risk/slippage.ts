import type { Points } from '../domain/units.ts';
import { points } from '../domain/units.ts';

/** Kinds of market a position may live through, each with its own gaps. */
export const SLIPPAGE_CLASSES = ['normal', 'news', 'dailyBreak', 'weekend'] as const;
export type SlippageClass = (typeof SLIPPAGE_CLASSES)[number];

/** Allowance by class in parts per million of the price, so that it fits any digits and level. */
export type SlippageTable = Readonly<Record<SlippageClass, number>>;

/**
 * Defaults from data: gaps between consecutive quotes at p99.9, the largest seen where a class has
 * too few for that. EURUSD: 1-minute gaps of 12 points, weekends up to 1,249. XAUUSD: minute gaps
 * of 0.32, daily breaks of 6.5 and weekends of 36 dollars near 1,250. News: twice the normal class
 * for FX, and 0.06 % for gold, until a user measures the own broker.
 */
export const SLIPPAGE_DEFAULTS: Readonly<Record<string, SlippageTable>> = {
  EURUSD: { normal: 90, news: 180, dailyBreak: 90, weekend: 9_100 },
  XAUUSD: { normal: 250, news: 600, dailyBreak: 5_300, weekend: 29_000 },
};
const OTHER_FX: SlippageTable = { normal: 150, news: 400, dailyBreak: 300, weekend: 12_000 };
const OTHER: SlippageTable = { normal: 400, news: 1_000, dailyBreak: 6_000, weekend: 30_000 };

/** The table of a broker's symbol: the longest default that it starts with, else by its kind. */
export const slippageTableOf = (
  symbol: string,
  own: Readonly<Record<string, SlippageTable>> = {},
): SlippageTable => {
  const known = { ...SLIPPAGE_DEFAULTS, ...own };
  const [best] = Object.keys(known)
    .filter((name) => symbol.startsWith(name))
    .sort((a, b) => b.length - a.length);
  const table = best === undefined ? undefined : known[best];
  if (table !== undefined) return table;
  return /^[A-Z]{6}/.test(symbol) && !/^(X|BTC|ETH)/.test(symbol) ? OTHER_FX : OTHER;
};

/** S: the largest allowance over the classes that a position may see, in points at `price`,
 * rounded up, at least one point. */
export const slippagePoints = (
  table: SlippageTable,
  price: Points,
  classes: readonly SlippageClass[],
): Points => {
  const ppm = Math.max(0, ...classes.map((name) => table[name]));
  return points(Math.max(1, Math.ceil((price * ppm) / 1_000_000)));
};
