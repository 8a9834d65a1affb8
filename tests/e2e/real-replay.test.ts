import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionSummary } from '../../src/cli/session-summary.ts';
import { dumpDatabase } from '../support/audit-dump.ts';
import { type Finished, STORY, sandbox } from '../support/cli-sandbox.ts';
import { decimalOf, expectAgreement, summaryOf } from '../support/finished-run.ts';

const DATA = fileURLToPath(
  new URL('../../../shared/data/EURUSD_M1_201405.csv.gz', import.meta.url),
);
const absent = !existsSync(DATA);
if (absent) console.warn('skipped: ../shared/data is absent, so no recorded month is replayed');

/** The main job on recorded data: one run, looked at from every side. */
describe.skipIf(absent)('a replay of recorded EURUSD bars', STORY, () => {
  const box = sandbox();
  const dataDir = box.path('data');
  let run: Finished;
  let summary: SessionSummary;
  beforeAll(async () => {
    run = await box.run(['run', '--replay', DATA, '--json', '--data-dir', dataDir]);
    summary = summaryOf(run);
  }, 90_000);
  afterAll(box.close);

  it('plays every bar and trades', () => {
    expect(summary.bars).toBe(15_366);
    expect(summary.ticks).toBeGreaterThanOrEqual(3 * 15_366);
    expect(summary.orders['filled']).toBeGreaterThan(5);
    expect(summary.deals).toBeGreaterThan(10);
    expect(summary.restarts).toBe(0);
  });

  it('keeps the account above both floors', () => {
    expect(Number(summary.headroom.daily)).toBeGreaterThan(0);
    expect(Number(summary.headroom.total)).toBeGreaterThan(0);
    expect(Number(summary.minEquity)).toBeGreaterThan(90_000);
  });

  it("agrees with the terminal's ledger order by order and cent by cent", async () => {
    const plain = await expectAgreement(dataDir);
    expect(plain.compared).toMatchObject({
      deals: summary.deals,
      orders: summary.signals,
      requests: summary.orders['filled'],
    });
    expect(summary.realised).toBe(decimalOf(plain.realised));
    expect(summary.costs).toBe(decimalOf(plain.costs));
  });

  it('says the same on the command line', async () => {
    const ledger = box.path('data', 'terminal', 'ledger.ndjson');
    const verify = ['audit', 'verify', '--data-dir', dataDir, '--ledger', ledger];
    const text = await box.run(verify);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toContain('agrees with the ledger');
    const json = await box.run([...verify, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ findings: [], accountId: '5012345' });
  });

  it('tells people on stderr what it tells programs on stdout', () => {
    expect(run.stderr).toContain('session summary');
    expect(run.stderr).toContain(`${summary.bars} bars, ${summary.ticks} ticks`);
  });

  it('rebuilds its audit from the journal, to the row', async () => {
    const file = box.path('data', 'audit.db');
    const before = dumpDatabase(file);
    const rebuilt = await box.run(['audit', 'rebuild', '--data-dir', dataDir, '--json']);
    expect(rebuilt).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(rebuilt.stdout)).toMatchObject({ rows: { orders: summary.signals } });
    expect(dumpDatabase(file)).toEqual(before);
  });
});
