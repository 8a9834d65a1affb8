import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Tick } from '../../../src/domain/market.ts';
import type { EpochMs } from '../../../src/domain/units.ts';
import { epochMs } from '../../../src/domain/units.ts';
import type { BrokerRecord, ClientReference } from '../../../src/mt5/terminal/engine/records.ts';
import { type Calendar, NO_CALENDAR } from './calendar.ts';
import { EventQueue } from './event-queue.ts';
import { FakeBroker, type FakeBrokerOptions } from './fake-broker.ts';
import { FaultScript } from './faults.ts';
import { GlobalVariables } from './global-variables.ts';
import { Program } from './program.ts';
import { type Fields, Rows } from './rows.ts';
import { TerminalAnswers } from './terminal-answers.ts';
import { TradeDesk } from './trade-desk.ts';
import { transactionsOf } from './transactions.ts';

/** The floor of a timer in MetaTrader. */
const TIMER_FLOOR_MS = 16;
const PACE_MS = 5;

export interface FakeTerminalOptions extends FakeBrokerOptions {
  readonly binary: string;
  /** Symbol of the chart that the EA is on; the market's first by default. */
  readonly chartSymbol?: string;
  readonly inputs?: Readonly<Record<string, string>>;
  /** Addresses of the terminal's allow list. */
  readonly allowedHosts?: readonly string[];
  readonly calendar?: Calendar;
  /** For whom the program sends an order, for the broker's ledger: nobody by default. */
  readonly referenceOf?: (filesDirectory: string) => ClientReference;
  /** Several programs of one terminal share its variables. */
  readonly variables?: GlobalVariables;
}

/**
 * A MetaTrader terminal as the compiled EA sees it. Its clock is virtual: `elapse` moves the market
 * and everything that is dated by it, tick by tick, and lets the program handle each one. Timers and
 * sockets run in wall time all the while, as they must for the link.
 */
export class FakeTerminal {
  readonly broker: FakeBroker;
  readonly faults = new FaultScript();
  readonly desk: TradeDesk;
  readonly rows: Rows;
  readonly variables: GlobalVariables;
  readonly calendar: Calendar;
  readonly notifications: string[] = [];
  readonly printed: string[] = [];
  comment = '';
  readonly #options: FakeTerminalOptions;
  readonly #queue = new EventQueue();
  readonly #answers: TerminalAnswers;
  #program: Program | undefined;
  #timer: NodeJS.Timeout | undefined;
  #initCode: string | undefined;
  #initialising = false;
  #delayed: Fields | undefined;
  #idleWaiters: (() => void)[] = [];
  #bootAt: number;
  /** How a program that is gone has ended. */
  lastExit: { readonly code: number | null; readonly signal: string | null } | undefined;

