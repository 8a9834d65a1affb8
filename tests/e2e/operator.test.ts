import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { OperatorCommand } from '../../src/actors/operator/operator-types.ts';
import type { AccountStatus, RuntimeStatus } from '../../src/actors/operator/operator-view.ts';
import { isAlive } from '../../src/actors/process-identity.ts';
import { askRuntime } from '../../src/cli/control-client.ts';
import { rowsOf } from '../support/audit-dump.ts';
import { type Finished, STORY, sandbox, until } from '../support/cli-sandbox.ts';
import { expectAgreement } from '../support/finished-run.ts';
import { A_DAY_AND_A_HALF, walkedBars } from '../support/generated-market.ts';
import { writeMarketFile } from '../support/market-files.ts';
import { deals, ledgerFile, ledgerLines, openTickets } from '../support/terminal-ledger.ts';

const SEED = 17;
const LOGIN = '5012345';
/** Market seconds per second: a bar in a tenth of a second, and the day lasts longer than a story. */
const SPEED = '600';

/** Opens at every bar where it holds nothing; `spin` says at which bar it never comes back. */
const steady = (spin: string): string => `
  import { defineStrategy } from 'bulwark';
  export default defineStrategy({
    name: 'steady', version: '1.0.0', timeframe: 'M1', params: {},
    warmupBars: () => 3, init: () => 0,
    onBar: (seen: number, bar, { positions }) => {
      if (positions.length > 0) { ${spin} return { state: seen, signals: [] }; }
      const open = { type: 'open', side: 'buy', kind: 'market', stopDistance: 400, leg: 0,
        reason: 'again' } as const;
      return { state: seen + 1, signals: [open] };
    },
  });`;

