import { Arbitrary, Effect } from 'effect';
import { describe, expect, it } from 'vitest';
import { WireAccount, WireDeal, WireOrder, WirePosition } from '../../../src/mt5/wire/records.ts';
import { snapshotHash } from '../../../src/mt5/wire/snapshot-hash.ts';
import {
  addPart,
  beginAssembly,
  endAssembly,
  type Snapshot,
  splitSnapshot,
} from '../../../src/mt5/wire/snapshot-parts.ts';
import { fc, propertySeed } from '../../support/property-seed.ts';

const seed = propertySeed;

const records = Effect.runSync(
  Effect.all({
    accounts: Arbitrary.sampleEffect(Arbitrary.schema(WireAccount), { count: 1, seed }),
    positions: Arbitrary.sampleEffect(Arbitrary.schema(WirePosition), { count: 20, seed }),
    orders: Arbitrary.sampleEffect(Arbitrary.schema(WireOrder), { count: 20, seed }),
    deals: Arbitrary.sampleEffect(Arbitrary.schema(WireDeal), { count: 20, seed }),
  }),
);
const [account] = records.accounts;
if (account === undefined) throw new Error('no account was generated');

const snapshots: fc.Arbitrary<Snapshot> = fc
  .record({
    positions: fc.subarray([...records.positions]),
    orders: fc.subarray([...records.orders]),
    historyOrders: fc.subarray([...records.orders]),
    deals: fc.subarray([...records.deals]),
  })
  .map((lists) => ({
    snapshotId: 's',
    historyFromMs: 0,
    complete: true,
    atMs: 1,
    account,
    symbols: [],
    results: [],
    unresolved: [],
    ...lists,
  }));

describe('a snapshot', () => {
  it('survives any cut and any order of its parts', () => {
    fc.assert(
      fc.property(
        snapshots,
        fc.integer({ min: 1, max: 5_000 }),
        fc.func(fc.integer()),
        (snapshot, bytes, rank) => {
          const { begin, parts, end } = splitSnapshot(snapshot, bytes);
          const shuffled = parts.toSorted((a, b) => rank(a.index) - rank(b.index));
          const assembled = endAssembly(shuffled.reduce(addPart, beginAssembly(begin)), end);
          expect(assembled).toEqual({ ok: true, snapshot, hash: end.hash });
        },
      ),
      { seed, numRuns: 100 },
    );
  });

  it('hashes alike in any order, and differently without any one record', () => {
    fc.assert(
      fc.property(snapshots, fc.nat(), (snapshot, pick) => {
        const hash = snapshotHash(snapshot);
        const deals = snapshot.deals.toReversed();
        expect(snapshotHash({ ...snapshot, deals })).toBe(hash);
        if (deals.length === 0) return;
        const fewer = snapshot.deals.toSpliced(pick % deals.length, 1);
        expect(snapshotHash({ ...snapshot, deals: fewer })).not.toBe(hash);
      }),
      { seed, numRuns: 100 },
    );
  });
});
