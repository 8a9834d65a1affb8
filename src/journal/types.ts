import type { FaultKind } from '../domain/faults.ts';
import type { Intent } from '../domain/intent.ts';
import type { Deal, Signal, VenueOrder } from '../domain/trading.ts';
import type { EpochMs, Points } from '../domain/units.ts';
import type { EvaluationContext } from '../machines/evaluation.events.ts';
import type { ReachedLimit } from '../machines/trading-mode.machine.ts';

/**
 * The journal is the sole truth: an append-only sequence of entries. An entry is durable (fsync)
 * before its `append` resolves; what an entry marks and what it means commit in one transaction.
 * `at` is session time; the wall time of the commit is stored beside it for people only.
 */
export type EntryBody =
  | {
      readonly kind: 'session.started';
      readonly runId: string;
      readonly profile: string;
      readonly ruleSet: string;
      readonly initialMinor: string;
      readonly currency: string;
      readonly currencyDigits: number;
    }
  | { readonly kind: 'session.ended'; readonly runId: string; readonly reason: string }
  /** What the venue says of a symbol, so that prices can be read back from points. */
  | { readonly kind: 'symbol.known'; readonly symbol: string; readonly digits: number }
  | {
      readonly kind: 'signal.raised';
      readonly signalId: string;
      readonly strategyId: string;
      readonly symbol: string;
      readonly barAt: EpochMs;
      readonly signal: Signal;
    }
  /** The guard's verdict on an open signal; a denial ends the order's life there. */
  | {
      readonly kind: 'order.denied';
      readonly signalId: string;
      readonly intentId: string;
      readonly strategyId: string;
      readonly symbol: string;
      readonly code: string;
      readonly detail: string;
      readonly signal: Signal;
    }
  | {
      readonly kind: 'intent.planned';
      readonly signalId: string;
      readonly intent: Intent;
      readonly reservedMinor: string;
    }
  | {
      readonly kind: 'attempt.sent';
      readonly intentId: string;
      readonly attempt: number;
      readonly epoch: number;
      /** What this attempt asks for, where the price was refreshed since the intent was planned. */
      readonly levels?: Levels;
    }
  | {
      readonly kind: 'attempt.result';
      readonly intentId: string;
      readonly attempt: number;
      readonly outcome: AttemptOutcome;
      readonly retcode?: number;
      readonly orderTicket?: string;
      readonly dealTicket?: string;
      readonly detail?: string;
      /** Our own side is the reason: nothing left, or no answer came. */
      readonly fault?: FaultKind;
      /** Definitely not done, and another attempt may be made. */
      readonly willRetry?: true;
    }
  /** The order chart moved: `state` is its new leaf. */
  | { readonly kind: 'order.state'; readonly intentId: string; readonly state: string }
  | { readonly kind: 'deal.booked'; readonly intentId: string | null; readonly deal: Deal }
  | { readonly kind: 'order.seen'; readonly intentId: string | null; readonly order: VenueOrder }
  | {
      readonly kind: 'account.snapshot';
      readonly balanceMinor: string;
      readonly equityMinor: string;
      readonly marginMinor: string;
      readonly dailyFloorMinor: string;
      readonly totalFloorMinor: string;
    }
  /** A day began: the floors' anchor, observed or rebuilt. */
  | {
      readonly kind: 'day.anchored';
      readonly day: string;
      readonly anchorMinor: string;
      readonly source: 'observed' | 'rebuilt' | 'initial';
    }
  /** The rules' book as of now, so that a restart goes on from it and never re-anchors; `applied`
   * are the newest deals that it counts. */
  | {
      readonly kind: 'ledger.saved';
      readonly ledger: string;
      readonly applied: readonly string[];
      /** Deals from before this instant are counted too. */
      readonly appliedSinceMs: EpochMs;
    }
  | {
      readonly kind: 'mode.changed';
      readonly from: string;
      readonly to: string;
      readonly reason: string;
      /** All that holds the account now; absent in journals of version 0.1. */
      readonly holds?: readonly string[];
      /** Soft limits that hold it as well; absent in older journals. */
      readonly limits?: readonly ReachedLimit[];
    }
  /** The flatten chart moved; `to` is its new leaf. */
  | {
      readonly kind: 'flatten.changed';
      readonly from: string;
      readonly to: string;
      readonly reason: string;
    }
  /** An evaluation's chart moved: all that it remembers. `to` is its new leaf, a dotted path. The
   * account is the one whose guard moved it; an evaluation goes on over the accounts of its phases. */
  | {
      readonly kind: 'evaluation.changed';
      readonly id: string;
      /** Id of the rule set. */
      readonly ruleSet: string;
      readonly from: string;
      readonly to: string;
      readonly context: EvaluationContext;
    }
  /** All strategies that an operator has stopped, by id: they stay down over a restart. */
  | { readonly kind: 'strategies.switched'; readonly disabled: readonly string[] }
  | { readonly kind: 'epoch.claimed'; readonly epoch: number; readonly instance: string }
  | {
      readonly kind: 'recovery.completed';
      readonly hash: string;
      readonly counts: Readonly<Record<string, number>>;
      readonly actions: readonly string[];
    }
  /** Anything a person may want to find later: link, gate, actors, warnings. */
  | {
      readonly kind: 'event';
      readonly severity: 'info' | 'warning' | 'error';
      readonly code: string;
      readonly detail: string;
      readonly path?: string;
    };

