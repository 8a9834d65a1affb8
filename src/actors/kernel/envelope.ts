import type { Incarnation } from './incarnation.ts';
import type { AskResult, Message } from './types.ts';

/** One request under way: settled once, by the answer, the time-out or the receiver's end. */
export class PendingAsk {
  private readonly onSettled: (result: AskResult<unknown>) => void;
  settled = false;
  /** Tells the incarnation that took the request that nothing is owed any more. */
  release: (() => void) | undefined;

  constructor(onSettled: (result: AskResult<unknown>) => void) {
    this.onSettled = onSettled;
  }

  settle(result: AskResult<unknown>): void {
    if (this.settled) return;
    this.settled = true;
    this.release?.();
    this.onSettled(result);
  }
}

/**
 * A message with a story: made by an incarnation for itself (timer, task, ask), or carrying a
 * request that somebody waits for. Plain messages travel bare, because most of them are.
 */
export class Envelope {
  readonly message: Message;
  /** Only this incarnation may handle it; for any later one it is stale. */
  readonly owner: Incarnation | undefined;
  readonly ask: PendingAsk | undefined;
  /** The key of the timer that made it; a keyed timer can be taken back until it is handled. */
  readonly key: string | undefined;
  /** A cancelled timer whose message already waits in the mailbox. */
  cancelled = false;

  constructor(
    message: Message,
    owner: Incarnation | undefined,
    story: { readonly ask?: PendingAsk; readonly key?: string | undefined } = {},
  ) {
    this.message = message;
    this.owner = owner;
    this.ask = story.ask;
    this.key = story.key;
  }
}

export type Entry = Message | Envelope;

export const messageOf = (entry: Entry): Message =>
  entry instanceof Envelope ? entry.message : entry;
