import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../src/actors/process-identity.ts';
import { dumpDatabase, rowsOf } from '../support/audit-dump.ts';
import { type RunningCli, STORY, sandbox, terminalPid, until } from '../support/cli-sandbox.ts';
import { expectAgreement } from '../support/finished-run.ts';
import { deals, ledgerFile, ledgerLines, openTickets } from '../support/terminal-ledger.ts';

/** Market seconds per second: an hour passes within a quarter of a second. */
const ENV = { BULWARK_MARKET__SPEED: '15000' };

describe('bulwark run without any configuration', STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const dataDir = box.path('.bulwark');
  const start = (...args: readonly string[]): RunningCli =>
    box.start(['run', ...args], { env: ENV });
  const ledger = () => ledgerLines(ledgerFile(dataDir));
  const untilDeals = (count: number) =>
    until(`${count} deals`, () => {
      const lines = ledger();
      return deals(lines).length >= count && openTickets(lines).size > 0;
    });

  /** Ctrl-C, as a shell sends it: the runtime ends in order, and its terminal with it. */
  const interrupt = async (run: RunningCli): Promise<string> => {
    const terminal = await until('the terminal', () => terminalPid(dataDir));
    run.signal('SIGINT');
    const finished = await run.finished();
    expect(finished, finished.stderr).toMatchObject({ code: 0, signal: null });
    expect(isAlive(terminal)).toBe(false);
    expect(existsSync(`${dataDir}/terminal/process.json`)).toBe(false);
    return finished.stdout;
  };

  it('trades three symbols until Ctrl-C, then says what it did', async () => {
    const run = start();
    await untilDeals(6);
    const said = await interrupt(run);
    expect(said).toContain(`starting in ${dataDir}`);
    expect(said).toContain('session summary');
    expect(said).toMatch(/orders +\d+ filled/);
    const plain = await expectAgreement(dataDir);
    expect(plain.compared.deals).toBeGreaterThanOrEqual(6);
    const symbols = rowsOf(`${dataDir}/audit.db`, 'symbols').map(({ symbol }) => symbol);
    expect(symbols).toEqual(['EURUSD', 'GBPUSD', 'XAUUSD']);
  });

  it('resumes both sides at a second start', async () => {
    const before = ledger();
    const trades = rowsOf(`${dataDir}/audit.db`, 'trades');
    const run = start();
    await untilDeals(deals(before).length + 4);
    const said = await interrupt(run);
    expect(said).toContain(`resuming in ${dataDir}`);
    const after = ledger();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.filter(({ type }) => type === 'account')).toHaveLength(1);
    await expectAgreement(dataDir);
    const known = rowsOf(`${dataDir}/audit.db`, 'trades').map((row) => row['position_ticket']);
    expect(known).toEqual(expect.arrayContaining(trades.map((row) => row['position_ticket'])));
  });

  it('refuses a second runtime on the same folder, and says who has it', async () => {
    const run = start();
    await until('the terminal', () => terminalPid(dataDir));
    const second = await box.run(['run'], { env: ENV });
    expect(second).toMatchObject({ code: 2, stdout: '' });
    expect(second.stderr).toContain(dataDir);
    expect(second.stderr).toContain(String(run.pid));
    expect(second.stderr).not.toMatch(/^\s+at /m);
    const rebuild = await box.run(['audit', 'rebuild']);
    expect(rebuild).toMatchObject({ code: 2, stdout: '' });
    // What the terminal did alone is booked when both sides have been compared, and not before.
    await until('the comparison', () => run.said().includes('recovery.completed'));
    await interrupt(run);
    await expectAgreement(dataDir);
  });

  it('ends by itself when its duration is over', async () => {
    // Two seconds may be too short for a terminal to come up on a busy machine: the end is the same.
    await start('--duration', '2s').finished();
    const ends = rowsOf(`${dataDir}/journal.db`, 'entries')
      .filter(({ kind }) => kind === 'session.ended')
      .map(({ payload }) => JSON.parse(String(payload)) as { readonly reason: string });
    expect(ends.at(-1)?.reason).toBe('the duration is over');
  });

  it('starts over with --fresh', async () => {
    const before = deals(ledger());
    const run = start('--fresh');
    await until('the comparison', () => run.said().includes('recovery.completed'));
    expect(await interrupt(run)).toContain(`starting in ${dataDir}`);
    expect(ledger()[0]).toMatchObject({ type: 'account', n: 1 });
    expect(deals(ledger()).length).toBeLessThan(before.length);
    await expectAgreement(dataDir);
    const { events = [] } = dumpDatabase(`${dataDir}/audit.db`);
    const codes = (events as readonly { code: string }[]).map(({ code }) => code);
    expect(codes.filter((code) => code === 'session.started')).toHaveLength(1);
  });
});
