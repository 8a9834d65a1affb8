import { webcrypto } from 'node:crypto';
import type { Clock, Random, Stopwatch, TimerHandle } from '../../domain/ports.ts';
import { epochMs } from '../../domain/units.ts';

/**
 * The one door to the machine's own time, randomness and event loop. Everything else receives
 * these as ports, so that it also runs under a seed and a virtual clock.
 */

/** setTimeout fires at once for longer delays, so long ones are waited for in pieces. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/** Fires by the monotonic clock: a wall clock set back or forward moves no timer. */
const schedule = (delayMs: number, fire: () => void): TimerHandle => {
  const dueAtMs = performance.now() + Math.max(0, delayMs);
  let handle: NodeJS.Timeout;
  const arm = (): void => {
    const leftMs = Math.ceil(dueAtMs - performance.now());
    handle = setTimeout(onTimeout, Math.min(Math.max(0, leftMs), MAX_TIMEOUT_MS));
  };
  const onTimeout = (): void => {
    if (performance.now() < dueAtMs) arm();
    else fire();
  };
  arm();
  return { cancel: () => clearTimeout(handle) };
};

/** The machine's wall clock, UTC. */
export const ambientClock: Clock = { now: () => epochMs(Date.now()), schedule };

/** Monotonic milliseconds with a fraction, from an origin of this process. */
export const ambientStopwatch: Stopwatch = { elapsedMs: () => performance.now() };

/** Runs `turn` after pending I/O had its chance. */
export const ambientDefer = (turn: () => void): void => {
  setImmediate(turn);
};

const words = new Uint32Array(2);

/** 53 bits from the operating system: jitter that no two processes share. */
export const ambientRandom: Random = {
  next: () => {
    webcrypto.getRandomValues(words);
    const [high = 0, low = 0] = words;
    return ((high >>> 5) * 67_108_864 + (low >>> 6)) / 9_007_199_254_740_992;
  },
};
