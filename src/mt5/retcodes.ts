/**
 * Return codes of MetaTrader 5's trade server, and what a caller may conclude from each.
 *
 * The class decides about a retry, never the text: `success` ends well (10008 still waits for its
 * deal), `retrySame` may go out again unchanged after a pause, `retryFresh` after a price refresh,
 * `reconcile` says nothing about the outcome until the terminal was asked, `closed` waits for the
 * session, `fatal` ends this request, `capacity` ends it until something is freed, `halt` stops
 * trading and tells the operator. Unknown codes are `reconcile`: absence of knowledge is no refusal.
 */
export const RETCODE = {
  REQUOTE: 10004,
  REJECT: 10006,
  CANCEL: 10007,
  PLACED: 10008,
  DONE: 10009,
  DONE_PARTIAL: 10010,
  ERROR: 10011,
  TIMEOUT: 10012,
  INVALID: 10013,
  INVALID_VOLUME: 10014,
  INVALID_PRICE: 10015,
  INVALID_STOPS: 10016,
  TRADE_DISABLED: 10017,
  MARKET_CLOSED: 10018,
  NO_MONEY: 10019,
  PRICE_CHANGED: 10020,
  PRICE_OFF: 10021,
  INVALID_EXPIRATION: 10022,
  ORDER_CHANGED: 10023,
  TOO_MANY_REQUESTS: 10024,
  NO_CHANGES: 10025,
  SERVER_DISABLES_AT: 10026,
  CLIENT_DISABLES_AT: 10027,
  LOCKED: 10028,
  FROZEN: 10029,
  INVALID_FILL: 10030,
  CONNECTION: 10031,
  ONLY_REAL: 10032,
  LIMIT_ORDERS: 10033,
  LIMIT_VOLUME: 10034,
  INVALID_ORDER: 10035,
  POSITION_CLOSED: 10036,
  INVALID_CLOSE_VOLUME: 10038,
  CLOSE_ORDER_EXIST: 10039,
  LIMIT_POSITIONS: 10040,
  REJECT_CANCEL: 10041,
  LONG_ONLY: 10042,
  SHORT_ONLY: 10043,
  CLOSE_ONLY: 10044,
  FIFO_CLOSE: 10045,
  HEDGE_PROHIBITED: 10046,
} as const;
export type RetcodeName = keyof typeof RETCODE;
export type Retcode = (typeof RETCODE)[RetcodeName];

export type RetcodeClass =
  | 'success'
  | 'retrySame'
  | 'retryFresh'
  | 'reconcile'
  | 'closed'
  | 'fatal'
  | 'capacity'
  | 'halt';

const CLASS: { readonly [Name in RetcodeName]: RetcodeClass } = {
  REQUOTE: 'retryFresh',
  REJECT: 'reconcile',
  CANCEL: 'reconcile',
  PLACED: 'success',
  DONE: 'success',
  DONE_PARTIAL: 'success',
  ERROR: 'reconcile',
  TIMEOUT: 'reconcile',
  INVALID: 'fatal',
  INVALID_VOLUME: 'fatal',
  INVALID_PRICE: 'retryFresh',
  INVALID_STOPS: 'retryFresh',
  TRADE_DISABLED: 'halt',
  MARKET_CLOSED: 'closed',
  NO_MONEY: 'capacity',
  PRICE_CHANGED: 'retryFresh',
  PRICE_OFF: 'retryFresh',
  INVALID_EXPIRATION: 'fatal',
  ORDER_CHANGED: 'reconcile',
  TOO_MANY_REQUESTS: 'retrySame',
  NO_CHANGES: 'success',
  SERVER_DISABLES_AT: 'halt',
  CLIENT_DISABLES_AT: 'halt',
  LOCKED: 'reconcile',
  FROZEN: 'retryFresh',
  INVALID_FILL: 'retrySame',
  CONNECTION: 'reconcile',
  ONLY_REAL: 'fatal',
  LIMIT_ORDERS: 'capacity',
  LIMIT_VOLUME: 'capacity',
  INVALID_ORDER: 'fatal',
  POSITION_CLOSED: 'reconcile',
  INVALID_CLOSE_VOLUME: 'reconcile',
  CLOSE_ORDER_EXIST: 'reconcile',
  LIMIT_POSITIONS: 'capacity',
  REJECT_CANCEL: 'reconcile',
  LONG_ONLY: 'fatal',
  SHORT_ONLY: 'fatal',
  CLOSE_ONLY: 'fatal',
  FIFO_CLOSE: 'fatal',
  HEDGE_PROHIBITED: 'fatal',
};

const NAME_BY_CODE: ReadonlyMap<number, RetcodeName> = new Map(
  (Object.keys(RETCODE) as RetcodeName[]).map((name) => [RETCODE[name], name]),
);

/** Name of a code, or undefined for one that this table does not know. */
export const retcodeName = (code: number): RetcodeName | undefined => NAME_BY_CODE.get(code);

/** Class of a code; an unknown code is `reconcile`, because its outcome is not known. */
export const retcodeClass = (code: number): RetcodeClass => {
  const name = NAME_BY_CODE.get(code);
  return name === undefined ? 'reconcile' : CLASS[name];
};

/** Retries of one attempt's request that the class allows: INVALID_* and INVALID_FILL only once. */
export const retryLimit = (code: number): number => {
  switch (code) {
    case RETCODE.INVALID_PRICE:
    case RETCODE.INVALID_STOPS:
    case RETCODE.INVALID_FILL:
      return 1;
    default: {
      const kind = retcodeClass(code);
      return kind === 'retrySame' || kind === 'retryFresh' ? 5 : 0;
    }
  }
};
