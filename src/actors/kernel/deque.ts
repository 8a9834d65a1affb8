/**
 * A double-ended queue over a ring, because `Array.shift` moves every element of a long queue
 * and a mailbox is shifted once per message.
 */
export class Deque<T> {
  private ring: (T | undefined)[] = new Array<T | undefined>(16).fill(undefined);
  private head = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(item: T): void {
    if (this.count === this.ring.length) this.grow();
    this.ring[(this.head + this.count) & (this.ring.length - 1)] = item;
    this.count += 1;
  }

  unshift(item: T): void {
    if (this.count === this.ring.length) this.grow();
    this.head = (this.head - 1) & (this.ring.length - 1);
    this.ring[this.head] = item;
    this.count += 1;
  }

  shift(): T | undefined {
    if (this.count === 0) return undefined;
    const item = this.ring[this.head];
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.count -= 1;
    return item;
  }

  at(index: number): T | undefined {
    if (index < 0 || index >= this.count) return undefined;
    return this.ring[(this.head + index) & (this.ring.length - 1)];
  }

  /** Replaces the item at `index`, counted from the head. */
  set(index: number, item: T): void {
    this.ring[(this.head + index) & (this.ring.length - 1)] = item;
  }

  /** Takes the item at `index` out, keeping the order of the others. */
  remove(index: number): T | undefined {
    const item = this.at(index);
    for (let i = index; i > 0; i -= 1) this.set(i, this.at(i - 1) as T);
    this.shift();
    return item;
  }

  drain(): T[] {
    const items: T[] = [];
    while (this.count > 0) items.push(this.shift() as T);
    return items;
  }

  private grow(): void {
    const size = this.ring.length;
    const wider = new Array<T | undefined>(size * 2).fill(undefined);
    for (let i = 0; i < this.count; i += 1) wider[i] = this.ring[(this.head + i) & (size - 1)];
    this.ring = wider;
    this.head = 0;
  }
}
