import type { Clock, TimerHandle } from '../../domain/ports.ts';

/** A supervisor's timers: the kills that end its patience, and the retries it owes. */
export class SupervisorTimers {
  private readonly clock: Clock;
  private readonly guards = new Map<number, TimerHandle>();
  private readonly retries = new Set<TimerHandle>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Runs `late` unless that incarnation has ended within the budget. */
  guard(pid: number, budgetMs: number, late: () => void): void {
    const fire = (): void => {
      this.guards.delete(pid);
      late();
    };
    this.guards.set(pid, this.clock.schedule(budgetMs, fire));
  }

  dropGuard(pid: number): void {
    this.guards.get(pid)?.cancel();
    this.guards.delete(pid);
  }

  later(delayMs: number, run: () => void): void {
    const timer = this.clock.schedule(delayMs, () => {
      this.retries.delete(timer);
      run();
    });
    this.retries.add(timer);
  }

  clear(): void {
    for (const timer of [...this.guards.values(), ...this.retries]) timer.cancel();
    this.guards.clear();
    this.retries.clear();
  }
}
