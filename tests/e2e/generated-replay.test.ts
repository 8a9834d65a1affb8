import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_TABLE_NAMES, AUDIT_TABLES } from '../../src/audit/tables.ts';
import type { SessionSummary } from '../../src/cli/session-summary.ts';
import { rowsOf } from '../support/audit-dump.ts';
import { STORY, sandbox } from '../support/cli-sandbox.ts';
import { decimalOf, EURUSD_M5, expectAgreement, summaryOf } from '../support/finished-run.ts';
import { OVER_A_WEEKEND, walkedBars } from '../support/generated-market.ts';
import { writeMarketFile } from '../support/market-files.ts';
import { comparePlainly } from '../support/plain-comparison.ts';

/** Few orders a day are allowed, so that some are denied. */
const ENV = { ...EURUSD_M5, BULWARK_RISK__MAX_ORDERS_PER_DAY: '12' };
const SEED = 7;

describe(`a replay of generated bars, seed ${SEED}`, STORY, () => {
  const box = sandbox();
  const text = walkedBars({ seed: SEED, ...OVER_A_WEEKEND });
  const file = writeMarketFile(box.dir, 'EURUSD_M1.csv', text);
  const replay = (name: string, ...more: readonly string[]) =>
    box.run(
      [
        'run',
        '--replay',
        file,
        '--json',
        '--data-dir',
        name,
        '--ledger',
        `${name}.ndjson`,
        ...more,
      ],
      { env: ENV },
    );
  let summaries: readonly SessionSummary[] = [];
  beforeAll(async () => {
    const runs = await Promise.all([replay('fast'), replay('paced', '--speed', '500000')]);
    summaries = runs.map(summaryOf);
  }, 90_000);
  afterAll(box.close);
  const exported = async (dataDir: string, table: string): Promise<string> => {
    const run = await box.run(['export', '--table', table, '--csv', '--data-dir', dataDir]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    return run.stdout;
  };

  it('plays every bar across the weekend, trades, and is denied what is too much', () => {
    expect(summaries[0]?.bars).toBe(text.trimEnd().split('\n').length - 1);
    expect(summaries[0]?.orders['filled']).toBeGreaterThan(20);
    expect(Object.keys(summaries[0]?.denials ?? {})).not.toEqual([]);
  });

  it.each(['fast', 'paced'])("agrees with the terminal's ledger: %s", async (name) => {
    const plain = await expectAgreement(box.path(name));
    const summary = summaries[name === 'fast' ? 0 : 1];
    expect(plain.compared).toMatchObject({ deals: summary?.deals, orders: summary?.signals });
    expect(summary?.realised).toBe(decimalOf(plain.realised));
    expect(summary?.costs).toBe(decimalOf(plain.costs));
  });

  it.each([
    ['a cent', (line: string) => line.replace(/"profit":"(-?\d+)\.\d\d"/, '"profit":"$1.99"')],
    ['a deal that is missing', () => ''],
    [
      'a deal of another order',
      (line: string) => line.replace(/"orderTicket":"\d+"/, '"orderTicket":"1"'),
    ],
  ])('would notice %s', async (_what, change) => {
    const lines = readFileSync(box.path('fast.ndjson'), 'utf8').split('\n');
    const index = lines.findIndex((line) => line.includes('"entry":"out"'));
    const tampered = lines.map((line, at) => (at === index ? change(line) : line));
    writeFileSync(box.path('tampered.ndjson'), tampered.filter((line) => line !== '').join('\n'));
    const args = ['audit', 'verify', '--data-dir', 'fast', '--ledger', 'tampered.ndjson'];
    expect(await box.run(args)).toMatchObject({ code: 1 });
    const { disagreements } = comparePlainly(box.path('fast'), box.path('tampered.ndjson'));
    expect(disagreements).not.toEqual([]);
  });

  it('copies the ledger to where --ledger says, to the byte', () => {
    const own = readFileSync(box.path('fast', 'terminal', 'ledger.ndjson'), 'utf8');
    expect(readFileSync(box.path('fast.ndjson'), 'utf8')).toBe(own);
  });

  it.each(['orders', 'signals', 'trades'])(
    'exports the same %s at any speed, to the byte',
    async (table) => {
      const [fast, paced] = await Promise.all([exported('fast', table), exported('paced', table)]);
      expect(fast.split('\r\n').length + fast.split('\n').length).toBeGreaterThan(20);
      expect(paced).toBe(fast);
    },
  );

  it('exports every table with its columns and all its rows, to a file as well', async () => {
    for (const table of AUDIT_TABLE_NAMES) {
      const csv = box.path(`${table}.csv`);
      const args = ['export', '--table', table, '--csv', csv, '--json', '--data-dir', 'fast'];
      const told = await box.run(args);
      const rows = rowsOf(box.path('fast', 'audit.db'), table).length;
      expect(JSON.parse(told.stdout)).toEqual({ table, rows, file: csv });
      const [header] = readFileSync(csv, 'utf8').split(/\r?\n/);
      expect(header).toBe(Object.keys(AUDIT_TABLES[table].columns).join(','));
    }
  });

  it('refuses a table that does not exist, and names those that do', async () => {
    const run = await box.run(['export', '--table', 'money', '--csv', '--data-dir', 'fast']);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    for (const table of AUDIT_TABLE_NAMES) expect(run.stderr).toContain(table);
  });
});
