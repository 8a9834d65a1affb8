import { Dealer, Pull } from 'zeromq';
import { type LinkPorts, withDeadline } from '../wire/link-ports.ts';
import { startReceiveLoop } from '../wire/receive-loop.ts';
import { watchSocket } from '../wire/socket-events.ts';
import {
  barrierSymbol,
  CORRELATION_LIMITS,
  type Correlation,
  correlate,
  expectEcho,
  NO_CORRELATION,
  type Settled,
} from './correlation.ts';
import { type JsonApiReply, readReply } from './replies.ts';
import { encodeRequest, type JsonApiRequest } from './requests.ts';

export interface ChannelOptions extends LinkPorts {
  readonly host: string;
  /** 15555, where the EA answers `OK` before it does the work, and 15556, where its replies come. */
  readonly sysPort: number;
  readonly dataPort: number;
  /** Wall milliseconds that a request and its barrier may take. */
  readonly answerMs: number;
  /** Numbers barriers from here on: higher than any that an earlier process can have used. */
  readonly firstBarrier: number;
  /** A connection to the system port: the EA may be another than before, and remember nothing. */
  readonly onConnected?: () => void;
  /** Replies that came after their request was given up: evidence of what became of it. */
  readonly onLate: (request: JsonApiRequest, replies: readonly JsonApiReply[]) => void;
}

/**
 * How a request ended. `notSent` is definite: no byte of it left this process. `unknown` says
 * nothing about what was done: it is never a refusal.
 */
export type Outcome =
  | { readonly type: 'answered'; readonly replies: readonly JsonApiReply[] }
  | { readonly type: 'notSent'; readonly why: 'unreachable' | 'overloaded' | 'closed' }
  | { readonly type: 'unknown'; readonly why: 'silent' | 'disconnected' | 'ambiguous' };

export interface JsonApiChannel {
  /** One at a time, in the order of asking. Never rejects. */
  readonly ask: (request: JsonApiRequest) => Promise<Outcome>;
  readonly close: () => void;
}

interface Asked {
  readonly request: JsonApiRequest | null;
  readonly settle: (outcome: Outcome) => void;
}

/**
 * Requests to a JsonAPI EA, and what became of each. The system port is spoken to by a DEALER, not a
 * REQ: one connection carries everything in order, so that an echo proves that every request before
 * it has been worked on, and a missing `OK` locks nothing. A connection that breaks takes its unsent
 * requests with it (`immediate`): nothing is executed when somebody comes back an hour later.
 */
export const openJsonApiChannel = (options: ChannelOptions): JsonApiChannel => new Channel(options);

class Channel implements JsonApiChannel {
  readonly #options: ChannelOptions;
  readonly #system: Dealer;
  readonly #data: Pull;
  #correlation: Correlation = NO_CORRELATION;
  #barrier: number;
  readonly #asked = new Map<number, Asked>();
  /** Given up, and still worth a late answer. */
  readonly #late = new Map<number, JsonApiRequest>();
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #closed = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
    const { host, sysPort, dataPort, onFault, defer } = options;
    this.#barrier = options.firstBarrier;
    this.#system = new Dealer({ immediate: true, sendTimeout: 0, linger: 0 });
    this.#data = new Pull({ linger: 0 });
    watchSocket(this.#system.events, onFault, (event) => {
      if (event.type === 'disconnected') this.#lost();
      if (event.type === 'handshaken') options.onConnected?.();
    });
    this.#system.connect(`tcp://${host}:${sysPort}`);
    this.#data.connect(`tcp://${host}:${dataPort}`);
    const loops = [
      [this.#system, () => undefined],
      [this.#data, (parts: readonly Uint8Array[]) => this.#heard(parts)],
    ] as const;
    for (const [socket, handle] of loops) {
      const receive = () => socket.receive();
      startReceiveLoop({ receive, isClosed: () => socket.closed, handle, defer, onFault });
    }
  }

  async ask(request: JsonApiRequest): Promise<Outcome> {
    if (this.#closed) return { type: 'notSent', why: 'closed' };
    if (this.#waiting >= CORRELATION_LIMITS.outstanding) {
      return { type: 'notSent', why: 'overloaded' };
    }
    this.#waiting += 1;
    const mine = this.#turn.then(() => this.#askNow(request));
    this.#turn = mine;
    try {
      return await mine;
    } finally {
      this.#waiting -= 1;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#system.close();
    this.#data.close();
    this.#lost();
  }

  async #askNow(request: JsonApiRequest): Promise<Outcome> {
    const { outstanding, tainted } = this.#correlation;
    // Never a second order behind one that a frozen terminal has not answered: a bare barrier first
    // proves that it works, and that what comes from now on answers us.
    if (tainted || outstanding.length > 0) {
      const barred = await this.#exchange(null);
      if (barred.type === 'notSent') return barred;
      if (barred.type === 'unknown' && barred.why !== 'ambiguous') {
        return { type: 'notSent', why: 'unreachable' };
      }
    }
    return this.#exchange(request);
  }

  /** A request and its barrier, or a barrier alone. */
  async #exchange(request: JsonApiRequest | null): Promise<Outcome> {
    if (this.#closed) return { type: 'notSent', why: 'closed' };
    if (this.#correlation.outstanding.length >= CORRELATION_LIMITS.outstanding) {
      return { type: 'notSent', why: 'overloaded' };
    }
    const barrier = this.#barrier;
    this.#barrier += 1;
    try {
      if (request !== null) await this.#system.send(['', encodeRequest(request)]);
      else await this.#sendBarrier(barrier);
    } catch {
      return { type: 'notSent', why: 'unreachable' };
    }
    // From here on it may have been carried out.
    this.#correlation = expectEcho(this.#correlation, barrier);
    const answer = new Promise<Outcome>((settle) => this.#asked.set(barrier, { request, settle }));
    // Without its barrier a request runs into its deadline, or into the loss of the connection.
    if (request !== null) await this.#sendBarrier(barrier).catch(() => undefined);
    const silent = { type: 'unknown', why: 'silent' } as const;
    const outcome = await withDeadline(this.#options.clock, this.#options.answerMs, answer, silent);
    if (this.#asked.delete(barrier) && request !== null) this.#late.set(barrier, request);
    return outcome;
  }

  #sendBarrier(barrier: number): Promise<void> {
    const ticks = {
      action: 'HISTORY',
      actionType: 'DATA',
      chartTF: 'TICK',
      symbol: barrierSymbol(barrier),
      fromDate: 0,
      toDate: 1,
    } as const;
    return this.#system.send(['', encodeRequest(ticks)]);
  }

  #heard(parts: readonly Uint8Array[]): void {
    const text = Buffer.from(parts[0] ?? []).toString('utf8');
    const { state, settled } = correlate(this.#correlation, readReply(text));
    this.#correlation = state;
    for (const one of settled) this.#settled(one);
  }

  #settled({ barrier, replies }: Settled): void {
    const asked = this.#asked.get(barrier);
    const late = this.#late.get(barrier);
    this.#asked.delete(barrier);
    this.#late.delete(barrier);
    if (replies === null) asked?.settle({ type: 'unknown', why: 'ambiguous' });
    else asked?.settle({ type: 'answered', replies });
    if (late !== undefined && replies !== null) this.#options.onLate(late, replies);
  }

  /** What was asked over the old connection is answered no more, or by replies that cannot be told
   * from others: a new connection need not be worked on after the old one. */
  #lost(): void {
    this.#correlation = NO_CORRELATION;
    this.#late.clear();
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const { settle } of asked) settle({ type: 'unknown', why: 'disconnected' });
  }
}
