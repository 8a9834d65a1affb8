import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs } from '../../../src/domain/units.ts';
import { JOURNAL_LIMITS } from '../../../src/journal/journal-limits.ts';
import { openJournalReader } from '../../../src/journal/journal-reader.ts';
import type { JournalOptions } from '../../../src/journal/journal-writer.ts';
import { openJournal } from '../../../src/journal/journal-writer.ts';
import { ACCOUNT, deal, entry, note, openIntent, planned } from '../../support/entries.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const clock = { now: () => epochMs(1_700_000_000_000) };

const freshJournal = async (change: Partial<JournalOptions> = {}) => {
  const file = join(temporaryDirectory(), 'journal.db');
  const journal = await openJournal({ file, clock, ...change });
  onTestFinished(() => journal.close());
  return { file, journal };
};

const reading = (file: string) => {
  const reader = openJournalReader({ file });
  onTestFinished(() => reader.close());
  return reader;
};

describe('appending', () => {
  it('makes entries visible to a reader before the promise resolves', async () => {
    const { file, journal } = await freshJournal();
    const reader = reading(file);
    const { lastSeq } = await journal.append([entry(note('a')), entry(note('b'))]);
    expect(lastSeq).toBe(2);
    expect(reader.after(0, 10).map((item) => item.kind === 'event' && item.code)).toEqual([
      'a',
      'b',
    ]);
  });

  it('keeps the order of calls and numbers entries without gaps under a burst', async () => {
    const { file, journal } = await freshJournal();
    const count = 3 * JOURNAL_LIMITS.maxAppendsPerCommit + 7;
    const results = await Promise.all(
      Array.from({ length: count }, (_, index) => journal.append([entry(note(`n${index}`))])),
    );
    expect(results.map((result) => result.lastSeq)).toEqual(results.map((_, index) => index + 1));
    const codes = reading(file)
      .after(0, count + 1)
      .map((item) => (item.kind === 'event' ? item.code : item.kind));
    expect(codes).toEqual(results.map((_, index) => `n${index}`));
  });

  it('commits what was appended before close, and refuses what comes after', async () => {
    const { file, journal } = await freshJournal();
    const pending = Array.from({ length: 50 }, () => journal.append([entry(note('late'))]));
    const closed = journal.close();
    await expect(journal.append([entry(note('too late'))])).rejects.toMatchObject({
      _tag: 'JournalUnavailable',
      reason: 'closed',
    });
    await closed;
    await journal.close();
    expect(await Promise.all(pending)).toHaveLength(50);
    expect(reading(file).lastSeq()).toBe(50);
  });

  it('refuses an append when too many are waiting, and takes new ones once they are stored', async () => {
    const { journal } = await freshJournal();
    const waiting = Array.from({ length: JOURNAL_LIMITS.maxWaitingAppends }, () =>
      journal.append([entry(note('x'))]),
    );
    await expect(journal.append([entry(note('one more'))])).rejects.toMatchObject({
      reason: 'overloaded',
    });
    await Promise.all(waiting);
    const { lastSeq } = await journal.append([entry(note('again'))]);
    expect(lastSeq).toBe(JOURNAL_LIMITS.maxWaitingAppends + 1);
  });

  it('stores the wall time of the call beside the session time', async () => {
    const { file, journal } = await freshJournal();
    await journal.append([entry(note('a'), 1_500)]);
    await journal.close();
    const db = new Database(file, { readonly: true });
    onTestFinished(() => {
      db.close();
    });
    expect(db.prepare('SELECT at_ms, recorded_at_ms FROM entries').get()).toEqual({
      at_ms: 1_398_902_401_500,
      recorded_at_ms: 1_700_000_000_000,
    });
  });

  it('refuses an empty append as a defect of the caller', async () => {
    const { journal } = await freshJournal();
    await expect(journal.append([])).rejects.toThrow(RangeError);
  });
});

