import { formatPrice } from '../../../src/domain/instrument.ts';
import { TIMEFRAMES, type Timeframe } from '../../../src/domain/market.ts';
import { epochMs, type Points } from '../../../src/domain/units.ts';
import { parseExact } from '../../../src/mt5/jsonapi/exact-json.ts';
import type { FakeBroker } from '../terminal/fake-broker.ts';
import type { FaultScript } from '../terminal/faults.ts';
import { type Fields, ORDER_TYPES, type Rows, seconds } from '../terminal/rows.ts';
import type { TradeDesk } from '../terminal/trade-desk.ts';
import { double, type EaValue, int, serialize } from './ea-json.ts';
import { type Asked, isTradeAction, trade } from './json-api-trades.ts';

const WRONG_ACTION = 65_538;
const UNPARSED = 65_537;
const UNKNOWN_SYMBOL = 4_301;
const ORDER_TYPE_NAMES = [
  'ORDER_TYPE_BUY',
  'ORDER_TYPE_SELL',
  'ORDER_TYPE_BUY_LIMIT',
  'ORDER_TYPE_SELL_LIMIT',
  'ORDER_TYPE_BUY_STOP',
  'ORDER_TYPE_SELL_STOP',
  'ORDER_TYPE_BUY_STOP_LIMIT',
  'ORDER_TYPE_SELL_STOP_LIMIT',
] as const;
const DEAL_WORDS = ['buy', 'sell', 'balance', 'credit', 'charge', 'correction'] as const;

interface Subscription {
  readonly symbol: string;
  readonly timeframe: string;
  /** What was streamed last; undefined: the first one is skipped. */
  last: string | undefined;
}

/**
 * What the public source of MQL5-JSON-API (version 2) answers, in the order in which it says it. It
 * has one thread: a request is worked on to its end before the next is read.
 */
export class JsonApiExpert {
  readonly #broker: FakeBroker;
  readonly #rows: Rows;
  readonly #desk: TradeDesk;
  readonly #faults: FaultScript;
  #subscriptions: Subscription[] = [];
  #wasConnected = true;
  /** MetaTrader removes an EA that indexes an array with -1. */
  isRemoved = false;

  constructor(parts: {
    readonly broker: FakeBroker;
    readonly rows: Rows;
    readonly desk: TradeDesk;
    readonly faults: FaultScript;
  }) {
    this.#broker = parts.broker;
    this.#rows = parts.rows;
    this.#desk = parts.desk;
    this.#faults = parts.faults;
  }

