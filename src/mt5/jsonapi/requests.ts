/**
 * What MQL5-JSON-API understands (github.com/khramkov/MQL5-JSON-API, version 2). It reads every
 * field as text or number, whichever it wants; a field that is absent is 0 or empty.
 */
export const TRADE_ACTIONS = [
  'ORDER_TYPE_BUY',
  'ORDER_TYPE_SELL',
  'ORDER_TYPE_BUY_LIMIT',
  'ORDER_TYPE_SELL_LIMIT',
  'ORDER_TYPE_BUY_STOP',
  'ORDER_TYPE_SELL_STOP',
  'POSITION_MODIFY',
  'POSITION_PARTIAL',
  'POSITION_CLOSE_ID',
  'POSITION_CLOSE_SYMBOL',
  'ORDER_MODIFY',
  'ORDER_CANCEL',
] as const;
export type TradeAction = (typeof TRADE_ACTIONS)[number];

export type JsonApiRequest =
  | { readonly action: 'ACCOUNT' | 'BALANCE' | 'POSITIONS' | 'ORDERS' | 'RESET' }
  | { readonly action: 'CONFIG'; readonly symbol: string; readonly chartTF: string }
  | { readonly action: 'HISTORY'; readonly actionType: 'TRADES' }
  | {
      readonly action: 'HISTORY';
      readonly actionType: 'DATA';
      readonly symbol: string;
      readonly chartTF: string;
      /** Seconds of the server's time. */
      readonly fromDate: number;
      readonly toDate: number;
    }
  | {
      readonly action: 'TRADE';
      readonly actionType: TradeAction;
      readonly symbol: string;
      /** Ticket as text; the EA cuts it to a signed 32-bit number. */
      readonly id?: string;
      readonly volume?: string;
      readonly price?: string;
      readonly stoploss?: string;
      readonly takeprofit?: string;
      readonly comment?: string;
    };

/** The largest ticket that the EA can name again: `int` of MQL5. */
const MAX_TICKET = 2_147_483_647n;

/** False: a position or order of this ticket can be seen and never be changed or closed by id. */
export const isAddressable = (ticket: string): boolean =>
  /^\d{1,20}$/.test(ticket) && BigInt(ticket) <= MAX_TICKET;

const NUMERIC: ReadonlySet<string> = new Set([
  'id',
  'volume',
  'price',
  'stoploss',
  'takeprofit',
  'fromDate',
  'toDate',
]);

/** One request as the EA reads it: numbers without quotes, and digit by digit as they were given. */
export const encodeRequest = (request: JsonApiRequest): string => {
  const fields = Object.entries(request)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const isNumber = NUMERIC.has(key) && Number.isFinite(Number(value));
      return `${JSON.stringify(key)}:${isNumber ? String(value) : JSON.stringify(value)}`;
    });
  return `{${fields.join(',')}}`;
};
