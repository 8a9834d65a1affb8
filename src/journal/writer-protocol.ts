import type { EncodedEntry } from './entry-codec.ts';
import type { EntryFact } from './entry-facts.ts';
import type { ConflictKind, JournalRefusedReason, JournalUnavailableReason } from './errors.ts';
import type { Durability } from './types.ts';
import type { WalTail } from './wal-tail.ts';

/** Messages between the runtime and the writer's thread: flat data, cheap to clone. */
export interface WriterThreadData {
  readonly file: string;
  readonly maxBytes: number;
  readonly busyTimeoutMs: number;
  readonly maxAppendsPerCommit: number;
}
export interface AppendRow extends EncodedEntry {
  readonly fact: EntryFact | null;
}
export interface AppendRequest {
  readonly type: 'append';
  readonly id: number;
  /** Wall time of the call, for people only. */
  readonly recordedAtMs: number;
  readonly rows: readonly AppendRow[];
}
export type WriterRequest = AppendRequest | { readonly type: 'close' };

export type AppendResult =
  | { readonly id: number; readonly type: 'stored'; readonly lastSeq: number }
  | {
      readonly id: number;
      readonly type: 'conflict';
      readonly what: ConflictKind;
      readonly key: string;
    }
  | {
      readonly id: number;
      readonly type: 'unavailable';
      readonly reason: JournalUnavailableReason;
      readonly detail: string;
    };
export type WriterReply =
  | { readonly type: 'opened'; readonly tail: WalTail; readonly durability: Durability }
  | {
      readonly type: 'refused';
      readonly reason: JournalRefusedReason;
      readonly file: string;
      readonly detail: string;
      readonly remedy: string;
    }
  /** One per transaction, sent after its commit. */
  | { readonly type: 'results'; readonly results: readonly AppendResult[] };
