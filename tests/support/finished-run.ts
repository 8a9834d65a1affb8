import { join } from 'node:path';
import { expect } from 'vitest';
import { compareWithLedger } from '../../src/audit/compare.ts';
import type { SessionSummary } from '../../src/cli/session-summary.ts';
import type { Finished } from './cli-sandbox.ts';
import { comparePlainly, type PlainComparison } from './plain-comparison.ts';
import { ledgerFile } from './terminal-ledger.ts';

/** ATR breakout on five minutes: enough signals within a day of M1 bars. */
export const EURUSD_M5 = {
  BULWARK_STRATEGIES: JSON.stringify([{ use: 'atr-breakout', symbol: 'EURUSD', timeframe: 'M5' }]),
};

const AMOUNT = expect.stringMatching(/^-?\d+\.\d\d$/);
const SHAPE = {
  bars: expect.any(Number),
  ticks: expect.any(Number),
  signals: expect.any(Number),
  orders: expect.objectContaining({
    filled: expect.any(Number),
    refused: expect.any(Number),
    denied: expect.any(Number),
    unknown: expect.any(Number),
  }),
  deals: expect.any(Number),
  denials: expect.any(Object),
  realised: AMOUNT,
  floating: AMOUNT,
  costs: AMOUNT,
  minEquity: AMOUNT,
  headroom: { daily: AMOUNT, total: AMOUNT },
  restarts: expect.any(Number),
  wallSeconds: expect.any(Number),
  cpuSeconds: expect.any(Number),
};

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** What a `--json` run that went well printed: one line, every field, and figures that can be. */
export const summaryOf = (run: Finished): SessionSummary => {
  expect(run, run.stderr).toMatchObject({ code: 0, signal: null });
  expect(run.stdout.split('\n')).toHaveLength(2);
  expect(run.stdout.endsWith('\n')).toBe(true);
  const summary = JSON.parse(run.stdout) as SessionSummary;
  expect(summary).toEqual(SHAPE);
  expect(total(summary.denials)).toBe(summary.orders['denied']);
  expect(summary.orders['unknown']).toBe(0);
  expect(total(summary.orders)).toBe(summary.signals);
  expect(summary.wallSeconds).toBeGreaterThan(0);
  expect(summary.cpuSeconds).toBeGreaterThan(0);
  expect(Number(summary.costs)).toBeLessThanOrEqual(0);
  return summary;
};

/** Both comparisons find the audit and the terminal's ledger in agreement; returns the plain one. */
export const expectAgreement = async (
  dataDir: string,
  ledger = ledgerFile(dataDir),
): Promise<PlainComparison> => {
  const auditFile = join(dataDir, 'audit.db');
  const { findings } = await compareWithLedger({ auditFile, ledgerFile: ledger });
  expect(findings).toEqual([]);
  const plain = comparePlainly(dataDir, ledger);
  expect(plain.disagreements).toEqual([]);
  return plain;
};

export const decimalOf = (cents: bigint): string => {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};
