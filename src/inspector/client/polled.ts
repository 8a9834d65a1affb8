import { type Signal, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Answer, read } from './api.ts';
import { account, mayRead } from './store.ts';

/** What the stream does not carry is asked for again every few seconds while the page is visible. */
export const usePolled = <T>(url: string, everyMs: number, target: Signal<T | undefined>): void => {
  const login = account.value?.login;
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
  }, [url, login, allowed, everyMs, target]);
};

export const answerSignal = <T>(): Signal<T | undefined> => signal<T | undefined>(undefined);
