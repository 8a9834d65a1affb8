import { afterAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../src/actors/process-identity.ts';
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

  const killed = async (dataDir: string, minDeals: number) => {
    const run = start(dataDir);
    await until('deals and an open position', () => {
      const lines = ledgerLines(ledgerFile(dataDir));
      return deals(lines).length >= minDeals && openTickets(lines).size > 0;
    });
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

  it('resumes when both sides were killed', async () => {
    const dataDir = box.path('both');
    await killed(dataDir, 3);
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
});
