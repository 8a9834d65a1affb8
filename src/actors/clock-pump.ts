import { advanceSettled, type VirtualClock } from './kernel/virtual-clock.ts';

/**
 * Moves the session clock in step with a terminal that is clock master. An instant is over when
 * every timer, strategy, guard, journal write and send that it caused is done; only then may the
 * terminal go on. That is why a replay gives the same orders at any speed.
 */
export interface ClockPump {
  readonly clock: VirtualClock;
  /** Sequence number of the last instant that is over; an advance told twice is done only once. */
  readonly settledSeq: () => number;
  /** The terminal counts its instants from here, as one does that has lost its memory. */
  readonly restartAt: (doneSeq: number) => void;
  /** Waits for all work under way, moves time to `toMs` firing what is due, then runs the stages
   * one after the other, each until everything that it caused is done. Rejects when time would go
   * back: the terminal lost its place, which is a defect worth a crash. */
  readonly run: (instant: {
    readonly clockSeq: number;
    readonly toMs: number;
    readonly stages: readonly (() => void)[];
  }) => Promise<void>;
  /** The same for a terminal that runs freely: whoever asks waits for those before, and time stands
   * where `toMs` lies behind it. */
  readonly runTo: (instant: {
    readonly toMs: number;
    readonly stages: readonly (() => void)[];
  }) => Promise<void>;
  /** Resolves when nothing is under way. */
  readonly settle: () => Promise<void>;
}

export const createClockPump = (clock: VirtualClock, quiescent: () => Promise<void>): ClockPump => {
  let settled = 0;
  let tail: Promise<void> = Promise.resolve();
  const step = async (toMs: number, stages: readonly (() => void)[]): Promise<void> => {
    await advanceSettled(clock, toMs, quiescent);
    for (const stage of stages) {
      stage();
      await quiescent();
    }
  };
  const inTurn = (play: () => Promise<void>): Promise<void> => {
    const done = tail.then(play);
    tail = done.catch(() => undefined);
    return done;
  };
  return {
    clock,
    settledSeq: () => settled,
    settle: quiescent,
    restartAt: (doneSeq) => {
      settled = doneSeq;
    },
    // An instant that is told again while it is under way must not be played beside itself.
    run: ({ clockSeq, toMs, stages }) =>
      inTurn(async () => {
        // Told again: it lies behind us in both ways of counting. A terminal that lost its memory
        // counts from the beginning, and its time goes on.
        if (clockSeq <= settled && toMs <= clock.now()) return;
        await step(toMs, stages);
        settled = clockSeq;
      }),
    runTo: ({ toMs, stages }) => inTurn(() => step(Math.max(toMs, clock.now()), stages)),
  };
};
