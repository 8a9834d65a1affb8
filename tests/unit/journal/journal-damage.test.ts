import { copyFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs } from '../../../src/domain/units.ts';
import { openJournalReader } from '../../../src/journal/journal-reader.ts';
import { openJournal } from '../../../src/journal/journal-writer.ts';
import { describeTail, inspectWal, type WalTail } from '../../../src/journal/wal-tail.ts';
import { entry, note } from '../../support/entries.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const clock = { now: () => epochMs(0) };
const APPENDS = 8;
const FRAME = 24 + 4_096;

/** A journal as a killed process leaves it: eight acknowledged appends, all still in the WAL. */
const killedJournal = async (): Promise<{ readonly file: string; readonly wal: string }> => {
  const live = join(temporaryDirectory(), 'journal.db');
  const journal = await openJournal({ file: live, clock });
  onTestFinished(() => journal.close());
  for (let n = 1; n <= APPENDS; n += 1) await journal.append([entry(note(`n${n}`))]);
  const file = join(temporaryDirectory(), 'journal.db');
  for (const suffix of ['', '-wal']) copyFileSync(`${live}${suffix}`, `${file}${suffix}`);
  return { file, wal: `${file}-wal` };
};
const flip = (file: string, at: number): void => {
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
  writeFileSync(file, bytes);
};
/** Opens it as a start does: what was told of the tail, and the codes that are left. */
const opened = async (file: string) => {
  const tails: WalTail[] = [];
  const journal = await openJournal({ file, clock, onTail: (tail) => tails.push(tail) });
  onTestFinished(() => journal.close());
  const reader = openJournalReader({ file });
  onTestFinished(() => reader.close());
  const codes = reader
    .after(0, 100)
    .map((found) => (found.kind === 'event' ? found.code : found.kind));
  return { tails, codes, journal };
};
const upTo = (last: number): readonly string[] =>
  Array.from({ length: last }, (_, index) => `n${index + 1}`);

describe('a journal whose last process was killed', () => {
  it('is whole, and nothing is said, when every write had ended', async () => {
    const { file } = await killedJournal();
    expect(inspectWal(file)).toMatchObject({ unfinished: 0, torn: 0, lostCommit: false });
    expect(await opened(file)).toMatchObject({ tails: [], codes: upTo(APPENDS) });
  });

  it('drops a write that was cut off, says so, and keeps what was acknowledged before', async () => {
    const { file, wal } = await killedJournal();
    truncateSync(wal, readFileSync(wal).length - 100);
    const { tails, codes, journal } = await opened(file);
    expect(tails).toMatchObject([{ torn: 1, lostCommit: false }]);
    expect(codes).toEqual(upTo(APPENDS - 1));
    expect(describeTail(tails[0] as WalTail)).toContain('never acknowledged');
    expect(await journal.append([entry(note('after'))])).toEqual({ lastSeq: APPENDS });
  });

  it('drops a transaction that had not reached its end', async () => {
    const { file, wal } = await killedJournal();
    const bytes = readFileSync(wal);
    // The last frame ends its transaction; without it the ones before belong to nothing.
    truncateSync(wal, bytes.length - FRAME);
    const tail = inspectWal(file);
    expect(tail.torn).toBe(0);
    expect(tail.unfinished).toBeGreaterThan(0);
    const { tails, codes } = await opened(file);
    expect(tails).toEqual([tail]);
    expect(codes).toEqual(upTo(APPENDS - 1));
  });

  it('says that acknowledged entries may be gone when the disk damaged one of them', async () => {
    const { file, wal } = await killedJournal();
    const frames = (readFileSync(wal).length - 32) / FRAME;
    flip(wal, 32 + Math.floor(frames / 2) * FRAME + 2_000);
    const { tails, codes } = await opened(file);
    expect(tails).toMatchObject([{ lostCommit: true }]);
    expect(describeTail(tails[0] as WalTail)).toContain('compare with the terminal');
    expect(codes.length).toBeLessThan(APPENDS);
    expect(codes).toEqual(upTo(codes.length));
  });

  it('does not take frames of an earlier round for a loss', async () => {
    const file = join(temporaryDirectory(), 'journal.db');
    const journal = await openJournal({ file, clock });
    // SQLite folds the WAL back after a thousand pages and writes over it from its start.
    for (let n = 0; n < 40; n += 1) {
      await journal.append(Array.from({ length: 400 }, () => entry(note('x'.repeat(200)))));
    }
    await journal.append([entry(note('one more'))]);
    const copy = join(temporaryDirectory(), 'journal.db');
    for (const suffix of ['', '-wal']) copyFileSync(`${file}${suffix}`, `${copy}${suffix}`);
    await journal.close();
    const tail = inspectWal(copy);
    const frames = Math.floor((readFileSync(`${copy}-wal`).length - 32) / FRAME);
    expect(tail).toMatchObject({ unfinished: 0, torn: 0 });
    expect(tail.committed).toBeLessThan(frames);
  });
});

describe('a journal that was cut off', () => {
  it('is refused with a remedy, and left as it is', async () => {
    const file = join(temporaryDirectory(), 'journal.db');
    const journal = await openJournal({ file, clock });
    await journal.append(Array.from({ length: 3_000 }, () => entry(note('fill'))));
    await journal.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    truncateSync(file, 40_960);
    await expect(openJournal({ file, clock })).rejects.toMatchObject({
      _tag: 'JournalRefused',
      reason: 'damaged',
      remedy: expect.stringContaining('backup'),
    });
    expect(readFileSync(file)).toHaveLength(40_960);
  });
});
