import { computed, signal } from '@preact/signals';
import type { LiveAccount, LiveView, NewsItem } from '../protocol.ts';

/** What the page knows. Everything on it is a function of these. */
export type Level = 'stranger' | 'reader' | 'writer';

export const view = signal<LiveView | undefined>(undefined);
export const news = signal<readonly NewsItem[]>([]);
/** Wall instant of the last sign of life of the runtime's own picture; undefined before the first. */
export const seenAt = signal<number | undefined>(undefined);
export const now = signal(Date.now());
export const connected = signal(false);
export const level = signal<Level>('stranger');
export const mayRead = signal(true);
/** Of several accounts the one that is looked at. */
export const chosenAccount = signal<string | undefined>(undefined);
export const selectedPath = signal<string | undefined>(undefined);
/** The order whose story is open. */
export const storyOf = signal<string | undefined>(undefined);
export const loginWanted = signal(false);
/** The last answer to a command, for everybody to see. */
export const acknowledgement = signal<{ readonly ok: boolean; readonly text: string } | undefined>(
  undefined,
);

const STALE_AFTER_MS = 3_000;

export const account = computed<LiveAccount | undefined>(() => {
  const accounts = view.value?.status.accounts ?? [];
  return accounts.find(({ login }) => login === chosenAccount.value) ?? accounts[0];
});

/** Since when what is shown is old; undefined while it is fresh. */
export const staleSince = computed<number | undefined>(() => {
  const seen = seenAt.value;
  if (seen === undefined || now.value - seen < STALE_AFTER_MS) return undefined;
  return seen;
});

export const sentence = computed<string>(() => {
  const current = account.value;
  if (current === undefined) return 'Waiting for the runtime.';
  return view.value?.sentences[current.login] ?? '';
});
