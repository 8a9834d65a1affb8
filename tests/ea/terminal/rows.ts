import type { Instrument } from '../../../src/domain/instrument.ts';
import { formatLots, formatPrice } from '../../../src/domain/instrument.ts';
import type { BalanceOperationKind } from '../../../src/domain/trading.ts';
import type { Minor, Points } from '../../../src/domain/units.ts';
import { formatDecimal } from '../../../src/domain/units.ts';
import { marginFor, profitAt } from '../../../src/mt5/terminal/engine/desk.ts';
import type {
  BrokerDeal,
  BrokerOrder,
  BrokerPosition,
} from '../../../src/mt5/terminal/engine/records.ts';
import type { FakeBroker } from './fake-broker.ts';

/** What the terminal shows of the broker's records, by the names of MQL5's properties. */
export type Fields = Readonly<Record<string, string | number>>;

export const ORDER_TYPES = {
  market: { buy: 0, sell: 1 },
  limit: { buy: 2, sell: 3 },
  stop: { buy: 4, sell: 5 },
  stopLimit: { buy: 6, sell: 7 },
} as const;
export const ORDER_STATES = {
  placed: 1,
  cancelled: 2,
  partial: 3,
  filled: 4,
  rejected: 5,
  expired: 6,
} as const;
const DEAL_ENTRIES = { in: 0, out: 1, balance: 0 } as const;
const DEAL_REASONS = {
  client: 0,
  expert: 3,
  sl: 4,
  tp: 5,
  stopOut: 6,
  rollover: 7,
  balance: 0,
} as const;
/** ENUM_DEAL_TYPE. */
const OPERATION_TYPES: Readonly<Record<BalanceOperationKind, number>> = {
  balance: 2,
  credit: 3,
  charge: 4,
  correction: 5,
  bonus: 6,
  commission: 7,
  interest: 12,
  dividend: 15,
  tax: 17,
};
export const dealType = ({ entry, side, operation = 'balance' }: BrokerDeal): number => {
  if (entry === 'balance') return OPERATION_TYPES[operation];
  return side === 'buy' ? 0 : 1;
};
const ORDER_TIMES = { gtc: 0, day: 1, specified: 2 } as const;
const TRADE_MODES = { disabled: 0, longOnly: 1, shortOnly: 2, closeOnly: 3, full: 4 } as const;
const FILLING_FLAGS = { fok: 1, ioc: 2, return: 0 } as const;

export const seconds = (ms: number): number => Math.floor(ms / 1000);

export class Rows {
  readonly #broker: FakeBroker;
  constructor(broker: FakeBroker) {
    this.#broker = broker;
  }

