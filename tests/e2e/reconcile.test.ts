import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../src/actors/process-identity.ts';
import { STORY, sandbox, terminalPid, until } from '../support/cli-sandbox.ts';
import { EURUSD_M5, summaryOf } from '../support/finished-run.ts';
import { freePort } from '../support/free-port.ts';
import { A_DAY_AND_A_HALF, walkedBars } from '../support/generated-market.ts';
import { writeMarketFile } from '../support/market-files.ts';
import { deals, ledgerFile, ledgerLines, openTickets } from '../support/terminal-ledger.ts';

/** Digests of everything that holds truth; SQLite's shared index of the WAL is none of it. */
const digests = (dataDir: string): readonly string[] => {
  const terminal = readdirSync(join(dataDir, 'terminal')).filter((name) =>
    name.endsWith('.ndjson'),
  );
  // A runtime that ended in order leaves no WAL behind.
  return ['journal.db', 'journal.db-wal', ...terminal.map((name) => join('terminal', name))]
    .filter((name) => existsSync(join(dataDir, name)))
    .map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(join(dataDir, name)))
          .digest('hex')}`,
    );
};

describe('bulwark reconcile --dry-run', STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const file = writeMarketFile(
    box.dir,
    'EURUSD_M1.csv',
    walkedBars({ seed: 17, ...A_DAY_AND_A_HALF }),
  );
  const env = EURUSD_M5;

  it('says what a start would find after a kill, and changes nothing', async () => {
    const dataDir = box.path('killed');
    const place = ['--replay', file, '--data-dir', dataDir];
    const run = box.start(['run', ...place, '--json', '--speed', '40000'], { env });
    await until('an open position after three deals', () => {
      const lines = ledgerLines(ledgerFile(dataDir));
      return deals(lines).length >= 3 && openTickets(lines).size > 0;
    });
    run.signal('SIGKILL');
    await run.finished();
    // The terminal outlives its runtime, and writes down that nobody renews the lease.
    const pid = await until('the terminal', () => terminalPid(dataDir));
    process.kill(pid, 'SIGKILL');
    await until('its end', () => !isAlive(pid));
    const [ticket] = openTickets(ledgerLines(ledgerFile(dataDir)));
    const before = digests(dataDir);
    const told = await box.run(['reconcile', '--dry-run', '--json', ...place], { env });
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(told.stdout)).toMatchObject({
      running: false,
      outcome: 'agrees',
      actions: expect.arrayContaining([expect.stringContaining(`position ${ticket} is open`)]),
    });
    expect(digests(dataDir)).toEqual(before);
  });

  it('refuses an external terminal without a word to it, and says what shows the same', async () => {
    const dataDir = box.path('outside');
    const place = ['--replay', file, '--data-dir', dataDir];
    expect(await box.run(['run', ...place, '--duration', '10m'], { env })).toMatchObject({
      code: 0,
    });
    const port = String(await freePort());
    const external = { ...env, BULWARK_TERMINAL__KIND: 'external', BULWARK_LINK__PORT: port };
    const before = digests(dataDir);
    const told = await box.run(['reconcile', '--dry-run', ...place], { env: external });
    expect(told).toMatchObject({ code: 2, stdout: '' });
    expect(told.stderr).toMatch(/the terminal is external.*--profile dryRun/);
    expect(digests(dataDir)).toEqual(before);

    const known = deals(ledgerLines(ledgerFile(dataDir))).length;
    const speed = ['--replay', file, '--speed', '40000'];
    const dry = box.start(['run', '--profile', 'dryRun', '--json', ...speed, ...place.slice(-2)], {
      env: external,
    });
    const connect = ['--connect', `tcp://127.0.0.1:${port}`];
    const folder = ['--terminal-dir', join(dataDir, 'terminal')];
    const terminal = box.start(['terminal', ...speed, ...connect, ...folder], { env });
    const summary = summaryOf(await dry.finished());
    expect(dry.said()).toContain('recovery.completed: ');
    expect(summary.denials['MODE']).toBeGreaterThan(0);
    expect(deals(ledgerLines(ledgerFile(dataDir)))).toHaveLength(known);
    terminal.signal('SIGTERM');
    await terminal.finished();
  });

  it('refuses a folder without a journal', async () => {
    const told = await box.run(['reconcile', '--dry-run', '--data-dir', box.path('none')]);
    expect(told).toMatchObject({ code: 2, stderr: expect.stringContaining('no journal') });
  });
});
