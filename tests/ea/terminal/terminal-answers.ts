import type { Timeframe } from '../../../src/domain/market.ts';
import type { Calendar } from './calendar.ts';
import type { FakeBroker } from './fake-broker.ts';
import type { FaultScript } from './faults.ts';
import type { GlobalVariables } from './global-variables.ts';
import { barRows, tickRows } from './price-history.ts';
import { failure, type Reply, rows } from './program.ts';
import { type Fields, type Rows, seconds } from './rows.ts';
import type { TradeDesk } from './trade-desk.ts';
import { tradeRequestOf } from './trade-requests.ts';

const ERR_UNKNOWN_SYMBOL = 4301;
const ERR_HISTORY = 4401;
const ERR_NOTIFICATION = 4515;
const ERR_NOTIFICATION_TOO_FREQUENT = 4518;
/** SendNotification goes so often in so many milliseconds, by its documentation. */
const NOTIFICATIONS_AT_MOST = [
  [2, 1_000],
  [10, 60_000],
] as const;

/** What the answers are made of. */
export interface AnswerPorts {
  readonly broker: FakeBroker;
  readonly rows: Rows;
  readonly faults: FaultScript;
  readonly desk: TradeDesk;
  readonly variables: GlobalVariables;
  readonly calendar: Calendar;
  readonly directory: string;
  /** Instant at which the PC was started, for GetTickCount64. */
  readonly bootAt: () => number;
  /** TimeGMT, in milliseconds. */
  readonly pcClock: () => number;
  readonly setTimer: (ms: number) => void;
  /** Channels: print, comment, notification. */
  readonly say: (channel: string, text: string) => void;
}

/** The terminal's answers to whatever a program asks through the shim. */
export class TerminalAnswers {
  readonly #ports: AnswerPorts;
  readonly #notified: number[] = [];
  constructor(ports: AnswerPorts) {
    this.#ports = ports;
  }

