import type { Clock } from '../domain/ports.ts';
import { CoordinatedShutdown, type ShutdownReport } from './kernel/coordinated-shutdown.ts';
import type { System } from './kernel/types.ts';

/** Wall milliseconds of each phase on the way down. */
export const STOP_PHASES = [
  /** What is under way is finished: orders are sent, journal entries written. */
  { name: 'drain', budgetMs: 30_000 },
  /** The end is journalled while there is still a journal. */
  { name: 'record', budgetMs: 15_000 },
  /** Strategies first, the journal last; each child has a budget of its own. */
  { name: 'tree', budgetMs: 120_000 },
  /** Strategy workers, and a terminal that a parked account left behind. */
  { name: 'processes', budgetMs: 20_000 },
] as const;

/** The way down of a runtime. Never rejects: a phase that fails or is late is in the report. */
export const orderlyStop = (input: {
  readonly wall: Clock;
  readonly system: System;
  readonly record: () => Promise<void>;
  readonly closeProcesses: () => Promise<void>;
  readonly reason: string;
}): Promise<ShutdownReport> => {
  const { system, record, closeProcesses, reason } = input;
  const shutdown = new CoordinatedShutdown(input.wall, STOP_PHASES);
  shutdown.add('drain', 'quiescence', 30_000, () => system.quiescent());
  shutdown.add('record', 'session end', 15_000, record);
  shutdown.add('tree', 'supervision tree', 120_000, () => system.shutdown());
  shutdown.add('processes', 'workers and terminal', 20_000, closeProcesses);
  return shutdown.run(reason);
};
