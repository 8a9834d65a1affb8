import type { Clock } from '../../domain/ports.ts';

/** One phase: its tasks run together; the next phase begins when all are done or time is up. */
export interface ShutdownPhase {
  readonly name: string;
  readonly budgetMs: number;
}

export type ShutdownOutcome = 'done' | 'failed' | 'late';

export interface ShutdownLine {
  readonly phase: string;
  readonly task: string;
  readonly outcome: ShutdownOutcome;
  readonly tookMs: number;
  readonly error?: unknown;
}

export interface ShutdownReport {
  readonly reason: string;
  readonly lines: readonly ShutdownLine[];
}

export const SHUTDOWN_ERRORS = ['unknown_phase', 'budget_too_short', 'already_running'] as const;

/** The plan of the shutdown is wrong; found when it is made, not while everything goes down. */
export class ShutdownPlanError extends Error {
  readonly code: (typeof SHUTDOWN_ERRORS)[number];

  constructor(code: (typeof SHUTDOWN_ERRORS)[number], detail: string) {
    super(`${code}: ${detail}`);
    this.name = 'ShutdownPlanError';
    this.code = code;
  }
}

interface Task {
  readonly name: string;
  readonly run: (signal: AbortSignal) => Promise<void> | void;
}

/**
 * The way down, in phases with budgets: stop taking work, drain, stop the tree, close the disk.
 * A task that fails or is late is reported and does not stop the others; nothing waits longer
 * than the sum of the budgets, so the process can end by itself after the last phase.
 */
export class CoordinatedShutdown {
  private readonly clock: Clock;
  private readonly phases: readonly ShutdownPhase[];
  private readonly tasks = new Map<string, Task[]>();
  private running: Promise<ShutdownReport> | undefined;

  constructor(clock: Clock, phases: readonly ShutdownPhase[]) {
    this.clock = clock;
    this.phases = phases;
    for (const { name } of phases) this.tasks.set(name, []);
  }

  /** @param needsMs how long the task may take at worst. Throws ShutdownPlanError when its phase
   * is shorter than that: such a phase would cut off every drain that is needed. */
  add(phase: string, name: string, needsMs: number, run: Task['run']): void {
    const budgetMs = this.phases.find((one) => one.name === phase)?.budgetMs;
    const tasks = this.tasks.get(phase);
    if (budgetMs === undefined || tasks === undefined) {
      throw new ShutdownPlanError('unknown_phase', phase);
    }
    if (this.running !== undefined) throw new ShutdownPlanError('already_running', name);
    if (needsMs > budgetMs) {
      const detail = `'${name}' needs ${needsMs} ms, phase '${phase}' has ${budgetMs} ms`;
      throw new ShutdownPlanError('budget_too_short', detail);
    }
    tasks.push({ name, run });
  }

  /** Runs once; a second call gets the report of the first. Never rejects. */
  run(reason: string): Promise<ShutdownReport> {
    this.running ??= this.runPhases(reason);
    return this.running;
  }

  private async runPhases(reason: string): Promise<ShutdownReport> {
    const lines: ShutdownLine[] = [];
    for (const phase of this.phases) {
      const tasks = this.tasks.get(phase.name) ?? [];
      lines.push(...(await Promise.all(tasks.map((task) => this.runTask(phase, task)))));
    }
    return { reason, lines };
  }

  private runTask(phase: ShutdownPhase, task: Task): Promise<ShutdownLine> {
    const from = this.clock.now();
    const controller = new AbortController();
    return new Promise((resolve) => {
      const end = (outcome: ShutdownOutcome, error?: unknown): void => {
        timer.cancel();
        const tookMs = this.clock.now() - from;
        const line = { phase: phase.name, task: task.name, outcome, tookMs };
        resolve(error === undefined ? line : { ...line, error });
      };
      const timer = this.clock.schedule(phase.budgetMs, () => {
        end('late');
        controller.abort();
      });
      // `then` also catches a task that throws before its first await.
      Promise.resolve()
        .then(() => task.run(controller.signal))
        .then(
          () => end('done'),
          (error: unknown) => end('failed', error ?? 'rejected without a reason'),
        );
    });
  }
}
