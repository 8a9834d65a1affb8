import { afterAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../src/actors/process-identity.ts';
import type { ExecutionSummary } from '../../src/audit/execution-summary.ts';
import { openJournalReader } from '../../src/journal/journal-reader.ts';
import { rowsOf } from '../support/audit-dump.ts';
import { STORY, sandbox, terminalPid, until } from '../support/cli-sandbox.ts';
import { EURUSD_M5, expectAgreement, summaryOf } from '../support/finished-run.ts';
import { A_DAY_AND_A_HALF, walkedBars } from '../support/generated-market.ts';
import { writeMarketFile } from '../support/market-files.ts';
import { deals, ledgerFile, ledgerLines, openTickets } from '../support/terminal-ledger.ts';

const SEED = 13;
const SPEED = '40000';

describe(`kill -9 of the runtime in a replay, seed ${SEED}`, STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const bars = walkedBars({ seed: SEED, ...A_DAY_AND_A_HALF });
  const rows = bars.trimEnd().split('\n').length - 1;
  const file = writeMarketFile(box.dir, 'EURUSD_M1.csv', bars);
  const start = (dataDir: string) =>
    box.start(['run', '--replay', file, '--json', '--data-dir', dataDir, '--speed', SPEED], {
      env: EURUSD_M5,
    });
  const codes = (dataDir: string): readonly string[] =>
    rowsOf(`${dataDir}/audit.db`, 'events').map((row) => String(row['code']));

  const killed = async (dataDir: string, minDeals: number, beforehand = async () => {}) => {
    const run = start(dataDir);
    await until('deals and an open position', () => {
      const lines = ledgerLines(ledgerFile(dataDir));
      return deals(lines).length >= minDeals && openTickets(lines).size > 0;
    });
    await beforehand();
    run.signal('SIGKILL');
    expect(await run.finished()).toMatchObject({ code: null, signal: 'SIGKILL' });
  };

  it('resumes with the terminal that outlived it, and ends in agreement', async () => {
    const dataDir = box.path('adopted');
    await killed(dataDir, 3);
    const terminal = terminalPid(dataDir);
    expect(terminal).toBeDefined();
    const summary = summaryOf(await start(dataDir).finished());
    expect(summary.bars).toBe(rows);
    const plain = await expectAgreement(dataDir);
    expect(plain.compared.deals).toBe(summary.deals);
    expect(codes(dataDir)).toContain('terminal.adopted');
    expect(terminal !== undefined && isAlive(terminal)).toBe(false);
  });

  const backup = box.path('backup');
  let entries = 0;

  it('resumes when both sides were killed', async () => {
    const dataDir = box.path('both');
    await killed(dataDir, 3, async () => {
      const place = ['--data-dir', dataDir];
      const taken = await box.run(['backup', '--to', backup, '--json', ...place]);
      entries = (JSON.parse(taken.stdout) as { readonly lastSeq: number }).lastSeq;
      const refused = await box.run(['restore', backup, ...place]);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('is in use by') });
    });
    const terminal = await until('the terminal', () => terminalPid(dataDir));
    process.kill(terminal, 'SIGKILL');
    const summary = summaryOf(await start(dataDir).finished());
    expect(summary.bars).toBe(rows);
    await expectAgreement(dataDir);
    expect(codes(dataDir)).not.toContain('terminal.adopted');
    const again = summaryOf(await start(dataDir).finished());
    expect(again, 'a replay that had ended, resumed').toMatchObject({
      bars: rows,
      deals: summary.deals,
      realised: summary.realised,
    });
    await expectAgreement(dataDir);
  });

  it('leaves a backup that was taken beside it, which is restored and refused where it is older', async () => {
    const restored = box.path('restored');
    const into = (dataDir: string) => box.run(['restore', backup, '--data-dir', dataDir]);
    expect(await into(box.path('both'))).toMatchObject({ code: 2, stdout: '' });
    expect(await into(restored)).toMatchObject({ code: 0, stderr: '' });
    const reader = openJournalReader({ file: box.path('restored', 'journal.db') });
    expect(reader.after(0, 1_000_000).at(-1)?.seq).toBe(entries);
    reader.close();
    const told = await box.run(['report', 'execution', '--json', '--data-dir', restored]);
    const [{ intents, latencyMs, slippagePoints }] = JSON.parse(told.stdout) as [ExecutionSummary];
    expect(intents.open).toBeGreaterThanOrEqual(2);
    expect(latencyMs?.p50).toBeGreaterThanOrEqual(0);
    expect(slippagePoints['EURUSD']?.count).toBeGreaterThanOrEqual(3);
  });
});
