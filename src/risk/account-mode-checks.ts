import type { Points } from '../domain/units.ts';
import { formatDecimal, parseDecimal } from '../domain/units.ts';
import type { OpenRisk, OrderRisk } from './exposure.ts';
import { isSymbol } from './market-context.ts';
import { refuse } from './refuse.ts';
import type { AssessInput, Assessment, Refusal } from './verdict-types.ts';

/** What netting, first in first out, and several accounts of one firm allow and imply. */

const merged = (own: Points | undefined, stops: readonly Points[], side: 'buy' | 'sell') =>
  own === undefined || stops.length === 0
    ? own
    : ((side === 'buy' ? Math.min(own, ...stops) : Math.max(own, ...stops)) as Points);

/**
 * Positions and orders as a netting account would end up with them. There, one symbol is one
 * position, and the order that filled last sets the stop and the take-profit of all of it (MT5,
 * "Netting system"). So until every order of a symbol is filled or gone, each part may end at the
 * worst stop among them, and may run to the furthest target. On a hedging account nothing changes.
 */
export const asHeld = (
  input: Pick<AssessInput, 'account' | 'positions' | 'orders'>,
  added?: OrderRisk,
): { readonly positions: readonly OpenRisk[]; readonly orders: readonly OrderRisk[] } => {
  const { account, positions } = input;
  const orders = added === undefined ? input.orders : [...input.orders, added];
  if (account.marginMode === 'hedging') return { positions, orders };
  const sides = new Map<string, (OpenRisk | OrderRisk)[]>();
  const sideOf = ({ symbol, side }: OpenRisk | OrderRisk) => {
    const key = `${side} ${symbol}`;
    const found = sides.get(key) ?? [];
    sides.set(key, found);
    return found;
  };
  for (const one of [...positions, ...orders]) sideOf(one).push(one);
  const alike = <T extends OpenRisk | OrderRisk>(one: T): T => {
    const same = sideOf(one);
    if (same.length < 2) return one;
    const stops = same.flatMap((other) => [
      ...(other.stopLoss === undefined ? [] : [other.stopLoss]),
      ...('unconfirmedStops' in other ? (other.unconfirmedStops ?? []) : []),
    ]);
    const targets = same.flatMap(({ takeProfit }) =>
      takeProfit === undefined ? [] : [takeProfit],
    );
    const unconfirmedTargets = same.flatMap((other) =>
      'unconfirmedTargets' in other ? (other.unconfirmedTargets ?? []) : [],
    );
    const { takeProfit: _, ...rest } = one;
    const stopLoss = merged(one.stopLoss, stops, one.side);
    const furthest = one.side === 'buy' ? Math.max(...targets) : Math.min(...targets);
    return {
      ...rest,
      ...(stopLoss === undefined ? {} : { stopLoss }),
      ...(targets.length < same.length ? {} : { takeProfit: furthest as Points }),
      ...(unconfirmedTargets.length === 0 ? {} : { unconfirmedTargets }),
    } as T;
  };
  return { positions: positions.map(alike), orders: orders.map(alike) };
};

/** May this order exist beside what is there? */
export const checkAccountMode = (a: Assessment): Refusal | undefined => {
  const { account, ledger, order, positions, orders, context } = a;
  const { account: rule, crossAccount } = ledger.rules.phase;
  if (rule.marginMode !== 'either' && rule.marginMode !== account.marginMode) {
    const detail = `The rules are for ${rule.marginMode} accounts; this one is ${account.marginMode}.`;
    return refuse('ACCOUNT_MODE', detail, { marginMode: account.marginMode });
  }
  const { side } = order.signal;
  const here = [...positions, ...orders].filter(({ symbol }) => symbol === order.symbol);
  if (account.marginMode === 'netting' || rule.fifo) {
    const against = here.find((other) => other.side !== side);
    if (against !== undefined) {
      const id = 'ticket' in against ? against.ticket : against.id;
      const detail = `${id} is a ${against.side} of ${order.symbol}: a ${side} would close it instead of opening. Close it first.`;
      return refuse('OPPOSITE_SIDE', detail, { against: id });
    }
  }
  if (rule.fifo && account.marginMode === 'hedging' && here.length > 0) {
    const detail = `${order.symbol} already has ${here.length}; stops of several could close out of order.`;
    return refuse('FIFO', detail, { held: String(here.length) });
  }
  if (crossAccount.oppositePositions !== 'forbid') return undefined;
  const other = context.elsewhere.positions.find(
    (held) =>
      held.side !== side &&
      (isSymbol(held.symbol, order.symbol) || isSymbol(order.symbol, held.symbol)),
  );
  if (other === undefined) return undefined;
  const detail = `Another account holds a ${other.side} of ${other.symbol}; the firm forbids opposite positions.`;
  return refuse('OPPOSITE_ACCOUNT', detail, { symbol: other.symbol, side: other.side });
};

/** Are all accounts of the firm together inside what it allows? */
export const checkAllocation = (a: Assessment): Refusal | undefined => {
  const { maxAllocation } = a.ledger.rules.phase.crossAccount;
  const digits = a.account.currencyDigits;
  const most = maxAllocation === null ? undefined : parseDecimal(maxAllocation, digits);
  const all = a.ledger.initial + a.context.elsewhere.allocated;
  if (most === undefined || all <= most) return undefined;
  const [allocated, allowed] = [all, most].map((value) => formatDecimal(value, digits));
  const detail = `Accounts of ${allocated} together; the firm allows ${allowed}.`;
  return refuse('ALLOCATION', detail, { allocated: allocated ?? '', allowed: allowed ?? '' });
};
