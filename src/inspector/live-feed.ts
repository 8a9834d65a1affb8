import { INSPECTOR_LIMITS } from './inspector-limits.ts';
import type { LiveView, NewsItem } from './protocol.ts';

/** One message of the stream: everything, or only what changed. */
export interface Delta {
  readonly id: number;
  readonly at: number;
  /** Parts of the view by name; a part that did not change is left out. */
  readonly changed: Partial<LiveView>;
  readonly news: readonly NewsItem[];
}

type Part = keyof LiveView;

/**
 * The latest view, and what changed from one to the next, so that a page that was away for a moment
 * gets what it missed and no more. Parts are compared by their JSON.
 */
export class LiveFeed {
  readonly #texts = new Map<Part, string>();
  readonly #deltas: Delta[] = [];
  readonly #news: NewsItem[] = [];
  readonly #listeners = new Set<(delta: Delta) => void>();
  #view: LiveView | undefined;
  #at = 0;
  #id = 0;

  /** Undefined until the runtime has drawn the first picture. */
  get view(): LiveView | undefined {
    return this.#view;
  }

  /** Wall time of the latest picture. */
  get at(): number {
    return this.#at;
  }

  get news(): readonly NewsItem[] {
    return this.#news;
  }

  get lastId(): number {
    return this.#id;
  }

  update(view: LiveView, news: readonly NewsItem[], wallAt: number): void {
    this.#view = view;
    this.#at = wallAt;
    this.#news.push(...news);
    this.#news.splice(0, this.#news.length - INSPECTOR_LIMITS.newsKept);
    let changed: Partial<LiveView> = {};
    for (const part of Object.keys(view) as Part[]) {
      const text = JSON.stringify(view[part]);
      if (this.#texts.get(part) === text) continue;
      this.#texts.set(part, text);
      changed = { ...changed, [part]: view[part] };
    }
    if (Object.keys(changed).length === 0 && news.length === 0) return;
    this.#id += 1;
    const delta: Delta = { id: this.#id, at: wallAt, changed, news };
    this.#deltas.push(delta);
    if (this.#deltas.length > INSPECTOR_LIMITS.deltasKept) this.#deltas.shift();
    for (const listener of this.#listeners) listener(delta);
  }

  /** What came after `id`; undefined when that is too long ago to tell. */
  since(id: number): readonly Delta[] | undefined {
    if (id === this.#id) return [];
    const first = this.#deltas[0];
    const isKnown = first !== undefined && id >= first.id - 1 && id < this.#id;
    if (!isKnown) return undefined;
    return this.#deltas.filter((delta) => delta.id > id);
  }

  subscribe(listener: (delta: Delta) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