describe('conflicts', () => {
  it('refuses an intent key that was planned before, and stores the appends around it', async () => {
    const { file, journal } = await freshJournal();
    const again = openIntent('i2', { key: 'key-i1' });
    const results = await Promise.allSettled([
      journal.append([entry(planned(openIntent('i1')))]),
      journal.append([entry(note('first of a doomed append')), entry(planned(again))]),
      journal.append([entry(note('after'))]),
    ]);
    expect(results).toMatchObject([
      { status: 'fulfilled', value: { lastSeq: 1 } },
      {
        status: 'rejected',
        reason: { _tag: 'JournalConflict', what: 'intentKey', key: 'key-i1' },
      },
      { status: 'fulfilled', value: { lastSeq: 2 } },
    ]);
    expect(reading(file).after(0, 10)).toHaveLength(2);
  });

  it('lets two accounts use the same intent key, deal ticket and epoch', async () => {
    const { journal } = await freshJournal();
    const bodies = [
      planned(openIntent('i1')),
      { kind: 'deal.booked', intentId: 'i1', deal: deal('1') },
      { kind: 'epoch.claimed', epoch: 1, instance: 'a' },
    ] as const;
    await journal.append(bodies.map((body) => entry(body)));
    const other = bodies.map((body) => entry(body, 0, 'account.2'));
    await expect(journal.append(other)).resolves.toEqual({ lastSeq: 6 });
  });

  it('refuses a deal that was booked before', async () => {
    const { file, journal } = await freshJournal();
    const booking = entry({ kind: 'deal.booked', intentId: null, deal: deal('41') });
    await journal.append([booking]);
    await expect(journal.append([booking])).rejects.toMatchObject({ what: 'deal', key: '41' });
    const reader = reading(file);
    expect(reader.lastSeq()).toBe(1);
    expect([reader.hasDeal(ACCOUNT, '41'), reader.hasDeal(ACCOUNT, '42')]).toEqual([true, false]);
  });

  it('refuses a repeated epoch and a reused intent id', async () => {
    const { journal } = await freshJournal();
    const claim = entry({ kind: 'epoch.claimed', epoch: 3, instance: 'a' });
    await journal.append([claim, entry(planned(openIntent('i1')))]);
    await expect(journal.append([claim])).rejects.toMatchObject({ what: 'epoch', key: '3' });
    const reused = entry(planned(openIntent('i1', { key: 'other' })));
    await expect(journal.append([reused])).rejects.toMatchObject({ what: 'intent', key: 'i1' });
  });

  it('lets attempt n run only when attempt n-1 definitely failed', async () => {
    const { journal } = await freshJournal();
    const sent = (attempt: number) =>
      entry({ kind: 'attempt.sent', intentId: 'i1', attempt, epoch: 1 });
    const ended = (attempt: number, outcome: 'unknown' | 'absentConfirmed' | 'refused') =>
      entry({ kind: 'attempt.result', intentId: 'i1', attempt, outcome });
    const refused = (attempt: number) => ({ what: 'attempt', key: `i1#${attempt}` });
    await journal.append([entry(planned(openIntent('i1'))), sent(1)]);
    await expect(journal.append([sent(1)])).rejects.toMatchObject(refused(1));
    await expect(journal.append([sent(2)])).rejects.toMatchObject(refused(2));
    await journal.append([ended(1, 'unknown')]);
    await expect(journal.append([sent(2)])).rejects.toMatchObject(refused(2));
    await journal.append([ended(1, 'absentConfirmed'), sent(2), ended(2, 'refused'), sent(3)]);
    await expect(journal.append([sent(5)])).rejects.toMatchObject(refused(5));
  });
});

