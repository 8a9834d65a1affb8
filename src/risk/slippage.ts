import type { Points } from '../domain/units.ts';
import { points } from '../domain/units.ts';

/** Kinds of market a position may live through, each with its own gaps. */
export type SlippageClass = 'normal' | 'news' | 'dailyBreak' | 'weekend';

/** Allowance by class in parts per million of the price, so that it fits any digits and level. */
type SlippageTable = Readonly<Record<SlippageClass, number>>;

/**
 * Defaults from data: gaps between consecutive quotes at p99.9, the largest seen where a class has
 * too few for that. EURUSD: 1-minute gaps of 12 points, weekends up to 1,249. XAUUSD: minute gaps
 * of 0.32, daily breaks of 6.5 and weekends of 36 dollars near 1,250. News: twice the normal class
 * for FX, and 0.06 % for gold, until a user measures the own broker.
 */
const SLIPPAGE_DEFAULTS: Readonly<Record<string, SlippageTable>> = {
  EURUSD: { normal: 90, news: 180, dailyBreak: 90, weekend: 9_100 },
  XAUUSD: { normal: 250, news: 600, dailyBreak: 5_300, weekend: 29_000 },
};
const OTHER_FX: SlippageTable = { normal: 150, news: 400, dailyBreak: 300, weekend: 12_000 };
const OTHER: SlippageTable = { normal: 400, news: 1_000, dailyBreak: 6_000, weekend: 30_000 };

/** The table of a broker's symbol: the longest default that it starts with, else by its kind. */
const slippageTableOf = (symbol: string): SlippageTable => {
  const [best] = Object.keys(SLIPPAGE_DEFAULTS)
    .filter((name) => symbol.startsWith(name))
    .sort((a, b) => b.length - a.length);
  const table = best === undefined ? undefined : SLIPPAGE_DEFAULTS[best];
  if (table !== undefined) return table;
  return /^[A-Z]{6}/.test(symbol) && !/^(X|BTC|ETH)/.test(symbol) ? OTHER_FX : OTHER;
};

/** What a user has measured of the own broker, in points of the symbol. */
export interface OwnSlippage {
  readonly normal: number;
  readonly news?: number | undefined;
  readonly dailyBreak?: number | undefined;
  readonly weekend?: number | undefined;
}

/** S: the largest allowance over the classes that a position may see, in points at `price`, rounded
 * up. A class that the user has not measured has its default, and none is below the normal one. */
export const slippagePoints = (input: {
  readonly symbol: string;
  readonly price: Points;
  readonly classes: readonly SlippageClass[];
  readonly own: OwnSlippage;
}): Points => {
  const { symbol, price, classes, own } = input;
  const table = slippageTableOf(symbol);
  const allowances = classes.map(
    (name) => own[name] ?? Math.ceil((price * table[name]) / 1_000_000),
  );
  return points(Math.max(own.normal, ...allowances));
};
