import { formatLots } from '../../../src/domain/instrument.ts';
import { retcodeName } from '../../../src/mt5/retcodes.ts';
import type { FakeBroker } from '../terminal/fake-broker.ts';
import type { Reply } from '../terminal/program.ts';
import type { Fields, Rows } from '../terminal/rows.ts';
import type { TradeDesk } from '../terminal/trade-desk.ts';
import type { TradeRequest } from '../terminal/trade-requests.ts';
import { double, type EaValue, int32 } from './ea-json.ts';

/** One request of the EA; numbers as the text that came. */
export type Asked = (name: string) => string;

const ACTION = { DEAL: 1, PENDING: 5, SLTP: 6, MODIFY: 7, REMOVE: 8 } as const;
const FOK = 0;
const PENDING: Readonly<Record<string, number>> = {
  ORDER_TYPE_BUY_LIMIT: 2,
  ORDER_TYPE_SELL_LIMIT: 3,
  ORDER_TYPE_BUY_STOP: 4,
  ORDER_TYPE_SELL_STOP: 5,
};
const OTHERS: readonly string[] = [
  'ORDER_TYPE_BUY',
  'ORDER_TYPE_SELL',
  'POSITION_MODIFY',
  'POSITION_PARTIAL',
  'POSITION_CLOSE_ID',
  'POSITION_CLOSE_SYMBOL',
  'ORDER_MODIFY',
  'ORDER_CANCEL',
];
export const isTradeAction = (actionType: string): boolean =>
  actionType in PENDING || OTHERS.includes(actionType);

const NOTHING: TradeRequest = {
  ...{ action: 0, magic: '0', order: '0', symbol: '', volume: '0', price: '0', stoplimit: '0' },
  ...{ sl: '0', tp: '0', type: 0, filling: FOK, time: 0, expiration: 0, comment: '' },
  ...{ position: '0', positionBy: '0' },
};

/**
 * What the EA's trading module makes of a request: one order by CTrade, whose magic, deviation and
 * expiration nobody has set. Undefined: CTrade gives up before it asks the server.
 */
const requestOf = (broker: FakeBroker, rows: Rows, asked: Asked): TradeRequest | undefined => {
  const actionType = asked('actionType');
  const ticket = int32(wholeOf(asked('id'))).text;
  const levels = { sl: asked('stoploss') || '0', tp: asked('takeprofit') || '0' };
  const symbol = asked('symbol');
  const named = { symbol, volume: asked('volume') || '0', comment: asked('comment'), ...levels };
  if (actionType === 'ORDER_TYPE_BUY' || actionType === 'ORDER_TYPE_SELL') {
    const isBuy = actionType === 'ORDER_TYPE_BUY';
    const price = quoteOf(rows, symbol, isBuy ? 'ask' : 'bid');
    return { ...NOTHING, ...named, action: ACTION.DEAL, type: isBuy ? 0 : 1, price };
  }
  const pending = PENDING[actionType];
  // The digits are those of the chart that the EA is on, whatever is traded.
  const price = Number(asked('price') || '0').toFixed(chartDigits(broker));
  if (pending !== undefined) {
    return { ...NOTHING, ...named, action: ACTION.PENDING, type: pending, price };
  }
  if (actionType === 'ORDER_MODIFY' || actionType === 'ORDER_CANCEL') {
    const order = broker.engine.state.orders.get(ticket);
    if (actionType === 'ORDER_CANCEL') return { ...NOTHING, action: ACTION.REMOVE, order: ticket };
    if (order === undefined) return undefined;
    const changed = { order: ticket, symbol: order.symbol, price };
    return { ...NOTHING, ...levels, ...changed, action: ACTION.MODIFY };
  }
  return positionRequest(broker, rows, { actionType, ticket, symbol, ...levels, asked });
};

const positionRequest = (
  broker: FakeBroker,
  rows: Rows,
  {
    actionType,
    ticket,
    symbol,
    sl,
    tp,
    asked,
  }: {
    readonly actionType: string;
    readonly ticket: string;
    readonly symbol: string;
    readonly sl: string;
    readonly tp: string;
    readonly asked: Asked;
  },
): TradeRequest | undefined => {
  const { positions, account } = broker.engine.state;
  const bySymbol = actionType === 'POSITION_CLOSE_SYMBOL';
  const position = bySymbol
    ? [...positions.values()].find((one) => one.symbol === symbol)
    : positions.get(ticket);
  if (position === undefined) return undefined;
  const held = { symbol: position.symbol, position: position.ticket };
  if (actionType === 'POSITION_MODIFY') return { ...NOTHING, ...held, sl, tp, action: ACTION.SLTP };
  const whole = formatLots(position.volumeE8);
  const isPartial = actionType === 'POSITION_PARTIAL';
  // CTrade knows partial closes of hedging accounts only.
  if (isPartial && account?.marginMode !== 'hedging') return undefined;
  const volume = isPartial && Number(asked('volume')) < Number(whole) ? asked('volume') : whole;
  const isLong = position.side === 'buy';
  const price = quoteOf(rows, position.symbol, isLong ? 'bid' : 'ask');
  return { ...NOTHING, ...held, action: ACTION.DEAL, type: isLong ? 1 : 0, volume, price };
};

/** Sends it, and tells what CTrade remembers of the answer. */
export const trade = async (
  parts: { readonly broker: FakeBroker; readonly rows: Rows; readonly desk: TradeDesk },
  asked: Asked,
): Promise<EaValue> => {
  const known = isTradeAction(asked('actionType'));
  const request = known ? requestOf(parts.broker, parts.rows, asked) : undefined;
  const answer: Reply | undefined =
    request === undefined ? undefined : await parts.desk.send(request);
  const row: Fields = (answer?.ok === true ? answer.rows[0] : answer?.row) ?? {};
  const value = (name: string): string => String(row[name] ?? 0);
  const retcode = Number(value('retcode'));
  return {
    error: answer?.ok !== true,
    retcode: int32(retcode),
    desription: `TRADE_RETCODE_${retcodeName(retcode) ?? 'UNKNOWN'}`,
    order: int32(value('order')),
    volume: double(value('volume')),
    price: double(value('price')),
    bid: double(value('bid')),
    ask: double(value('ask')),
    function: 'TradingModule',
  };
};

const quoteOf = (rows: Rows, symbol: string, side: 'bid' | 'ask'): string =>
  String(rows.tick(symbol)?.[side] ?? 0);

const chartDigits = (broker: FakeBroker): number => broker.market.instruments[0]?.digits ?? 5;

const wholeOf = (text: string): string => (/^\d{1,20}$/.test(text) ? text : '0');
