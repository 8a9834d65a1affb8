import { Deque } from './deque.ts';
import { KERNEL_LIMITS } from './kernel-limits.ts';

/** Something that takes turns: a cell or a supervisor. */
export interface Runnable {
  /** False: its work does not keep the system from being quiescent. */
  readonly counted: boolean;
  /** Set by the queue: it waits for its turn, or has it. */
  scheduled: boolean;
  /** Does up to `budget` units of work; returns how many were done. Must not throw. */
  run(budget: number): number;
  hasWork(): boolean;
}

/**
 * Whose turn is next. It also knows when nothing is left to do: `quiescent` is about ready
 * actors and held work (tasks, starts), never about timers.
 */
export class RunQueue {
  private readonly ready = new Deque<Runnable>();
  private readonly defer: (turn: () => void) => void;
  private readonly pick: ((ready: number) => number) | undefined;
  private readonly waiters: (() => void)[] = [];
  private counted = 0;
  private held = 0;
  private armed = false;
  private readonly pump = (): void => this.drain();

  constructor(defer: (turn: () => void) => void, pick?: (ready: number) => number) {
    this.defer = defer;
    this.pick = pick;
  }

  enqueue(runnable: Runnable): void {
    if (runnable.scheduled) return;
    runnable.scheduled = true;
    if (runnable.counted) this.counted += 1;
    this.ready.push(runnable);
    this.arm();
  }

  /** Work that goes on outside of turns; the system is not quiescent until it is released. */
  hold(): void {
    this.held += 1;
  }

  release(): void {
    this.held -= 1;
    this.tellQuiet();
  }

  quiescent(): Promise<void> {
    return new Promise((resolve) => {
      this.waiters.push(resolve);
      this.tellQuiet();
    });
  }

  private arm(): void {
    if (this.armed) return;
    this.armed = true;
    this.defer(this.pump);
  }

  /** `armed` stays set while it drains: what gets ready meanwhile is served by this very pump. */
  private drain(): void {
    let left: number = KERNEL_LIMITS.pumpMessages;
    const turn = this.pick === undefined ? KERNEL_LIMITS.turnMessages : 1;
    try {
      while (left > 0) {
        const next = this.take();
        if (next === undefined) break;
        left -= Math.max(1, next.run(Math.min(left, turn)));
        this.requeue(next);
      }
    } finally {
      this.armed = false;
      if (this.ready.length > 0) this.arm();
    }
    this.tellQuiet();
  }

  private take(): Runnable | undefined {
    if (this.pick === undefined || this.ready.length < 2) return this.ready.shift();
    return this.ready.remove(this.pick(this.ready.length));
  }

  private requeue(runnable: Runnable): void {
    if (runnable.hasWork()) {
      this.ready.push(runnable);
      return;
    }
    runnable.scheduled = false;
    if (runnable.counted) this.counted -= 1;
  }

  private tellQuiet(): void {
    if (this.counted > 0 || this.held > 0 || this.waiters.length === 0) return;
    for (const resolve of this.waiters.splice(0)) resolve();
  }
}
