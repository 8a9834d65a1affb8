import { direction } from '../domain/instrument.ts';
import { type Intent, type IntentType, isTrade } from '../domain/intent.ts';
import type { Deal } from '../domain/trading.ts';
import type { StoredEntry } from '../journal/types.ts';
import { retcodeName } from '../mt5/retcodes.ts';

/**
 * How well decisions were carried out, from the journal alone: how many, how often refused and why,
 * how long they took, and what they cost against the price that they were decided on.
 */
export interface ExecutionSummary {
  readonly accountId: string;
  /** Intents that were admitted, by type. */
  readonly intents: Readonly<Partial<Record<IntentType, number>>>;
  /** How they ended, or stand now. */
  readonly states: Readonly<Record<string, number>>;
  readonly attempts: number;
  /** Attempts after the first of an intent. */
  readonly retries: number;
  /** Intents whose outcome was not known at some time. */
  readonly unknown: number;
  /** Refusals by who refused and why, the most frequent first. */
  readonly rejects: readonly Reject[];
  /** Session time from sending an attempt to its first deal; market orders and closes. */
  readonly latencyMs: Quantiles | null;
  /** Points by which fills were worse than the price decided on; negative: better. */
  readonly slippagePoints: Readonly<Record<string, Quantiles>>;
}
export interface Reject {
  /** guard: never sent. link: it did not leave. terminal: the terminal's own side. venue: a return
   * code. */
  readonly by: 'guard' | 'link' | 'terminal' | 'venue';
  readonly reason: string;
  readonly count: number;
}
export interface Quantiles {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

interface Order {
  readonly intent: Intent;
  state: string;
  sentAt: number;
  wasUnknown: boolean;
  /** True once a deal has told how long it took. */
  timed: boolean;
}
interface Fills {
  volumeE8: number;
  /** Σ volume × points worse. */
  weighted: number;
}

/** Level that a trade was decided at; the trigger of a stop-limit is not what it fills at. */
const decidedAt = (intent: Intent): number | undefined => {
  if (!isTrade(intent)) return undefined;
  return intent.type === 'open' ? (intent.stopLimitPrice ?? intent.price) : intent.price;
};
const isAtMarket = (intent: Intent): boolean =>
  intent.type === 'close' || (intent.type === 'open' && intent.kind === 'market');

const quantiles = (values: readonly number[]): Quantiles | null => {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return {
    count: sorted.length,
    mean: Number(mean.toFixed(3)),
    p50: at(0.5),
    p95: at(0.95),
    max: at(1),
  };
};

const counted = <Key extends string>(keys: Iterable<Key>): Partial<Record<Key, number>> => {
  const counts: Partial<Record<Key, number>> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
};

/** Folds the entries of one account, oldest first; others are passed over. */
export class ExecutionFold {
  readonly #accountId: string;
  readonly #orders = new Map<string, Order>();
  readonly #fills = new Map<string, Fills>();
  readonly #rejects = new Map<string, Reject>();
  readonly #latencies: number[] = [];
  #attempts = 0;
  #retries = 0;

  constructor(accountId: string) {
    this.#accountId = accountId;
  }

  add(entry: StoredEntry): void {
    if (entry.accountId !== this.#accountId) return;
    switch (entry.kind) {
      case 'intent.planned': {
        const order = { state: 'planned', sentAt: entry.at, wasUnknown: false, timed: false };
        this.#orders.set(entry.intent.intentId, { ...order, intent: entry.intent });
        return;
      }
      case 'order.denied':
        this.#reject('guard', entry.code);
        return;
      case 'attempt.sent': {
        const order = this.#orders.get(entry.intentId);
        if (order !== undefined) order.sentAt = entry.at;
        this.#attempts += 1;
        if (entry.attempt > 1) this.#retries += 1;
        return;
      }
      case 'attempt.result':
        if (entry.outcome !== 'refused') return;
        if (entry.retcode === undefined) {
          const by = entry.fault === undefined ? 'terminal' : 'link';
          this.#reject(by, entry.detail ?? 'refused');
        } else this.#reject('venue', retcodeName(entry.retcode) ?? String(entry.retcode));
        return;
      case 'order.state': {
        const order = this.#orders.get(entry.intentId);
        if (order === undefined) return;
        order.state = entry.state;
        order.wasUnknown ||= entry.state === 'unknown';
        return;
      }
      case 'deal.booked':
        if (entry.intentId !== null) this.#fill(entry.intentId, entry.deal);
        return;
      default:
        return;
    }
  }

  summary(): ExecutionSummary {
    const orders = [...this.#orders.values()];
    const slippage = new Map<string, number[]>();
    for (const { intent } of orders) {
      const fills = this.#fills.get(intent.intentId);
      if (fills === undefined) continue;
      const points = Number((fills.weighted / fills.volumeE8).toFixed(3));
      slippage.set(intent.symbol, [...(slippage.get(intent.symbol) ?? []), points]);
    }
    return {
      accountId: this.#accountId,
      intents: counted(orders.map(({ intent }) => intent.type)),
      states: counted(orders.map(({ state }) => state)) as Record<string, number>,
      attempts: this.#attempts,
      retries: this.#retries,
      unknown: orders.filter(({ wasUnknown }) => wasUnknown).length,
      rejects: [...this.#rejects.values()].sort(
        (a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1),
      ),
      latencyMs: quantiles(this.#latencies),
      slippagePoints: Object.fromEntries(
        [...slippage].sort().flatMap(([symbol, values]) => {
          const measured = quantiles(values);
          return measured === null ? [] : [[symbol, measured]];
        }),
      ),
    };
  }

  #reject(by: Reject['by'], reason: string): void {
    const key = `${by} ${reason}`;
    this.#rejects.set(key, { by, reason, count: (this.#rejects.get(key)?.count ?? 0) + 1 });
  }

  #fill(intentId: string, deal: Deal): void {
    const order = this.#orders.get(intentId);
    const wanted = order === undefined ? undefined : decidedAt(order.intent);
    if (order === undefined || wanted === undefined) return;
    // An exit that names the opening intent (a stop) is no fill of that order.
    if ((order.intent.type === 'open') !== (deal.entry === 'in')) return;
    if (!order.timed && isAtMarket(order.intent)) {
      this.#latencies.push(Math.max(0, deal.at - order.sentAt));
      order.timed = true;
    }
    const fills = this.#fills.get(intentId) ?? { volumeE8: 0, weighted: 0 };
    fills.volumeE8 += deal.volumeE8;
    fills.weighted += direction(deal.side) * (deal.price - wanted) * deal.volumeE8;
    this.#fills.set(intentId, fills);
  }
}

const BATCH = 5_000;

/** Reads a whole journal; the accounts in it are in the order in which they appear. */
export const summariseExecution = (
  after: (seq: number, limit: number) => readonly StoredEntry[],
): readonly ExecutionSummary[] => {
  const folds = new Map<string, ExecutionFold>();
  for (let seq = 0, more = true; more; ) {
    const entries = after(seq, BATCH);
    for (const entry of entries) {
      const fold = folds.get(entry.accountId) ?? new ExecutionFold(entry.accountId);
      folds.set(entry.accountId, fold);
      fold.add(entry);
    }
    seq = entries.at(-1)?.seq ?? seq;
    more = entries.length === BATCH;
  }
  return [...folds.values()].map((fold) => fold.summary());
};
