import { Push, Reply } from 'zeromq';
import type { EpochMs } from '../../../src/domain/units.ts';
import { epochMs } from '../../../src/domain/units.ts';
import type {
  BrokerRecord,
  ClientReference,
  RequestBody,
} from '../../../src/mt5/terminal/engine/records.ts';
import { FakeBroker, type FakeBrokerOptions } from '../terminal/fake-broker.ts';
import { FaultScript } from '../terminal/faults.ts';
import { Rows } from '../terminal/rows.ts';
import { TradeDesk } from '../terminal/trade-desk.ts';
import { JsonApiExpert } from './json-api-expert.ts';
import { requestEvent } from './request-events.ts';

const PACE_MS = 5;
const BIND_TRIES = 1_000;
const NOBODY: ClientReference = { intent: '', attempt: 0 };

/** The EA drops in silence what its queues (5 replies, 1 quote, 50 events) do not take. How much
 * that is would depend on how busy this machine is, so the queues are long and tests drop. */
const QUEUE = 1_000;
const DROPPED = { data: 'replies', live: 'live', events: 'events' } as const;

export interface JsonApiPorts {
  /** Requests, answered `OK` before the work; replies; live data; trade events. */
  readonly sysPort: number;
  readonly dataPort: number;
  readonly livePort: number;
  readonly eventsPort: number;
}
export interface JsonApiTerminalOptions extends FakeBrokerOptions {
  /** Any free ones by default. */
  readonly ports?: JsonApiPorts;
  /** For whom an order is, for the broker's ledger alone: the EA does not know. */
  readonly referenceOf?: () => ClientReference;
}

interface Sockets {
  readonly sys: Reply;
  readonly data: Push;
  readonly live: Push;
  readonly events: Push;
}

/**
 * A MetaTrader terminal that runs an EA of the kind of MQL5-JSON-API on real sockets, over the
 * simulated terminal's matching engine. Its clock is virtual: `elapse` moves the market. What the
 * EA does wrong it does wrong always; what can go wrong besides is in `faults`, `freeze`, `dropped`.
 */
export class JsonApiTerminal {
  readonly broker: FakeBroker;
  readonly faults = new FaultScript();
  readonly desk: TradeDesk;
  /** Requests worked on, as they came. */
  readonly worked: string[] = [];
  /** So many messages of these ports are lost, from now on. */
  readonly dropped = { replies: 0, live: 0, events: 0 };
  /** It has said OK to a request and not begun with it. */
  isHolding = false;
  readonly #expert: JsonApiExpert;
  readonly #requests = new Map<string, RequestBody>();
  #sockets: Sockets | undefined;
  #ports: JsonApiPorts | undefined;
  #loop: Promise<void> = Promise.resolve();
  #frozen: Promise<void> | undefined;
  #thaw: () => void = () => undefined;

