import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ambientClock } from '../../src/actors/kernel/ambient-clock.ts';
import { type Sandbox, STORY, sandbox, until } from '../support/cli-sandbox.ts';
import { freePort } from '../support/free-port.ts';

describe('the profile live', STORY, () => {
  let box: Sandbox;
  let port: number;
  const write = (document: object): void =>
    writeFileSync(box.path('bulwark.config.json'), JSON.stringify(document));
  const stated = () => ({
    profile: 'live',
    account: {
      login: '777001',
      server: 'Broker-Live',
      currency: 'USD',
      initialBalance: '50000.00',
    },
    link: { port, keysFile: 'keys/link-keys.json' },
    rules: { set: 'ftmo-2step', phase: 'challenge' },
    market: {
      serverTz: 'ny+7',
      clock: 'free',
      symbols: ['EURUSD'],
      startAt: new Date(ambientClock.now() - 60_000).toISOString(),
    },
    strategies: [{ use: 'sma-cross', symbol: 'EURUSD', timeframe: 'M1' }],
  });

  beforeAll(async () => {
    box = sandbox();
    port = await freePort();
  });
  afterAll(() => box.close());

  it('refuses to trade money on built-in values, and names each', async () => {
    write({ profile: 'live', link: { port } });
    const refused = await box.run(['run']);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    for (const key of ['account.login', 'rules.set', 'rules.phase', 'market.serverTz']) {
      expect(refused.stderr).toContain(key);
    }
  });

  it('trades with a terminal that runs by the wall on another process, over CURVE', async () => {
    write(stated());
    const made = await box.run(['keys', 'generate', '--ea', 'mt5']);
    expect(made, made.stderr).toMatchObject({ code: 0 });
    const run = box.start(['run', '--inspector-port', '0']);
    await until('the warning', () => run.said().includes('LIVE: this run trades real orders'));
    const dial = ['terminal', '--connect', `tcp://127.0.0.1:${port}`];
    const stranger = box.start([...dial, '--terminal-dir', 'stranger']);
    await until('the stranger to fail', () => run.said().includes('link.handshakeFailed'));
    stranger.signal('SIGTERM');
    const terminal = box.start([...dial, '--keys', 'keys/ea-mt5.key.json']);
    await until('a link', () => run.said().includes('link.live'));
    run.signal('SIGINT');
    const finished = await run.finished();
    expect(finished, finished.stderr).toMatchObject({ code: 0 });
    expect(finished.stderr).toContain('777001 on Broker-Live');
    terminal.signal('SIGTERM');
    await terminal.finished();
    await stranger.finished();
  });
});
