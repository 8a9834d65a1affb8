import { Pull } from 'zeromq';
import type { LinkPorts } from '../wire/link-ports.ts';
import { startReceiveLoop } from '../wire/receive-loop.ts';
import { decimalOf, parseExact } from './exact-json.ts';

/** One quote as the EA streams it: server milliseconds and decimal texts. */
export interface LiveQuote {
  readonly symbol: string;
  readonly serverMs: number;
  readonly bid: string;
  readonly ask: string;
}
export interface LiveFeedOptions extends LinkPorts {
  readonly host: string;
  readonly livePort: number;
  readonly eventsPort: number;
  readonly onQuote: (quote: LiveQuote) => void;
  /** The terminal has lost its trade server: said once, and no quote follows. */
  readonly onDisconnected: () => void;
  /** A request of this terminal was executed, ours or a person's. A hint to look, and no more: its
   * tickets are cut to 32 bits. */
  readonly onEvent: () => void;
}

/** The two ports on which the EA speaks without being asked. */
export const openLiveFeed = (options: LiveFeedOptions): { readonly close: () => void } => {
  const { host, livePort, eventsPort, defer, onFault } = options;
  const ports = [
    [livePort, (text: string) => heard(options, text)],
    [eventsPort, () => options.onEvent()],
  ] as const;
  const sockets = ports.map(([port, handle]) => {
    const socket = new Pull({ linger: 0 });
    socket.connect(`tcp://${host}:${port}`);
    startReceiveLoop({
      receive: () => socket.receive(),
      isClosed: () => socket.closed,
      handle: (parts) => handle(Buffer.from(parts[0] ?? []).toString('utf8')),
      defer,
      onFault,
    });
    return socket;
  });
  return {
    close: () => {
      for (const socket of sockets) socket.close();
    },
  };
};

const heard = (options: LiveFeedOptions, text: string): void => {
  const message = readLive(text);
  if (message === 'disconnected') options.onDisconnected();
  else if (message !== undefined) options.onQuote(message);
};

/** One message of the live port. Never throws; undefined: a bar, or nothing that can be read. */
export const readLive = (text: string): LiveQuote | 'disconnected' | undefined => {
  let value: unknown;
  try {
    value = parseExact(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  if (fields['status'] === 'DISCONNECTED') return 'disconnected';
  const { symbol, timeframe, data } = fields;
  if (typeof symbol !== 'string' || timeframe !== 'TICK' || !Array.isArray(data)) return undefined;
  const [at, bid, ask] = data.map(decimalOf);
  const serverMs = Number(at);
  if (bid === undefined || ask === undefined || !Number.isSafeInteger(serverMs)) return undefined;
  return { symbol, serverMs, bid, ask };
};
