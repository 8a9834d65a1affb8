import { Deque } from './deque.ts';
import { type Entry, messageOf } from './envelope.ts';
import type { Lane, MailboxOptions, Message, OverflowPolicy } from './types.ts';

/** Leaves its place in the ring when a newer message of its key took over. */
const GONE: Entry = { type: 'kernel.gone' };

/**
 * The user lane under `conflate`: remembers where the newest message of each key waits, so that
 * a full lane gives up the superseded one in constant time. The newer one queues at the end:
 * taking the old place would let it overtake what was sent before it.
 */
class ConflatingIndex {
  private readonly places = new Map<string, number>();
  private readonly keyOf: (message: Message) => string | undefined;
  /** Absolute position of the ring's head: positions stay valid while the head moves on. */
  private headAt = 0;
  gone = 0;

  constructor(keyOf: (message: Message) => string | undefined) {
    this.keyOf = keyOf;
  }

  key(entry: Entry): string | undefined {
    try {
      return this.keyOf(messageOf(entry));
    } catch {
      // A key function that throws must not throw into whoever sent the message.
      return undefined;
    }
  }

  pushed(lane: Deque<Entry>, entry: Entry): void {
    const key = this.key(entry);
    if (key !== undefined) this.places.set(key, this.headAt + lane.length - 1);
  }

  shifted(entry: Entry): void {
    if (entry === GONE) this.gone -= 1;
    else this.leave(entry, this.headAt);
    this.headAt += 1;
  }

  unshifted(): void {
    this.headAt -= 1;
  }

  /** Takes the waiting message of the same key out, if there is one. */
  displace(lane: Deque<Entry>, entry: Entry): Entry | undefined {
    const key = this.key(entry);
    const place = key === undefined ? undefined : this.places.get(key);
    if (place === undefined) return undefined;
    const index = place - this.headAt;
    const old = lane.at(index);
    if (old === undefined || old === GONE) return undefined;
    lane.set(index, GONE);
    this.gone += 1;
    return old;
  }

  /** Gaps are dropped once they outnumber the messages, so a stalled lane stays bounded. */
  compact(lane: Deque<Entry>): void {
    if (this.gone <= lane.length - this.gone + 16) return;
    const live = lane.drain().filter((entry) => entry !== GONE);
    this.places.clear();
    this.headAt = 0;
    this.gone = 0;
    for (const entry of live) {
      lane.push(entry);
      this.pushed(lane, entry);
    }
  }

  private leave(entry: Entry, place: number): void {
    const key = this.key(entry);
    if (key !== undefined && this.places.get(key) === place) this.places.delete(key);
  }
}

/** The two bounded lanes of an actor; the system lane is the cell's own and has no bound. */
export class Mailbox {
  private readonly control = new Deque<Entry>();
  private readonly user = new Deque<Entry>();
  private readonly capacity: number;
  private readonly overflow: OverflowPolicy<Message>['type'];
  private readonly index: ConflatingIndex | undefined;
  private readonly laneOf: ((message: Message) => Lane) | undefined;

  constructor(options: MailboxOptions<Message>) {
    this.capacity = options.capacity;
    this.overflow = options.overflow.type;
    this.laneOf = options.lane;
    if (options.overflow.type === 'conflate') {
      this.index = new ConflatingIndex(options.overflow.key);
    }
  }

  get depth(): number {
    return this.control.length + this.user.length - (this.index?.gone ?? 0);
  }

  /**
   * Queues the entry and returns the one that lost its place for it: the entry itself when it was
   * refused, undefined when there was room.
   * @param owed the actor's own timers, answers and task results: bounded by what it asked for
   * itself, and lost forever if refused, so they always get in.
   */
  push(entry: Entry, owed: boolean): Entry | undefined {
    if (this.laneFor(entry) === 'control') {
      if (this.control.length >= this.capacity && !owed) return entry;
      this.control.push(entry);
      return undefined;
    }
    let displaced: Entry | undefined;
    if (!owed && this.user.length - (this.index?.gone ?? 0) >= this.capacity) {
      displaced = this.makeRoom(entry);
      if (displaced === entry) return entry;
    }
    this.user.push(entry);
    this.index?.pushed(this.user, entry);
    this.index?.compact(this.user);
    return displaced;
  }

  /** Puts entries back in front, first one first, whatever the capacity: they were accepted. */
  pushFront(entries: readonly Entry[]): void {
    for (const entry of entries.toReversed()) {
      if (this.laneFor(entry) === 'control') {
        this.control.unshift(entry);
      } else {
        this.user.unshift(entry);
        this.index?.unshifted();
      }
    }
  }

  shift(): Entry | undefined {
    const urgent = this.control.shift();
    if (urgent !== undefined) return urgent;
    for (;;) {
      const entry = this.user.shift();
      if (entry === undefined) return undefined;
      this.index?.shifted(entry);
      if (entry !== GONE) return entry;
    }
  }

  drain(): Entry[] {
    const entries: Entry[] = [];
    for (let entry = this.shift(); entry !== undefined; entry = this.shift()) entries.push(entry);
    return entries;
  }

  private laneFor(entry: Entry): Lane {
    if (this.laneOf === undefined) return 'user';
    try {
      return this.laneOf(messageOf(entry));
    } catch {
      // A lane function that throws must not throw into whoever sent the message.
      return 'user';
    }
  }

  private makeRoom(entry: Entry): Entry {
    if (this.overflow === 'reject') return entry;
    if (this.overflow === 'dropOldest') return this.user.shift() ?? entry;
    return this.index?.displace(this.user, entry) ?? entry;
  }
}
