import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openAuditDb } from '../../../src/audit/audit-db.ts';
import { catchUp, followsJournal } from '../../../src/audit/catch-up.ts';
import { runAuditRebuild } from '../../../src/cli/audit-command.ts';
import { epochMs } from '../../../src/domain/units.ts';
import { acquireInstanceLock } from '../../../src/journal/instance-lock.ts';
import { openJournalReader } from '../../../src/journal/journal-reader.ts';
import { openJournal } from '../../../src/journal/journal-writer.ts';
import { dumpDatabase, rowsOf } from '../../support/audit-dump.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { entry, note } from '../../support/entries.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { sessionEntries } from '../../support/traded-session.ts';

const journalWith = async (dataDir: string, entries: readonly ReturnType<typeof entry>[]) => {
  const file = join(dataDir, 'journal.db');
  const journal = await openJournal({ file, clock: { now: () => epochMs(0) } });
  await journal.append(entries);
  await journal.close();
  return file;
};
const session = () => sessionEntries().map((body, index) => entry(body, index * 1_000));

describe('bulwark audit rebuild', () => {
  it('rebuilds a damaged database and tells what it contains', async () => {
    const dataDir = temporaryDirectory();
    await journalWith(dataDir, session());
    const auditFile = join(dataDir, 'audit.db');
    writeFileSync(auditFile, 'garbage '.repeat(1_000));
    writeFileSync(`${auditFile}-wal`, 'old garbage');
    const { io, written } = capturedIo();
    expect(runAuditRebuild({ dataDir }, io)).toBe(0);
    expect(written.out).toBe(
      `The audit database was rebuilt from ${session().length} journal entries: ` +
        '0 signals, 6 orders, 2 trades, 1 events, 1 account_snapshots.\n',
    );
    expect(rowsOf(auditFile, 'orders')).toHaveLength(6);
    expect(readdirSync(dataDir).filter((name) => name.includes('rebuild'))).toEqual([]);
  });

  it('gives the same tables again and goes on from there', async () => {
    const dataDir = temporaryDirectory();
    const journalFile = await journalWith(dataDir, session());
    const auditFile = join(dataDir, 'audit.db');
    const { io, written } = capturedIo();
    expect(runAuditRebuild({ dataDir, json: true }, io)).toBe(0);
    expect(JSON.parse(written.out)).toMatchObject({ entries: session().length });
    const first = dumpDatabase(auditFile);
    expect(runAuditRebuild({ dataDir, json: true }, io)).toBe(0);
    expect(dumpDatabase(auditFile)).toEqual(first);

    const audit = openAuditDb({ file: auditFile });
    onTestFinished(() => audit.close());
    const reader = openJournalReader({ file: journalFile });
    onTestFinished(() => reader.close());
    expect(catchUp(audit, reader)).toEqual({ projected: 0, startedOver: false });
  });

  it('refuses while a runtime owns the directory, and leaves the database alone', async () => {
    const dataDir = temporaryDirectory();
    await journalWith(dataDir, session());
    const lock = acquireInstanceLock(dataDir);
    onTestFinished(() => lock.release());
    const { io, written } = capturedIo();
    expect(runAuditRebuild({ dataDir }, io)).toBe(2);
    expect(written.err).toContain(`in use by process ${process.pid}`);
    expect(existsSync(join(dataDir, 'audit.db'))).toBe(false);
  });

  it('refuses a directory without a journal, and does not make it', () => {
    const dataDir = join(temporaryDirectory(), 'mistyped');
    const { io, written } = capturedIo();
    expect(runAuditRebuild({ dataDir }, io)).toBe(2);
    expect(written.err).toContain('There is no journal here');
    expect(existsSync(dataDir)).toBe(false);
  });
});

describe('catching up', () => {
  const opened = async (dataDir: string, entries: readonly ReturnType<typeof entry>[]) => {
    const reader = openJournalReader({ file: await journalWith(dataDir, entries) });
    onTestFinished(() => reader.close());
    return reader;
  };

  it('starts over when the journal is another one, and not when it only grew', async () => {
    const [first, second] = [temporaryDirectory(), temporaryDirectory()];
    const auditFile = join(first, 'audit.db');
    const audit = openAuditDb({ file: auditFile });
    onTestFinished(() => audit.close());
    const original = await opened(first, [entry(note('a')), entry(note('b'))]);
    expect(catchUp(audit, original)).toEqual({ projected: 2, startedOver: false });
    expect(followsJournal(audit, await opened(first, [entry(note('c'))]))).toBe(true);
    expect(catchUp(audit, original)).toEqual({ projected: 1, startedOver: false });

    const other = await opened(
      second,
      ['x', 'y', 'z', 'w'].map((code) => entry(note(code))),
    );
    expect(catchUp(audit, other)).toEqual({ projected: 4, startedOver: true });
    expect(rowsOf(auditFile, 'events').map((row) => row['code'])).toEqual(['x', 'y', 'z', 'w']);
  });

  it('stops after the entries it was allowed, and goes on from there', async () => {
    const directory = temporaryDirectory();
    const audit = openAuditDb({ file: join(directory, 'audit.db') });
    onTestFinished(() => audit.close());
    const reader = await opened(
      directory,
      ['a', 'b', 'c'].map((code) => entry(note(code))),
    );
    expect([catchUp(audit, reader, 2).projected, audit.cursor()]).toEqual([2, 2]);
    expect([catchUp(audit, reader, 2).projected, audit.cursor()]).toEqual([1, 3]);
  });

  it('starts over when the journal was restored from a backup that is older', async () => {
    const [first, second] = [temporaryDirectory(), temporaryDirectory()];
    const audit = openAuditDb({ file: join(first, 'audit.db') });
    onTestFinished(() => audit.close());
    catchUp(audit, await opened(first, [entry(note('a')), entry(note('b'))]));
    const restored = await opened(second, [entry(note('a'))]);
    expect(catchUp(audit, restored)).toEqual({ projected: 1, startedOver: true });
    expect(audit.cursor()).toBe(1);
  });
});
