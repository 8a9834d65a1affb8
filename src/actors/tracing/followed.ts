import type { Intent } from '../../domain/intent.ts';
import { isFinalOrderState } from '../../domain/order-state.ts';
import type { JournalReader } from '../../journal/types.ts';
import type { Span } from '../../telemetry/traces/span.ts';

/** What a tracer remembers of signals and orders that are under way. All times are wall time. */
export interface FollowedSignal {
  readonly traceId: string;
  readonly rootId: string;
  readonly startMs: number;
  /** When the guard was told. */
  readonly judgedFromMs: number;
  readonly attributes: Span['attributes'];
  /** Intents that are not settled yet. */
  readonly open: Set<string>;
}
export interface OpenAttempt {
  readonly startMs: number;
  /** Null: it was sent in another life. */
  readonly command: string | null;
  ackMs: number | null;
}
export interface FollowedOrder {
  readonly signal: FollowedSignal;
  readonly admittedMs: number;
  /** It may rest on the book for days once it is placed. */
  readonly rests: boolean;
  readonly attempts: Map<number, OpenAttempt>;
  /** Highest attempt that has ended. */
  lastAttempt: number;
}

const maySit = (intent: Intent): boolean => intent.type === 'open' && intent.kind !== 'market';

export const beginOrder = (
  signal: FollowedSignal,
  intent: Intent,
  admittedMs: number,
): FollowedOrder => ({
  signal,
  admittedMs,
  rests: maySit(intent),
  attempts: new Map(),
  lastAttempt: 0,
});

/** An order as the journal has it. */
export interface Recalled {
  readonly intent: Intent;
  readonly plannedMs: number;
  /** Sent, and without a known end. */
  readonly attempts: readonly { readonly attempt: number; readonly sentMs: number }[];
  /** Its signal's span was made when it settled. */
  readonly isSettled: boolean;
}

/** Reads what another life has written of an order. Throws while there is no journal. */
export const recallOrder = (
  reader: Pick<JournalReader, 'ofIntent' | 'recordedAt'>,
  {
    accountId,
    intentId,
    upToSeq,
  }: {
    readonly accountId: string;
    readonly intentId: string;
    /** Last entry of the other life. */
    readonly upToSeq: number;
  },
): Recalled | undefined => {
  const entries = reader.ofIntent(accountId, intentId).filter(({ seq }) => seq <= upToSeq);
  const planned = entries.find((entry) => entry.kind === 'intent.planned');
  if (planned?.kind !== 'intent.planned') return undefined;
  const rests = maySit(planned.intent);
  const open = new Map<number, number>();
  let isSettled = false;
  for (const entry of entries) {
    if (entry.kind === 'attempt.sent') open.set(entry.attempt, reader.recordedAt(entry.seq));
    if (entry.kind === 'attempt.result' && entry.outcome !== 'unknown') open.delete(entry.attempt);
    if (entry.kind === 'attempt.result' && entry.outcome === 'placed') isSettled ||= rests;
    if (entry.kind === 'order.state' && isFinalOrderState(entry.state)) isSettled = true;
  }
  const attempts = [...open].map(([attempt, sentMs]) => ({ attempt, sentMs }));
  return { intent: planned.intent, plannedMs: reader.recordedAt(planned.seq), attempts, isSettled };
};