  #instrument(symbol: string): Instrument | undefined {
    return this.#broker.env.instruments.get(symbol);
  }
  price(symbol: string, price: Points | null): string {
    const digits = this.#instrument(symbol)?.digits ?? 5;
    return price === null ? '0' : formatPrice(price, digits);
  }
  money(amount: Minor | bigint): string {
    return formatDecimal(amount, this.#broker.engine.state.account?.currencyDigits ?? 2);
  }
  #server(at: number): number {
    return this.#broker.serverMs(at);
  }

  account(): Fields {
    const { engine } = this.#broker;
    const { account, balanceMinor } = engine.state;
    if (account === undefined) throw new Error('the broker has no account');
    const equity = engine.equity();
    const margin = engine.margin();
    return {
      ACCOUNT_LOGIN: account.login,
      ACCOUNT_TRADE_MODE: 0,
      ACCOUNT_LEVERAGE: account.leverage,
      ACCOUNT_LIMIT_ORDERS: this.#broker.env.maxOrders,
      ACCOUNT_MARGIN_SO_MODE: 0,
      ACCOUNT_MARGIN_MODE: account.marginMode === 'hedging' ? 2 : 0,
      ACCOUNT_CURRENCY_DIGITS: account.currencyDigits,
      ACCOUNT_BALANCE: this.money(balanceMinor),
      ACCOUNT_PROFIT: this.money(equity - balanceMinor),
      ACCOUNT_EQUITY: this.money(equity),
      ACCOUNT_MARGIN: this.money(margin),
      ACCOUNT_MARGIN_FREE: this.money(equity - margin),
      ACCOUNT_MARGIN_LEVEL: margin === 0n ? 0 : Number((equity * 10_000n) / margin) / 100,
      ACCOUNT_MARGIN_SO_CALL: 100,
      ACCOUNT_MARGIN_SO_SO: account.stopOutLevelPercent,
      ACCOUNT_NAME: 'A. Trader',
      ACCOUNT_SERVER: account.server,
      ACCOUNT_CURRENCY: account.currency,
      ACCOUNT_COMPANY: account.company,
    };
  }

  /** The server's time of the last quote of any symbol, ms; the market's beginning before it. */
  lastQuoteMs(): number {
    let last = 0;
    for (const { at } of this.#broker.engine.state.quotes.values()) last = Math.max(last, at);
    return this.#server(last === 0 ? this.#broker.market.startsAt - 1 : last);
  }

  tick(symbol: string): Fields | undefined {
    const quote = this.#broker.engine.state.quotes.get(symbol);
    if (quote === undefined) return undefined;
    const { bid, ask, at } = quote;
    return { time_msc: this.#server(at), ...this.#quote(symbol, bid, ask), flags: 6 };
  }
  #quote(symbol: string, bid: Points, ask: Points): Fields {
    return { bid: this.price(symbol, bid), ask: this.price(symbol, ask), last: 0 };
  }
  historicTick(tick: { symbol: string; at: number; bid: Points; ask: Points }): Fields {
    return {
      time_msc: this.#server(tick.at),
      ...this.#quote(tick.symbol, tick.bid, tick.ask),
      flags: 6,
    };
  }

  symbol(symbol: string): Fields | undefined {
    const it = this.#instrument(symbol);
    if (it === undefined) return undefined;
    const quote = this.#broker.engine.state.quotes.get(symbol);
    const point = formatDecimal(1n, it.digits);
    return {
      SYMBOL_SELECT: 1,
      SYMBOL_VISIBLE: 1,
      SYMBOL_EXIST: 1,
      SYMBOL_TIME: quote === undefined ? 0 : seconds(this.#server(quote.at)),
      SYMBOL_TIME_MSC: quote === undefined ? 0 : this.#server(quote.at),
      SYMBOL_DIGITS: it.digits,
      SYMBOL_SPREAD: quote === undefined ? 0 : quote.ask - quote.bid,
      SYMBOL_SPREAD_FLOAT: 1,
      SYMBOL_TRADE_MODE: TRADE_MODES[it.tradeMode],
      SYMBOL_TRADE_STOPS_LEVEL: it.stopsLevelPoints,
      SYMBOL_TRADE_FREEZE_LEVEL: it.freezeLevelPoints,
      SYMBOL_TRADE_EXEMODE: 2,
      SYMBOL_SWAP_MODE: 1,
      SYMBOL_SWAP_ROLLOVER3DAYS: it.swapTripleWeekday,
      SYMBOL_FILLING_MODE: it.fillingModes.reduce((sum, mode) => sum | FILLING_FLAGS[mode], 0),
      SYMBOL_EXPIRATION_MODE: 7,
      SYMBOL_ORDER_MODE: 127,
      SYMBOL_TRADE_CALC_MODE: 0,
      SYMBOL_BID: quote === undefined ? 0 : this.price(symbol, quote.bid),
      SYMBOL_ASK: quote === undefined ? 0 : this.price(symbol, quote.ask),
      SYMBOL_LAST: 0,
      SYMBOL_POINT: point,
      SYMBOL_TRADE_TICK_SIZE: formatDecimal(BigInt(it.tickSizePoints), it.digits),
      SYMBOL_TRADE_TICK_VALUE: this.#tickValue(it),
      SYMBOL_TRADE_TICK_VALUE_PROFIT: this.#tickValue(it),
      SYMBOL_TRADE_TICK_VALUE_LOSS: this.#tickValue(it),
      SYMBOL_TRADE_CONTRACT_SIZE: it.contractSize,
      SYMBOL_VOLUME_MIN: formatLots(it.volumeMinE8),
      SYMBOL_VOLUME_MAX: formatLots(it.volumeMaxE8),
      SYMBOL_VOLUME_STEP: formatLots(it.volumeStepE8),
      SYMBOL_VOLUME_LIMIT: 0,
      SYMBOL_SWAP_LONG: it.swapLongPoints,
      SYMBOL_SWAP_SHORT: it.swapShortPoints,
      SYMBOL_CURRENCY_BASE: it.baseCurrency,
      SYMBOL_CURRENCY_PROFIT: it.quoteCurrency,
      SYMBOL_CURRENCY_MARGIN: it.baseCurrency,
      SYMBOL_DESCRIPTION: symbol,
      SYMBOL_PATH: `Bulwark\\${symbol}`,
    };
  }

  /** Value of one tick of one lot in account currency. */
  #tickValue(it: Instrument): number {
    const desk = { state: this.#broker.engine.state, env: this.#broker.env, emit: () => undefined };
    const value = marginFor(desk, it.symbol, it.tickSizePoints, 100_000_000 as never);
    const leverage = this.#broker.engine.state.account?.leverage ?? 1;
    return value === undefined ? 0 : (Number(value) * leverage) / 100;
  }

  position(position: BrokerPosition): Fields {
    const { symbol } = position;
    const quote = this.#broker.engine.state.quotes.get(symbol);
    const current = position.side === 'buy' ? quote?.bid : quote?.ask;
    const desk = { state: this.#broker.engine.state, env: this.#broker.env, emit: () => undefined };
    const profit =
      current === undefined ? 0n : profitAt(desk, position, current, position.volumeE8);
    const openedMs = this.#server(position.openedAt);
    return {
      POSITION_TICKET: position.ticket,
      POSITION_TIME: seconds(openedMs),
      POSITION_TIME_MSC: openedMs,
      POSITION_TIME_UPDATE: seconds(openedMs),
      POSITION_TIME_UPDATE_MSC: openedMs,
      POSITION_TYPE: position.side === 'buy' ? 0 : 1,
      POSITION_MAGIC: position.magic,
      POSITION_IDENTIFIER: position.ticket,
      POSITION_REASON: 3,
      POSITION_VOLUME: formatLots(position.volumeE8),
      POSITION_PRICE_OPEN: this.price(symbol, position.open),
      POSITION_SL: this.price(symbol, position.stopLoss),
      POSITION_TP: this.price(symbol, position.takeProfit),
      POSITION_PRICE_CURRENT: this.price(symbol, current ?? position.open),
      POSITION_SWAP: this.money(position.swapMinor),
      POSITION_PROFIT: this.money(profit),
      POSITION_SYMBOL: symbol,
      POSITION_COMMENT: position.comment,
      POSITION_EXTERNAL_ID: '',
    };
  }

  order(order: BrokerOrder): Fields {
    const { symbol } = order;
    const setupMs = this.#server(order.placedAt);
    const doneMs = order.doneAt === null ? 0 : this.#server(order.doneAt);
    return {
      ORDER_TICKET: order.ticket,
      ORDER_TIME_SETUP: seconds(setupMs),
      ORDER_TIME_SETUP_MSC: setupMs,
      ORDER_TIME_DONE: seconds(doneMs),
      ORDER_TIME_DONE_MSC: doneMs,
      ORDER_TIME_EXPIRATION: order.expiresAt === null ? 0 : seconds(this.#server(order.expiresAt)),
      ORDER_TYPE: ORDER_TYPES[order.kind][order.side],
      ORDER_STATE: ORDER_STATES[order.state],
      ORDER_TYPE_FILLING: order.kind === 'market' ? 0 : 2,
      ORDER_TYPE_TIME: ORDER_TIMES[order.tif],
      ORDER_MAGIC: order.magic,
      ORDER_REASON: 3,
      ORDER_POSITION_ID: order.positionTicket ?? 0,
      ORDER_POSITION_BY_ID: 0,
      ORDER_VOLUME_INITIAL: formatLots(order.volumeE8),
      ORDER_VOLUME_CURRENT: formatLots((order.volumeE8 - order.filledE8) as never),
      ORDER_PRICE_OPEN: this.price(symbol, order.price),
      ORDER_SL: this.price(symbol, order.stopLoss),
      ORDER_TP: this.price(symbol, order.takeProfit),
      ORDER_PRICE_CURRENT: this.price(symbol, order.price),
      ORDER_PRICE_STOPLIMIT: this.price(symbol, order.stopLimitPrice),
      ORDER_SYMBOL: symbol,
      ORDER_COMMENT: order.comment,
      ORDER_EXTERNAL_ID: '',
    };
  }

  deal(deal: BrokerDeal): Fields {
    const atMs = this.#server(deal.at);
    return {
      DEAL_TICKET: deal.ticket,
      DEAL_ORDER: deal.orderTicket,
      DEAL_TIME: seconds(atMs),
      DEAL_TIME_MSC: atMs,
      DEAL_TYPE: dealType(deal),
      DEAL_ENTRY: DEAL_ENTRIES[deal.entry],
      DEAL_MAGIC: deal.magic,
      DEAL_REASON: DEAL_REASONS[deal.reason],
      DEAL_POSITION_ID: deal.positionTicket,
      DEAL_VOLUME: formatLots(deal.volumeE8),
      DEAL_PRICE: this.price(deal.symbol, deal.price),
      DEAL_COMMISSION: this.money(deal.commissionMinor),
      DEAL_SWAP: this.money(deal.swapMinor),
      DEAL_PROFIT: this.money(deal.profitMinor),
      DEAL_FEE: 0,
      DEAL_SL: 0,
      DEAL_TP: 0,
      DEAL_SYMBOL: deal.symbol,
      DEAL_COMMENT: deal.comment,
      DEAL_EXTERNAL_ID: '',
    };
  }
}
