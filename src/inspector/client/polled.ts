import { type Signal, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Answer, read } from './api.ts';
import { account, mayRead } from './store.ts';

/** What the stream does not carry is asked for again every few seconds while the page is visible, and
 * when the trading mode changes: one half of the page must not contradict the other. */
export const usePolled = <T>(url: string, everyMs: number, target: Signal<T | undefined>): void => {
  const login = account.value?.login;
  const mode = account.value?.mode.name;
  const allowed = mayRead.value;
  useEffect(() => {
    if (!allowed) return undefined;
    let stopped = false;
    const look = async (): Promise<void> => {
      if (document.hidden) return;
      const answer: Answer<T> = await read<T>(url);
      if (answer.ok && !stopped) target.value = answer.value;
    };
    void look();
    const timer = setInterval(() => void look(), everyMs);
    return () => {
      stopped = true;
      clearInterval(timer);
    };
  }, [url, login, mode, allowed, everyMs, target]);
};

export const answerSignal = <T>(): Signal<T | undefined> => signal<T | undefined>(undefined);
