import type { ChildState } from './supervisor-state.ts';

interface Entry {
  readonly seq: number;
  readonly child: ChildState;
}

const BUCKETS = 64;
const EMPTY: readonly Entry[] = [];

const bucketOf = (id: string): number => {
  let hash = 0;
  for (let i = 0; i < id.length; i += 1) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) | 0;
  return hash & (BUCKETS - 1);
};

/**
 * The children of a supervisor as an immutable value: a change copies one bucket, not all of
 * ten thousand children, and the start order is kept as a number on each entry.
 */
export class ChildTable {
  readonly size: number;
  private readonly buckets: readonly (readonly Entry[])[];
  private readonly nextSeq: number;
  private ordered: readonly ChildState[] | undefined;

  private constructor(buckets: readonly (readonly Entry[])[], size: number, nextSeq: number) {
    this.buckets = buckets;
    this.size = size;
    this.nextSeq = nextSeq;
  }

  static of(children: readonly ChildState[]): ChildTable {
    const buckets: Entry[][] = Array.from({ length: BUCKETS }, () => []);
    for (const [seq, child] of children.entries()) {
      buckets[bucketOf(child.rule.id)]?.push({ seq, child });
    }
    return new ChildTable(buckets, children.length, children.length);
  }

  get(id: string): ChildState | undefined {
    return this.bucket(id).find((entry) => entry.child.rule.id === id)?.child;
  }

  /** Replaces the child of that id in its place, or appends it as the newest. */
  put(child: ChildState): ChildTable {
    const { id } = child.rule;
    const bucket = this.bucket(id);
    const at = bucket.findIndex((entry) => entry.child.rule.id === id);
    const old = bucket[at];
    if (old === undefined) {
      const grown = [...bucket, { seq: this.nextSeq, child }];
      return new ChildTable(this.replace(id, grown), this.size + 1, this.nextSeq + 1);
    }
    const changed = bucket.with(at, { seq: old.seq, child });
    return new ChildTable(this.replace(id, changed), this.size, this.nextSeq);
  }

  remove(id: string): ChildTable {
    const bucket = this.bucket(id);
    const rest = bucket.filter((entry) => entry.child.rule.id !== id);
    if (rest.length === bucket.length) return this;
    return new ChildTable(this.replace(id, rest), this.size - 1, this.nextSeq);
  }

  /** In start order. */
  get list(): readonly ChildState[] {
    this.ordered ??= this.buckets
      .flat()
      .sort((a, b) => a.seq - b.seq)
      .map((entry) => entry.child);
    return this.ordered;
  }

  private bucket(id: string): readonly Entry[] {
    return this.buckets[bucketOf(id)] ?? EMPTY;
  }

  private replace(id: string, bucket: readonly Entry[]): readonly (readonly Entry[])[] {
    return this.buckets.with(bucketOf(id), bucket);
  }
}
