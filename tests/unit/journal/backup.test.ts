import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openAuditDb } from '../../../src/audit/audit-db.ts';
import { catchUp } from '../../../src/audit/catch-up.ts';
import { epochMs } from '../../../src/domain/units.ts';
import { takeBackup } from '../../../src/journal/backup.ts';
import { verifyBackup } from '../../../src/journal/backup-manifest.ts';
import { AUDIT_FILE, BACKUP_MANIFEST, JOURNAL_FILE } from '../../../src/journal/files.ts';
import { openJournalReader } from '../../../src/journal/journal-reader.ts';
import { openJournal } from '../../../src/journal/journal-writer.ts';
import { restoreBackup } from '../../../src/journal/restore.ts';
import type { StoredEntry } from '../../../src/journal/types.ts';
import { ACCOUNT, deal, entry, note, openIntent, planned } from '../../support/entries.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const clock = { now: () => epochMs(1_700_000_000_000) };
const entriesIn = (file: string): readonly StoredEntry[] => {
  const reader = openJournalReader({ file });
  try {
    return reader.after(0, 1_000_000);
  } finally {
    reader.close();
  }
};

/** A data directory with a journal of `count` entries and an audit that has seen all of them. */
const dataDirectory = async (count = 20, accountId = ACCOUNT): Promise<string> => {
  const dataDir = join(temporaryDirectory(), 'data');
  mkdirSync(dataDir);
  const file = join(dataDir, JOURNAL_FILE);
  const journal = await openJournal({ file, clock });
  const bodies = [
    planned(openIntent('i1')),
    { kind: 'deal.booked', intentId: 'i1', deal: deal('41') } as const,
    ...Array.from({ length: count - 2 }, (_, index) => note(`n${index}`)),
  ];
  await journal.append(bodies.map((body) => entry(body, 0, accountId)));
  const reader = openJournalReader({ file });
  const audit = openAuditDb({ file: join(dataDir, AUDIT_FILE) });
  catchUp(audit, reader);
  audit.close();
  reader.close();
  await journal.close();
  return dataDir;
};
const backupOf = async (dataDir: string, name = 'backup'): Promise<string> => {
  const target = join(temporaryDirectory(), name);
  await takeBackup({ dataDir, target, takenAtMs: 1 });
  return target;
};
const restore = (from: string, dataDir: string) => restoreBackup({ from, dataDir, stamp: 'now' });

describe('a backup', () => {
  it('is a whole journal of one instant, taken while appends go on', async () => {
    const dataDir = await dataDirectory();
    const file = join(dataDir, JOURNAL_FILE);
    const journal = await openJournal({ file, clock });
    onTestFinished(() => journal.close());
    let going = true;
    let appended = 0;
    const writing = (async () => {
      while (going) {
        // Ten entries each, together: a copy that tore a transaction would end in a part of ten.
        await journal.append(Array.from({ length: 10 }, () => entry(note('during'))));
        appended += 10;
      }
    })();
    const targets: string[] = [];
    for (let turn = 0; turn < 5; turn += 1) targets.push(await backupOf(dataDir));
    going = false;
    await writing;
    const all = entriesIn(file);
    expect(appended).toBeGreaterThan(0);
    for (const target of targets) {
      const { lastSeq } = await verifyBackup(target);
      const copied = entriesIn(join(target, JOURNAL_FILE));
      expect(copied).toEqual(all.slice(0, lastSeq));
      expect((lastSeq - 20) % 10).toBe(0);
    }
  });

  it('restores into an empty folder: the journal goes on, the audit too', async () => {
    const dataDir = await dataDirectory();
    const target = await backupOf(dataDir);
    const fresh = temporaryDirectory();
    const { setAside } = await restore(target, fresh);
    expect(setAside).toEqual([]);
    const file = join(fresh, JOURNAL_FILE);
    expect(entriesIn(file)).toEqual(entriesIn(join(dataDir, JOURNAL_FILE)));
    const journal = await openJournal({ file, clock });
    await expect(journal.append([entry(planned(openIntent('i1')))])).rejects.toMatchObject({
      what: 'intentKey',
    });
    expect(await journal.append([entry(note('after'))])).toEqual({ lastSeq: 21 });
    await journal.close();
    const reader = openJournalReader({ file });
    onTestFinished(() => reader.close());
    const audit = openAuditDb({ file: join(fresh, AUDIT_FILE) });
    onTestFinished(() => audit.close());
    expect(audit.cursor()).toBe(20);
    expect(catchUp(audit, reader)).toMatchObject({ projected: 1 });
  });

  it('may be one file, the journal alone: the audit is projected again', async () => {
    const dataDir = await dataDirectory();
    const target = await backupOf(dataDir, 'copy.db');
    expect(readdirSync(join(target, '..'))).toEqual(['copy.db']);
    const { setAside } = await restore(target, dataDir);
    for (const name of [JOURNAL_FILE, AUDIT_FILE]) {
      expect(setAside).toContain(join(dataDir, `${name}.before-now`));
    }
    expect(entriesIn(join(dataDir, JOURNAL_FILE))).toHaveLength(20);
    expect(existsSync(join(dataDir, AUDIT_FILE))).toBe(false);
  });

  it('never overwrites another', async () => {
    const dataDir = await dataDirectory();
    const target = await backupOf(dataDir);
    await expect(takeBackup({ dataDir, target, takenAtMs: 2 })).rejects.toMatchObject({
      _tag: 'BackupRefused',
      reason: 'exists',
    });
  });

  it('says so where there is no journal to copy', async () => {
    const dataDir = temporaryDirectory();
    await expect(
      takeBackup({ dataDir, target: join(dataDir, 'to'), takenAtMs: 1 }),
    ).rejects.toMatchObject({ _tag: 'JournalRefused', reason: 'missing' });
    expect(readdirSync(dataDir)).toEqual([]);
  });
});

