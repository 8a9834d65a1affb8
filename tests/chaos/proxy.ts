import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** `up`: terminal to runtime. */
export type Direction = 'up' | 'down';

interface Pair {
  readonly terminal: Socket;
  readonly runtime: Socket;
}

/**
 * A TCP proxy between a terminal and a runtime that do not know of it. It can reset what it carries,
 * let nothing pass in one direction or both while the connection stands, hold bytes back, and cut
 * them into small pieces. It reads and changes nothing: bytes are lost only with their connection.
 */
export class ChaosProxy {
  readonly #server: Server;
  readonly #target: () => number;
  readonly #pairs = new Set<Pair>();
  readonly #held = new Set<Direction>();
  #delayMs = 0;
  /** Bytes of a piece; 0 passes them as they come. */
  #piece = 0;

  private constructor(server: Server, target: () => number) {
    this.#server = server;
    this.#target = target;
    server.on('connection', (socket) => this.#accept(socket));
  }

  /** @param target the runtime's port, asked for at every connection. */
  static open(target: () => number): Promise<ChaosProxy> {
    const server = createServer();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(new ChaosProxy(server, target)));
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Resets every connection. */
  cut(): void {
    for (const { terminal, runtime } of this.#pairs) {
      terminal.resetAndDestroy();
      runtime.resetAndDestroy();
    }
  }

  /** Nothing passes in this direction until `release`; the sender's buffers fill. */
  hold(direction: Direction): void {
    this.#held.add(direction);
    for (const pair of this.#pairs) sourceOf(pair, direction).pause();
  }

  release(): void {
    this.#held.clear();
    for (const { terminal, runtime } of this.#pairs) {
      terminal.resume();
      runtime.resume();
    }
  }

  /** Bytes arrive that much later, and in pieces of that size. */
  slow(delayMs: number, piece: number): void {
    this.#delayMs = delayMs;
    this.#piece = piece;
  }

  calm(): void {
    this.slow(0, 0);
    this.release();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #accept(terminal: Socket): void {
    const runtime = connect({ host: '127.0.0.1', port: this.#target(), noDelay: true });
    const pair = { terminal, runtime };
    this.#pairs.add(pair);
    terminal.setNoDelay(true);
    const end = (): void => {
      this.#pairs.delete(pair);
      terminal.destroy();
      runtime.destroy();
    };
    for (const socket of [terminal, runtime]) socket.on('error', end).on('close', end);
    this.#carry(terminal, runtime);
    this.#carry(runtime, terminal);
    if (this.#held.has('up')) terminal.pause();
    if (this.#held.has('down')) runtime.pause();
  }

  /** In order, whatever the delay: each chunk waits for the one before. */
  #carry(from: Socket, to: Socket): void {
    let last = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      last = last.then(() => this.#pass(chunk, to)).catch(() => undefined);
    });
  }

  async #pass(chunk: Buffer, to: Socket): Promise<void> {
    if (this.#delayMs > 0) await pause(this.#delayMs);
    const size = this.#piece > 0 ? this.#piece : chunk.length;
    for (let at = 0; at < chunk.length && !to.destroyed; at += size) {
      to.write(chunk.subarray(at, at + size));
      // Otherwise the kernel would put the pieces together again.
      if (size < chunk.length) await new Promise((turn) => setImmediate(turn));
    }
  }
}

const sourceOf = ({ terminal, runtime }: Pair, direction: Direction): Socket =>
  direction === 'up' ? terminal : runtime;
