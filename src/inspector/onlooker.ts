import { isAbnormal } from '../actors/kernel/exit-reasons.ts';
import type { ActorInfo, KernelEvent, System } from '../actors/kernel/types.ts';
import type { RuntimeStatus } from '../actors/operator/operator-view.ts';
import { INSPECTOR_LIMITS } from './inspector-limits.ts';
import type {
  ActorDetail,
  ChartLine,
  LiveView,
  MarketLine,
  NewsItem,
  TreeLine,
} from './protocol.ts';
import { shownState } from './shown-state.ts';
import { statusSentence } from './status-sentence.ts';

/** What an onlooker is given of the running system. */
export interface Sight {
  readonly system: System;
  readonly status: () => RuntimeStatus;
  readonly market: () => MarketLine;
}
/** Something told to people: a notice of the runtime, or what became durable. */
export type Told = Omit<NewsItem, 'seq'>;

const { transitionsKept, crashesKept, messagesKept, newsKept } = INSPECTOR_LIMITS;

const pushed = <T>(kept: Map<string, T[]>, key: string, item: T, most: number): void => {
  const list = kept.get(key);
  if (list === undefined) kept.set(key, [item]);
  else {
    list.push(item);
    if (list.length > most) list.shift();
  }
};

/**
 * Remembers, within bounds, what the actors went through, and draws the picture that a page shows.
 * It only listens: nothing it does can change what it watches.
 */
export class Onlooker {
  readonly #sight: Sight;
  readonly #transitions = new Map<string, ActorDetail['transitions'][number][]>();
  readonly #crashes = new Map<string, ActorDetail['crashes'][number][]>();
  readonly #traced = new Map<string, { readonly at: number; readonly type: string }[]>();
  readonly #untrace: (() => void)[] = [];
  #news: NewsItem[] = [];
  #seq = 0;

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  hear(event: KernelEvent): void {
    if (event.type === 'chart.moved') {
      const { at, chart, from, to, by } = event;
      pushed(this.#transitions, event.path, { at, chart, from, to, by }, transitionsKept);
    } else if (event.type === 'actor.crashed' && isAbnormal(event.report.reason)) {
      this.#remember(event);
    }
  }

  tell(item: Told): void {
    this.#seq += 1;
    this.#news.push({ ...item, seq: this.#seq });
    if (this.#news.length > newsKept) this.#news.shift();
  }

  /** What was told since the last call. */
  takeNews(): readonly NewsItem[] {
    const news = this.#news;
    this.#news = [];
    return news;
  }

  view(): LiveView {
    const infos = this.#sight.system.tree();
    const status = this.#sight.status();
    return {
      status,
      sentences: Object.fromEntries(
        status.accounts.map((account) => [account.login, statusSentence(account)]),
      ),
      market: this.#sight.market(),
      tree: infos.map(lineOf),
      charts: infos.flatMap(chartsOf),
    };
  }

  /** Null when nothing ever lived at the path. The first look begins to keep its messages. */
  actor(path: string): ActorDetail | null {
    const info = this.#sight.system.info(path);
    if (info === undefined) return null;
    return {
      line: lineOf(info),
      state: shownState(info.summary),
      charts: chartsOf(info),
      transitions: this.#transitions.get(path) ?? [],
      messages: this.#messagesOf(path),
      crashes: this.#crashes.get(path) ?? [],
    };
  }

  close(): void {
    for (const untrace of this.#untrace.splice(0)) untrace();
  }

  #messagesOf(path: string): ActorDetail['messages'] {
    const known = this.#traced.get(path);
    if (known !== undefined) return known;
    const messages: { readonly at: number; readonly type: string }[] = [];
    this.#traced.set(path, messages);
    const untrace = this.#sight.system.sys(path)?.trace(({ at, message }) => {
      messages.push({ at, type: message.type });
      if (messages.length > messagesKept) messages.shift();
    });
    if (untrace !== undefined) this.#untrace.push(untrace);
    return messages;
  }

  #remember({ at, report }: Extract<KernelEvent, { type: 'actor.crashed' }>): void {
    const { path, reason, message, mailboxDepth, restartsLeft } = report;
    const isCrash = reason.type === 'crash';
    const crash = {
      at,
      reason: isCrash ? reason.message : reason.type,
      message: message?.type ?? null,
      stack: isCrash ? (reason.stack ?? null) : null,
      mailboxDepth,
      restartsLeft,
    };
    pushed(this.#crashes, path, crash, crashesKept);
  }
}

const lineOf = (info: ActorInfo): TreeLine => ({
  path: info.path,
  type: info.type,
  status: info.status,
  incarnation: info.incarnation,
  restarts: info.restarts,
  mailboxDepth: info.mailboxDepth,
  budget: info.budget ?? null,
});

/** Actors with charts show them in their summary, by the chart's name. */
const chartsOf = ({ path, summary }: ActorInfo): readonly ChartLine[] => {
  if (typeof summary !== 'object' || summary === null || !('charts' in summary)) return [];
  const charts = summary.charts as Readonly<Record<string, readonly string[]>>;
  return Object.entries(charts).map(([chart, states]) => ({ path, chart, states }));
};
