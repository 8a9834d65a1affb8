import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs } from '../../../src/domain/units.ts';
import { acquireInstanceLock } from '../../../src/journal/instance-lock.ts';
import { openJournalReader } from '../../../src/journal/journal-reader.ts';
import { openJournal } from '../../../src/journal/journal-writer.ts';
import { entry, note } from '../../support/entries.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const startChild = (script: string, argument: string) => {
  const path = fileURLToPath(new URL(`../../support/${script}`, import.meta.url));
  const child = spawn(process.execPath, [path, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { child, lines: createInterface({ input: child.stdout }) };
};

describe('a process killed while it writes', () => {
  it('leaves every acknowledged append in the journal, and whole appends only', async () => {
    const file = join(temporaryDirectory(), 'journal.db');
    const { child, lines } = startChild('journal-child.mjs', file);
    let acknowledged = 0;
    const closed = once(lines, 'close');
    lines.on('line', (line) => {
      acknowledged = Number(line);
      if (acknowledged >= 300) child.kill('SIGKILL');
    });
    await closed;

    const journal = await openJournal({ file, clock: { now: () => epochMs(0) } });
    onTestFinished(() => journal.close());
    const reader = openJournalReader({ file });
    onTestFinished(() => reader.close());
    const survived = reader.after(0, 100_000);
    expect(acknowledged).toBeGreaterThanOrEqual(300);
    expect(survived.length).toBeGreaterThanOrEqual(acknowledged);
    expect(survived.map((item) => item.seq)).toEqual(survived.map((_, index) => index + 1));
    // Each turn appends five entries together and one alone: no part of five may be missing.
    expect([0, 5]).toContain(survived.length % 6);
    const { lastSeq } = await journal.append([entry(note('after the crash'))]);
    expect(lastSeq).toBe(survived.length + 1);
  });
});

describe('the instance lock', () => {
  it('refuses a second owner and names the process that holds it', async () => {
    const directory = join(temporaryDirectory(), 'data');
    const { child, lines } = startChild('lock-child.mjs', directory);
    await once(lines, 'line');
    expect(() => acquireInstanceLock(directory)).toThrow(
      expect.objectContaining({
        _tag: 'InstanceLocked',
        holderPid: child.pid,
        message: expect.stringContaining(`process ${child.pid}`),
      }),
    );
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    const lock = acquireInstanceLock(directory);
    lock.release();
  });

  it('excludes a second owner in the same process, until it is released', () => {
    const directory = temporaryDirectory();
    const first = acquireInstanceLock(directory);
    expect(() => acquireInstanceLock(directory)).toThrow(`process ${process.pid}`);
    first.release();
    first.release();
    const second = acquireInstanceLock(directory);
    second.release();
  });
});
