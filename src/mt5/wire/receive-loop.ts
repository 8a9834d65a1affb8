import { WIRE_LIMITS } from './limits.ts';
import { guarded, type LinkPorts, nextTurn } from './link-ports.ts';
import { errorCode } from './send-queue.ts';

export interface ReceiveLoop {
  /** Resolves when the socket is closed and everything it still held was handled. */
  readonly ended: Promise<void>;
  /** True while nothing is left to read. */
  readonly idle: () => boolean;
}

/**
 * Reads a socket until it closes. libzmq already takes turns between peers; this loop takes turns
 * with the rest of the process: after `messagesPerTurn` messages timers, other sockets and file I/O
 * run, however fast a peer sends. Unread messages wait in libzmq and then in TCP, which slows the
 * peer down.
 */
export const startReceiveLoop = (
  options: Pick<LinkPorts, 'defer' | 'onFault'> & {
    readonly receive: () => Promise<readonly Uint8Array[]>;
    readonly isClosed: () => boolean;
    readonly handle: (parts: readonly Uint8Array[]) => void;
  },
): ReceiveLoop => {
  const { receive, isClosed, handle, defer, onFault } = options;
  let idle = false;
  const run = async (): Promise<void> => {
    let handled = 0;
    while (!isClosed()) {
      let parts: readonly Uint8Array[];
      idle = true;
      try {
        parts = await receive();
      } catch (error) {
        if (isClosed()) return;
        // A socket that cannot be read would otherwise spin here.
        onFault(error);
        if (errorCode(error) !== 'EAGAIN') return;
        await nextTurn(defer);
        continue;
      }
      idle = false;
      guarded(onFault, () => handle(parts));
      handled += 1;
      if (handled % WIRE_LIMITS.messagesPerTurn === 0) await nextTurn(defer);
    }
  };
  return { ended: run(), idle: () => idle };
};