  /** Messages on the data port, in order. */
  async answer(message: string): Promise<readonly string[]> {
    const request = parsed(message);
    const asked: Asked = (name) => textOf(request?.[name]);
    const replies: EaValue[] = request === undefined ? [failed(UNPARSED)] : [];
    replies.push(...(await this.#work(asked)));
    return replies.map(serialize);
  }

  async #work(asked: Asked): Promise<readonly EaValue[]> {
    switch (asked('action')) {
      case 'CONFIG':
        return [this.#subscribe(asked('symbol'), asked('chartTF'))];
      case 'RESET':
        this.#subscriptions = [];
        return [done];
      case 'ACCOUNT':
        return [this.#account()];
      case 'BALANCE':
        return [this.#money()];
      case 'POSITIONS':
        return [this.#positions()];
      case 'ORDERS':
        return [this.#orders()];
      case 'HISTORY':
        return this.#history(asked);
      case 'TRADE':
        return this.#trade(asked);
      default:
        return [failed(WRONG_ACTION)];
    }
  }

  /** Messages on the live port since the last look: the newest quote of each, if it is another. */
  stream(): readonly string[] {
    if (this.#faults.disconnected) {
      const told = this.#wasConnected;
      this.#wasConnected = false;
      return told ? [serialize({ status: 'DISCONNECTED' })] : [];
    }
    this.#wasConnected = true;
    return this.#subscriptions.flatMap((subscription) => {
      const data = this.#latest(subscription);
      const key = data === undefined ? undefined : serialize(data[0]);
      if (data === undefined || key === undefined || key === subscription.last) return [];
      const isFirst = subscription.last === undefined;
      subscription.last = key;
      const { symbol, timeframe } = subscription;
      return isFirst ? [] : [serialize({ status: 'CONNECTED', symbol, timeframe, data })];
    });
  }

  #latest({ symbol, timeframe }: Subscription): readonly EaValue[] | undefined {
    if (timeframe !== 'TICK') return this.#bars(symbol, timeframe, this.#broker.now).at(-2);
    const tick = this.#rows.tick(symbol);
    return tick === undefined ? undefined : tickRow(tick);
  }

  #subscribe(symbol: string, timeframe: string): EaValue {
    this.#subscriptions.push({ symbol, timeframe, last: undefined });
    return this.#rows.symbol(symbol) === undefined ? failed(UNKNOWN_SYMBOL) : done;
  }

  #money(): { readonly [name: string]: EaValue } {
    const account = this.#rows.account();
    const value = (name: string): EaValue => double(account[name] ?? 0);
    return {
      balance: value('ACCOUNT_BALANCE'),
      equity: value('ACCOUNT_EQUITY'),
      margin: value('ACCOUNT_MARGIN'),
      margin_free: value('ACCOUNT_MARGIN_FREE'),
    };
  }

  #account(): EaValue {
    const account = this.#rows.account();
    const { terminal, expert } = this.#faults.switches;
    return {
      error: false,
      broker: String(account['ACCOUNT_COMPANY']),
      currency: String(account['ACCOUNT_CURRENCY']),
      server: String(account['ACCOUNT_SERVER']),
      trading_allowed: int(Number(terminal)),
      bot_trading: int(Number(expert)),
      ...this.#money(),
      margin_level: double(account['ACCOUNT_MARGIN_LEVEL'] ?? 0),
    };
  }

