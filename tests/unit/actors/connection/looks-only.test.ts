import { describe, expect, it } from 'vitest';
import { RuntimeWorld } from '../../../support/runtime-world.ts';
import { ledgerFile, ledgerLines } from '../../../support/terminal-ledger.ts';

const strategies = [{ symbol: 'EURUSD', every: 3, hold: 2 }];

describe('a connection that only looks', () => {
  it('learns what is open, and neither claims nor commands, whoever wants it to', async () => {
    const first = await RuntimeWorld.start({ strategies });
    const { dataDir } = first;
    await first.play('an open position', () => first.guard.positions.length > 0);
    await first.stop();
    const before = ledgerLines(ledgerFile(dataDir));

    const looking = await RuntimeWorld.start({
      ...{ dataDir, strategies, tapped: true },
      spec: (spec) => ({ ...spec, connection: { ...spec.connection, looksOnly: true } }),
    });
    expect(looking.guard.positions).toHaveLength(1);
    const command = { type: 'kill', reason: 'the test says so' } as const;
    await looking.runtime.operator.execute({ origin: 'cli', account: 'all', command });
    const closing = () => looking.orders().some(({ action }) => action !== 'open');
    await looking.until('a close in the hands of the executor', closing);
    const questions = new Set([
      'welcome',
      'runtime.heartbeat',
      'snapshot.request',
      'history.request',
    ]);
    expect([...looking.tap.kindsToTerminal].filter((kind) => !questions.has(kind))).toEqual([]);
    await looking.stop();
    expect(ledgerLines(ledgerFile(dataDir))).toEqual(before);
  });
});
