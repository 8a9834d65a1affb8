import { mkdirSync } from 'node:fs';
import type { Tick } from '../../../src/domain/market.ts';
import type { EpochMs } from '../../../src/domain/units.ts';
import { epochMs } from '../../../src/domain/units.ts';
import { BrokerLog, loadLog } from '../../../src/mt5/terminal/broker-log.ts';
import { mustSync } from '../../../src/mt5/terminal/ea/ea-records.ts';
import { Engine } from '../../../src/mt5/terminal/engine/engine.ts';
import type { EngineEnvironment } from '../../../src/mt5/terminal/engine/environment.ts';
import type {
  BrokerRecord,
  ClientReference,
  RequestBody,
  RequestOutcome,
  ScheduledOperation,
} from '../../../src/mt5/terminal/engine/records.ts';
import { environmentFor } from '../../../src/mt5/terminal/environment-for.ts';
import { Ledger } from '../../../src/mt5/terminal/ledger.ts';
import { LedgerLines } from '../../../src/mt5/terminal/ledger-lines.ts';
import type { Market } from '../../../src/mt5/terminal/market/types.ts';
import type { TerminalAccountOptions } from '../../../src/mt5/terminal/options.ts';
import type { ServerZone } from '../../../src/mt5/venue-time.ts';

export interface FakeBrokerOptions {
  readonly directory: string;
  readonly market: Market;
  readonly zone: ServerZone;
  readonly account: TerminalAccountOptions;
  readonly latencyMs: number;
  readonly seed: number;
  readonly operations?: readonly ScheduledOperation[];
}

/**
 * The broker behind the compiled EA: the simulated terminal's own matching engine, log and ledger,
 * without its EA. Time is the market's, and moves only when somebody asks for it.
 */
export class FakeBroker {
  readonly engine: Engine;
  readonly env: EngineEnvironment;
  readonly market: Market;
  readonly zone: ServerZone;
  /** Every tick played, by symbol: what CopyTicks reads. */
  readonly history = new Map<string, Tick[]>();
  readonly #log: BrokerLog;
  readonly #ledger: Ledger;
  readonly #watchers = new Set<
    (records: readonly BrokerRecord[], ticks: readonly Tick[]) => void
  >();
  #requests = 0;

  constructor(options: FakeBrokerOptions) {
    const { directory, market, zone, account, latencyMs, seed, operations = [] } = options;
    mkdirSync(directory, { recursive: true });
    const { currency: accountCurrency, currencyDigits, balanceMinor, ...identity } = account;
    const whims = { latencyMs, rejectRate: 0, requoteRate: 0, operations };
    this.env = environmentFor({ market, zone, accountCurrency, ...whims });
    this.market = market;
    this.zone = zone;
    const loaded = loadLog(directory, account.login);
    const digitsOf = (symbol: string): number | undefined =>
      this.env.instruments.get(symbol)?.digits;
    const lines = new LedgerLines({ digitsOf, currencyDigits });
    this.#ledger = new Ledger({ dataDir: directory, lines, loaded });
    this.#log = new BrokerLog({
      directory,
      identity: account.login,
      loaded,
      hooks: {
        onAppended: (transaction) => this.#ledger.append(transaction),
        beforeCheckpoint: () => this.#ledger.sync(),
      },
    });
    this.engine = new Engine(loaded.state.broker, this.env);
    if (this.engine.state.account === undefined) {
      const at = epochMs(market.startsAt - 1);
      const opened = { ...identity, currency: accountCurrency, currencyDigits };
      this.engine.open({ account: opened, balanceMinor, seed, at });
      this.#commit([]);
    }
    market.seek(0);
    while (market.position() < this.engine.state.position) this.#take();
  }

  get now(): EpochMs {
    return this.engine.state.now;
  }
  /** Server wall clock of an instant, ms. */
  serverMs(at: number): number {
    return this.zone.toServer(at);
  }
  onChange(watch: (records: readonly BrokerRecord[], ticks: readonly Tick[]) => void): void {
    this.#watchers.add(watch);
  }

  /** Next instant at which something happens by itself, or undefined at the end of the data. */
  nextInstant(): EpochMs | undefined {
    const tick = this.market.peek();
    const due = tick === undefined ? this.engine.nextImminent() : this.engine.nextDue();
    if (tick === undefined) return due;
    return epochMs(Math.min(tick.at, due ?? Number.POSITIVE_INFINITY));
  }

  /** Runs one whole instant: its ticks, then what is due. */
  runInstant(at: EpochMs): void {
    const ticks: Tick[] = [];
    for (let tick = this.market.peek(); tick !== undefined && tick.at <= at; ) {
      this.#take();
      this.engine.tick(tick);
      ticks.push(tick);
      tick = this.market.peek();
    }
    if (this.engine.nextDue() <= at) this.engine.runDue(at);
    else this.engine.moveTo(at);
    this.#commit(ticks);
  }

  /** Runs everything up to an instant, inclusive. */
  runTo(at: EpochMs): void {
    for (;;) {
      const next = this.nextInstant();
      if (next === undefined || next > at) break;
      this.runInstant(epochMs(Math.max(next, this.now)));
    }
    if (this.now < at) this.runInstant(at);
  }

  /** Takes a request; it executes one latency later. */
  submit(body: RequestBody, reference: ClientReference): string {
    this.#requests += 1;
    const id = `q${this.engine.state.nextTicket}.${this.now}.${this.#requests}`;
    this.engine.submit(id, reference, body);
    this.#commit([]);
    return id;
  }

  /** Runs the market on until a request has executed: what a blocking OrderSend lets pass. */
  settle(id: string): RequestOutcome {
    let outcome: RequestOutcome | undefined;
    const watch = (records: readonly BrokerRecord[]): void => {
      for (const record of records)
        if (record.type === 'request.done' && record.id === id) outcome = record.outcome;
    };
    this.onChange(watch);
    const due = this.engine.state.requests.get(id)?.dueAt;
    if (due !== undefined) this.runTo(due);
    this.#watchers.delete(watch);
    if (outcome === undefined) throw new Error(`request ${id} did not execute`);
    return outcome;
  }

  close(): void {
    this.#log.close();
    this.#ledger.close();
  }

  #take(): void {
    const tick = this.market.next();
    if (tick === undefined) return;
    const played = this.history.get(tick.symbol);
    if (played === undefined) this.history.set(tick.symbol, [tick]);
    else played.push(tick);
  }

  #commit(ticks: readonly Tick[]): void {
    const records = this.engine.drain();
    this.#log.append(records, mustSync(records));
    for (const watch of [...this.#watchers]) watch(records, ticks);
  }
}
