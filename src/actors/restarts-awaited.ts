import type { ActorStatus, KernelEvent, System } from './kernel/types.ts';

/**
 * An instant of session time is not over while a crashed strategy waits for its restart: the
 * back-off is wall time, and a market that went on meanwhile would make a replay depend on the
 * machine. A strategy that is parked, or that an operator stopped, is waited for no longer.
 */
export interface RestartsAwaited {
  readonly observe: (event: KernelEvent) => void;
  /** Resolves when the system is quiet and nobody below the root waits for a restart. */
  readonly settled: (system: Pick<System, 'quiescent' | 'info'>) => Promise<void>;
}

const DECIDED: ReadonlySet<ActorStatus> = new Set([
  'running',
  'stopped',
  'parked',
  'administrativelyDown',
]);
const isDecided = (system: Pick<System, 'info'>, path: string): boolean => {
  const info = system.info(path);
  return info === undefined || DECIDED.has(info.status);
};

/** @param root path of the supervisor above the actors that count. */
export const restartsAwaited = (root: string): RestartsAwaited => {
  const due = new Set<string>();
  let waiters: (() => void)[] = [];
  const nextEvent = (): Promise<void> =>
    new Promise((resolve) => {
      waiters.push(resolve);
    });
  return {
    observe: (event) => {
      if (event.type === 'actor.crashed' && event.report.path.startsWith(`${root}.`)) {
        due.add(event.report.path);
      }
      const waiting = waiters;
      waiters = [];
      for (const wake of waiting) wake();
    },
    settled: async (system) => {
      await system.quiescent();
      for (;;) {
        for (const path of due) if (isDecided(system, path)) due.delete(path);
        if (due.size === 0) return;
        await nextEvent();
        await system.quiescent();
      }
    },
  };
};
