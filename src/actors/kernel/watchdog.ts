import type { Clock, Stopwatch, TimerHandle } from '../../domain/ports.ts';
import type { System } from './types.ts';

/** Calls `tick` every `everyMs` of the clock until stopped; a late tick does not pile up. */
const every = (clock: Clock, everyMs: number, tick: () => void): (() => void) => {
  let timer: TimerHandle;
  const arm = (): void => {
    timer = clock.schedule(everyMs, () => {
      arm();
      tick();
    });
  };
  arm();
  return () => timer.cancel();
};

/**
 * Measures how late the event loop is: a timer of `everyMs` that comes after more than that was
 * kept waiting by somebody's synchronous work. Reports the lag in ms, at least 0, each time.
 * @returns stops the measuring.
 */
export const watchLoopLag = (options: {
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly everyMs: number;
  readonly report: (lagMs: number) => void;
}): (() => void) => {
  const { clock, stopwatch, everyMs, report } = options;
  let lastMs = stopwatch.elapsedMs();
  return every(clock, everyMs, () => {
    const nowMs = stopwatch.elapsedMs();
    const lagMs = Math.max(0, nowMs - lastMs - everyMs);
    lastMs = nowMs;
    report(lagMs);
  });
};

/** A worker that did not answer a ping in time. */
export interface Unresponsive {
  readonly path: string;
  readonly incarnation: number;
  readonly killed: boolean;
}

/**
 * Pings every running worker and tells of those that do not answer within `timeoutMs`; with
 * `kill` they are killed, and their supervisors restart them by their own policy.
 * @returns stops the watching.
 */
export const watchProgress = (options: {
  readonly system: System;
  readonly clock: Clock;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly kill: boolean;
  readonly report: (unresponsive: Unresponsive) => void;
}): (() => void) => {
  const { system, clock, everyMs, timeoutMs, kill, report } = options;
  const asked = new Set<string>();
  const ask = async (path: string, incarnation: number): Promise<void> => {
    const reply = await system.sys(path)?.ping(timeoutMs);
    asked.delete(path);
    if (reply?.ok !== false || reply.error !== 'timeout') return;
    // A new incarnation is not to blame for the silence of the one before.
    const same = system.info(path)?.incarnation === incarnation;
    if (same) report({ path, incarnation, killed: kill && system.kill(path) });
  };
  return every(clock, everyMs, () => {
    for (const { path, type, status, incarnation } of system.tree()) {
      if (type !== 'worker' || status !== 'running' || asked.has(path)) continue;
      asked.add(path);
      void ask(path, incarnation);
    }
  });
};