/** Price levels of one attempt. */
export interface Levels {
  readonly price: Points;
  readonly stopLoss?: Points;
  readonly takeProfit?: Points;
}

export type AttemptOutcome =
  | 'accepted'
  | 'filled'
  | 'placed'
  | 'refused'
  | 'unknown'
  | 'absentConfirmed';

export type EntryKind = EntryBody['kind'];
export type Entry = EntryBody & {
  readonly accountId: string;
  /** Session time of the decision or of the venue's fact. */
  readonly at: EpochMs;
};
export type StoredEntry = Entry & { readonly seq: number };

export interface Appended {
  /** seq of the last entry of this append. */
  readonly lastSeq: number;
}

/** What the writer's own connection says of itself: with a write-ahead log and `synchronous` full, a
 * commit is on the disk before it is acknowledged. */
export interface Durability {
  readonly journalMode: string;
  readonly synchronous: 'off' | 'normal' | 'full' | 'extra';
}

/** The one way to write. Rejects with a tagged error when the entry is not durable (disk full,
 * torn, closed); then nothing of this append is visible. */
export interface JournalWriter {
  readonly durability: Durability;
  /** All entries of one call commit together, in order; calls commit in the order they were made. */
  readonly append: (entries: readonly Entry[]) => Promise<Appended>;
  readonly close: () => Promise<void>;
}

/** Reads committed entries through a connection of its own; never blocks the writer. */
export interface JournalReader {
  readonly after: (seq: number, limit: number) => readonly StoredEntry[];
  readonly lastSeq: () => number;
  /** True when an intent with this key was planned before: the signal is a repetition. */
  readonly hasIntentKey: (accountId: string, key: string) => boolean;
  readonly hasDeal: (accountId: string, dealTicket: string) => boolean;
  /** How many intents were ever planned for the account. */
  readonly plannedIntents: (accountId: string) => number;
  /** Entries of every intent not yet in a final state, oldest first (for rebuilding the executor). */
  readonly openIntents: (accountId: string) => readonly StoredEntry[];
  /** Everything that names the intent, oldest first: its whole story. */
  readonly ofIntent: (accountId: string, intentId: string) => readonly StoredEntry[];
  /** Entries of one kind after `seq`, oldest first. */
  readonly ofKind: <Kind extends EntryKind>(
    accountId: string,
    kind: Kind,
    seq?: number,
  ) => readonly Extract<StoredEntry, { readonly kind: Kind }>[];
  readonly last: (accountId: string, kind: EntryKind) => StoredEntry | undefined;
  /** Every account that the journal knows, in the order of their names. */
  readonly accounts: () => readonly string[];
  /** Wall time at which an entry was written down, UTC milliseconds: for people, never for a
   * decision. 0 for an entry that is not there. */
  readonly recordedAt: (seq: number) => number;
  readonly close: () => void;
}
