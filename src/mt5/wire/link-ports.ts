import type { Clock } from '../../domain/ports.ts';

/** What both ends of the link need from the process that hosts them. */
export interface LinkPorts {
  /** Wall clock: deadlines, back-off and report intervals are about processes, not the market. */
  readonly clock: Clock;
  /** Runs `turn` after pending I/O had its chance (setImmediate), never synchronously. */
  readonly defer: (turn: () => void) => void;
  /** A handler threw, or the socket failed in an unknown way. The link goes on. */
  readonly onFault: (error: unknown) => void;
}

/** The next turn of the event loop. */
export const nextTurn = (defer: LinkPorts['defer']): Promise<void> =>
  new Promise((resolve) => defer(resolve));

/** The promise's value, or `late` after `ms`. The timer does not outlive the answer. */
export const withDeadline = <T, L>(
  clock: Clock,
  ms: number,
  promise: Promise<T>,
  late: L,
): Promise<T | L> =>
  new Promise((resolve, reject) => {
    const timer = clock.schedule(ms, () => resolve(late));
    promise.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (error: unknown) => {
        timer.cancel();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });

/** Runs a handler of the host; its throw is the host's fault and must not stop the link. */
export const guarded = (onFault: LinkPorts['onFault'], run: () => void): void => {
  try {
    run();
  } catch (error) {
    onFault(error);
  }
};
