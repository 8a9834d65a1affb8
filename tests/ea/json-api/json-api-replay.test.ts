import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareWithLedger } from '../../../src/audit/compare.ts';
import { RuntimeWorld } from '../../support/runtime-world.ts';
import { ledgerFile } from '../../support/terminal-ledger.ts';
import { freeJsonApi } from './free-json-api.ts';
import { exceptForTheDefects } from './ledger-differences.ts';

const FREE = { speed: 240, to: '2024-02-08 00:45:00' };
const END = Date.parse('2024-02-08T00:44:00Z');

describe('the runtime over an EA of the kind of MQL5-JSON-API', () => {
  it('trades a replay, and audit and broker agree order by order', {
    timeout: 60_000,
  }, async () => {
    const world = await RuntimeWorld.start({
      free: FREE,
      strategies: [{ symbol: 'EURUSD', every: 2, hold: 1 }],
      guard: { intentTtlMs: 600_000 },
      spec: (spec) => ({
        ...spec,
        connection: { ...spec.connection, leaseMs: 600_000 },
        executor: { ...spec.executor, replyTimeoutMs: 600_000 },
      }),
      terminal: freeJsonApi,
    });
    await world.until('the end of the data', () => world.runtime.now() >= END, 50_000);
    const filled = world.entries('order.state').filter(({ state }) => state === 'filled');
    expect(filled.length).toBeGreaterThanOrEqual(3);
    expect(world.guard.mode).toBe('active');
    await world.stop();
    const auditFile = join(world.dataDir, 'audit.db');
    const { findings } = await compareWithLedger({
      auditFile,
      ledgerFile: ledgerFile(world.dataDir),
    });
    expect(exceptForTheDefects(findings)).toEqual([]);
  });
});