  answer(verb: string, words: readonly string[]): Reply | Promise<Reply> {
    const [first = '', second = '', third = '', fourth = ''] = words;
    const { broker, faults } = this.#ports;
    const { state } = broker.engine;
    switch (verb) {
      case 'clock':
        return rows({
          CURRENT: seconds(this.#ports.rows.lastQuoteMs()),
          SERVER: seconds(broker.serverMs(broker.now)),
          GMT: seconds(this.#ports.pcClock()),
          TICKCOUNT: broker.now - this.#ports.bootAt(),
        });
      case 'account': {
        const { account, expert } = faults.switches;
        const allowed = { ACCOUNT_TRADE_ALLOWED: +account, ACCOUNT_TRADE_EXPERT: +expert };
        return rows({ ...this.#ports.rows.account(), ...allowed });
      }
      case 'terminal':
        return rows(this.#terminalRow());
      case 'symbols':
        return rows(...[...broker.env.instruments.keys()].map((SYMBOL) => ({ SYMBOL })));
      case 'symbol':
        return found(this.#ports.rows.symbol(first));
      case 'symbol.select':
        return broker.env.instruments.has(first) ? rows() : failure(ERR_UNKNOWN_SYMBOL);
      case 'tick':
        return found(this.#ports.rows.tick(first));
      case 'session':
        return this.#session(first, Number(second), Number(third));
      case 'positions':
        return rows(...[...state.positions.values()].map((it) => this.#ports.rows.position(it)));
      case 'orders':
        return rows(...[...state.orders.values()].map((it) => this.#ports.rows.order(it)));
      case 'history':
        if (faults.historyFails) return failure(ERR_HISTORY);
        return this.#history((at) => at >= Number(first) && at <= Number(second));
      case 'history.deal':
      case 'history.order':
        return this.#historyOf(verb, first);
      case 'send':
        return this.#ports.desk.send(tradeRequestOf(words));
      case 'check':
        return this.#ports.desk.check(tradeRequestOf(words));
      case 'ticks':
        if (faults.ticksFail) return failure(ERR_HISTORY);
        return found2(
          tickRows(this.#ports.broker, this.#ports.rows, first, Number(third), Number(fourth)),
        );
      case 'rates.from':
      case 'rates.range': {
        const timeframe = second.replace('PERIOD_', '') as Timeframe;
        const [from, to] = [Number(third), Number(fourth)];
        return found2(barRows(this.#ports.broker, { verb, symbol: first, timeframe, from, to }));
      }
      case 'calendar':
        return rows(...this.#ports.calendar.values(Number(first), Number(second)));
      case 'calendar.event':
        return found(this.#ports.calendar.event(first));
      case 'calendar.country':
        return found(this.#ports.calendar.country(first));
      case 'timer':
        this.#ports.setTimer(Number(first));
        return rows();
      case 'say':
        this.#ports.say(first, second);
        return rows();
      case 'notify':
        return this.#notify(first);
      default:
        return this.#ports.variables.answer(verb, words, seconds(broker.now));
    }
  }

  #notify(text: string): Reply {
    const now = this.#ports.broker.now;
    if (text.length > 255) return failure(ERR_NOTIFICATION);
    const tooMany = NOTIFICATIONS_AT_MOST.some(
      ([most, ms]) => this.#notified.filter((at) => at > now - ms).length >= most,
    );
    if (tooMany) return failure(ERR_NOTIFICATION_TOO_FREQUENT);
    this.#notified.push(now);
    this.#ports.say('notification', text);
    return rows();
  }

  #terminalRow(): Fields {
    const { switches, disconnected } = this.#ports.faults;
    return {
      TERMINAL_BUILD: 5000,
      TERMINAL_CONNECTED: disconnected ? 0 : 1,
      TERMINAL_TRADE_ALLOWED: +switches.terminal,
      TERMINAL_PING_LAST: 12_000,
      TERMINAL_NOTIFICATIONS_ENABLED: 1,
      TERMINAL_MQID: 1,
      TERMINAL_MAXBARS: 100_000,
      TERMINAL_NAME: 'MetaTrader 5',
      TERMINAL_COMPANY: 'Bulwark',
      TERMINAL_DATA_PATH: this.#ports.directory,
      MQL_TRADE_ALLOWED: +switches.program,
      MQL_PROGRAM_TYPE: 2,
      MQL_PROGRAM_NAME: 'Bulwark',
      MQL_PROGRAM_PATH: 'Experts\\Bulwark.ex5',
    };
  }

  #session(symbol: string, weekday: number, index: number): Reply {
    const instrument = this.#ports.broker.env.instruments.get(symbol);
    const windows = instrument?.sessions.filter((window) => window.weekday === weekday) ?? [];
    const window = windows[index];
    return window === undefined
      ? failure(ERR_UNKNOWN_SYMBOL)
      : rows({ FROM: window.fromSec, TO: window.toSec });
  }

  #history(inside: (serverSec: number) => boolean): Reply {
    const { deals, historyOrders } = this.#ports.broker.engine.state;
    const at = (ms: number): boolean => inside(seconds(this.#ports.broker.serverMs(ms)));
    return rows(
      ...deals.filter((deal) => at(deal.at)).map((deal) => this.#ports.rows.deal(deal)),
      ...historyOrders
        .filter((order) => at(order.doneAt ?? order.placedAt))
        .map((order) => this.#ports.rows.order(order)),
    );
  }

  #historyOf(verb: string, ticket: string): Reply {
    const { deals, historyOrders } = this.#ports.broker.engine.state;
    const one =
      verb === 'history.deal'
        ? deals.filter((it) => it.ticket === ticket).map((it) => this.#ports.rows.deal(it))
        : historyOrders
            .filter((it) => it.ticket === ticket)
            .map((it) => this.#ports.rows.order(it));
    return one.length === 0 ? failure(ERR_HISTORY) : rows(...one);
  }
}

const found = (row: Fields | undefined): Reply =>
  row === undefined ? failure(ERR_UNKNOWN_SYMBOL) : rows(row);
const found2 = (list: readonly Fields[] | undefined): Reply =>
  list === undefined ? failure(ERR_UNKNOWN_SYMBOL) : rows(...list);
