import type { Random } from '../../src/domain/ports.ts';
import { minor } from '../../src/domain/units.ts';
import type { LogRecord } from '../../src/mt5/terminal/ea/ea-records.ts';
import { EaModel } from '../../src/mt5/terminal/ea-model.ts';
import type { EngineEnvironment } from '../../src/mt5/terminal/engine/environment.ts';
import { environmentFor } from '../../src/mt5/terminal/environment-for.ts';
import { LedgerLines } from '../../src/mt5/terminal/ledger-lines.ts';
import type { Market } from '../../src/mt5/terminal/market/types.ts';
import { TerminalHost } from '../../src/mt5/terminal/terminal-host.ts';
import { applyTerminal, emptyTerminal } from '../../src/mt5/terminal/terminal-state.ts';
import { parseServerTz } from '../../src/mt5/venue-time.ts';
import { formatIdentity } from '../../src/mt5/wire/identity.ts';
import { LOGIN, SERVER } from '../support/runtime-spec.ts';
import type { SimLoop } from './loop.ts';
import type { SimNetwork } from './network.ts';

export const SERVER_TZ = 'ny+7';
export const BALANCE = minor(10_000_000n);
const INSTANCE = 'simulated';

export interface TerminalEvents {
  /** A transaction is safe: the broker's truth from now on. */
  readonly onRecords: (records: readonly LogRecord[]) => void;
  /** Its EA's journal is lost, and with it what it knew of these intents. */
  readonly onForgotten: (intents: ReadonlySet<string>) => void;
  readonly onLog: (line: string) => void;
  /** The process ended by itself. */
  readonly onEnded: () => void;
}

/** One process of the terminal: it is alive until it ends by itself or is killed. */
class Life {
  alive = true;
}

/**
 * The simulated terminal of production (broker, EA, host) on the loop's clock and the loop's
 * network. Only the sockets and the file of its log are missing: a restart folds the log's records.
 */
export class SimTerminal {
  readonly #loop: SimLoop;
  readonly #network: SimNetwork;
  readonly #random: Random;
  readonly #events: TerminalEvents;
  readonly #env: EngineEnvironment;
  readonly #market: Market;
  readonly #endpoints: readonly number[];
  readonly #seed: number;
  /** How often the broker says no without a reason. */
  readonly #whims: { reject: number; requote: number };
  #log: readonly LogRecord[][] = [];
  #lines: LedgerLines;
  #life: Life = new Life();
  #model: EaModel | undefined;
  #state = emptyTerminal();
  #host: TerminalHost | undefined;
  #failures = 0;
  /** The next append finds no room. */
  diskFull = false;
  readonly ledger: string[] = [];

