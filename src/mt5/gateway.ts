import { Context, Router } from 'zeromq';
import { decodeEaFrame, encodeFrame, exceedsLimit } from './wire/codec.ts';
import { type CurveServerKeys, requireKeys, startKeyGuard, ZAP_DOMAIN } from './wire/curve.ts';
import { GatewayBindFailed, GatewayExposed, GatewayPortInUse } from './wire/errors.ts';
import { parseIdentity } from './wire/identity.ts';
import { WIRE_LIMITS } from './wire/limits.ts';
import { guarded, type LinkPorts, nextTurn, withDeadline } from './wire/link-ports.ts';
import { createMalformedReports, type MalformedInfo } from './wire/malformed-reports.ts';
import type { EaFrame, RuntimeFrame } from './wire/messages.ts';
import { startReceiveLoop } from './wire/receive-loop.ts';
import { createSendQueue, errorCode, type SendOutcome } from './wire/send-queue.ts';
import { type SocketEvent, watchSocket } from './wire/socket-events.ts';

/**
 * The runtime's end of the link: one ROUTER socket on one port, for any number of terminals, each
 * named by its identity `<login>@<server>/<instanceId>`. It carries frames and knows nothing of
 * sessions. The identity is what the peer says of itself: only `hello` and its token prove it.
 */
export interface GatewayOptions extends LinkPorts {
  readonly host: string;
  /** 0 takes any free port; `Gateway.port` tells which. */
  readonly port: number;
  readonly onFrame: (identity: string, frame: EaFrame) => void;
  /** At most once per peer and minute; the session goes on. */
  readonly onMalformed: (identity: string, info: MalformedInfo) => void;
  /** Each time: the link answers it with `error{code: 'unknown_kind'}` in its session. */
  readonly onUnknownKind?: (identity: string, message: UnknownKind) => void;
  /** The peer's connection ended (closed, killed, or silent beyond ZMTP heartbeats), told after
   * everything it had sent. A peer that reconnected meanwhile is not reported. A hint: libzmq drops
   * it when the peer had filled its queue, and then only missing heartbeats tell. */
  readonly onDisconnected?: (identity: string) => void;
  readonly onSocketEvent?: (event: SocketEvent) => void;
  /** Required unless the host is a loopback address. */
  readonly curve?: CurveServerKeys;
}
export interface UnknownKind {
  readonly kind: string;
  readonly id?: string;
  readonly session?: string;
  readonly seq?: number;
}

export interface Gateway {
  readonly port: number;
  /** `tcp://host:port`, for the terminal's list of endpoints. */
  readonly endpoint: string;
  /** Never rejects. `ok` means handed to libzmq, nothing more. */
  readonly send: (identity: string, frame: RuntimeFrame) => Promise<SendOutcome>;
  /** Messages waiting to be handed to libzmq. */
  readonly queueDepth: () => number;
  /** Malformed messages of one peer, or of all. */
  readonly malformedCount: (identity?: string) => number;
  /** Lets the last messages leave for at most `closeFlushMs`, then frees the port. Idempotent. */
  readonly close: () => Promise<void>;
}

// libzmq's option that puts an empty message from a peer into the stream when its connection ends
// (draft API, in every zeromq.js build: without it a disconnect event names no peer).
const ZMQ_ROUTER_NOTIFY = 97;
const NOTIFY_DISCONNECT = 2;

