import type { EpochMs } from './units.ts';

/**
 * Time, randomness and identity come through these ports, so that the whole system runs under
 * one seed and a virtual clock. Their ambient implementations live in one file each
 * (`actors/kernel/ambient-*.ts`); everywhere else the linter refuses the ambient functions.
 */
export type TimerHandle = { readonly cancel: () => void };

export interface Clock {
  /** Milliseconds since the epoch, UTC, of this clock (session clock or wall clock). */
  readonly now: () => EpochMs;
  /** Calls `fire` once, at or after `now() + delayMs`. Never synchronously. */
  readonly schedule: (delayMs: number, fire: () => void) => TimerHandle;
}

/** Monotonic stopwatch for process liveness and measurements; not comparable across processes. */
export interface Stopwatch {
  readonly elapsedMs: () => number;
}

export interface Random {
  /** Uniform in [0, 1). */
  readonly next: () => number;
}