  constructor(options: FakeTerminalOptions) {
    this.#options = options;
    this.broker = new FakeBroker(options);
    this.rows = new Rows(this.broker);
    this.calendar = options.calendar ?? NO_CALENDAR;
    this.variables = options.variables ?? new GlobalVariables();
    this.desk = new TradeDesk({
      broker: this.broker,
      rows: this.rows,
      faults: this.faults,
      kill: () => void this.kill(),
      referenceOf: () => options.referenceOf?.(this.filesDirectory) ?? { intent: '', attempt: 0 },
    });
    this.#bootAt = this.broker.now - 3_600_000;
    const { broker, rows, faults, desk, variables, calendar } = this;
    this.#answers = new TerminalAnswers({
      ...{ broker, rows, faults, desk, variables, calendar, directory: options.directory },
      bootAt: () => this.#bootAt,
      pcClock: () => this.broker.now + this.faults.pcClockMs,
      setTimer: (ms) => this.#setTimer(ms),
      say: (channel, text) => this.#say(channel, text),
    });
    this.broker.onChange((records, ticks) => this.#changed(records, ticks));
  }

  get filesDirectory(): string {
    return join(this.#options.directory, 'files');
  }
  get chartSymbol(): string {
    return this.#options.chartSymbol ?? this.broker.market.instruments[0]?.symbol ?? '';
  }
  get running(): boolean {
    return this.#program?.running ?? false;
  }
  get stderr(): string {
    return this.#program?.stderr ?? '';
  }
  get now(): EpochMs {
    return this.broker.now;
  }

  /** Puts the EA on its chart and waits until OnInit is over; resolves with its return code. */
  async start(inputs: Readonly<Record<string, string>> = {}): Promise<number> {
    const { binary, allowedHosts } = this.#options;
    const all = { ...this.#options.inputs, ...inputs };
    const common = join(this.#options.directory, 'common');
    mkdirSync(this.filesDirectory, { recursive: true });
    mkdirSync(common, { recursive: true });
    this.#queue.clear();
    this.#initCode = undefined;
    this.#program = new Program({
      binary,
      env: {
        MQL_INPUTS: Object.entries(all)
          .map(([name, value]) => `${name}=${value}`)
          .join('\n'),
        MQL_FILES: this.filesDirectory,
        MQL_COMMON_FILES: common,
        MQL_ALLOWED_HOSTS: (allowedHosts ?? ['127.0.0.1']).join(','),
      },
      answer: (verb, words) => this.#answers.answer(verb, words),
      onIdle: (outcome) => this.#idle(outcome),
      onExit: (exit) => {
        this.lastExit = exit;
        this.#setTimer(0);
        this.#wake();
      },
    });
    this.#queue.post({ EVENT: 'init' });
    await this.settled();
    return Number(this.#initCode ?? -1);
  }

  /** Drops a script on the chart and waits until it has run. */
  async runScript(): Promise<void> {
    await this.start();
    this.#post({ EVENT: 'start' });
    await this.settled();
  }

  /** The process of the terminal dies, with everything that it had in memory. */
  async kill(): Promise<void> {
    this.#setTimer(0);
    await this.#program?.kill();
  }

  /** The terminal closes in order; resolves when the program has ended. */
  async stop(reason = 9): Promise<void> {
    this.#setTimer(0);
    if (this.#program?.running !== true) return;
    this.#end(reason);
    this.#pump();
    await this.#program.exited();
  }

  /** The chart's timeframe changes: OnDeinit, then OnInit with every global variable as it was. */
  async changeChart(): Promise<number> {
    this.#setTimer(0);
    this.#queue.clear();
    this.#initCode = undefined;
    this.#queue.post({ EVENT: 'deinit', REASON: 3 });
    this.#queue.post({ EVENT: 'init' });
    this.#pump();
    await this.settled();
    return Number(this.#initCode ?? -1);
  }

  /** A new start of the terminal on a new start of the PC: the tick count begins again. */
  async restart(inputs: Readonly<Record<string, string>> = {}): Promise<number> {
    await this.kill();
    this.#bootAt = this.broker.now;
    this.desk.newSession();
    this.variables.forgetTemporary();
    return this.start(inputs);
  }

  /** Deletes what the EA keeps on disk. */
  loseFiles(): void {
    rmSync(this.filesDirectory, { recursive: true, force: true });
  }

  /** Resolves when the program waits and has nothing to handle, or is gone. */
  async settled(): Promise<void> {
    this.#pump();
    for (;;) {
      const program = this.#program;
      if (program === undefined || !program.running) return;
      if (program.waiting && this.#queue.length === 0) return;
      await new Promise<void>((resolve) => {
        this.#idleWaiters.push(resolve);
      });
    }
  }

  /** Lets terminal time pass, instant by instant; the program handles each before the next. */
  async elapse(ms: number): Promise<void> {
    const end = epochMs(this.broker.now + ms);
    for (;;) {
      const next = this.broker.nextInstant();
      const at = next === undefined || next > end ? end : Math.max(next, this.broker.now);
      this.broker.runInstant(epochMs(at));
      this.#post({ EVENT: 'timer' });
      await this.settled();
      // An OrderSend of the program may have moved the market past the end.
      if (this.broker.now >= end) return;
    }
  }

  /** Lets time pass by the wall, at so many milliseconds a millisecond, until told to stop or the
   * data has ended. Resolves when it stands still. */
  async play(speed: number, goOn: () => boolean): Promise<void> {
    const [wallBegan, began] = [performance.now(), this.broker.now];
    while (goOn() && this.running && this.broker.nextInstant() !== undefined) {
      const target = began + (performance.now() - wallBegan) * speed;
      if (target > this.broker.now) await this.elapse(Math.floor(target - this.broker.now));
      await new Promise<void>((resolve) => {
        setTimeout(resolve, PACE_MS);
      });
    }
  }

  /** Of the program's process. */
  get pid(): number | undefined {
    return this.#program?.pid;
  }

  async close(): Promise<void> {
    await this.stop();
    this.broker.close();
  }

  #end(reason: number): void {
    this.#queue.clear();
    this.#queue.post({ EVENT: 'deinit', REASON: reason });
    this.#queue.post({ EVENT: 'exit' });
  }

  #say(channel: string, text: string): void {
    if (channel === 'comment') this.comment = text;
    else if (channel === 'notification') this.notifications.push(text);
    else this.printed.push(text);
  }

  #post(event: Fields): void {
    if (this.#program?.running !== true || this.#initCode === undefined) return;
    this.#queue.post(event);
    this.#pump();
  }

  #pump(): void {
    const program = this.#program;
    if (program?.waiting !== true || !program.running) return;
    const event = this.#queue.take();
    if (event === undefined) return;
    this.#initialising = event['EVENT'] === 'init';
    const instrument = this.broker.env.instruments.get(this.chartSymbol);
    const digits = instrument?.digits ?? 5;
    const chart = { SYMBOL: this.chartSymbol, PERIOD: 1, DIGITS: digits, POINT: 10 ** -digits };
    program.deliver({ ...event, ...chart });
  }

  #idle(outcome: string): void {
    if (this.#initialising) this.#initCode = outcome;
    this.#initialising = false;
    this.#pump();
    if (this.#program?.waiting === true) this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  #setTimer(ms: number): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (ms <= 0) return;
    this.#timer = setInterval(() => this.#post({ EVENT: 'timer' }), Math.max(ms, TIMER_FLOOR_MS));
  }

  #changed(records: readonly BrokerRecord[], ticks: readonly Tick[]): void {
    for (const transaction of transactionsOf(this.rows, records)) this.#transaction(transaction);
    if (ticks.some(({ symbol }) => symbol === this.chartSymbol)) this.#post({ EVENT: 'tick' });
  }

  #transaction(event: Fields): void {
    switch (this.faults.transactions) {
      case 'drop':
        return;
      case 'duplicate':
        this.#post(event);
        this.#post(event);
        return;
      case 'delay': {
        const before = this.#delayed;
        this.#delayed = event;
        if (before !== undefined) this.#post(before);
        return;
      }
      default:
        this.#post(event);
    }
  }
}