describe('failures', () => {
  it('reports a full disk, stores nothing of that append, and keeps what was there', async () => {
    const { file, journal } = await freshJournal({ maxBytes: 400_000 });
    await journal.append([entry(note('before'))]);
    const long = entry({ kind: 'event', severity: 'info', code: 'x', detail: 'y'.repeat(500_000) });
    const results = await Promise.allSettled([
      journal.append([entry(note('same group')), long]),
      journal.append([entry(note('other'))]),
    ]);
    expect(results[0]).toMatchObject({
      status: 'rejected',
      reason: { _tag: 'JournalUnavailable', reason: 'diskFull' },
    });
    await journal.append([entry(note('after'))]);
    const codes = reading(file)
      .after(0, 10)
      .map((item) => (item.kind === 'event' ? item.code : item.kind));
    expect(codes).not.toContain('same group');
    expect([codes.at(0), codes.at(-1)]).toEqual(['before', 'after']);
  });

  it('reports a lock that another process holds, and writes again once it is gone', async () => {
    const { file, journal } = await freshJournal({ busyTimeoutMs: 20 });
    const other = new Database(file);
    onTestFinished(() => {
      other.close();
    });
    other.exec('BEGIN IMMEDIATE');
    await expect(journal.append([entry(note('a'))])).rejects.toMatchObject({ reason: 'locked' });
    other.exec('ROLLBACK');
    await expect(journal.append([entry(note('b'))])).resolves.toEqual({ lastSeq: 1 });
  });

  it('refuses to open a damaged file and leaves it untouched', async () => {
    const { file, journal } = await freshJournal();
    await journal.append(Array.from({ length: 2_000 }, () => entry(note('fill'))));
    await journal.close();
    const { size } = statSync(file);
    const db = new Database(file);
    const pageSize = Number(db.pragma('page_size', { simple: true }));
    db.close();
    const { open } = await import('node:fs/promises');
    const handle = await open(file, 'r+');
    await handle.write(Buffer.alloc(size - 4 * pageSize, 0x5a), 0, undefined, 4 * pageSize);
    await handle.close();
    await expect(openJournal({ file, clock })).rejects.toMatchObject({
      _tag: 'JournalRefused',
      reason: 'damaged',
      remedy: expect.stringContaining('backup'),
    });
    expect(statSync(file).size).toBe(size);
  });

  it('refuses text that is no database, another program’s database, and a newer journal', async () => {
    const directory = temporaryDirectory();
    const text = join(directory, 'text.db');
    writeFileSync(text, 'not a database, but long enough to have a header '.repeat(40));
    await expect(openJournal({ file: text, clock })).rejects.toMatchObject({ reason: 'damaged' });

    const foreign = join(directory, 'foreign.db');
    const db = new Database(foreign);
    db.exec('CREATE TABLE other (a)');
    db.close();
    await expect(openJournal({ file: foreign, clock })).rejects.toMatchObject({
      reason: 'foreign',
    });

    const newer = await freshJournal();
    await newer.journal.close();
    const future = new Database(newer.file);
    future.pragma('user_version = 99');
    future.close();
    await expect(openJournal({ file: newer.file, clock })).rejects.toMatchObject({
      reason: 'newerSchema',
    });
  });

  it('refuses a directory that does not exist', async () => {
    const file = join(temporaryDirectory(), 'absent', 'journal.db');
    await expect(openJournal({ file, clock })).rejects.toMatchObject({ _tag: 'JournalRefused' });
  });
});

describe('the file', () => {
  it("is written with a log that is synced at every commit, by the writer's own connection", async () => {
    const { journal } = await freshJournal();
    expect(journal.durability).toEqual({ journalMode: 'wal', synchronous: 'full' });
  });

  it('is refused where SQLite keeps no write-ahead log', async () => {
    await expect(openJournal({ file: ':memory:', clock })).rejects.toMatchObject({
      reason: 'io',
      message: expect.stringContaining('journal mode memory'),
    });
  });

  it('is append-only: SQLite itself refuses to change or remove an entry', async () => {
    const { file, journal } = await freshJournal();
    await journal.append([entry(note('a'))]);
    await journal.close();
    const db = new Database(file);
    onTestFinished(() => {
      db.close();
    });
    expect(() => db.exec("UPDATE entries SET payload = '{}'")).toThrow('append-only');
    expect(() => db.exec('DELETE FROM entries')).toThrow('append-only');
  });

  it('names the account in every table', async () => {
    const { file } = await freshJournal();
    const db = new Database(file, { readonly: true });
    onTestFinished(() => {
      db.close();
    });
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
    expect(tables.length).toBeGreaterThan(4);
    for (const table of tables) {
      const columns = db.pragma(`table_info(${table})`) as readonly { readonly name: string }[];
      expect(columns.map((column) => column.name)).toContain('account_id');
    }
  });

  it('goes on from the last entry after it is opened again', async () => {
    const { file, journal } = await freshJournal();
    await journal.append([entry(planned(openIntent('i1')))]);
    await journal.close();
    const second = await openJournal({ file, clock });
    onTestFinished(() => second.close());
    await expect(second.append([entry(planned(openIntent('i1')))])).rejects.toMatchObject({
      what: 'intentKey',
    });
    expect(await second.append([entry(note('b'))])).toEqual({ lastSeq: 2 });
  });
});
