import { Deque } from './deque.ts';
import { type Entry, messageOf } from './envelope.ts';
import type { Incarnation } from './incarnation.ts';
import { KERNEL_LIMITS } from './kernel-limits.ts';
import type { Kernel } from './kernel-node.ts';
import { Mailbox } from './mailbox.ts';
import { PoisonWatch } from './poison-watch.ts';
import type { ExitReason, MailboxOptions, Message } from './types.ts';

/** What overtakes every message: orders of the supervisor, notices of death, verbs of the shell. */
export type SystemItem =
  | { readonly type: 'stop'; readonly reason: ExitReason }
  | { readonly type: 'call'; readonly run: () => void }
  /** `make` runs in the actor's own turn, so what it throws is the actor's own crash. */
  | {
      readonly type: 'message';
      readonly owner: Incarnation;
      readonly make: () => Message | undefined;
    }
  | { readonly type: 'exit'; readonly owner: Incarnation; readonly reason: ExitReason };

const DEFAULT_MAILBOX: MailboxOptions<Message> = {
  capacity: KERNEL_LIMITS.mailboxCapacity,
  overflow: { type: 'reject' },
};

/**
 * Everything that waits for an actor: the unbounded system lane, the bounded mailbox, the stash.
 * It survives incarnations, and it is where every accepted message that is not handled ends as a
 * dead letter, exactly once.
 */
export class CellInbox {
  /** Messages sent while the actor is between two lives wait here; otherwise they are refused. */
  readonly keepsWhileDown: boolean;
  private readonly kernel: Kernel;
  private readonly path: string;
  private readonly capacity: number;
  private readonly mailbox: Mailbox;
  private readonly poison: PoisonWatch;
  private readonly system = new Deque<SystemItem>();
  private readonly stashed: Entry[] = [];

  constructor(kernel: Kernel, path: string, options: MailboxOptions<Message> = DEFAULT_MAILBOX) {
    this.kernel = kernel;
    this.path = path;
    this.capacity = options.capacity;
    this.keepsWhileDown = options.whileDown !== 'deadLetter';
    this.mailbox = new Mailbox(options);
    this.poison = new PoisonWatch(options.poisonAfter ?? KERNEL_LIMITS.poisonAfter);
  }

  get depth(): number {
    return this.mailbox.depth + this.stashed.length;
  }

  get waiting(): boolean {
    return this.mailbox.depth > 0;
  }

  get urgent(): boolean {
    return this.system.length > 0;
  }

  push(entry: Entry, owed: boolean): void {
    const displaced = this.mailbox.push(entry, owed);
    if (displaced !== undefined) this.kernel.deadLetter(this.path, displaced, 'overflow');
  }

  next(): Entry | undefined {
    return this.mailbox.shift();
  }

  pushSystem(item: SystemItem): void {
    this.system.push(item);
  }

  nextSystem(): SystemItem | undefined {
    return this.system.shift();
  }

  /** @param current what is being handled: when that is stashed it keeps its story, so that a
   * stashed request still owes its answer. */
  stash(message: Message, current: Entry | undefined): void {
    if (this.stashed.length >= this.capacity) {
      this.kernel.deadLetter(this.path, message, 'overflow');
      return;
    }
    const same = current !== undefined && messageOf(current) === message;
    this.stashed.push(same ? current : message);
  }

  unstashAll(): void {
    this.mailbox.pushFront(this.stashed.splice(0));
  }

  handled(message: Message): void {
    this.poison.handled(message);
  }

  /** A message that crashed its actor gets the chances its mailbox gives it, and no more. */
  crashed(entry: Entry, reason: ExitReason): void {
    if (this.keepsWhileDown && this.poison.deservesRetry(entry)) {
      this.mailbox.pushFront([entry]);
      return;
    }
    const stack = reason.type === 'crash' ? reason.stack : undefined;
    this.kernel.deadLetter(this.path, entry, 'poison', stack);
  }

  /** Orders and notices were for the life that ended; questions still want their answer. What
   * was stashed waits for the next life, in front. */
  endLife(): void {
    for (const item of this.system.drain()) if (item.type === 'call') this.system.push(item);
    if (this.keepsWhileDown) this.unstashAll();
    else this.flush();
  }

  /** Nobody will come for these. */
  flush(): void {
    for (const entry of [...this.stashed.splice(0), ...this.mailbox.drain()]) {
      this.kernel.deadLetter(this.path, entry, 'down');
    }
  }
}