class NoticingRouter extends Router {
  noticeDisconnects(): void {
    this.setInt32Option(ZMQ_ROUTER_NOTIFY, NOTIFY_DISCONNECT);
  }
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/;
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

const refuseExposure = (options: GatewayOptions): void => {
  const { host, curve } = options;
  if (curve !== undefined) {
    requireKeys('curve.secretKey', [curve.secretKey]);
    requireKeys('curve.clientKeys', curve.clientKeys);
  } else if (!isLoopback(host)) {
    throw new GatewayExposed({
      host,
      remedy: 'Bind 127.0.0.1 and tunnel (WireGuard, SSH), or set CURVE keys.',
    });
  }
};

const createSocket = (options: GatewayOptions, context: Context | undefined): NoticingRouter => {
  const socket = new NoticingRouter({
    ...(context === undefined ? {} : { context }),
    // A half-open link is a black hole without it: the EA reconnects, and is never heard again.
    handover: true,
    // A send to an absent EA says so; and with sendTimeout 0 it says so at once.
    mandatory: true,
    sendTimeout: 0,
    linger: 0,
    ipv6: options.host.includes(':'),
    sendHighWaterMark: WIRE_LIMITS.sendHighWaterMark,
    receiveHighWaterMark: WIRE_LIMITS.receiveHighWaterMark,
    maxMessageSize: WIRE_LIMITS.transportFrameBytes,
    handshakeInterval: WIRE_LIMITS.handshakeMs,
    heartbeatInterval: WIRE_LIMITS.heartbeatIntervalMs,
    heartbeatTimeout: WIRE_LIMITS.heartbeatTimeoutMs,
  });
  if (options.curve !== undefined) {
    socket.curveServer = true;
    socket.curveSecretKey = options.curve.secretKey;
    socket.zapDomain = ZAP_DOMAIN;
    socket.zapEnforceDomain = true;
  }
  socket.noticeDisconnects();
  return socket;
};

const bind = async (socket: Router, host: string, port: number): Promise<string> => {
  const address = host === 'localhost' ? '127.0.0.1' : host;
  const literal = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
  try {
    await socket.bind(`tcp://${literal}:${port === 0 ? '*' : port}`);
  } catch (error) {
    socket.close();
    const code = errorCode(error);
    throw code === 'EADDRINUSE'
      ? new GatewayPortInUse({
          host,
          port,
          remedy: 'Stop the other runtime, or choose another port (0 takes any free one).',
        })
      : new GatewayBindFailed({
          host,
          port,
          code,
          remedy: 'Bind an address of this machine and a port above 1023.',
        });
  }
  return socket.lastEndpoint ?? '';
};

/** Handles one message as libzmq delivers it: [identity, json, attachment?], or [identity, empty]
 * when the peer is gone. */
const inboundHandler = (
  options: GatewayOptions,
  reports: ReturnType<typeof createMalformedReports>,
): ((message: readonly Uint8Array[]) => void) => {
  const nameOf = (routingId: Uint8Array | undefined): { name: string; valid: boolean } => {
    const bytes = Buffer.from(routingId ?? []);
    const text = bytes.toString('utf8');
    const valid = parseIdentity(text) !== undefined;
    return { name: valid ? text : `unnamed:${bytes.toString('hex').slice(0, 64)}`, valid };
  };
  return ([routingId, ...parts]) => {
    const { name, valid } = nameOf(routingId);
    if (parts.length === 1 && parts[0]?.length === 0) {
      if (valid) options.onDisconnected?.(name);
      return;
    }
    if (!valid) {
      reports.note(name, { error: 'identity', detail: 'not <login>@<server>/<instanceId>' });
      return;
    }
    const decoded = decodeEaFrame(parts);
    if (decoded.ok) {
      options.onFrame(name, decoded.frame);
      return;
    }
    const { error, detail, id, place } = decoded;
    const named = id === undefined ? {} : { id };
    if (error === 'unknown_kind')
      options.onUnknownKind?.(name, { kind: detail, ...named, ...place });
    else reports.note(name, { error, detail, ...named });
  };
};

/** Rejects with GatewayExposed, GatewayPortInUse, GatewayBindFailed or LinkMisconfigured. */
export const openGateway = async (options: GatewayOptions): Promise<Gateway> => {
  refuseExposure(options);
  const { clock, defer, onFault, curve } = options;
  const context = curve === undefined ? undefined : new Context();
  const guard =
    curve === undefined || context === undefined
      ? undefined
      : await startKeyGuard({
          context,
          clientKeys: curve.clientKeys,
          onFault,
          onRefused: (address) => {
            const detail = `key of ${address} is not admitted`;
            guarded(onFault, () => options.onSocketEvent?.({ type: 'handshakeFailed', detail }));
          },
        });
  const socket = createSocket(options, context);
  let released: () => void = () => undefined;
  const portFreed = new Promise<void>((resolve) => {
    released = resolve;
  });
  watchSocket(socket.events, onFault, (event) => {
    if (event.type === 'closed' && socket.closed) released();
    options.onSocketEvent?.(event);
  });
  const endpoint = await bind(socket, options.host, options.port).finally(() => {
    if (socket.closed) guard?.close();
  });
  const reports = createMalformedReports({ now: clock.now, report: options.onMalformed });
  const handle = inboundHandler(options, reports);
  const receive = () => socket.receive();
  const loop = startReceiveLoop({ receive, isClosed: () => socket.closed, handle, defer, onFault });
  const transmit = (parts: readonly Uint8Array[]) => socket.send([...parts]);
  const queue = createSendQueue({ capacity: WIRE_LIMITS.sendQueue, transmit, onFault });

  const shut = async (): Promise<void> => {
    await nextTurn(defer);
    queue.close();
    socket.linger = WIRE_LIMITS.closeFlushMs;
    // The listener is closed by libzmq's own thread a moment later; its monitor still tells when.
    // (Not by unbinding first: unbindSync binds in zeromq.js 6.8, and unbind runs in another thread
    // beside the receive loop, which libzmq's sockets do not allow.)
    socket.close();
    guard?.close();
    await withDeadline(clock, WIRE_LIMITS.closeMs, portFreed, undefined);
    await withDeadline(clock, WIRE_LIMITS.closeMs, loop.ended, undefined);
  };
  let closing: Promise<void> | undefined;
  return {
    port: Number(endpoint.slice(endpoint.lastIndexOf(':') + 1)),
    endpoint,
    send: (identity, frame) => {
      if (closing !== undefined) return Promise.resolve('closed');
      const parts = encodeFrame(frame);
      if (exceedsLimit(parts)) return Promise.resolve('tooLarge');
      return queue.push([Buffer.from(identity, 'utf8'), ...parts]);
    },
    queueDepth: queue.depth,
    malformedCount: reports.count,
    close: () => {
      closing ??= shut();
      return closing;
    },
  };
};