  /** Each position is selected by its symbol: on a hedging account that is the lowest ticket of it. */
  #positions(): EaValue {
    const all = [...this.#broker.engine.state.positions.values()];
    if (all.length === 0) return { positions: [undefined] };
    const listed = all.map(({ symbol }) => all.find((one) => one.symbol === symbol));
    return {
      error: false,
      positions: listed.map((position): EaValue => {
        if (position === undefined) return undefined;
        const row = this.#rows.position(position);
        const type = `POSITION_TYPE_${position.side === 'buy' ? 'BUY' : 'SELL'}`;
        return { id: int(position.ticket), ...this.#levels(row, 'POSITION', type) };
      }),
    };
  }

  #orders(): EaValue {
    const orders = [...this.#broker.engine.state.orders.values()];
    const listed = orders.map((order): EaValue => {
      const type = ORDER_TYPE_NAMES[ORDER_TYPES[order.kind][order.side]];
      return { id: order.ticket, ...this.#levels(this.#rows.order(order), 'ORDER', type) };
    });
    return { error: false, orders: listed.length === 0 ? [undefined] : listed };
  }

  #levels(row: Fields, prefix: 'POSITION' | 'ORDER', type: string) {
    const value = (name: string): string => String(row[`${prefix}_${name}`] ?? 0);
    return {
      magic: int(value('MAGIC')),
      symbol: value('SYMBOL'),
      type,
      time_setup: int(value(prefix === 'ORDER' ? 'TIME_SETUP' : 'TIME')),
      open: double(value('PRICE_OPEN')),
      stoploss: double(value('SL')),
      takeprofit: double(value('TP')),
      volume: double(value(prefix === 'ORDER' ? 'VOLUME_INITIAL' : 'VOLUME')),
    };
  }

  #history(asked: Asked): readonly EaValue[] {
    if (asked('actionType') === 'TRADES') return [this.#deals()];
    if (asked('actionType') !== 'DATA') return [failed(WRONG_ACTION)];
    const [symbol, timeframe] = [asked('symbol'), asked('chartTF')];
    const known = this.#rows.symbol(symbol) !== undefined;
    const [from, to] = [Number(asked('fromDate')), Number(asked('toDate'))];
    if (timeframe === 'TICK') {
      // CopyTicksRange says -1, which is neither none nor some: the list is never set.
      const data = known ? this.#ticks(symbol, from, to) : undefined;
      return [{ data, symbol, timeframe }];
    }
    this.isRemoved ||= !known;
    if (this.isRemoved) return [];
    const until = to === 0 ? this.#broker.now : this.#broker.zone.toUtc(to * 1000);
    const bars = this.#bars(symbol, timeframe, until);
    const wanted = bars.filter(([at]) => at !== undefined && Number(serialize(at)) >= from);
    return [{ data: wanted.length === 0 ? [undefined] : wanted, symbol, timeframe }];
  }

  #ticks(symbol: string, from: number, to: number): readonly EaValue[] {
    const last = to === 0 ? Number.POSITIVE_INFINITY : to;
    const played = (this.#broker.history.get(symbol) ?? []).filter((tick) => {
      const at = this.#broker.serverMs(tick.at) / 1000;
      return at >= from && at <= last;
    });
    const rows = played.map((tick) => tickRow(this.#rows.historicTick(tick)));
    return rows.length === 0 ? [undefined] : rows;
  }

  /** Bars to an instant, the running one among them. */
  #bars(symbol: string, timeframe: string, to: number): readonly (readonly EaValue[])[] {
    const { market, env } = this.#broker;
    if (!(timeframe in TIMEFRAMES)) return [];
    const digits = env.instruments.get(symbol)?.digits ?? 5;
    const price = (points: Points): EaValue => double(formatPrice(points, digits));
    const query = { symbol, timeframe: timeframe as Timeframe, count: 1_000, to: epochMs(to) };
    return market
      .history(query)
      .map((bar) => [
        int(seconds(this.#broker.serverMs(bar.at))),
        ...[bar.open, bar.high, bar.low, bar.close].map(price),
        double(bar.tickVolume),
        int(bar.spreadPoints),
      ]);
  }

  #deals(): EaValue {
    const trades = this.#broker.engine.state.deals.map((deal): EaValue => {
      const row = this.#rows.deal(deal);
      return {
        ticket: int(deal.ticket),
        time: int(row['DEAL_TIME'] ?? 0),
        price: double(row['DEAL_PRICE'] ?? 0),
        volume: double(row['DEAL_VOLUME'] ?? 0),
        symbol: deal.symbol,
        type: DEAL_WORDS[Number(row['DEAL_TYPE'])] ?? 'unknown',
        entry: int(row['DEAL_ENTRY'] ?? 0),
        profit: double(row['DEAL_PROFIT'] ?? 0),
      };
    });
    return trades.length === 0 ? undefined : { trades };
  }

  /** An error of the symbol or the action is said, and the work goes on to a reply of its own. */
  async #trade(asked: Asked): Promise<readonly EaValue[]> {
    const replies: EaValue[] = [];
    if (this.#rows.symbol(asked('symbol')) === undefined) replies.push(failed(UNKNOWN_SYMBOL));
    if (!isTradeAction(asked('actionType'))) replies.push(failed(WRONG_ACTION));
    const [broker, rows, desk] = [this.#broker, this.#rows, this.#desk];
    replies.push(await trade({ broker, rows, desk }, asked));
    return replies;
  }
}

const told = (code: number): EaValue => ({
  error: code !== 0,
  lastError: String(code),
  description: code === 0 ? 'ERR_SUCCESS' : `ERR_${code}`,
  function: 'CheckError',
});
const done = told(0);
const failed = told;

const tickRow = (tick: Fields): readonly EaValue[] => [
  int(tick['time_msc'] ?? 0),
  double(tick['bid'] ?? 0),
  double(tick['ask'] ?? 0),
];

const parsed = (message: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value = parseExact(message);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
};
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
