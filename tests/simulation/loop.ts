import { ambientDefer } from '../../src/actors/kernel/ambient-clock.ts';
import { createVirtualClock, type VirtualClock } from '../../src/actors/kernel/virtual-clock.ts';
import type { Clock, Random, TimerHandle } from '../../src/domain/ports.ts';
import { epochMs } from '../../src/domain/units.ts';

/** Whatever dies at once: a process. A dead owner's turns and timers never run. */
export interface Owner {
  readonly alive: boolean;
}

interface Turn {
  readonly owner: Owner;
  readonly run: () => void;
}

/** A loop that never comes to its end is a failure of its own. */
export class StepBudgetExhausted extends Error {
  constructor(steps: number) {
    super(`nothing ends: ${steps} steps without coming to the end`);
    this.name = 'StepBudgetExhausted';
  }
}

/**
 * The one event loop of a simulated world. A step runs one turn, drawn by the seed from those that
 * are ready, or fires the next timers when none is; then every promise settles before the next
 * step. Nothing in here waits for the machine, so the same seed gives the same steps.
 */
export class SimLoop {
  readonly clock: VirtualClock;
  readonly #random: Random;
  readonly #turns: Turn[] = [];
  steps = 0;

  constructor(startMs: number, random: Random) {
    this.clock = createVirtualClock(startMs);
    this.#random = random;
  }

  defer(owner: Owner, run: () => void): void {
    this.#turns.push({ owner, run });
  }

  /** Wall clock of one machine: timers die with their owner; `offsetMs` is how far its reading of
   * the time of day is off (a jump moves it, and moves no timer). */
  clockOf(owner: Owner, offsetMs: () => number = () => 0): Clock {
    return {
      now: () => epochMs(this.clock.now() + offsetMs()),
      schedule: (delayMs, fire) => this.after(owner, delayMs, fire),
    };
  }

  after(owner: Owner, delayMs: number, fire: () => void): TimerHandle {
    // Whole milliseconds, as the machine's own clock shows them.
    return this.clock.schedule(Math.ceil(delayMs), () => {
      if (owner.alive) fire();
    });
  }

  /** One step; false when there is nothing left to do, ever. */
  async step(): Promise<boolean> {
    this.steps += 1;
    const turn = this.#take();
    if (turn !== undefined) {
      if (turn.owner.alive) turn.run();
    } else {
      const due = this.clock.nextDueAt();
      if (due === undefined) return false;
      this.clock.advanceTo(due);
    }
    await settled();
    return true;
  }

  #take(): Turn | undefined {
    if (this.#turns.length < 2) return this.#turns.shift();
    const index = Math.floor(this.#random.next() * this.#turns.length);
    return this.#turns.splice(index, 1)[0];
  }
}

/** Resolves when every promise that can settle has done so: promises come before the event loop. */
const settled = (): Promise<void> => new Promise((resolve) => ambientDefer(resolve));
