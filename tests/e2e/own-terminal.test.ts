import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../support/audit-dump.ts';
import { MAIN, type RunningCli, STORY, sandbox, until } from '../support/cli-sandbox.ts';
import { expectAgreement, summaryOf } from '../support/finished-run.ts';
import { freePort } from '../support/free-port.ts';
import { walkedBars } from '../support/generated-market.ts';
import { writeMarketFile } from '../support/market-files.ts';
import { deals, ledgerLines } from '../support/terminal-ledger.ts';

/** What a person would write to start a terminal in a way of his own: a script that ends as it. */
const SCRIPT = `
echo "a script of my own begins $2"
exec "$1" "${MAIN}" terminal --connect "tcp://127.0.0.1:$2" --replay "$3" --terminal-dir "$4" --speed 40000
`;

describe('a terminal that `terminal.command` starts', STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const market = writeMarketFile(
    box.dir,
    'EURUSD_M1.csv',
    walkedBars({ seed: 11, from: '2024-02-08 00:00:00', to: '2024-02-09 00:00:00' }),
  );

  const configured = async (name: string, terminal: object): Promise<readonly string[]> => {
    const port = await freePort();
    const script = box.path(`${name}.sh`);
    writeFileSync(script, SCRIPT);
    const own = {
      ...{ kind: 'external', command: '/bin/sh' },
      args: [script, process.execPath, String(port), market, box.path(`${name}-broker`)],
      restart: { backoffInitialMs: 20, backoffMaxMs: 50 },
    };
    const config = box.path(`${name}.json`);
    const strategies = [{ use: 'atr-breakout', symbol: 'EURUSD', timeframe: 'M5' }];
    const document = { strategies, link: { port }, terminal: { ...own, ...terminal } };
    writeFileSync(config, JSON.stringify(document));
    return ['run', '--config', config, '--replay', market, '--data-dir', box.path(name), '--json'];
  };
  /** Of every terminal that was started so far; the script's shell becomes the terminal. */
  const pids = (run: RunningCli): readonly number[] =>
    [...run.said().matchAll(/terminal\.started: pid (\d+)/g)].map(([, pid]) => Number(pid));
  /** Started before all others: its supervisors' pauses pass while they trade. */
  let hopeless: RunningCli;
  beforeAll(async () => {
    const args = ['-c', 'echo the licence has expired; exit 1'];
    const restart = { intensity: 1, backoffInitialMs: 1, backoffMaxMs: 1 };
    hopeless = box.start(await configured('hopeless', { args, restart }));
  });
  const codes = (name: string): readonly string[] =>
    rowsOf(box.path(name, 'audit.db'), 'events').map((row) => String(row['code']));

  it('is watched like the built-in one: killed, it is started again by the same command', async () => {
    const run = box.start(await configured('mine', {}));
    const ledger = box.path('mine-broker', 'ledger.ndjson');
    await until('a deal', () => deals(ledgerLines(ledger)).length > 0);
    process.kill(await until('the terminal', () => pids(run)[0]), 'SIGKILL');
    const summary = summaryOf(await run.finished());
    expect(summary.restarts).toBeGreaterThanOrEqual(1);
    expect(summary.deals).toBeGreaterThan(2);
    expect(codes('mine').filter((code) => code === 'terminal.started')).toHaveLength(2);
    const said = readFileSync(join(box.path('mine'), 'terminal', 'process.log'), 'utf8');
    expect(said.match(/a script of my own begins \d+/g)).toHaveLength(2);
    await expectAgreement(box.path('mine'), ledger);
  });

  it('that never dials is ended after `terminal.readyMs`, and started again', async () => {
    const args = ['-c', 'echo waiting; exec sleep 60'];
    const flags = await configured('mute', { args, readyMs: 1_000 });
    const run = box.start(flags);
    await until('another start', () => pids(run)[1]);
    // Beside a runtime with an outside terminal, that runtime is who compares.
    const asked = ['reconcile', '--dry-run', ...flags.slice(1)];
    const told = await box.run(asked);
    expect(told).toMatchObject({ code: 2, stdout: '' });
    expect(told.stderr).toMatch(/running here has not been compared.*`bulwark doctor`/);
    run.signal('SIGINT');
    await run.finished();
    expect(run.said()).toContain('terminal.frozen');
  });

  it('that cannot start is given up: the run ends, and says what its last words were', async () => {
    const { code, stdout, stderr } = await hopeless.finished();
    expect(code).toBe(1);
    expect(codes('hopeless').filter((it) => it === 'terminal.givenUp')).toHaveLength(1);
    expect(stdout + stderr).toMatch(/terminal\.givenUp: .*Its last words: the licence has expired/);
    expect(stdout + stderr).toContain('accounts.5012345 is parked');
    const starts = codes('hopeless').filter((it) => it === 'terminal.started').length;
    expect(starts).toBeLessThan(30);
  });
});
