import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createJournalPort } from '../../../src/actors/journal-keeper.ts';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
} from '../../../src/actors/kernel/ambient-clock.ts';
import { createSystem } from '../../../src/actors/kernel/system.ts';
import { auditor } from '../../../src/actors/observers/auditor.ts';
import { anyBehaviour } from '../../../src/actors/tree.ts';
import { openAuditDb } from '../../../src/audit/audit-db.ts';
import { epochMs } from '../../../src/domain/units.ts';
import { openJournalReader } from '../../../src/journal/journal-reader.ts';
import { openJournal } from '../../../src/journal/journal-writer.ts';
import { rowsOf } from '../../support/audit-dump.ts';
import { entry, note } from '../../support/entries.ts';
import { canMount, smallDisk } from '../../support/small-disk.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

if (!canMount) console.warn('skipped: no disk can be mounted here, so no audit had a full one');

const ENTRIES = 400;
const start = async () => {
  const journalFile = join(temporaryDirectory(), 'journal.db');
  const disk = smallDisk(1_024);
  const auditFile = join(disk, 'audit.db');
  const writer = await openJournal({ file: journalFile, clock: { now: () => epochMs(0) } });
  onTestFinished(() => writer.close());
  const journal = createJournalPort();
  journal.attach(writer, openJournalReader({ file: journalFile }));
  onTestFinished(() => journal.close());
  const told: string[] = [];
  const system = createSystem({
    name: 'audit',
    clock: ambientClock,
    defer: ambientDefer,
    random: ambientRandom.next,
    root: {
      intensity: 0,
      children: [
        {
          type: 'worker',
          id: 'auditor',
          shutdown: 30_000,
          start: () =>
            anyBehaviour(
              auditor({
                journal,
                open: () => openAuditDb({ file: auditFile }),
                everyMs: 5,
                note: (_severity, code) => told.push(code),
              }),
            ),
        },
      ],
    },
  });
  onTestFinished(() => system.shutdown());
  await system.start();
  const waitFor = (code: string): Promise<void> =>
    vi.waitFor(() => expect(told).toContain(code), { timeout: 20_000, interval: 5 });
  const ballast = join(disk, 'ballast');
  return {
    system,
    told,
    waitFor,
    fill: async () => {
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(ballast, Buffer.alloc(bavail * bsize));
      for (let n = 0; n < ENTRIES; n += 1) {
        await journal.append([entry(note(`n${n}-${'x'.repeat(500)}`))]);
      }
    },
    room: () => rmSync(ballast),
    rows: () => rowsOf(auditFile, 'events').length,
  };
};

describe.runIf(canMount)('an audit whose disk is full', () => {
  it('falls behind aloud, without a crash, and catches up by itself when there is room', async () => {
    const { system, told, fill, room, waitFor, rows } = await start();
    await fill();
    await waitFor('audit.behind');
    room();
    await waitFor('audit.caughtUp');
    expect(rows()).toBe(ENTRIES);
    expect(told).toEqual(['audit.behind', 'audit.caughtUp']);
    expect(system.info('auditor')?.incarnation).toBe(1);
  });

  it('is whole when the runtime is stopped as soon as there is room again', async () => {
    const { system, fill, room, waitFor, rows } = await start();
    await fill();
    await waitFor('audit.behind');
    room();
    await system.shutdown();
    expect(rows()).toBe(ENTRIES);
  });

  it('says so when the runtime is stopped before there is', async () => {
    const { system, told, fill, waitFor } = await start();
    await fill();
    await waitFor('audit.behind');
    await system.shutdown();
    expect(told.filter((code) => code === 'audit.behind')).toHaveLength(2);
  });
});
