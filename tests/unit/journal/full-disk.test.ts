import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs } from '../../../src/domain/units.ts';
import { JournalUnavailable } from '../../../src/journal/errors.ts';
import { openJournalReader } from '../../../src/journal/journal-reader.ts';
import { openJournal } from '../../../src/journal/journal-writer.ts';
import { entry, note } from '../../support/entries.ts';
import { canMount, smallDisk } from '../../support/small-disk.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const clock = { now: () => epochMs(0) };
const codesIn = (file: string): readonly string[] => {
  const reader = openJournalReader({ file });
  try {
    return reader
      .after(0, 1_000_000)
      .map((found) => (found.kind === 'event' ? found.code : found.kind));
  } finally {
    reader.close();
  }
};

if (!canMount) {
  console.warn('skipped: this process may not mount a file system, so no disk can be really full');
}

describe.runIf(canMount)('a file system that is full', () => {
  it('is told, loses nothing that was acknowledged, and is written to again when there is room', async () => {
    const disk = smallDisk(1_024);
    const file = join(disk, 'journal.db');
    const journal = await openJournal({ file, clock });
    onTestFinished(() => journal.close());
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(300_000));
    const acknowledged: string[] = [];
    let failure: unknown;
    for (let n = 0; failure === undefined && n < 2_000; n += 1) {
      const code = `n${n}-${'x'.repeat(500)}`;
      await journal.append([entry(note(code))]).then(
        () => acknowledged.push(code),
        (error: unknown) => {
          failure = error;
        },
      );
    }
    expect(failure).toBeInstanceOf(JournalUnavailable);
    expect(failure).toMatchObject({ reason: 'diskFull' });
    expect(codesIn(file)).toEqual(acknowledged);
    rmSync(ballast);
    await journal.append([entry(note('again'))]);
    expect(codesIn(file)).toEqual([...acknowledged, 'again']);
  });
});

describe('a process that may not write more', () => {
  it('keeps every acknowledged append when the system refuses the next write', async () => {
    const file = join(temporaryDirectory(), 'journal.db');
    const script = fileURLToPath(new URL('../../support/journal-child.mjs', import.meta.url));
    // ulimit counts blocks of 512 bytes; the signal of a file that grew too large ends the child.
    const limited = `ulimit -f 2000; exec "${process.execPath}" "${script}" "${file}"`;
    const child = spawn('sh', ['-c', limited], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    let acknowledged = 0;
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      acknowledged = Number(line);
    });
    await Promise.all([once(child, 'close'), once(lines, 'close')]);
    expect(acknowledged).toBeGreaterThan(100);
    const journal = await openJournal({ file, clock });
    onTestFinished(() => journal.close());
    const codes = codesIn(file);
    expect(codes.length).toBeGreaterThanOrEqual(acknowledged);
    expect([0, 5]).toContain(codes.length % 6);
    expect(await journal.append([entry(note('after'))])).toEqual({ lastSeq: codes.length + 1 });
  });
});
