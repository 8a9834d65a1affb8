/** Collects what callbacks deliver, and lets a test wait for it with a bound instead of a sleep. */
export interface Inbox<T> {
  readonly push: (item: T) => void;
  /** The next item not taken yet, in order; rejects after `timeoutMs`. */
  readonly next: (timeoutMs?: number) => Promise<T>;
  /** Takes items until one satisfies `wanted`. */
  readonly until: (wanted: (item: T) => boolean, timeoutMs?: number) => Promise<T>;
  /** Items that nobody took. */
  readonly rest: () => readonly T[];
}

export const createInbox = <T>(what: string): Inbox<T> => {
  const items: T[] = [];
  let wake: () => void = () => undefined;
  const next = async (timeoutMs = 5_000): Promise<T> => {
    const deadline = performance.now() + timeoutMs;
    while (items.length === 0) {
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`no ${what} within ${timeoutMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return items.shift() as T;
  };
  return {
    push: (item) => {
      items.push(item);
      wake();
    },
    next,
    until: async (wanted, timeoutMs = 5_000) => {
      for (;;) {
        const item = await next(timeoutMs);
        if (wanted(item)) return item;
      }
    },
    rest: () => [...items],
  };
};
