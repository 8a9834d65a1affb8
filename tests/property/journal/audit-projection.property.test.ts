import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAuditDb } from '../../../src/audit/audit-db.ts';
import { rebuildAudit } from '../../../src/audit/rebuild.ts';
import { epochMs } from '../../../src/domain/units.ts';
import { openJournalReader } from '../../../src/journal/journal-reader.ts';
import { openJournal } from '../../../src/journal/journal-writer.ts';
import type { Entry } from '../../../src/journal/types.ts';
import { dumpDatabase } from '../../support/audit-dump.ts';
import { stored } from '../../support/entries.ts';
import { anEntry } from '../../support/entry-arbitraries.ts';
import { fc } from '../../support/property-seed.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

class Killed extends Error {}

const journalEntries = fc.array(anEntry, { minLength: 1, maxLength: 120 });
/** Batch sizes, and for each whether the process dies inside it before it commits. */
const schedule = fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.boolean()), {
  minLength: 1,
  maxLength: 12,
});

const projectAtOnce = (file: string, entries: readonly Entry[]) => {
  const audit = openAuditDb({ file });
  audit.project(stored(entries));
  audit.close();
  return dumpDatabase(file);
};

/** A batch whose last entry cannot be read: the work before it is done, then all is lost. */
const dieInside = (file: string, batch: ReturnType<typeof stored>) => {
  const audit = openAuditDb({ file });
  const poison = { seq: (batch.at(-1)?.seq ?? 0) + 1 };
  Object.defineProperty(poison, 'kind', {
    get: () => {
      throw new Killed();
    },
  });
  const poisoned = [...batch, poison] as ReturnType<typeof stored>;
  expect(() => audit.project(poisoned)).toThrow(Killed);
  audit.close();
};

describe('the audit projection', () => {
  it('gives the same tables however the journal is cut, repeated and interrupted', () => {
    const directory = temporaryDirectory();
    let run = 0;
    fc.assert(
      fc.property(journalEntries, schedule, (entries, batches) => {
        run += 1;
        const expected = projectAtOnce(join(directory, `whole-${run}.db`), entries);
        const file = join(directory, `cut-${run}.db`);
        const all = stored(entries);
        for (let turn = 0; ; turn += 1) {
          const [size, dies] = batches[turn % batches.length] ?? [1, false];
          const audit = openAuditDb({ file });
          const cursor = audit.cursor();
          // One entry more than needed at the front: it was seen before and must be skipped.
          const batch = all.slice(Math.max(0, cursor - 1), cursor + size);
          if (dies) dieInside(file, batch);
          audit.project(batch);
          audit.close();
          if (cursor + size >= all.length) break;
        }
        expect(dumpDatabase(file)).toEqual(expected);
      }),
      { numRuns: 40, verbose: 1 },
    );
  });

  it('is rebuilt from the journal to exactly the live tables', async () => {
    const directory = temporaryDirectory();
    const entries = fc.sample(anEntry, { numRuns: 400, seed: 20_140_501 });
    const journalFile = join(directory, 'journal.db');
    const auditFile = join(directory, 'audit.db');
    const journal = await openJournal({ file: journalFile, clock: { now: () => epochMs(0) } });
    // Conflicting entries (a deal booked twice) are refused by the journal, as in life.
    await Promise.allSettled(entries.map((item) => journal.append([item])));
    const reader = openJournalReader({ file: journalFile });
    const live = openAuditDb({ file: auditFile });
    while (live.cursor() < reader.lastSeq()) live.project(reader.after(live.cursor(), 37));
    reader.close();
    const before = dumpDatabase(auditFile);
    live.close();
    await journal.close();

    const rebuilt = rebuildAudit({ journalFile, auditFile });
    expect(dumpDatabase(auditFile)).toEqual(before);
    expect(rebuilt.entries).toBeGreaterThan(250);
    expect(Math.min(...Object.values(rebuilt.rows))).toBeGreaterThan(0);
  });
});