describe(`orders of an operator, seed ${SEED}`, STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const bars = walkedBars({ seed: SEED, ...A_DAY_AND_A_HALF });
  const market = writeMarketFile(box.dir, 'EURUSD_M1.csv', bars);
  const strategy = box.path('steady.ts');
  writeFileSync(strategy, steady(''));
  const start = (dataDir: string, ...more: readonly string[]) =>
    box.start([
      ...['run', '--replay', market, '--strategy', strategy, '--speed', SPEED],
      ...['--data-dir', dataDir, ...more],
    ]);
  const order = (dataDir: string, ...words: readonly string[]): Promise<Finished> =>
    box.run([...words, '--data-dir', dataDir]);
  /** The same without a process of its own. */
  const ask = async (dataDir: string, command: OperatorCommand, account = LOGIN) =>
    (await askRuntime(dataDir, { account, command })).reply;
  const account = async (dataDir: string): Promise<AccountStatus> => {
    const reply = await ask(dataDir, { type: 'status' });
    const [only] = reply.ok ? (reply.result as RuntimeStatus).accounts : [];
    if (only === undefined) throw new Error(JSON.stringify(reply));
    return only;
  };
  const openAtTerminal = (dataDir: string) => openTickets(ledgerLines(ledgerFile(dataDir)));
  const hasOpened = (dataDir: string) =>
    until('an open position', () => openAtTerminal(dataDir).size > 0);
  const isFlat = (dataDir: string) =>
    until('the terminal to be flat', () => openAtTerminal(dataDir).size === 0);
  const hasEvent = (dataDir: string, code: string, count = 1) =>
    until(code, () => {
      const rows = rowsOf(`${dataDir}/audit.db`, 'events');
      return rows.filter((row) => row['code'] === code).length >= count;
    });

  it('halts, resumes, flattens, kills, and a restart keeps the lock', async () => {
    const dataDir = box.path('story');
    const run = start(dataDir);
    await hasOpened(dataDir);
    expect(await order(dataDir, 'halt', '--reason', 'lunch')).toMatchObject({ code: 0 });
    expect(await account(dataDir)).toMatchObject({
      login: LOGIN,
      mode: { name: 'halted', holds: ['operator: lunch'] },
      positions: [{ symbol: 'EURUSD', strategy: 'steady:EURUSD' }],
    });
    const told = await order(dataDir, 'status', '--json');
    expect(JSON.parse(told.stdout)).toMatchObject({ ok: true, result: { profile: 'paper' } });
    expect(await ask(dataDir, { type: 'resume', reason: 'back' })).toMatchObject({ ok: true });
    expect((await account(dataDir)).mode.name).toBe('active');

    expect(await order(dataDir, 'flatten', '--account', LOGIN)).toMatchObject({ code: 0 });
    await isFlat(dataDir);
    await hasEvent(dataDir, 'flatten.flat');
    expect(await ask(dataDir, { type: 'resume', reason: 'on' })).toMatchObject({ ok: true });
    await hasOpened(dataDir);

    expect(await order(dataDir, 'kill', '--reason', 'enough')).toMatchObject({ code: 0 });
    await isFlat(dataDir);
    await hasEvent(dataDir, 'flatten.flat', 2);
    run.signal('SIGKILL');
    await run.finished();
    const { length } = deals(ledgerLines(ledgerFile(dataDir)));

    const again = start(dataDir);
    await until('a session', () => again.said().includes('link.live'));
    expect((await account(dataDir)).mode).toMatchObject({
      name: 'locked',
      reason: 'operator: enough',
    });
    expect(await ask(dataDir, { type: 'resume', reason: 'no' })).toMatchObject({ ok: false });
    expect(await order(dataDir, 'rearm', '--account', LOGIN)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('without a reason'),
    });
    expect(openAtTerminal(dataDir).size).toBe(0);
    expect(deals(ledgerLines(ledgerFile(dataDir))).length).toBe(length);
    await until('a recovery', () => rows(dataDir, 'recovery.completed') > 1);
    const rearm = ['rearm', '--account', LOGIN, '--reason', 'looked at it'] as const;
    expect(await order(dataDir, ...rearm)).toMatchObject({ code: 0 });
    await hasOpened(dataDir);
    again.signal('SIGINT');
    expect(await again.finished()).toMatchObject({ code: 0 });
    await expectAgreement(dataDir);
  });

  const rows = (dataDir: string, code: string): number =>
    rowsOf(`${dataDir}/audit.db`, 'events').filter((row) => row['code'] === code).length;

  it('kills by signal', async () => {
    const dataDir = box.path('signal');
    const run = start(dataDir);
    await hasOpened(dataDir);
    run.signal('SIGUSR2');
    await isFlat(dataDir);
    await hasEvent(dataDir, 'operator.kill');
    expect((await account(dataDir)).mode).toMatchObject({ reason: 'operator: SIGUSR2' });
    run.signal('SIGTERM');
    expect(await run.finished()).toMatchObject({ code: 0 });
    await expectAgreement(dataDir);
  });

  it('leaves the lock on the disk when nothing runs', async () => {
    const dataDir = box.path('signal');
    expect(await order(dataDir, 'kill', '--reason', 'dark')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the next start locks'),
    });
    expect(readFileSync(`${dataDir}/KILL`, 'utf8')).toBe('dark\n');
  });

  it('ends a process whose main thread never comes back, and its successor closes everything', async () => {
    const dataDir = box.path('stuck');
    const stuck = box.path('stuck.ts');
    writeFileSync(stuck, steady('if (seen > 1) for (;;);'));
    const run = box.start([
      ...['run', '--replay', market, '--strategy', stuck, '--speed', SPEED],
      ...['--isolation', 'inline', '--data-dir', dataDir],
    ]);
    await hasOpened(dataDir);
    const killed = await order(dataDir, 'kill', '--reason', 'it hangs');
    expect(killed.stdout).toContain('its successor locks and closes everything');
    await until('the end of the process', () => !isAlive(run.pid));
    await isFlat(dataDir);
    await hasEvent(dataDir, 'flatten.flat');
    const { mode } = await account(dataDir);
    expect(mode).toMatchObject({ name: 'locked', reason: expect.stringContaining('it hangs') });
    const { pid } = JSON.parse(readFileSync(`${dataDir}/control.json`, 'utf8')) as {
      readonly pid: number;
    };
    expect(pid).not.toBe(run.pid);
    process.kill(pid, 'SIGTERM');
    await until('the end of the successor', () => !isAlive(pid));
    await expectAgreement(dataDir);
  });
});
