import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../src/actors/process-identity.ts';
import { rowsOf } from '../support/audit-dump.ts';
import { STORY, sandbox, terminalPid, until } from '../support/cli-sandbox.ts';
import { expectAgreement } from '../support/finished-run.ts';
import { walkedBars } from '../support/generated-market.ts';
import { writeMarketFile } from '../support/market-files.ts';
import { ledgerFile, ledgerLines, openTickets } from '../support/terminal-ledger.ts';

/** Asks for one position until it has it, and keeps it. */
const STRATEGY = `
export default {
  name: 'once', version: '1.0.0', timeframe: 'M1', params: {},
  warmupBars: () => 0,
  init: () => ({ done: false }),
  onBar: (state) => ({ state, signals: [] }),
  onTick: (state, tick, { positions }) => ({
    state: { done: state.done || positions.length > 0 },
    signals: state.done || positions.length > 0 ? [] : [
      { type: 'open', side: 'buy', kind: 'market', stopDistance: 3000, leg: 0, reason: 'first' },
    ],
  }),
};
`;
const DATA = 'data';
/** Shorter than a lease of real life: the test waits for its end. */
const LEASE_MS = 1_500;

describe('a runtime that is dead, and a market that goes on', STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const dataDir = box.path(DATA);
  const lines = () => ledgerLines(ledgerFile(dataDir));
  const table = (name: string, column: string): readonly string[] =>
    rowsOf(`${dataDir}/audit.db`, name).map((row) => String(row[column]));

  it('failure 7: with the runtime dead and a position live, the terminal flattens by itself', async () => {
    const bars = walkedBars({ seed: 5, from: '2024-02-08 00:00:00', to: '2024-02-09 00:00:00' });
    const file = writeMarketFile(box.dir, 'EURUSD_M1.csv', bars);
    writeFileSync(box.path('once.mjs'), STRATEGY);
    const config = {
      link: {
        ...{ heartbeatMs: 500, leaseMs: LEASE_MS },
        deadMan: { policy: 'flatten', afterMs: LEASE_MS },
      },
      strategies: [{ use: './once.mjs', symbol: 'EURUSD', timeframe: 'M1' }],
    };
    writeFileSync(box.path('bulwark.config.json'), JSON.stringify(config));
    const start = () =>
      box.start([
        ...['run', '--replay', file, '--clock', 'free', '--speed', '60'],
        ...['--data-dir', DATA, '--json'],
      ]);

    const first = start();
    await until('a position', () => openTickets(lines()).size === 1);
    first.signal('SIGKILL');
    expect(await first.finished()).toMatchObject({ signal: 'SIGKILL' });
    const terminal = terminalPid(dataDir);
    expect(openTickets(lines()).size).toBe(1);
    await until('nothing to be open', () => openTickets(lines()).size === 0);
    expect(terminal !== undefined && isAlive(terminal)).toBe(true);

    const second = start();
    await until('the next runtime to be told', () => second.said().includes('terminal.deadMan'));
    await until('trading', () => second.said().includes('mode: halted → active'));
    second.signal('SIGINT');
    const finished = await second.finished();
    expect(finished, finished.stderr).toMatchObject({ code: 0 });
    const codes = table('events', 'code');
    expect(codes).toEqual(expect.arrayContaining(['terminal.adopted', 'terminal.deadMan.acted']));
    // The second runtime compared at the market's time, not at that of the data's beginning.
    const compared = table('account_snapshots', 'at');
    expect(compared.at(-1)?.localeCompare(compared[0] ?? '')).toBe(1);
    await expectAgreement(dataDir);
  });
});
