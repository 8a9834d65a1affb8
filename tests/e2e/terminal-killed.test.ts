import { afterAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../support/audit-dump.ts';
import { type RunningCli, STORY, sandbox, terminalPid, until } from '../support/cli-sandbox.ts';
import { EURUSD_M5, expectAgreement, summaryOf } from '../support/finished-run.ts';
import { A_DAY_AND_A_HALF, walkedBars } from '../support/generated-market.ts';
import { writeMarketFile } from '../support/market-files.ts';
import { deals, ledgerFile, ledgerLines, openTickets } from '../support/terminal-ledger.ts';

const SEED = 11;
/** Market seconds per second: the replay then takes some seconds, and a kill is in its middle. */
const SPEED = '40000';

describe(`kill -9 of the terminal in a replay, seed ${SEED}`, STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const bars = walkedBars({ seed: SEED, ...A_DAY_AND_A_HALF });
  const rows = bars.trimEnd().split('\n').length - 1;
  const file = writeMarketFile(box.dir, 'EURUSD_M1.csv', bars);
  const start = (dataDir: string): RunningCli =>
    box.start(['run', '--replay', file, '--json', '--data-dir', dataDir, '--speed', SPEED], {
      env: EURUSD_M5,
    });

  /** Waits until the terminal's ledger shows what is wanted, then kills that very process. */
  const killWhen = async (
    dataDir: string,
    what: string,
    isSo: (lines: ReturnType<typeof ledgerLines>) => boolean,
  ): Promise<number> => {
    await until(what, () => isSo(ledgerLines(ledgerFile(dataDir))));
    const pid = await until('the terminal', () => terminalPid(dataDir));
    process.kill(pid, 'SIGKILL');
    return pid;
  };
  const events = (dataDir: string): readonly string[] =>
    rowsOf(`${dataDir}/audit.db`, 'events').map((row) => String(row['code']));
  const counted = (codes: readonly string[], code: string): number =>
    codes.filter((one) => one === code).length;

  it('restarts it, links, recovers, and ends in agreement: killed with a position open', async () => {
    const dataDir = box.path('once');
    const run = start(dataDir);
    await killWhen(dataDir, 'an open position after three deals', (lines) => {
      return openTickets(lines).size > 0 && deals(lines).length >= 3;
    });
    const before = ledgerLines(ledgerFile(dataDir));
    const summary = summaryOf(await run.finished());
    expect(summary.bars).toBe(rows);
    expect(summary.restarts).toBeGreaterThanOrEqual(1);
    expect(summary.deals).toBeGreaterThan(deals(before).length);
    await expectAgreement(dataDir);
    const codes = events(dataDir);
    expect(counted(codes, 'terminal.exited')).toBe(1);
    expect(counted(codes, 'terminal.started')).toBe(2);
    expect(counted(codes, 'link.live')).toBe(2);
    expect(codes.indexOf('link.live', codes.indexOf('terminal.exited'))).toBeGreaterThan(0);
  });

  it('does so as often as it is killed', async () => {
    const dataDir = box.path('twice');
    const run = start(dataDir);
    const first = await killWhen(dataDir, 'two deals', (lines) => deals(lines).length >= 2);
    const second = await until('another terminal', () => {
      const pid = terminalPid(dataDir);
      return pid === first ? undefined : pid;
    });
    await killWhen(dataDir, 'ten deals', (lines) => deals(lines).length >= 10);
    const summary = summaryOf(await run.finished());
    expect(second).not.toBe(first);
    expect(summary.restarts).toBeGreaterThanOrEqual(2);
    expect(summary.bars).toBe(rows);
    await expectAgreement(dataDir);
    expect(counted(events(dataDir), 'terminal.started')).toBe(3);
  });
});
