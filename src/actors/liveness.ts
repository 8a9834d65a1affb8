import type { Clock, Stopwatch } from '../domain/ports.ts';
import type { System } from './kernel/types.ts';
import { watchLoopLag, watchProgress } from './kernel/watchdog.ts';
import type { Notice } from './runtime.ts';

/** Wall milliseconds. A heartbeat is missed at three seconds: a lag of one is worth a warning. */
export const LIVENESS = {
  lagEveryMs: 1_000,
  lagWarnMs: 1_000,
  pingEveryMs: 10_000,
  pingTimeoutMs: 5_000,
} as const;

/**
 * Watches that the process itself is alive: how late the event loop is, and that every actor
 * answers a ping. One that does not is killed and restarted by its supervisor's policy.
 * @returns stops the watching.
 */
export const watchLiveness = (input: {
  readonly system: System;
  readonly wall: Clock;
  readonly stopwatch: Stopwatch;
  readonly note: (notice: Omit<Notice, 'at'>) => void;
}): (() => void) => {
  const { system, wall: clock, stopwatch, note } = input;
  const stopLag = watchLoopLag({
    clock,
    stopwatch,
    everyMs: LIVENESS.lagEveryMs,
    report: (lagMs) => {
      if (lagMs < LIVENESS.lagWarnMs) return;
      const detail = `the event loop stood still for ${Math.round(lagMs)} ms`;
      note({ severity: 'warning', code: 'loop.lagged', detail });
    },
  });
  const stopPings = watchProgress({
    system,
    clock,
    everyMs: LIVENESS.pingEveryMs,
    timeoutMs: LIVENESS.pingTimeoutMs,
    kill: true,
    report: ({ path, killed }) => {
      const detail = killed
        ? 'gave no answer to a ping and was killed'
        : 'gave no answer to a ping';
      note({ severity: 'error', code: 'actor.unresponsive', detail, path });
    },
  });
  return () => {
    stopLag();
    stopPings();
  };
};
