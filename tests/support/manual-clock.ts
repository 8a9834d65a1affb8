import type { Clock } from '../../src/domain/ports.ts';
import { epochMs } from '../../src/domain/units.ts';

/** A clock that a test moves by hand, for code that runs over real sockets. */
export const virtualClockOf = (startMs: number) => {
  let now = startMs;
  const timers = new Set<{ readonly at: number; readonly fire: () => void }>();
  const clock: Clock = {
    now: () => epochMs(now),
    schedule: (delayMs, fire) => {
      const timer = { at: now + delayMs, fire };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
  };
  const advance = (ms: number): void => {
    now += ms;
    for (const timer of [...timers].filter(({ at }) => at <= now)) {
      timers.delete(timer);
      timer.fire();
    }
  };
  return { clock, advance };
};
