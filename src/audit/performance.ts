import { formatDecimal } from '../domain/units.ts';
import type { AuditRow } from './queries.ts';

/**
 * What closed trades came to, from rows of the table `trades`. Money is added up exactly, in minor
 * units; ratios are binary numbers, because they are only looked at.
 */
export interface Performance {
  readonly trades: number;
  /** Net profit above zero; below it; a trade of exactly zero is neither. */
  readonly wins: number;
  readonly losses: number;
  /** wins / trades; null without trades. */
  readonly winRate: number | null;
  readonly gross: string;
  /** Commission and swap, negative costs money. */
  readonly costs: string;
  readonly net: string;
  readonly averageWin: string | null;
  readonly averageLoss: string | null;
  readonly best: string | null;
  readonly worst: string | null;
  /** Sum of net wins / |sum of net losses|; null while nothing was lost. */
  readonly profitFactor: number | null;
  /** Mean net profit per trade, rounded towards zero to the minor unit. */
  readonly expectancy: string | null;
}
export interface PairPerformance extends Performance {
  readonly symbol: string;
}
/** `weekday` 0 is Sunday, `hour` 0-23, both UTC of session time, by the trade's opening. */
export interface HourPerformance {
  readonly weekday: number;
  readonly hour: number;
  readonly trades: number;
  readonly wins: number;
  readonly net: string;
}

type Trade = AuditRow<'trades'>;

/** Text with a fixed number of decimals, as the audit writes money, to minor units. */
const minorOf = (text: Trade['net_profit']): bigint => BigInt(String(text ?? '0').replace('.', ''));
const decimalsOf = (trades: readonly Trade[]): number => {
  const text = String(trades[0]?.net_profit ?? '0.00');
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
};

const sum = (values: readonly bigint[]): bigint => values.reduce((all, value) => all + value, 0n);
const most = (values: readonly bigint[], isBetter: (a: bigint, b: bigint) => boolean) =>
  values.reduce<bigint | undefined>(
    (best, value) => (best === undefined || isBetter(value, best) ? value : best),
    undefined,
  );

/** Only trades that are closed count. */
export const closedTrades = (trades: readonly Trade[]): readonly Trade[] =>
  trades.filter(({ state }) => state === 'closed');

export const performanceOf = (trades: readonly Trade[]): Performance => {
  const closed = closedTrades(trades);
  const digits = decimalsOf(closed);
  const nets = closed.map(({ net_profit }) => minorOf(net_profit));
  const wins = nets.filter((net) => net > 0n);
  const losses = nets.filter((net) => net < 0n);
  const costs = closed.map(({ commission, swap }) => minorOf(commission) + minorOf(swap));
  const money = (value: bigint | undefined): string | null =>
    value === undefined ? null : formatDecimal(value, digits);
  const average = (values: readonly bigint[]): string | null =>
    values.length === 0 ? null : money(sum(values) / BigInt(values.length));
  const lost = sum(losses);
  return {
    trades: closed.length,
    wins: wins.length,
    losses: losses.length,
    winRate: closed.length === 0 ? null : wins.length / closed.length,
    gross: formatDecimal(sum(closed.map(({ gross_profit }) => minorOf(gross_profit))), digits),
    costs: formatDecimal(sum(costs), digits),
    net: formatDecimal(sum(nets), digits),
    averageWin: average(wins),
    averageLoss: average(losses),
    best: money(most(nets, (a, b) => a > b)),
    worst: money(most(nets, (a, b) => a < b)),
    profitFactor: lost === 0n ? null : Number(sum(wins)) / -Number(lost),
    expectancy: average(nets),
  };
};

const grouped = (
  trades: readonly Trade[],
  keyOf: (trade: Trade) => string,
): ReadonlyMap<string, readonly Trade[]> => {
  const groups = new Map<string, Trade[]>();
  for (const trade of closedTrades(trades)) {
    const key = keyOf(trade);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [trade]);
    else group.push(trade);
  }
  return groups;
};

/** One row per symbol with a closed trade, by name. */
export const performanceByPair = (trades: readonly Trade[]): readonly PairPerformance[] =>
  [...grouped(trades, ({ symbol }) => String(symbol))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([symbol, group]) => ({ symbol, ...performanceOf(group) }));

/** One row per hour of the week in which a trade was opened that is closed by now. */
export const performanceByHour = (trades: readonly Trade[]): readonly HourPerformance[] => {
  const hourOf = (trade: Trade): string => {
    const at = new Date(String(trade.opened_at ?? trade.closed_at));
    return `${at.getUTCDay()} ${String(at.getUTCHours()).padStart(2, '0')}`;
  };
  return [...grouped(trades, hourOf)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, group]) => {
      const [weekday = 0, hour = 0] = key.split(' ').map(Number);
      const { trades: count, wins, net } = performanceOf(group);
      return { weekday, hour, trades: count, wins, net };
    });
};
