import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openJournalReader } from '../../../src/journal/journal-reader.ts';
import { createInbox } from '../../support/inbox.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

interface Line {
  readonly appended?: string;
  readonly note?: string;
  readonly crashed?: string;
}
/** Sets how large a file of a process may become, from outside. */
const limitFiles = (pid: number, bytes: string): boolean =>
  spawnSync('/usr/bin/env', ['prlimit', '--pid', String(pid), `--fsize=${bytes}:unlimited`])
    .status === 0;
const canLimit = spawnSync('/usr/bin/env', ['prlimit', '--version']).status === 0;
if (!canLimit) console.warn('skipped: there is no prlimit, so no write can be made to fail');

describe.runIf(canLimit)('a disk that refuses a write', () => {
  it('makes the keeper open the journal again by itself, without a restart, and loses nothing', async () => {
    const file = join(temporaryDirectory(), 'journal.db');
    const script = fileURLToPath(new URL('../../support/keeper-child.mjs', import.meta.url));
    const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const lines = createInbox<Line>('line of the child');
    let stored = 0;
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as Line;
      if (line.appended === 'stored') stored += 1;
      lines.push(line);
    });
    await lines.until(({ appended }) => appended === 'stored', 20_000);
    expect(limitFiles(child.pid ?? 0, '1000000')).toBe(true);
    const broke = await lines.until(({ note }) => note !== undefined, 20_000);
    expect(broke).toMatchObject({ note: 'journal.broken' });
    await lines.until(({ appended }) => appended === 'closed', 20_000);
    const before = stored;
    expect(limitFiles(child.pid ?? 0, 'unlimited')).toBe(true);
    await lines.until(({ appended }) => appended === 'stored', 20_000);
    child.kill('SIGKILL');
    const reader = openJournalReader({ file });
    onTestFinished(() => reader.close());
    expect(reader.lastSeq()).toBeGreaterThan(before);
    expect(lines.rest().filter(({ crashed }) => crashed !== undefined)).toEqual([]);
  }, 60_000);
});
