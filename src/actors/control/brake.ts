/**
 * A flag in shared memory that the last gate before the wire looks at. The control socket's thread
 * pulls it the moment an order to stop arrives, whatever the main thread is doing; the main thread
 * lets it go when the guard has acted, and the trading mode holds from then on.
 */
export interface Brake {
  /** Nothing that increases risk may leave. */
  readonly engaged: () => boolean;
  readonly pull: () => void;
  readonly release: () => void;
  /** The socket's thread is new: nobody holds it any more. */
  readonly reset: () => void;
  readonly memory: SharedArrayBuffer;
}

export const createBrake = (
  memory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
): Brake => {
  const held = new Int32Array(memory);
  return {
    engaged: () => Atomics.load(held, 0) > 0,
    pull: () => {
      Atomics.add(held, 0, 1);
    },
    release: () => {
      // After a reset there may be nothing left to let go. Only the main thread lets go.
      if (Atomics.load(held, 0) > 0) Atomics.sub(held, 0, 1);
    },
    reset: () => {
      Atomics.store(held, 0, 0);
    },
    memory,
  };
};
