import type { Minor } from '../domain/units.ts';
import { formatDecimal, minor } from '../domain/units.ts';
import type { RefusalCode } from './codes.ts';
import { exposureOf } from './exposure.ts';
import { shareOf } from './floors.ts';
import { isSymbol } from './market-context.ts';
import { refuse } from './refuse.ts';
import type { AssessInput, Refusal } from './verdict-types.ts';

/** A cap on what a symbol, or symbols that move together, could lose. Winners give no credit. */
export interface ExposureCap {
  readonly code: Extract<RefusalCode, 'SYMBOL_RISK' | 'GROUP_RISK'>;
  readonly name: string;
  /** Σ −min(0, w) of what is there, without the new order. */
  readonly losses: Minor;
  readonly most: Minor;
}

const WHOLE_PPM = 1_000_000;

/** Every cap that the new order's symbol falls under. */
export const capsOf = (
  input: Pick<
    AssessInput,
    'positions' | 'orders' | 'symbols' | 'account' | 'limits' | 'ledger' | 'context' | 'order'
  >,
): readonly ExposureCap[] => {
  const { positions, orders, symbols, account, limits, ledger, context, order } = input;
  const lossesIn = (concerns: (symbol: string) => boolean): Minor =>
    exposureOf({
      positions: positions.filter(({ symbol }) => concerns(symbol)),
      orders: orders.filter(({ symbol }) => concerns(symbol)),
      symbolOf: (name) => symbols.get(name),
      accountDigits: account.currencyDigits,
    }).losses;
  const caps: ExposureCap[] = [];
  if (limits.maxSymbolRiskPpm < WHOLE_PPM) {
    const losses = lossesIn((symbol) => symbol === order.symbol);
    const most = shareOf(ledger.initial, limits.maxSymbolRiskPpm);
    caps.push({ code: 'SYMBOL_RISK', name: order.symbol, losses, most });
  }
  for (const group of context.groups) {
    const isIn = (symbol: string): boolean => group.symbols.some((name) => isSymbol(name, symbol));
    if (!isIn(order.symbol)) continue;
    const most = shareOf(ledger.initial, group.maxRiskPpm);
    caps.push({ code: 'GROUP_RISK', name: group.name, losses: lossesIn(isIn), most });
  }
  return caps;
};

/** The first cap that the order's own worst loss (≤ 0) would exceed. */
export const checkCaps = (
  caps: readonly ExposureCap[],
  worst: Minor,
  digits: number,
): Refusal | undefined => {
  const money = (value: bigint): string => formatDecimal(value, digits);
  for (const { code, name, losses, most } of caps) {
    const together = minor(losses - worst);
    if (together <= most) continue;
    const detail = `With the order ${name} could lose ${money(together)}; at most ${money(most)} is allowed.`;
    return refuse(code, detail, { couldLose: money(together), allowed: money(most) });
  }
  return undefined;
};
