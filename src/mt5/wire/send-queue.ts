/**
 * One send at a time. zeromq.js refuses a second send while one is pending (EBUSY), and a send to
 * an absent peer stays pending unless `sendTimeout` is 0; so every message waits for its turn here,
 * in order, and each learns its own outcome.
 *
 * ok           handed to libzmq; only an application answer proves that it arrived
 * unreachable  no such peer is connected: it was not sent
 * queueFull    the peer does not read, or too much waits here: it was not sent
 * tooLarge     above the protocol's size limit: it was not sent
 * closed       the link is closing: it was not sent
 */
export type SendOutcome = 'ok' | 'unreachable' | 'queueFull' | 'tooLarge' | 'closed';

export interface SendQueue {
  /** Never rejects. Transmits in this turn when nothing waits. */
  readonly push: (parts: readonly Uint8Array[]) => Promise<SendOutcome>;
  readonly depth: () => number;
  /** What still waits ends as `closed`. */
  readonly close: () => void;
}

interface Waiting {
  readonly parts: readonly Uint8Array[];
  readonly settle: (outcome: SendOutcome) => void;
}

const OUTCOME_BY_CODE: Readonly<Record<string, SendOutcome>> = {
  EHOSTUNREACH: 'unreachable',
  EAGAIN: 'queueFull',
  EBADF: 'closed',
  ENOTSOCK: 'closed',
};

export const errorCode = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';

export const createSendQueue = (options: {
  readonly capacity: number;
  /** Hands one message to the socket; rejects with libzmq's error code. */
  readonly transmit: (parts: readonly Uint8Array[]) => Promise<void>;
  /** An error with no meaning in this protocol; the message counts as not sent. */
  readonly onFault: (error: unknown) => void;
}): SendQueue => {
  const { capacity, transmit, onFault } = options;
  const waiting: Waiting[] = [];
  let closed = false;
  let busy = false;

  const attempt = async (parts: readonly Uint8Array[]): Promise<SendOutcome> => {
    try {
      await transmit(parts);
      return 'ok';
    } catch (error) {
      const outcome = OUTCOME_BY_CODE[errorCode(error)];
      if (outcome !== undefined) return outcome;
      onFault(error);
      return 'unreachable';
    }
  };

  const pump = async (): Promise<void> => {
    busy = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      next.settle(closed ? 'closed' : await attempt(next.parts));
    }
    busy = false;
  };

  return {
    push: (parts) => {
      if (closed) return Promise.resolve('closed');
      if (waiting.length >= capacity) return Promise.resolve('queueFull');
      return new Promise((settle) => {
        waiting.push({ parts, settle });
        if (!busy) void pump();
      });
    },
    depth: () => waiting.length,
    close: () => {
      closed = true;
      for (const { settle } of waiting.splice(0)) settle('closed');
    },
  };
};
