import { describe, expect, it } from 'vitest';
import { minor } from '../../../src/domain/units.ts';
import { decodeEntry, ENTRY_KINDS, encodeEntry } from '../../../src/journal/entry-codec.ts';
import type { Entry } from '../../../src/journal/types.ts';
import { deal, entry } from '../../support/entries.ts';
import { ARBITRARY_KINDS, anEntry } from '../../support/entry-arbitraries.ts';
import { fc } from '../../support/property-seed.ts';

const throughStorage = (item: Entry, seq: number) => {
  const { accountId, atMs, kind, payload } = encodeEntry(item);
  return decodeEntry({ seq, account_id: accountId, at_ms: atMs, kind, payload });
};

describe('the entry codec', () => {
  it('gives back every kind of entry exactly as it was', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anEntry, fc.nat(), (item, seq) => {
        seen.add(item.kind);
        expect(throughStorage(item, seq)).toEqual({ ...item, seq });
      }),
      { numRuns: 2_000, verbose: 1 },
    );
    expect([...seen].sort()).toEqual([...ENTRY_KINDS].sort());
    expect([...ARBITRARY_KINDS].sort()).toEqual([...ENTRY_KINDS].sort());
  });

  it('keeps money that a JS number would damage', () => {
    const profit = minor(9_007_199_254_740_993n);
    const booked = entry({ kind: 'deal.booked', intentId: null, deal: deal('1', { profit }) });
    expect(throughStorage(booked, 1)).toMatchObject({ deal: { profit: 9_007_199_254_740_993n } });
  });

  it('refuses a kind it does not know instead of passing it on', () => {
    const row = { seq: 7, account_id: 'a', at_ms: 0, kind: 'order.teleported', payload: '{}' };
    expect(() => decodeEntry(row)).toThrow('journal entry 7 has unknown kind order.teleported');
  });
});
