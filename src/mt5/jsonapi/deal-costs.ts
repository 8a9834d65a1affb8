import { commissionMinor } from '../../domain/instrument.ts';
import type { Minor } from '../../domain/units.ts';
import { minor } from '../../domain/units.ts';
import type { EngineEnvironment } from '../terminal/engine/environment.ts';
import { isTrade, moneyOf, volumeOf } from './listed.ts';
import type { ListedDeal } from './replies.ts';

/** What one deal moved besides its profit; negative costs. */
export interface Costs {
  readonly commissionMinor: Minor;
  readonly swapMinor: Minor;
}
const NONE: Costs = { commissionMinor: minor(0n), swapMinor: minor(0n) };

/**
 * Commission and swap of new deals, which the EA does not tell. Their sum is exact: it is what the
 * balance moved besides the profits. How it falls to each deal is exact while one deal lies between
 * two readings; of several each has the commission that the configuration states, and the rest is
 * the swap of the last one that closed, or the commission of the last one that opened. In the first
 * reading it is the oldest close: what years cost must not count as today's loss.
 *
 * Undefined: the balance moved and no deal explains it.
 */
export const costsOf = (
  deals: readonly ListedDeal[],
  movedMinor: bigint,
  facts: {
    readonly env: EngineEnvironment;
    readonly currencyDigits: number;
    /** The deals are all that the account ever had. */
    readonly isFirst?: boolean;
  },
): ReadonlyMap<string, Costs> | undefined => {
  const profits = deals.map((deal) => moneyOf(deal.profit, facts.currencyDigits));
  const owed = movedMinor - profits.reduce((sum, profit) => sum + profit, 0n);
  const trades = deals.filter(isTrade);
  if (trades.length === 0) return owed === 0n ? new Map() : undefined;
  const stated = trades.map((deal): [string, Costs] => {
    const instrument = facts.env.instruments.get(deal.symbol);
    if (instrument === undefined) return [deal.ticket, NONE];
    const commission = commissionMinor(instrument, volumeOf(deal.volume));
    return [deal.ticket, { ...NONE, commissionMinor: minor(-commission) }];
  });
  const costs = new Map(stated);
  const sum = stated.reduce((total, [, { commissionMinor: one }]) => total + one, 0n);
  const rest = owed - sum;
  if (rest === 0n) return costs;
  const closing = trades.filter(({ entry }) => entry !== 0).at(facts.isFirst === true ? 0 : -1);
  const last = closing ?? trades.at(-1);
  if (last === undefined) return costs;
  const { commissionMinor: commission, swapMinor: swap } = costs.get(last.ticket) ?? NONE;
  costs.set(
    last.ticket,
    closing === undefined
      ? { commissionMinor: minor(commission + rest), swapMinor: swap }
      : { commissionMinor: commission, swapMinor: minor(swap + rest) },
  );
  return costs;
};
