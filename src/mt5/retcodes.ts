/**
 * Return codes of MetaTrader 5's trade server, and what a caller may conclude from each.
 *
 * The class decides what happens next, never the text. Unknown codes are `reconcile`: absence of
 * knowledge is no refusal. Source: the MQL5 reference, "Return Codes of the Trade Server".
 */
export const RETCODE_CLASSES = {
  success: 'Ends well. 10008 waits for its deal, 10010 for the rest of its volume.',
  retrySame: 'Refused for now: may go out again unchanged, after a pause.',
  retryFresh: 'Refused at this price: may go out again with a fresh one, past the guard.',
  reconcile: 'Says nothing about the outcome: the terminal is asked before anything else is done.',
  closed: 'Refused until the session opens: what reduces risk waits for it, the rest expires.',
  fatal: 'This request is wrong and will stay wrong.',
  capacity: 'Refused until something is freed: this request ends.',
  halt: 'Trading is switched off: for the symbol, or for the account, which is then halted.',
} as const;
export type RetcodeClass = keyof typeof RETCODE_CLASSES;

interface RetcodeRow {
  readonly code: number;
  readonly class: RetcodeClass;
  /** Retries of one intent that this code allows; absent: those of its class. */
  readonly retries?: number;
}

/** Every code of the trade server, in the order of its number. */
export const RETCODES = {
  REQUOTE: { code: 10004, class: 'retryFresh' },
  REJECT: { code: 10006, class: 'reconcile' },
  CANCEL: { code: 10007, class: 'reconcile' },
  PLACED: { code: 10008, class: 'success' },
  DONE: { code: 10009, class: 'success' },
  DONE_PARTIAL: { code: 10010, class: 'success' },
  ERROR: { code: 10011, class: 'reconcile' },
  TIMEOUT: { code: 10012, class: 'reconcile' },
  INVALID: { code: 10013, class: 'fatal' },
  INVALID_VOLUME: { code: 10014, class: 'fatal' },
  INVALID_PRICE: { code: 10015, class: 'retryFresh', retries: 1 },
  INVALID_STOPS: { code: 10016, class: 'retryFresh', retries: 1 },
  TRADE_DISABLED: { code: 10017, class: 'halt' },
  MARKET_CLOSED: { code: 10018, class: 'closed' },
  NO_MONEY: { code: 10019, class: 'capacity' },
  PRICE_CHANGED: { code: 10020, class: 'retryFresh' },
  PRICE_OFF: { code: 10021, class: 'retryFresh' },
  INVALID_EXPIRATION: { code: 10022, class: 'fatal' },
  ORDER_CHANGED: { code: 10023, class: 'reconcile' },
  TOO_MANY_REQUESTS: { code: 10024, class: 'retrySame' },
  NO_CHANGES: { code: 10025, class: 'success' },
  SERVER_DISABLES_AT: { code: 10026, class: 'halt' },
  CLIENT_DISABLES_AT: { code: 10027, class: 'halt' },
  LOCKED: { code: 10028, class: 'reconcile' },
  FROZEN: { code: 10029, class: 'retryFresh' },
  INVALID_FILL: { code: 10030, class: 'retrySame', retries: 1 },
  CONNECTION: { code: 10031, class: 'reconcile' },
  ONLY_REAL: { code: 10032, class: 'fatal' },
  LIMIT_ORDERS: { code: 10033, class: 'capacity' },
  LIMIT_VOLUME: { code: 10034, class: 'capacity' },
  INVALID_ORDER: { code: 10035, class: 'fatal' },
  POSITION_CLOSED: { code: 10036, class: 'reconcile' },
  INVALID_CLOSE_VOLUME: { code: 10038, class: 'reconcile' },
  CLOSE_ORDER_EXIST: { code: 10039, class: 'reconcile' },
  LIMIT_POSITIONS: { code: 10040, class: 'capacity' },
  REJECT_CANCEL: { code: 10041, class: 'reconcile' },
  LONG_ONLY: { code: 10042, class: 'fatal' },
  SHORT_ONLY: { code: 10043, class: 'fatal' },
  CLOSE_ONLY: { code: 10044, class: 'fatal' },
  FIFO_CLOSE: { code: 10045, class: 'fatal' },
  HEDGE_PROHIBITED: { code: 10046, class: 'fatal' },
} as const satisfies Readonly<Record<string, RetcodeRow>>;

export type RetcodeName = keyof typeof RETCODES;
export type Retcode = (typeof RETCODES)[RetcodeName]['code'];
const NAMES = Object.keys(RETCODES) as readonly RetcodeName[];

/** The number of each code, by its name. */
export const RETCODE = Object.fromEntries(NAMES.map((name) => [name, RETCODES[name].code])) as {
  readonly [Name in RetcodeName]: (typeof RETCODES)[Name]['code'];
};
const NAME_BY_CODE: ReadonlyMap<number, RetcodeName> = new Map(
  NAMES.map((name) => [RETCODES[name].code, name]),
);

/** Name of a code, or undefined for one that this table does not know. */
export const retcodeName = (code: number): RetcodeName | undefined => NAME_BY_CODE.get(code);

const rowOf = (code: number): RetcodeRow | undefined => {
  const name = NAME_BY_CODE.get(code);
  return name === undefined ? undefined : RETCODES[name];
};

/** Class of a code; an unknown code is `reconcile`, because its outcome is not known. */
export const retcodeClass = (code: number): RetcodeClass => rowOf(code)?.class ?? 'reconcile';

const RETRIES: Partial<Readonly<Record<RetcodeClass, number>>> = { retrySame: 5, retryFresh: 5 };

/** Retries of one intent that a code allows. */
export const retryLimit = (code: number): number =>
  rowOf(code)?.retries ?? RETRIES[retcodeClass(code)] ?? 0;
