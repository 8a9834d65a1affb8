import { decodeRuntimeFrame, encodeFrame, exceedsLimit } from './codec.ts';
import { type CurveClientKeys, requireKeys } from './curve.ts';
import { connectDealer, type DealerConnection } from './dealer-connection.ts';
import { LinkMisconfigured } from './errors.ts';
import { parseIdentity } from './identity.ts';
import type { LinkPorts } from './link-ports.ts';
import { guarded } from './link-ports.ts';
import { createMalformedReports, type MalformedInfo } from './malformed-reports.ts';
import type { EaFrame, RuntimeFrame } from './messages.ts';
import type { SendOutcome } from './send-queue.ts';

/**
 * The terminal's end of the link: a DEALER that connects to the first reachable of a list of
 * runtimes, and starts over at the head of the list when it loses one. It carries frames and knows
 * nothing of sessions.
 */
export interface DealerOptions extends LinkPorts {
  /** `tcp://host:port`, in order of preference. */
  readonly endpoints: readonly string[];
  /** `<login>@<server>/<instanceId>`, unique among everything that connects to the runtime. */
  readonly identity: string;
  /** Uniform in [0, 1): the jitter of the back-off. */
  readonly random: () => number;
  readonly onFrame: (frame: RuntimeFrame) => void;
  /** The link is up and empty: nothing was received before this call, and what an earlier
   * connection still had to send is dropped. */
  readonly onConnected: (endpoint: string) => void;
  readonly onDisconnected: (endpoint: string) => void;
  /** At most once a minute. */
  readonly onMalformed: (info: MalformedInfo) => void;
  /** Every message that was malformed, also those that are not reported one by one. */
  readonly onUnreadable?: (why: string) => void;
  readonly onUnknownKind?: (message: { readonly kind: string; readonly id?: string }) => void;
  readonly curve?: CurveClientKeys;
  /** Per endpoint; default 2,000 ms. */
  readonly connectTimeoutMs?: number;
  /** Full jitter over the doubling delay after each failed round; default 250 ms to 10 s. The
   * doubling starts again after a connection that lived for `maxMs`. */
  readonly backoff?: { readonly initialMs: number; readonly maxMs: number };
}

export interface DealerLink {
  /** Never rejects; `unreachable` while no runtime is connected. */
  readonly send: (frame: EaFrame) => Promise<SendOutcome>;
  readonly connected: () => boolean;
  readonly queueDepth: () => number;
  readonly close: () => Promise<void>;
}

const ENDPOINT = /^tcp:\/\/(\[[0-9a-fA-F:]+\]|[\w.-]+):\d{1,5}$/;

const refuseNonsense = (options: DealerOptions): void => {
  const remedy = 'Give tcp://host:port for each runtime, the nearest first.';
  if (options.endpoints.length === 0) {
    throw new LinkMisconfigured({ field: 'endpoints', detail: 'the list is empty', remedy });
  }
  options.endpoints.forEach((endpoint, index) => {
    if (ENDPOINT.test(endpoint)) return;
    throw new LinkMisconfigured({
      field: `endpoints[${index}]`,
      detail: `${endpoint.slice(0, 100)} is not an endpoint`,
      remedy,
    });
  });
  if (parseIdentity(options.identity) === undefined) {
    throw new LinkMisconfigured({
      field: 'identity',
      detail: `${options.identity.slice(0, 100)} names no peer`,
      remedy: 'Use <login>@<server>/<instanceId>.',
    });
  }
  const { curve } = options;
  if (curve !== undefined) {
    requireKeys('curve.serverKey', [curve.serverKey]);
    requireKeys('curve.publicKey', [curve.publicKey]);
    requireKeys('curve.secretKey', [curve.secretKey]);
  }
};

const inboundHandler = (
  options: DealerOptions,
): ((endpoint: string, parts: readonly Uint8Array[]) => void) => {
  const reports = createMalformedReports({
    now: options.clock.now,
    report: (_, info) => options.onMalformed(info),
  });
  return (endpoint, parts) => {
    const decoded = decodeRuntimeFrame(parts);
    if (decoded.ok) {
      options.onFrame(decoded.frame);
      return;
    }
    const { error, detail, id } = decoded;
    const named = id === undefined ? {} : { id };
    if (error === 'unknown_kind') options.onUnknownKind?.({ kind: detail, ...named });
    else {
      options.onUnreadable?.(detail);
      reports.note(endpoint, { error, detail, ...named });
    }
  };
};

/** Resolves once the link has begun to look for a runtime; it goes on looking until `close`.
 * Rejects with LinkMisconfigured. */
export const openDealer = async (options: DealerOptions): Promise<DealerLink> => {
  refuseNonsense(options);
  const { endpoints, identity, clock, defer, onFault, curve } = options;
  const { initialMs, maxMs } = options.backoff ?? { initialMs: 250, maxMs: 10_000 };
  const connectTimeoutMs = options.connectTimeoutMs ?? 2_000;
  const handle = inboundHandler(options);
  let current: DealerConnection | undefined;
  let closing = false;
  let wake: () => void = () => undefined;
  let abandon: () => void = () => undefined;
  const abandoned = new Promise<void>((resolve) => {
    abandon = resolve;
  });

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = clock.schedule(ms, resolve);
      wake = () => {
        timer.cancel();
        resolve();
      };
    });

  const settings = { identity, connectTimeoutMs, curve, clock, defer, onFault, abandoned };
  const firstReachable = async () => {
    for (const endpoint of endpoints) {
      const connection = await connectDealer({ ...settings, endpoint });
      if (connection !== undefined && closing) connection.close();
      if (closing) return undefined;
      if (connection !== undefined) return { endpoint, connection };
    }
    return undefined;
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!closing) {
      const found = await firstReachable();
      if (found !== undefined) {
        const { endpoint, connection } = found;
        const since = clock.now();
        current = connection;
        guarded(onFault, () => options.onConnected(endpoint));
        connection.listen((parts) => handle(endpoint, parts));
        await connection.ended;
        current = undefined;
        connection.queue.close();
        guarded(onFault, () => options.onDisconnected(endpoint));
        if (clock.now() - since >= maxMs) failures = 0;
      }
      if (closing) return;
      await pause(options.random() * Math.min(maxMs, initialMs * 2 ** failures));
      failures = Math.min(failures + 1, 30);
    }
  };
  const ended = run().catch(onFault);

  return {
    send: (frame) => {
      if (closing) return Promise.resolve('closed');
      if (current === undefined) return Promise.resolve('unreachable');
      const parts = encodeFrame(frame);
      return exceedsLimit(parts) ? Promise.resolve('tooLarge') : current.queue.push(parts);
    },
    connected: () => current !== undefined,
    queueDepth: () => current?.queue.depth() ?? 0,
    close: async () => {
      closing = true;
      wake();
      abandon();
      current?.close();
      await ended;
    },
  };
};
