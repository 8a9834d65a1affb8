import { decimalOf, parseExact } from './exact-json.ts';

/**
 * What the EA sends on its data port. Nothing in a reply says which request it answers, nor, mostly,
 * what it is: it is told by its fields. Numbers are decimal texts, instants seconds of the server.
 */
export type JsonApiReply =
  | {
      readonly type: 'account';
      readonly broker: string;
      readonly currency: string;
      readonly server: string;
      readonly isTradingAllowed: boolean;
      readonly isBotTrading: boolean;
      readonly balance: string;
      readonly equity: string;
      readonly margin: string;
    }
  | {
      readonly type: 'balance';
      readonly balance: string;
      readonly equity: string;
      readonly margin: string;
    }
  | Listing<'positions'>
  | Listing<'orders'>
  | { readonly type: 'trades'; readonly trades: readonly ListedDeal[] }
  | {
      readonly type: 'data';
      readonly symbol: string;
      readonly timeframe: string;
      readonly rows: readonly (readonly string[])[];
    }
  | {
      readonly type: 'trade';
      readonly hasError: boolean;
      readonly retcode: number;
      readonly order: string;
      readonly volume: string;
      readonly price: string;
    }
  | {
      readonly type: 'done';
      readonly hasError: boolean;
      readonly code: number;
      readonly text: string;
    }
  | { readonly type: 'unreadable'; readonly text: string };

interface Listing<Name extends 'positions' | 'orders'> {
  readonly type: Name;
  readonly items: readonly ListedItem[];
  /**
   * False: the EA named one item several times instead of others, as it does on hedging accounts
   * with two positions in a symbol. Then so many others exist, and absence proves nothing.
   */
  readonly isWhole: boolean;
  readonly hidden: number;
}
/** A position, or a working order. */
export interface ListedItem {
  readonly ticket: string;
  readonly magic: string;
  readonly symbol: string;
  /** As MQL5 spells it: POSITION_TYPE_BUY, ORDER_TYPE_SELL_LIMIT. */
  readonly kind: string;
  readonly atSec: number;
  readonly price: string;
  /** Null: none. */
  readonly stopLoss: string | null;
  readonly takeProfit: string | null;
  readonly volume: string;
}
/** A deal, without order, position, magic, commission, swap and comment: the EA tells none of them. */
export interface ListedDeal {
  readonly ticket: string;
  readonly atSec: number;
  readonly price: string;
  readonly volume: string;
  readonly symbol: string;
  /** In words and in the language of the terminal: "buy". */
  readonly kind: string;
  /** ENUM_DEAL_ENTRY: 0 in, 1 out, 2 in and out, 3 out by. */
  readonly entry: number;
  readonly profit: string;
}

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const isTrue = (value: unknown): boolean => value === true || value === '1' || value === 'true';

/** Thrown inside, and turned into `unreadable`: a listing with a hole must not look like a listing. */
class Unreadable extends Error {}
const number = (value: unknown): string => {
  const decimal = decimalOf(value);
  if (decimal === undefined) throw new Unreadable();
  return decimal;
};
const whole = (value: unknown): number => {
  const result = Number(number(value));
  if (!Number.isSafeInteger(result)) throw new Unreadable();
  return result;
};
const ticketOf = (value: unknown): string => {
  const text = textOf(value);
  if (!/^\d{1,20}$/.test(text)) throw new Unreadable();
  return text;
};

/** One message of the data port. Never throws. */
export const readReply = (text: string): JsonApiReply => {
  const unreadable: JsonApiReply = { type: 'unreadable', text: text.slice(0, 200) };
  try {
    const value = parseExact(text);
    return isObject(value) ? (replyOf(value) ?? unreadable) : unreadable;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Unreadable) return unreadable;
    throw error;
  }
};

const replyOf = (value: Fields): JsonApiReply | undefined => {
  if (Array.isArray(value['positions'])) return listing('positions', value['positions']);
  if (Array.isArray(value['orders'])) return listing('orders', value['orders']);
  if (Array.isArray(value['trades'])) {
    return { type: 'trades', trades: filled(value['trades']).map(dealOf) };
  }
  if ('symbol' in value && 'timeframe' in value) return dataOf(value);
  if ('retcode' in value) return tradeOf(value);
  if ('broker' in value) return accountOf(value);
  if ('lastError' in value) {
    const { lastError, error, description } = value;
    const text = textOf(description);
    return { type: 'done', hasError: isTrue(error), code: whole(lastError), text };
  }
  return 'balance' in value ? { type: 'balance', ...moneyOf(value) } : undefined;
};

const moneyOf = ({ balance, equity, margin }: Fields) => ({
  balance: number(balance),
  equity: number(equity),
  margin: number(margin),
});

const accountOf = (value: Fields): JsonApiReply => ({
  type: 'account',
  broker: textOf(value['broker']),
  currency: textOf(value['currency']),
  server: textOf(value['server']),
  isTradingAllowed: isTrue(value['trading_allowed']),
  isBotTrading: isTrue(value['bot_trading']),
  ...moneyOf(value),
});

const tradeOf = (value: Fields): JsonApiReply => ({
  type: 'trade',
  hasError: isTrue(value['error']),
  retcode: whole(value['retcode']),
  order: textOf(value['order']),
  volume: number(value['volume']),
  price: number(value['price']),
});

const dataOf = (value: Fields): JsonApiReply => {
  const { data } = value;
  const rows = Array.isArray(data)
    ? data.filter((row) => Array.isArray(row) && row.length > 0)
    : [];
  return {
    type: 'data',
    symbol: textOf(value['symbol']),
    timeframe: textOf(value['timeframe']),
    rows: rows.map((row: unknown[]) => row.map(number)),
  };
};

/** An empty list comes as a list of one empty thing. */
const filled = (list: readonly unknown[]): readonly Fields[] =>
  list.flatMap((item) => {
    if (item === null || item === '') return [];
    if (!isObject(item)) throw new Unreadable();
    return Object.keys(item).length === 0 ? [] : [item];
  });

const listing = (
  type: 'positions' | 'orders',
  list: readonly unknown[],
): Extract<JsonApiReply, { readonly type: 'positions' | 'orders' }> => {
  const told = filled(list).map(itemOf);
  const items = [...new Map(told.map((item) => [item.ticket, item])).values()];
  const hidden = told.length - items.length;
  return { type, items, isWhole: hidden === 0, hidden };
};

const levelOf = (value: unknown): string | null => {
  const level = number(value);
  return Number(level) === 0 ? null : level;
};

const itemOf = (item: Fields): ListedItem => ({
  ticket: ticketOf(item['id']),
  magic: number(item['magic']),
  symbol: textOf(item['symbol']),
  kind: textOf(item['type']),
  atSec: whole(item['time_setup']),
  price: number(item['open']),
  stopLoss: levelOf(item['stoploss']),
  takeProfit: levelOf(item['takeprofit']),
  volume: number(item['volume']),
});

const dealOf = (deal: Fields): ListedDeal => ({
  ticket: ticketOf(deal['ticket']),
  atSec: whole(deal['time']),
  price: number(deal['price']),
  volume: number(deal['volume']),
  symbol: textOf(deal['symbol']),
  kind: textOf(deal['type']),
  entry: whole(deal['entry']),
  profit: number(deal['profit']),
});