describe('a restore', () => {
  it('does not replace a journal that has come further', async () => {
    const dataDir = await dataDirectory();
    const target = await backupOf(dataDir);
    const journal = await openJournal({ file: join(dataDir, JOURNAL_FILE), clock });
    await journal.append([entry(note('newer'))]);
    await journal.close();
    await expect(restore(target, dataDir)).rejects.toMatchObject({
      reason: 'newerThere',
      message: expect.stringMatching(/has 21 entries.*only 20\. Move it away/),
    });
    expect(readdirSync(dataDir).filter((name) => /before|restoring/.test(name))).toEqual([]);
    expect(entriesIn(join(dataDir, JOURNAL_FILE))).toHaveLength(21);
  });

  it('does not replace the journal of another account', async () => {
    const target = await backupOf(await dataDirectory(30));
    const other = await dataDirectory(20, 'account.2');
    await expect(restore(target, other)).rejects.toMatchObject({ reason: 'newerThere' });
  });

  it('replaces a damaged journal, and keeps it for inspection', async () => {
    const dataDir = await dataDirectory();
    const target = await backupOf(dataDir);
    const file = join(dataDir, JOURNAL_FILE);
    writeFileSync(file, Buffer.alloc(8_192, 0x5a));
    const { setAside } = await restore(target, dataDir);
    expect(setAside).toContain(`${file}.before-now`);
    expect(readFileSync(`${file}.before-now`)).toEqual(Buffer.alloc(8_192, 0x5a));
    expect(entriesIn(file)).toHaveLength(20);
  });

  it.each([
    ['a file that changed', (dir: string) => writeFileSync(join(dir, AUDIT_FILE), 'x'), /audit/],
    ['a file that is gone', (dir: string) => rmSync(join(dir, JOURNAL_FILE)), /missing/],
    ['a backup that was interrupted', (dir: string) => rmSync(join(dir, BACKUP_MANIFEST)), /inter/],
    [
      'a manifest that names other files',
      (dir: string) => {
        const text = readFileSync(join(dir, BACKUP_MANIFEST), 'utf8');
        writeFileSync(join(dir, BACKUP_MANIFEST), text.replace(AUDIT_FILE, '../escape'));
      },
      /does not belong/,
    ],
    [
      'a manifest that is no JSON',
      (dir: string) => writeFileSync(join(dir, BACKUP_MANIFEST), '{'),
      /cannot be read/,
    ],
  ])('refuses %s, and changes nothing', async (_, spoil, words) => {
    const dataDir = await dataDirectory();
    const target = await backupOf(dataDir);
    spoil(target);
    const fresh = temporaryDirectory();
    await expect(restore(target, fresh)).rejects.toThrow(words);
    expect(readdirSync(fresh)).toEqual([]);
  });

  it('refuses a journal of a newer version, and a damaged page in a single file', async () => {
    const dataDir = await dataDirectory(5_000);
    const target = await backupOf(dataDir, 'copy.db');
    const damaged = readFileSync(target);
    damaged.fill(0x5a, 20_000, 60_000);
    const db = new Database(target);
    db.pragma('user_version = 99');
    db.close();
    await expect(restore(target, temporaryDirectory())).rejects.toMatchObject({
      reason: 'newerSchema',
    });
    writeFileSync(target, damaged);
    await expect(restore(target, temporaryDirectory())).rejects.toThrow(/damaged|malformed/);
  });
});
