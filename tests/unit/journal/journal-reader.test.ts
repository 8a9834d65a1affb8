import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs } from '../../../src/domain/units.ts';
import { openJournalReader } from '../../../src/journal/journal-reader.ts';
import { openJournal } from '../../../src/journal/journal-writer.ts';
import type { EntryBody } from '../../../src/journal/types.ts';
import { ACCOUNT, deal, entry, note, openIntent, planned } from '../../support/entries.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const journalAndReader = async () => {
  const file = join(temporaryDirectory(), 'journal.db');
  const journal = await openJournal({ file, clock: { now: () => epochMs(0) } });
  onTestFinished(() => journal.close());
  const reader = openJournalReader({ file });
  onTestFinished(() => reader.close());
  const append = (...bodies: readonly EntryBody[]) =>
    journal.append(bodies.map((body, index) => entry(body, index)));
  return { file, journal, reader, append };
};
const moved = (intentId: string, state: string): EntryBody => ({
  kind: 'order.state',
  intentId,
  state,
});

describe('reading', () => {
  it('pages through entries in order and sees what is committed meanwhile', async () => {
    const { reader, append } = await journalAndReader();
    await append(note('1'), note('2'), note('3'));
    expect(reader.after(0, 2).map((item) => item.seq)).toEqual([1, 2]);
    expect(reader.after(2, 2).map((item) => item.seq)).toEqual([3]);
    expect(reader.after(3, 2)).toEqual([]);
    await append(note('4'));
    expect([reader.lastSeq(), reader.after(3, 2).length]).toEqual([4, 1]);
  });

  it('knows planned keys per account', async () => {
    const { reader, append } = await journalAndReader();
    await append(planned(openIntent('i1')));
    expect(reader.hasIntentKey(ACCOUNT, 'key-i1')).toBe(true);
    expect(reader.hasIntentKey(ACCOUNT, 'key-i2')).toBe(false);
    expect(reader.hasIntentKey('account.2', 'key-i1')).toBe(false);
  });

  it('gives every entry of the intents that are not final, oldest first', async () => {
    const { reader, journal, append } = await journalAndReader();
    await append(planned(openIntent('done')), planned(openIntent('open')));
    await append(
      { kind: 'attempt.sent', intentId: 'done', attempt: 1, epoch: 1 },
      { kind: 'attempt.sent', intentId: 'open', attempt: 1, epoch: 1 },
      moved('done', 'filled'),
      moved('open', 'unknown'),
      { kind: 'deal.booked', intentId: 'open', deal: deal('1') },
      note('noise'),
    );
    await journal.append([entry(planned(openIntent('elsewhere')), 0, 'account.2')]);
    expect(reader.openIntents(ACCOUNT).map((item) => [item.seq, item.kind])).toEqual([
      [2, 'intent.planned'],
      [4, 'attempt.sent'],
      [6, 'order.state'],
      [7, 'deal.booked'],
    ]);
    expect(reader.openIntents('account.2')).toHaveLength(1);
  });

  it('treats every state of the final list as final, and no other', async () => {
    const { reader, append } = await journalAndReader();
    const states = ['denied', 'filled', 'cancelled', 'expired', 'refused', 'accepted', 'unknown'];
    for (const state of states) await append(planned(openIntent(state)), moved(state, state));
    const open = reader.openIntents(ACCOUNT).filter((item) => item.kind === 'order.state');
    expect(open.map((item) => item.kind === 'order.state' && item.state)).toEqual([
      'accepted',
      'unknown',
    ]);
  });

  it('finds the last entry of a kind for an account', async () => {
    const { reader, append } = await journalAndReader();
    await append(note('a'), { kind: 'session.ended', runId: 'r', reason: 'x' }, note('b'));
    expect(reader.last(ACCOUNT, 'event')).toMatchObject({ seq: 3, code: 'b' });
    expect(reader.last(ACCOUNT, 'mode.changed')).toBeUndefined();
    expect(reader.last('account.2', 'event')).toBeUndefined();
  });

  it('does not block the writer while a read is going on', async () => {
    const { file, append } = await journalAndReader();
    await append(note('1'));
    const slow = new Database(file, { readonly: true });
    onTestFinished(() => {
      slow.close();
    });
    slow.exec('BEGIN');
    expect(slow.prepare('SELECT count(*) FROM entries').pluck().get()).toBe(1);
    await expect(append(note('2'))).resolves.toEqual({ lastSeq: 2 });
    expect(slow.prepare('SELECT count(*) FROM entries').pluck().get()).toBe(1);
  });
});

describe('opening to read', () => {
  it('says that there is no journal, and does not make one', () => {
    const file = join(temporaryDirectory(), 'journal.db');
    const open = () => openJournalReader({ file });
    expect(open).toThrow(expect.objectContaining({ reason: 'missing' }));
    expect(open).toThrow('There is no journal here. Start the runtime once');
  });

  it('refuses an empty database as not migrated and a foreign one as foreign', () => {
    const directory = temporaryDirectory();
    const empty = join(directory, 'empty.db');
    new Database(empty).exec('VACUUM').close();
    expect(() => openJournalReader({ file: empty })).toThrow('not migrated');
    const foreign = join(directory, 'foreign.db');
    new Database(foreign).exec('CREATE TABLE other (a)').close();
    expect(() => openJournalReader({ file: foreign })).toThrow('This is not a journal');
  });
});
