import { WIRE_LIMITS } from './limits.ts';
import type { EaMessageOf } from './messages.ts';
import type { WireAccount, WireDeal, WireOrder, WirePosition, WireSymbol } from './records.ts';
import { snapshotHash } from './snapshot-hash.ts';

type Begin = EaMessageOf<'snapshot.begin'>;
type Part = EaMessageOf<'snapshot.part'>;
type End = EaMessageOf<'snapshot.end'>;

/** All the terminal knows that the runtime has to compare itself with. */
export interface Snapshot {
  readonly snapshotId: string;
  readonly historyFromMs: number;
  /** False when the terminal could not prove that its history is whole: absence proves nothing. */
  readonly complete: boolean;
  readonly atMs: number;
  readonly account: typeof WireAccount.Type;
  readonly positions: readonly (typeof WirePosition.Type)[];
  readonly orders: readonly (typeof WireOrder.Type)[];
  readonly historyOrders: readonly (typeof WireOrder.Type)[];
  readonly deals: readonly (typeof WireDeal.Type)[];
  readonly symbols: readonly (typeof WireSymbol.Type)[];
  readonly results: Part['results'];
  readonly unresolved: Part['unresolved'];
}

const LISTS = [
  'positions',
  'orders',
  'historyOrders',
  'deals',
  'symbols',
  'results',
  'unresolved',
] as const;
const COUNTED = ['positions', 'orders', 'historyOrders', 'deals', 'symbols'] as const;
type ListName = (typeof LISTS)[number];
type Lists = Pick<Part, ListName>;
type MutableLists = { -readonly [Name in ListName]: Lists[Name][number][] };

const emptyLists = (): MutableLists => ({
  positions: [],
  orders: [],
  historyOrders: [],
  deals: [],
  symbols: [],
  results: [],
  unresolved: [],
});

const countsOf = (lists: Lists): End['counts'] => ({
  positions: lists.positions.length,
  orders: lists.orders.length,
  historyOrders: lists.historyOrders.length,
  deals: lists.deals.length,
  symbols: lists.symbols.length,
});

/** A snapshot cut into messages of bounded size, ready to be enveloped and sent in this order. */
export const splitSnapshot = (
  snapshot: Snapshot,
  maxPartBytes: number = WIRE_LIMITS.snapshotPartBytes,
): { readonly begin: Begin; readonly parts: readonly Part[]; readonly end: End } => {
  const { snapshotId } = snapshot;
  const parts: Part[] = [];
  let lists = emptyLists();
  let bytes = Buffer.byteLength(JSON.stringify(snapshot.account));
  const flush = (): void => {
    const index = parts.length;
    const account = index === 0 ? snapshot.account : null;
    parts.push({ kind: 'snapshot.part', snapshotId, index, account, ...lists });
    lists = emptyLists();
    bytes = 0;
  };
  const addAll = <Name extends ListName>(name: Name): void => {
    for (const record of snapshot[name]) {
      const size = Buffer.byteLength(JSON.stringify(record)) + 1;
      if (bytes > 0 && bytes + size > maxPartBytes) flush();
      (lists[name] as (typeof record)[]).push(record);
      bytes += size;
    }
  };
  for (const name of LISTS) addAll(name);
  flush();
  const { historyFromMs, complete, atMs } = snapshot;
  return {
    begin: { kind: 'snapshot.begin', snapshotId, historyFromMs, parts: parts.length },
    parts,
    end: {
      kind: 'snapshot.end',
      snapshotId,
      complete,
      hash: snapshotHash(snapshot),
      atMs,
      counts: countsOf(snapshot),
    },
  };
};

/** A snapshot on its way in. Immutable: each step returns the next one. */
export interface SnapshotAssembly {
  readonly begin: Begin;
  readonly parts: ReadonlyMap<number, Part>;
}

export type AssembledSnapshot =
  | { readonly ok: true; readonly snapshot: Snapshot; readonly hash: string }
  | {
      readonly ok: false;
      readonly reason:
        | 'tooManyParts'
        | 'missingParts'
        | 'noAccount'
        | 'counts'
        | 'hash'
        | 'otherId';
      /** Indices of the parts that never came. */
      readonly missing: readonly number[];
      readonly detail: string;
    };

export const beginAssembly = (begin: Begin): SnapshotAssembly => ({ begin, parts: new Map() });

/** Parts of another snapshot, outside its range, or already here change nothing. */
export const addPart = (assembly: SnapshotAssembly, part: Part): SnapshotAssembly => {
  const { begin, parts } = assembly;
  const belongs = part.snapshotId === begin.snapshotId && part.index < begin.parts;
  if (!belongs || parts.has(part.index) || parts.size >= WIRE_LIMITS.snapshotParts) return assembly;
  return { begin, parts: new Map(parts).set(part.index, part) };
};

const refuse = (
  reason: Extract<AssembledSnapshot, { ok: false }>['reason'],
  detail: string,
  missing: readonly number[] = [],
): AssembledSnapshot => ({ ok: false, reason, detail, missing });

const joinLists = (parts: readonly Part[]): Lists => {
  const lists = emptyLists();
  for (const part of parts) {
    lists.positions.push(...part.positions);
    lists.orders.push(...part.orders);
    lists.historyOrders.push(...part.historyOrders);
    lists.deals.push(...part.deals);
    lists.symbols.push(...part.symbols);
    lists.results.push(...part.results);
    lists.unresolved.push(...part.unresolved);
  }
  return lists;
};

/** Joins the parts, and believes the result only when counts and hash agree with the sender's. */
export const endAssembly = (assembly: SnapshotAssembly, end: End): AssembledSnapshot => {
  const { begin } = assembly;
  if (end.snapshotId !== begin.snapshotId) {
    return refuse('otherId', `${end.snapshotId} ends, ${begin.snapshotId} had begun`);
  }
  if (begin.parts > WIRE_LIMITS.snapshotParts) {
    return refuse('tooManyParts', `${begin.parts} parts announced`);
  }
  const ordered: Part[] = [];
  const missing: number[] = [];
  for (let index = 0; index < begin.parts; index += 1) {
    const part = assembly.parts.get(index);
    if (part === undefined) missing.push(index);
    else ordered.push(part);
  }
  if (missing.length > 0) {
    return refuse('missingParts', `${missing.length} of ${begin.parts} parts missing`, missing);
  }
  const account = ordered[0]?.account ?? null;
  if (account === null) return refuse('noAccount', 'the first part carries no account');
  const lists = joinLists(ordered);
  const counts = countsOf(lists);
  const wrong = COUNTED.filter((name) => counts[name] !== end.counts[name]);
  if (wrong.length > 0) {
    const list = wrong.map((name) => `${name} ${counts[name]} of ${end.counts[name]}`);
    return refuse('counts', list.join(', '));
  }
  const hash = snapshotHash(lists);
  if (hash !== end.hash) return refuse('hash', `${hash} computed, ${end.hash} announced`);
  const { snapshotId, historyFromMs } = begin;
  const { complete, atMs } = end;
  return {
    ok: true,
    hash,
    snapshot: { snapshotId, historyFromMs, complete, atMs, account, ...lists },
  };
};
