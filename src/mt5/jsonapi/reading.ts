import type { Outcome } from './channel.ts';
import type { JsonApiReply, ListedDeal, ListedItem } from './replies.ts';
import type { JsonApiRequest } from './requests.ts';

/**
 * What the account looked like at one moment. The EA answers with one list at a time, and anything
 * may happen between two of them; so what can change is read before the deals and once more after
 * them, and only a reading that ends as it began is one.
 */
export interface Look {
  /** Money, the server's name, and the two switches that the EA shows. */
  readonly account: AccountReply;
  readonly positions: readonly ListedItem[];
  readonly orders: readonly ListedItem[];
  /** Positions that the EA did not name: it repeated another of their symbol instead. */
  readonly hidden: number;
}
export interface Reading extends Look {
  /** All of the account's history, oldest first. */
  readonly deals: readonly ListedDeal[];
}

export type Ask = (request: JsonApiRequest) => Promise<Outcome>;

type ReplyOf<Type extends JsonApiReply['type']> = Extract<JsonApiReply, { readonly type: Type }>;

export type AccountReply = ReplyOf<'account'>;

/** The only reply to a request, or undefined: none, more than one, or another one. */
export const onlyReply = <Type extends JsonApiReply['type']>(
  outcome: Outcome,
  type: Type,
): ReplyOf<Type> | undefined => {
  if (outcome.type !== 'answered') return undefined;
  const [reply, ...more] = outcome.replies;
  return reply?.type === type && more.length === 0 ? (reply as ReplyOf<Type>) : undefined;
};

/** Account, positions and orders; undefined when one of them did not come. */
export const lookAt = async (ask: Ask): Promise<Look | undefined> => {
  const positions = onlyReply(await ask({ action: 'POSITIONS' }), 'positions');
  if (positions === undefined) return undefined;
  const orders = onlyReply(await ask({ action: 'ORDERS' }), 'orders');
  if (orders === undefined) return undefined;
  const account = onlyReply(await ask({ action: 'ACCOUNT' }), 'account');
  if (account === undefined) return undefined;
  const hidden = positions.hidden + orders.hidden;
  return { account, positions: positions.items, orders: orders.items, hidden };
};

/** Nothing was traded between the two: equity and margin may have moved with the market. */
export const isSameAccount = (one: Look, other: Look): boolean => textOf(one) === textOf(other);
const textOf = ({ account, positions, orders, hidden }: Look): string =>
  JSON.stringify([account.balance, positions, orders, hidden]);

/** The whole account, or undefined when it did not stand still for `tries` readings in a row. */
export const readAccount = async (ask: Ask, tries: number): Promise<Reading | undefined> => {
  let before = await lookAt(ask);
  for (let left = tries; left > 0; left -= 1) {
    const trades = onlyReply(await ask({ action: 'HISTORY', actionType: 'TRADES' }), 'trades');
    const after = await lookAt(ask);
    if (trades !== undefined && before !== undefined && after !== undefined) {
      if (isSameAccount(before, after)) return { ...after, deals: trades.trades };
    }
    before = after;
  }
  return undefined;
};
