import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareWithLedger } from '../../../src/audit/compare.ts';
import { ledgerFile } from '../../support/terminal-ledger.ts';
import { freeReplay, REPLAY_TIMEOUT_MS } from '../free-replay.ts';
import { freeJsonApi } from './free-json-api.ts';
import { exceptForTheDefects } from './ledger-differences.ts';

describe('the runtime over an EA of the kind of MQL5-JSON-API', () => {
  it('trades a replay, and audit and broker agree order by order', {
    timeout: REPLAY_TIMEOUT_MS,
  }, async () => {
    const world = await freeReplay(freeJsonApi);
    await world.stop();
    const auditFile = join(world.dataDir, 'audit.db');
    const { findings } = await compareWithLedger({
      auditFile,
      ledgerFile: ledgerFile(world.dataDir),
    });
    expect(exceptForTheDefects(findings)).toEqual([]);
  });
});
