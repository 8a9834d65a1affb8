import {
  ambientClock,
  ambientDefer,
  ambientStopwatch,
} from '../../src/actors/kernel/ambient-clock.ts';
import type { Clock, Stopwatch } from '../../src/domain/ports.ts';
import type { TerminalOptions } from '../../src/mt5/terminal/options.ts';
import { runTerminal } from '../../src/mt5/terminal/terminal-process.ts';

/** Session milliseconds per wall millisecond: no advance is ever cut into slices, and the pause
 * that the pacer wants between two of them is shorter than any other wait of the terminal. */
const SPEED = 1e9;
const PACE_MS = 1;

/**
 * The real simulated terminal in the test's own process, over real sockets. Its pace is a test's to
 * say: between two advances, when the runtime has confirmed the last one, it waits to be let on.
 */
export interface SteppedTerminal {
  /** Lets the session run on while `goOn` says so; asked each time an instant is over. */
  readonly play: (goOn: () => boolean) => void;
  /** True while an instant is over and the next one waits to be let on. */
  readonly waiting: () => boolean;
  readonly log: readonly string[];
  /** Ends the terminal as SIGTERM would; resolves with its exit code. */
  readonly stop: () => Promise<number>;
}

/** A terminal may be told to stop before it is far enough to be told anything. */
const stopButton = () => {
  let wanted: string | undefined;
  let stop: (reason: string) => void = () => undefined;
  return {
    press: (reason: string): void => {
      wanted = reason;
      stop(reason);
    },
    onStopRequested: (ask: (reason: string) => void): (() => void) => {
      stop = ask;
      if (wanted !== undefined) ask(wanted);
      return () => undefined;
    },
  };
};

export const startTerminal = (
  options: Omit<TerminalOptions, 'speed'>,
  wall: Clock,
): SteppedTerminal => {
  const log: string[] = [];
  let elapsedMs = 0;
  let held: { readonly waitMs: number; readonly fire: () => void } | undefined;
  let goOn: () => boolean = () => false;
  const button = stopButton();

  const release = (): void => {
    const next = held;
    if (next === undefined || !goOn()) return;
    held = undefined;
    elapsedMs += next.waitMs;
    ambientDefer(next.fire);
  };
  const stopwatch: Stopwatch = { elapsedMs: () => elapsedMs };
  const clock: Clock = {
    now: wall.now,
    schedule: (delayMs, fire) => {
      if (delayMs >= PACE_MS) return wall.schedule(delayMs, fire);
      const wish = { waitMs: delayMs, fire };
      held = wish;
      release();
      return {
        cancel: () => {
          if (held === wish) held = undefined;
        },
      };
    },
  };
  const ended = runTerminal(
    { ...options, speed: SPEED },
    {
      clock,
      stopwatch,
      defer: ambientDefer,
      // Half of the back-off, always: a terminal that lost its runtime looks again soon.
      random: () => 0.5,
      log: (line) => log.push(line),
      onStopRequested: button.onStopRequested,
    },
  );
  return {
    play: (wanted) => {
      goOn = wanted;
      release();
    },
    waiting: () => held !== undefined,
    log,
    stop: () => {
      button.press('the test ended');
      return ended;
    },
  };
};

/** The same terminal by the wall: nobody steps it. */
export const startFreeTerminal = (options: TerminalOptions): SteppedTerminal => {
  const log: string[] = [];
  const button = stopButton();
  const ended = runTerminal(options, {
    clock: ambientClock,
    stopwatch: ambientStopwatch,
    defer: ambientDefer,
    random: () => 0.5,
    log: (line) => log.push(line),
    onStopRequested: button.onStopRequested,
  });
  return {
    play: () => undefined,
    waiting: () => false,
    log,
    stop: () => {
      button.press('the test ended');
      return ended;
    },
  };
};
