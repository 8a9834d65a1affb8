import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../src/actors/process-identity.ts';
import { type RunningCli, STORY, sandbox, terminalPid, until } from '../support/cli-sandbox.ts';
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

  describe('of an external terminal', () => {
    const dataDir = box.path('outside');
    const speed = ['--replay', file, '--speed', '40000'];
    const at = ['--replay', file, '--data-dir', dataDir];
    const ask = ['reconcile', '--dry-run', '--json', ...at];
    let external: Readonly<Record<string, string>>;
    let terminal: RunningCli;
    const broker = () =>
      readFileSync(join(dataDir, 'terminal', 'broker-000000000000.ndjson'), 'utf8');
    beforeAll(async () => {
      await box.run(['run', ...at, '--duration', '10m'], { env });
      const port = String(await freePort());
      external = { ...env, BULWARK_TERMINAL__KIND: 'external', BULWARK_LINK__PORT: port };
      const connect = ['--connect', `tcp://127.0.0.1:${port}`];
      const folder = ['--terminal-dir', join(dataDir, 'terminal')];
      terminal = box.start(['terminal', ...speed, ...connect, ...folder], { env });
    });
    afterAll(async () => {
      terminal.signal('SIGTERM');
      await terminal.finished();
    });

    it('looks on in a session that claims nothing, while no runtime is there', async () => {
      await until('the second start of the terminal', () => broker().includes('"start":2'));
      const before = digests(dataDir);
      const told = await box.run(ask, { env: external });
      expect(told).toMatchObject({ code: 0, stderr: expect.stringContaining('waiting for') });
      expect(JSON.parse(told.stdout)).toMatchObject({
        ...{ running: false, comparedWith: 'terminal', outcome: 'agrees' },
        counts: { deals: deals(ledgerLines(ledgerFile(dataDir))).length + 1 },
      });
      expect(digests(dataDir)).toEqual(before);
    });

    it('tells what the runtime found that is trading there, and the profile dryRun opens nothing', async () => {
      const known = deals(ledgerLines(ledgerFile(dataDir))).length;
      const trades = ['run', '--profile', 'dryRun', '--json', ...speed, ...at.slice(-2)];
      const dry = box.start(trades, { env: external });
      await until('a comparison', () => dry.said().includes('recovery.completed: '));
      const told = await box.run(ask, { env: external });
      expect(told).toMatchObject({ code: 0, stderr: '' });
      const found = { running: true, comparedWith: 'runtime', outcome: 'agrees' };
      expect(JSON.parse(told.stdout)).toMatchObject(found);
      const summary = summaryOf(await dry.finished());
      expect(summary.denials['MODE']).toBeGreaterThan(0);
      expect(deals(ledgerLines(ledgerFile(dataDir)))).toHaveLength(known);
    });
  });

  it('refuses a folder without a journal', async () => {
    const told = await box.run(['reconcile', '--dry-run', '--data-dir', box.path('none')]);
    expect(told).toMatchObject({ code: 2, stderr: expect.stringContaining('no journal') });
  });
});
