import type { Random } from '../../src/domain/ports.ts';
import type { Gateway, openGateway } from '../../src/mt5/gateway.ts';
import { decodeEaFrame, decodeRuntimeFrame, encodeFrame } from '../../src/mt5/wire/codec.ts';
import type { DealerLink } from '../../src/mt5/wire/dealer-link.ts';
import { GatewayPortInUse } from '../../src/mt5/wire/errors.ts';
import type { EaFrame, EaMessageOf, RuntimeFrame } from '../../src/mt5/wire/messages.ts';
import type { SendOutcome } from '../../src/mt5/wire/send-queue.ts';
import type { Owner, SimLoop } from './loop.ts';

/** `up`: terminal to runtime. */
export type Direction = 'up' | 'down';

/** What the network does to the messages of one direction. Bytes on a healthy connection arrive
 * once and in order; everything else is asked for by a fault. */
export interface Weather {
  /** Messages still to be lost. */
  lose: number;
  /** Messages still to arrive twice. */
  duplicate: number;
  /** Messages still to be overtaken by those behind them. */
  overtake: number;
  /** Extra milliseconds for each message. */
  delayMs: number;
  /** Nothing passes; what is sent waits in the sender's buffer. */
  blocked: boolean;
}

export interface NetworkEvents {
  readonly onSent: (direction: Direction, frame: EaFrame | RuntimeFrame) => void;
  readonly onWeather: (
    what: 'lost' | 'duplicated' | 'overtaken' | 'delayed' | 'blocked' | 'ahead',
  ) => void;
}

interface Listener {
  readonly owner: Owner;
  readonly onFrame: (identity: string, frame: EaFrame) => void;
  readonly onDisconnected: (identity: string) => void;
}

type Deals = EaMessageOf<'trade'>['deals'];

/** How long a peer that answers nothing is believed in, as libzmq's heartbeats do. */
const SILENCE_MS = 4_000;
const LATENCY_MS = 1;

/** One TCP connection. Each end learns of its end on its own, or never. */
class Connection {
  readonly waiting: Readonly<Record<Direction, (() => void)[]>> = { up: [], down: [] };
  readonly lastAt: Record<Direction, number> = { up: 0, down: 0 };
  readonly identity: string;
  readonly listener: Listener;
  readonly client: Client;
  /** Which end still believes in it. */
  open = { runtime: true, terminal: true };

  constructor(identity: string, listener: Listener, client: Client) {
    this.identity = identity;
    this.listener = listener;
    this.client = client;
  }
}

interface Client {
  readonly owner: Owner;
  readonly onFrame: (frame: RuntimeFrame) => void;
  readonly onConnected: (endpoint: string) => void;
  readonly onDisconnected: (endpoint: string) => void;
}

const calm = (): Weather => ({
  lose: 0,
  duplicate: 0,
  overtake: 0,
  delayMs: 0,
  blocked: false,
});

/**
 * The network between terminals and runtimes: ports that somebody listens on, connections, and a
 * weather for each direction. Messages cross as the bytes of the real codec.
 */
export class SimNetwork {
  readonly weather: Readonly<Record<Direction, Weather>> = { up: calm(), down: calm() };
  readonly #loop: SimLoop;
  readonly #random: Random;
  readonly #events: NetworkEvents;
  readonly #ports = new Map<number, Listener>();
  readonly #connections = new Set<Connection>();
  readonly #refused = new Set<number>();
  readonly #wire: Owner = { alive: true };
  /** Reports whose deals are still to be told with the next one; and those that were not told yet. */
  #ahead = 0;
  #untold: { readonly session: string; readonly deals: Deals } | undefined;

  constructor(loop: SimLoop, random: Random, events: NetworkEvents) {
    this.#loop = loop;
    this.#random = random;
    this.#events = events;
  }