  private constructor(options: JsonApiTerminalOptions) {
    this.broker = new FakeBroker(options);
    const rows = new Rows(this.broker);
    const { broker, faults } = this;
    this.desk = new TradeDesk({
      ...{ broker, rows, faults },
      kill: () => this.#unbind(),
      referenceOf: options.referenceOf ?? (() => NOBODY),
    });
    this.#expert = new JsonApiExpert({ broker, rows, faults, desk: this.desk });
    this.#ports = options.ports;
    this.broker.onChange((records) => this.#tell(records));
  }

  static async open(options: JsonApiTerminalOptions): Promise<JsonApiTerminal> {
    const terminal = new JsonApiTerminal(options);
    await terminal.#bind();
    return terminal;
  }

  get ports(): JsonApiPorts {
    if (this.#ports === undefined) throw new Error('it has no ports yet');
    return this.#ports;
  }
  get now(): EpochMs {
    return this.broker.now;
  }
  get positions() {
    return [...this.broker.engine.state.positions.values()];
  }
  /** Requests of this action that were worked on. */
  asked(actionType: string): readonly string[] {
    return this.worked.filter((message) => message.includes(`"${actionType}"`));
  }

  /** Lets terminal time pass, instant by instant, and streams what there is to be seen at each. */
  elapse(ms: number): void {
    const end = epochMs(this.broker.now + ms);
    while (this.broker.now < end) {
      const next = this.broker.nextInstant();
      const at = next === undefined || next > end ? end : Math.max(next, this.broker.now);
      this.broker.runInstant(epochMs(at));
      this.#stream();
      if (next === undefined || next > end) return;
    }
  }

  /** Lets time pass by the wall, at so many milliseconds a millisecond, until told to stop or the
   * data has ended. */
  async play(speed: number, goOn: () => boolean): Promise<void> {
    const [wallBegan, began] = [performance.now(), this.broker.now];
    while (goOn() && this.broker.nextInstant() !== undefined) {
      const target = began + (performance.now() - wallBegan) * speed;
      // A frozen terminal sees no quote either.
      if (this.#frozen === undefined && target > this.broker.now)
        this.elapse(Math.floor(target - this.broker.now));
      await new Promise<void>((resolve) => {
        setTimeout(resolve, PACE_MS);
      });
    }
  }

  /** The terminal stands still in the middle of its work, after its OK. */
  freeze(): void {
    this.#frozen ??= new Promise((resolve) => {
      this.#thaw = resolve;
    });
  }
  thaw(): void {
    this.#frozen = undefined;
    this.#thaw();
  }

  /** The terminal's process is gone; the account stays where it is, at the broker. */
  async kill(): Promise<void> {
    this.#unbind();
    await this.#loop;
  }
  /** ... and comes back on the same ports, without subscriptions and without any memory. */
  async restart(): Promise<void> {
    await this.kill();
    await this.#expert.answer('{"action":"RESET"}');
    await this.#bind();
  }

  async close(): Promise<void> {
    await this.kill();
    this.broker.close();
  }

  async #bind(): Promise<void> {
    const sockets: Sockets = {
      sys: new Reply({ linger: 0 }),
      data: new Push({ linger: 0, sendHighWaterMark: QUEUE, sendTimeout: 0 }),
      live: new Push({ linger: 0, sendHighWaterMark: QUEUE, sendTimeout: 0 }),
      events: new Push({ linger: 0, sendHighWaterMark: QUEUE, sendTimeout: 0 }),
    };
    const { sysPort = '*', dataPort = '*', livePort = '*', eventsPort = '*' } = this.#ports ?? {};
    await bound(sockets.sys, sysPort);
    await bound(sockets.data, dataPort);
    await bound(sockets.live, livePort);
    await bound(sockets.events, eventsPort);
    this.#ports = {
      sysPort: portOf(sockets.sys),
      dataPort: portOf(sockets.data),
      livePort: portOf(sockets.live),
      eventsPort: portOf(sockets.events),
    };
    this.#sockets = sockets;
    this.#loop = this.#serve(sockets);
  }

  #unbind(): void {
    const sockets = this.#sockets;
    this.#sockets = undefined;
    this.thaw();
    if (sockets === undefined) return;
    for (const socket of Object.values(sockets)) socket.close();
  }

  async #serve(sockets: Sockets): Promise<void> {
    const isGone = (): boolean => this.#sockets !== sockets || this.#expert.isRemoved;
    while (!isGone()) {
      try {
        const [message] = await sockets.sys.receive();
        await sockets.sys.send('OK');
        await this.#work(String(message), sockets, isGone);
      } catch (error) {
        if (!isGone()) throw error;
      }
    }
  }

  async #work(message: string, sockets: Sockets, isGone: () => boolean): Promise<void> {
    this.isHolding = this.#frozen !== undefined;
    await this.#frozen;
    this.isHolding = false;
    if (isGone()) return;
    this.worked.push(message);
    for (const reply of await this.#expert.answer(message)) {
      if (isGone()) return;
      this.#push(sockets, 'data', reply);
    }
  }

  #stream(): void {
    const messages = this.#expert.stream();
    for (const message of messages) this.#push(this.#sockets, 'live', message);
  }

  /** Only requests are told, never what the server does by itself: no stop, no stop-out, no expiry. */
  #tell(records: readonly BrokerRecord[]): void {
    for (const record of records) {
      if (record.type === 'request.received')
        this.#requests.set(record.request.id, record.request.body);
      if (record.type !== 'request.done') continue;
      const body = this.#requests.get(record.id);
      this.#requests.delete(record.id);
      if (body === undefined) continue;
      this.#push(this.#sockets, 'events', requestEvent(this.broker, body, record.outcome));
    }
  }

  /** Without waiting, and without a word when nobody is there. */
  #push(sockets: Sockets | undefined, port: keyof typeof DROPPED, message: string): void {
    const what = DROPPED[port];
    if (this.dropped[what] > 0) this.dropped[what] -= 1;
    else sockets?.[port].send(message).catch(() => undefined);
  }
}

const portOf = (socket: Reply | Push): number => Number(socket.lastEndpoint?.split(':').at(-1));

/** A port of before is free a moment after its socket was closed. */
const bound = async (socket: Reply | Push, port: number | string): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    try {
      await socket.bind(`tcp://127.0.0.1:${port}`);
      return;
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!isTaken || tries === BIND_TRIES) throw error;
      await new Promise<void>((resolve) => {
        setTimeout(resolve, PACE_MS);
      });
    }
  }
};
