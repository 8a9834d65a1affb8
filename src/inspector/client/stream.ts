import type { LiveView, NewsItem } from '../protocol.ts';
import { connected, mayRead, news, now, seenAt, view } from './store.ts';

/**
 * The live stream. The browser reconnects by itself and says what it saw last; silence for three
 * seconds makes the page stale, whatever the connection claims.
 */
const NEWS_KEPT = 200;

interface Snapshot {
  readonly at: number;
  readonly view: LiveView | null;
  readonly news: readonly NewsItem[];
}
interface Delta {
  readonly at: number;
  readonly changed: Partial<LiveView>;
  readonly news: readonly NewsItem[];
}

const dataOf = <T>(event: Event): T => JSON.parse((event as MessageEvent<string>).data) as T;

/** The runtime's picture may stand still while its thread still beats: only its own time counts. */
const seen = (at: number): void => {
  if (at > 0) seenAt.value = at;
  now.value = Date.now();
};

export const follow = (): void => {
  const source = new EventSource('/live');
  source.addEventListener('open', () => {
    connected.value = true;
  });
  source.addEventListener('error', () => {
    connected.value = false;
    if (source.readyState !== EventSource.CLOSED) return;
    // Refused for good, or the runtime restarted under another login: ask again, slowly.
    source.close();
    setTimeout(follow, mayRead.peek() ? 2_000 : 10_000);
  });
  source.addEventListener('snapshot', (event) => {
    const { at, view: whole, news: told } = dataOf<Snapshot>(event);
    if (whole !== null) view.value = whole;
    news.value = told;
    seen(at);
  });
  source.addEventListener('delta', (event) => {
    const { at, changed, news: told } = dataOf<Delta>(event);
    const before = view.peek();
    if (before !== undefined) view.value = { ...before, ...changed };
    if (told.length > 0) news.value = [...news.peek(), ...told].slice(-NEWS_KEPT);
    seen(at);
  });
  source.addEventListener('beat', (event) => seen(dataOf<{ readonly at: number }>(event).at));
};

export const keepTime = (): void => {
  setInterval(() => {
    now.value = Date.now();
  }, 500);
};