  constructor(options: {
    readonly loop: SimLoop;
    readonly network: SimNetwork;
    readonly random: Random;
    readonly events: TerminalEvents;
    readonly market: Market;
    /** Ports of runtimes, the preferred one first. */
    readonly endpoints: readonly number[];
    readonly seed: number;
    readonly rates: { readonly reject: number; readonly requote: number };
  }) {
    this.#loop = options.loop;
    this.#network = options.network;
    this.#random = options.random;
    this.#events = options.events;
    this.#market = options.market;
    this.#endpoints = options.endpoints;
    this.#seed = options.seed;
    const whims = { ...options.rates };
    this.#whims = whims;
    const zone = parseServerTz(SERVER_TZ);
    if (!zone.ok) throw new Error(zone.reason);
    this.#env = {
      ...environmentFor({
        market: options.market,
        zone: zone.zone,
        accountCurrency: 'USD',
        latencyMs: 250,
        rejectRate: 0,
        requoteRate: 0,
      }),
      get rejectRate() {
        return whims.reject;
      },
      get requoteRate() {
        return whims.requote;
      },
    };
    this.#lines = new LedgerLines({
      digitsOf: (symbol) => this.#env.instruments.get(symbol)?.digits,
      currencyDigits: 2,
    });
  }

  /** Its disk has room again, and the broker takes what it is sent. */
  heal(): void {
    this.diskFull = false;
    Object.assign(this.#whims, { reject: 0, requote: 0 });
  }

  get running(): boolean {
    return this.#life.alive && this.#model !== undefined;
  }
  /** The broker and the EA as they are: for onlookers. */
  get model(): EaModel | undefined {
    return this.#life.alive ? this.#model : undefined;
  }
  /** Starts the process; what it remembers is its log. `forgetful`: the EA's own journal, register
   * and clock are lost, and only the broker remembers. */
  start(forgetful = false): void {
    const life = new Life();
    this.#life = life;
    if (forgetful) {
      const known = [...this.#state.ea.journal.values()].map(({ intent }) => intent);
      this.#events.onForgotten(new Set(known));
      this.#log = this.#log.map((records) => records.filter(({ type }) => !type.startsWith('ea.')));
    }
    const state = emptyTerminal();
    for (const records of this.#log) for (const record of records) applyTerminal(state, record);
    this.#state = state;
    const clock = this.#loop.clockOf(life);
    const open = (): EaModel =>
      new EaModel({
        state,
        env: this.#env,
        market: this.#market,
        store: { append: (records) => this.#append(life, records) },
        account: {
          login: LOGIN,
          server: SERVER,
          company: 'Simulated broker',
          currency: 'USD',
          currencyDigits: 2,
          leverage: 100,
          marginMode: 'hedging',
          stopOutLevelPercent: 50,
        },
        balanceMinor: BALANCE,
        seed: this.#seed,
        instanceId: INSTANCE,
        token: null,
      });
    let model: EaModel;
    try {
      model = open();
    } catch {
      // Its disk is full already: the process ends before it has dialled.
      this.kill();
      this.#events.onEnded();
      return;
    }
    const host = new TerminalHost({
      model,
      market: this.#market,
      env: this.#env,
      speed: 'max',
      orphanTimeoutMs: Number.POSITIVE_INFINITY,
      ports: {
        clock,
        stopwatch: { elapsedMs: () => this.#loop.clock.now() },
        log: this.#events.onLog,
      },
      onEnd: () => {
        this.kill();
        this.#events.onEnded();
      },
    });
    this.#model = model;
    this.#host = host;
    host.attach(this.#network.link(life));
    this.#failures = 0;
    this.#dial(life);
  }

  kill(): void {
    const life = this.#life;
    if (!life.alive) return;
    life.alive = false;
    this.#network.forget(life);
  }

  #append(life: Life, records: readonly LogRecord[]): void {
    if (!life.alive) throw new Error('a dead terminal writes nothing');
    if (this.diskFull) {
      this.diskFull = false;
      throw new Error('ENOSPC: no space left on device');
    }
    this.#log = [...this.#log, [...records]];
    this.ledger.push(...this.#lines.of({ n: this.#log.length, records }));
    this.#events.onRecords(records);
  }

  /** As the dealer does it: from the head of the list, with full jitter over a doubling delay. */
  #dial(life: Life): void {
    if (!life.alive) return;
    const identity = formatIdentity({ login: LOGIN, server: SERVER, instanceId: INSTANCE });
    const host = this.#host;
    const client = {
      owner: life,
      onFrame: (frame: Parameters<TerminalHost['receive']>[0]) => host?.receive(frame),
      onConnected: (endpoint: string) => host?.connected(endpoint),
      onDisconnected: (endpoint: string) => {
        host?.disconnected(endpoint);
        this.#redial(life);
      },
    };
    const reached = this.#endpoints.some((port) => this.#network.dial(port, identity, client));
    if (reached) this.#failures = 0;
    else this.#redial(life);
  }

  #redial(life: Life): void {
    const ceiling = Math.min(10_000, 250 * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 6);
    this.#loop.after(life, 1 + this.#random.next() * ceiling, () => this.#dial(life));
  }
}