  /** Nobody reaches this port any more, as if its machine were cut off; its connections end. */
  refuse(port: number): void {
    this.#refused.add(port);
    for (const connection of [...this.#connections]) {
      if (this.#ports.get(port) === connection.listener) this.#close(connection, true);
    }
  }

  admit(port: number): void {
    this.#refused.delete(port);
  }

  calm(): void {
    this.#refused.clear();
    this.#ahead = 0;
    for (const direction of ['up', 'down'] as const) {
      Object.assign(this.weather[direction], calm());
      this.unblock(direction);
    }
  }

  /** The next reports of an EA show the account as it is and keep their deals for the report after. */
  ahead(reports: number): void {
    this.#ahead += reports;
  }

  /** Both ends notice: a reset. */
  cut(): void {
    for (const connection of [...this.#connections]) this.#close(connection, true);
  }

  /** Only the terminal notices; the runtime believes in a connection that is gone. */
  halfOpen(): void {
    for (const connection of [...this.#connections]) this.#endTerminal(connection);
  }

  /** Nothing passes from now on; a silence that lasts ends the connection at both ends. */
  block(direction: Direction): void {
    this.weather[direction].blocked = true;
    this.#events.onWeather('blocked');
    const cut = [...this.#connections];
    this.#loop.after(this.#wire, SILENCE_MS, () => {
      if (!this.weather[direction].blocked) return;
      for (const connection of cut) this.#close(connection, true);
    });
  }

  unblock(direction: Direction): void {
    this.weather[direction].blocked = false;
    for (const connection of this.#connections) {
      for (const deliver of connection.waiting[direction].splice(0)) deliver();
    }
  }

  /** A runtime's or a terminal's process is gone: its machine resets its connections. */
  forget(owner: Owner): void {
    for (const [port, listener] of this.#ports)
      if (listener.owner === owner) this.#ports.delete(port);
    for (const connection of [...this.#connections]) {
      if (connection.listener.owner === owner || connection.client.owner === owner) {
        this.#close(connection, true);
      }
    }
  }

  readonly opener =
    (owner: Owner): typeof openGateway =>
    async (options) => {
      const { port, host } = options;
      if (this.#ports.has(port)) throw new GatewayPortInUse({ host, port, remedy: 'wait' });
      const listener: Listener = {
        owner,
        onFrame: options.onFrame,
        onDisconnected: (identity) => options.onDisconnected?.(identity),
      };
      this.#ports.set(port, listener);
      return this.#gateway(listener, port);
    };

  /** One attempt to reach a port; true when somebody listens there. */
  dial(port: number, identity: string, client: Client): boolean {
    const listener = this.#ports.get(port);
    const { up, down } = this.weather;
    if (listener === undefined || up.blocked || down.blocked || this.#refused.has(port))
      return false;
    const old = [...this.#connections].find(
      (other) => other.identity === identity && other.listener === listener,
    );
    // Handover: the newer connection of an identity takes its place, and nobody is told.
    if (old !== undefined) this.#connections.delete(old);
    this.#connections.add(new Connection(identity, listener, client));
    client.onConnected(`tcp://127.0.0.1:${port}`);
    return true;
  }

  /** The terminal's end of whatever connection its process has. */
  link(owner: Owner): DealerLink {
    const current = (): Connection | undefined =>
      [...this.#connections].find(({ client, open }) => client.owner === owner && open.terminal);
    return {
      send: async (frame) => {
        const connection = current();
        return connection === undefined ? 'unreachable' : this.#up(connection, frame);
      },
      connected: () => current() !== undefined,
      queueDepth: () => 0,
      close: async () => this.forget(owner),
    };
  }

  #gateway(listener: Listener, port: number): Gateway {
    return {
      port,
      endpoint: `tcp://127.0.0.1:${port}`,
      send: async (identity, frame) => {
        if (!listener.owner.alive || this.#ports.get(port) !== listener) return 'closed';
        const connection = [...this.#connections].find(
          (other) =>
            other.identity === identity && other.listener === listener && other.open.runtime,
        );
        return connection === undefined ? 'unreachable' : this.#down(connection, frame);
      },
      queueDepth: () => 0,
      malformedCount: () => 0,
      close: async () => {
        if (this.#ports.get(port) === listener) this.#ports.delete(port);
        for (const connection of [...this.#connections]) {
          if (connection.listener === listener) this.#close(connection, false);
        }
      },
    };
  }

  #up(connection: Connection, said: EaFrame): SendOutcome {
    const frame = this.#lateDeals(said);
    this.#events.onSent('up', frame);
    const parts = encodeFrame(frame);
    this.#carry(connection, 'up', () => {
      const { listener, identity, open } = connection;
      if (!listener.owner.alive || !open.runtime) return;
      const decoded = decodeEaFrame(parts);
      if (!decoded.ok) throw new Error(`the codec refused an EA frame: ${decoded.detail}`);
      listener.onFrame(identity, decoded.frame);
    });
    return 'ok';
  }

  #lateDeals(frame: EaFrame): EaFrame {
    const { body, envelope } = frame;
    if (body.kind !== 'trade') return frame;
    const { session } = envelope;
    const deals = [...(this.#untold?.session === session ? this.#untold.deals : []), ...body.deals];
    this.#untold = undefined;
    if (this.#ahead === 0 || deals.length === 0) return { envelope, body: { ...body, deals } };
    this.#ahead -= 1;
    this.#untold = { session, deals };
    this.#events.onWeather('ahead');
    return { envelope, body: { ...body, deals: [] } };
  }

  #down(connection: Connection, frame: RuntimeFrame): SendOutcome {
    this.#events.onSent('down', frame);
    const parts = encodeFrame(frame);
    this.#carry(connection, 'down', () => {
      const { client, open } = connection;
      if (!client.owner.alive || !open.terminal) return;
      const decoded = decodeRuntimeFrame(parts);
      if (!decoded.ok) throw new Error(`the codec refused a runtime frame: ${decoded.detail}`);
      client.onFrame(decoded.frame);
    });
    return 'ok';
  }

  #carry(connection: Connection, direction: Direction, arrive: () => void): void {
    const weather = this.weather[direction];
    if (weather.lose > 0) {
      weather.lose -= 1;
      this.#events.onWeather('lost');
      return;
    }
    const deliver = (): void => {
      // A connection that was replaced or ended carries nothing any more.
      if (!this.#connections.has(connection)) return;
      if (this.weather[direction].blocked) connection.waiting[direction].push(arrive);
      else arrive();
    };
    const base = LATENCY_MS + this.#random.next() * LATENCY_MS;
    if (weather.delayMs > 0) this.#events.onWeather('delayed');
    const at = this.#loop.clock.now() + base + weather.delayMs;
    let due = Math.max(at, connection.lastAt[direction]);
    if (weather.overtake > 0) {
      weather.overtake -= 1;
      due += 20 + this.#random.next() * 200;
      this.#events.onWeather('overtaken');
    } else connection.lastAt[direction] = due;
    this.#loop.after(this.#wire, due - this.#loop.clock.now(), deliver);
    if (weather.duplicate > 0) {
      weather.duplicate -= 1;
      this.#events.onWeather('duplicated');
      this.#loop.after(this.#wire, due - this.#loop.clock.now() + 5, deliver);
    }
  }

  #endTerminal(connection: Connection): void {
    if (!connection.open.terminal) return;
    connection.open.terminal = false;
    const { client } = connection;
    if (client.owner.alive) client.onDisconnected(connection.identity);
  }

  #close(connection: Connection, tellRuntime: boolean): void {
    if (!this.#connections.delete(connection)) return;
    const { listener, identity } = connection;
    this.#endTerminal(connection);
    if (tellRuntime && listener.owner.alive && connection.open.runtime) {
      connection.open.runtime = false;
      listener.onDisconnected(identity);
    }
  }
}
