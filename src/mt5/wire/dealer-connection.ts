import { Dealer } from 'zeromq';
import type { CurveClientKeys } from './curve.ts';
import { WIRE_LIMITS } from './limits.ts';
import { type LinkPorts, nextTurn, withDeadline } from './link-ports.ts';
import { type ReceiveLoop, startReceiveLoop } from './receive-loop.ts';
import { createSendQueue, type SendQueue } from './send-queue.ts';
import { watchSocket } from './socket-events.ts';

/** One connection from first byte to last. It never reconnects: what was queued for the old
 * connection must not reach the session of a new one. */
export interface DealerConnection {
  readonly queue: SendQueue;
  /** Starts handing over messages; until then they wait in the socket. */
  readonly listen: (handle: (parts: readonly Uint8Array[]) => void) => void;
  /** Resolves when the connection is gone and everything received was handed over. */
  readonly ended: Promise<void>;
  /** Lets what was sent leave for at most `closeFlushMs`. */
  readonly close: () => void;
}

export interface DealerConnectionOptions extends LinkPorts {
  readonly endpoint: string;
  readonly identity: string;
  readonly connectTimeoutMs: number;
  readonly curve?: CurveClientKeys | undefined;
  /** Resolves when nobody waits for the connection any more. */
  readonly abandoned: Promise<void>;
}

const NEVER_MS = 86_400_000;

const createSocket = (options: DealerConnectionOptions): Dealer => {
  const socket = new Dealer({
    routingId: options.identity,
    linger: 0,
    sendTimeout: 0,
    // "Never" would be -1, but then libzmq drops what it had received when the connection ends.
    reconnectInterval: NEVER_MS,
    ipv6: options.endpoint.includes('['),
    sendHighWaterMark: WIRE_LIMITS.sendHighWaterMark,
    receiveHighWaterMark: WIRE_LIMITS.receiveHighWaterMark,
    maxMessageSize: WIRE_LIMITS.transportFrameBytes,
    handshakeInterval: WIRE_LIMITS.handshakeMs,
    heartbeatInterval: WIRE_LIMITS.heartbeatIntervalMs,
    heartbeatTimeout: WIRE_LIMITS.heartbeatTimeoutMs,
  });
  if (options.curve !== undefined) {
    socket.curveServerKey = options.curve.serverKey;
    socket.curvePublicKey = options.curve.publicKey;
    socket.curveSecretKey = options.curve.secretKey;
  }
  return socket;
};

const GONE = Object.assign(new Error('the connection ended'), { code: 'EHOSTUNREACH' });

// Turns that an ended connection gets to hand over what it had already received.
const DRAIN_TURNS = 1_000;

/** Undefined when nobody who speaks ZMTP (and admits our key) answers in time. */
export const connectDealer = async (
  options: DealerConnectionOptions,
): Promise<DealerConnection | undefined> => {
  const { clock, defer, onFault } = options;
  const socket = createSocket(options);
  let settleReady: (up: boolean) => void = () => undefined;
  let settleEnded: () => void = () => undefined;
  const ready = new Promise<boolean>((resolve) => {
    settleReady = resolve;
  });
  const ended = new Promise<void>((resolve) => {
    settleEnded = resolve;
  });
  let loop: ReceiveLoop | undefined;
  let down = false;
  const drainAndClose = async (): Promise<void> => {
    // Two turns let libzmq hand over what it read before it noticed the end.
    for (let turn = 0; turn < DRAIN_TURNS && (turn < 2 || loop?.idle() === false); turn += 1) {
      await nextTurn(defer);
    }
    socket.close();
    settleEnded();
  };
  watchSocket(socket.events, onFault, (event) => {
    if (event.type === 'handshaken') settleReady(true);
    else if (!down) {
      down = true;
      settleReady(false);
      drainAndClose().catch(onFault);
    }
  });
  options.abandoned.then(() => settleReady(false)).catch(onFault);
  socket.connect(options.endpoint);
  const up = await withDeadline(clock, options.connectTimeoutMs, ready, false);
  if (!up) {
    socket.close();
    return undefined;
  }
  const transmit = (parts: readonly Uint8Array[]): Promise<void> =>
    down ? Promise.reject(GONE) : socket.send([...parts]);
  const queue = createSendQueue({ capacity: WIRE_LIMITS.sendQueue, transmit, onFault });
  return {
    queue,
    ended,
    listen: (handle) => {
      const receive = () => socket.receive();
      const isClosed = () => socket.closed;
      loop = startReceiveLoop({ receive, isClosed, handle, defer, onFault });
    },
    close: () => {
      queue.close();
      if (!socket.closed) {
        socket.linger = WIRE_LIMITS.closeFlushMs;
        socket.close();
      }
      settleEnded();
    },
  };
};
