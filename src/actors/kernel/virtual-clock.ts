import type { Clock, TimerHandle } from '../../domain/ports.ts';
import { type EpochMs, epochMs } from '../../domain/units.ts';

interface Timer {
  readonly dueAt: number;
  readonly order: number;
  readonly fire: () => void;
  cancelled: boolean;
}

/** A clock that moves only when told: the time base of replay, simulation and tests. */
export interface VirtualClock extends Clock {
  /** Moves to `atMs` (epoch ms), firing what falls due on the way, at its own instant, in order of
   * instant and then of scheduling. Throws RangeError when `atMs` lies in the past. */
  readonly advanceTo: (atMs: number) => void;
  /** The instant of the earliest pending timer, or undefined when none is pending. */
  readonly nextDueAt: () => EpochMs | undefined;
  readonly pending: () => number;
}

/** A timer that re-arms itself for the same instant would otherwise never let time move. */
const MAX_FIRES_PER_INSTANT = 1_000_000;

const before = (a: Timer, b: Timer): boolean =>
  a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order);

class TimerHeap {
  private readonly items: Timer[] = [];
  cancelled = 0;

  get size(): number {
    return this.items.length - this.cancelled;
  }

  push(timer: Timer): void {
    const items = this.items;
    let at = items.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent];
      if (above === undefined || !before(timer, above)) break;
      items[at] = above;
      at = parent;
    }
    items[at] = timer;
  }

  /** The earliest live timer; cancelled ones are dropped on the way to it. */
  peek(): Timer | undefined {
    for (;;) {
      const first = this.items[0];
      if (first === undefined || !first.cancelled) return first;
      this.pop();
      this.cancelled -= 1;
    }
  }

  pop(): void {
    const items = this.items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let lower = items[child];
      const right = items[child + 1];
      if (lower !== undefined && right !== undefined && before(right, lower)) {
        child += 1;
        lower = right;
      }
      if (lower === undefined || !before(lower, last)) break;
      items[at] = lower;
      at = child;
    }
    items[at] = last;
  }
}

/** @param startMs the instant it starts at, epoch ms. */
export const createVirtualClock = (startMs: number): VirtualClock => {
  const heap = new TimerHeap();
  let nowMs = startMs;
  let scheduled = 0;

  const schedule = (delayMs: number, fire: () => void): TimerHandle => {
    scheduled += 1;
    const delay = Math.max(delayMs, 0);
    const timer: Timer = { dueAt: nowMs + delay, order: scheduled, fire, cancelled: false };
    heap.push(timer);
    return {
      cancel: () => {
        if (timer.cancelled) return;
        timer.cancelled = true;
        heap.cancelled += 1;
      },
    };
  };

  const advanceTo = (atMs: number): void => {
    if (!(atMs >= nowMs)) throw new RangeError(`cannot move back from ${nowMs} to ${atMs}`);
    let fires = 0;
    for (let timer = heap.peek(); timer !== undefined && timer.dueAt <= atMs; timer = heap.peek()) {
      heap.pop();
      fires = timer.dueAt > nowMs ? 1 : fires + 1;
      if (fires > MAX_FIRES_PER_INSTANT) throw new Error(`timers re-arm for ever at ${nowMs}`);
      nowMs = Math.max(nowMs, timer.dueAt);
      // Fired: a late cancel must not count it as a cancelled one still in the heap.
      timer.cancelled = true;
      timer.fire();
    }
    nowMs = atMs;
  };

  return {
    now: () => epochMs(nowMs),
    schedule,
    advanceTo,
    nextDueAt: () => {
      const timer = heap.peek();
      return timer === undefined ? undefined : epochMs(timer.dueAt);
    },
    pending: () => heap.size,
  };
};

/** Moves a clock step by step, letting `settle` (a system's `quiescent`) finish the work that each
 * timer started before the next one fires; without that, chained timers would come late. */
export const advanceSettled = async (
  clock: VirtualClock,
  toMs: number,
  settle: () => Promise<void>,
): Promise<void> => {
  await settle();
  for (let due = clock.nextDueAt(); due !== undefined && due <= toMs; due = clock.nextDueAt()) {
    clock.advanceTo(Math.max(due, clock.now()));
    await settle();
  }
  clock.advanceTo(toMs);
  await settle();
};
