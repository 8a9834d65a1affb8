import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ambientClock } from '../../src/actors/kernel/ambient-clock.ts';
import { type Sandbox, STORY, sandbox, until } from '../support/cli-sandbox.ts';
import { freePort } from '../support/free-port.ts';

describe('bulwark doctor beside real processes', STORY, () => {
  let box: Sandbox;
  let dial: readonly string[];

  beforeAll(async () => {
    box = sandbox();
    const port = await freePort();
    dial = ['terminal', '--connect', `tcp://127.0.0.1:${port}`];
    const document = {
      terminal: { kind: 'external' },
      account: { login: '777001', server: 'Broker-Demo' },
      link: { port },
      market: {
        clock: 'free',
        speed: 1,
        symbols: ['EURUSD'],
        startAt: new Date(ambientClock.now() - 60_000).toISOString(),
      },
      strategies: [{ use: 'sma-cross', symbol: 'EURUSD', timeframe: 'M1' }],
    };
    writeFileSync(box.path('bulwark.config.json'), JSON.stringify(document));
  });
  afterAll(() => box.close());

  it('hears a terminal that dials while it listens, and leaves the port to the runtime', async () => {
    const terminal = box.start(dial);
    const heard = await box.run(['doctor', '--wait', '30s']);
    expect(heard.stdout, heard.stderr).toContain('logged in as 777001@Broker-Demo');
    expect(heard.stdout).toContain('all four trade switches are on');
    // Into a pipe there are no colours.
    expect(heard.stdout).not.toContain('\u001b[');
    expect(heard.stdout.endsWith('Nothing is at fault.\n'), heard.stdout).toBe(true);
    expect(heard.code).toBe(0);

    const run = box.start(['run']);
    await until('a link', () => run.said().includes('link.live'));
    const asked = await box.run(['doctor', '--json']);
    expect(asked.stdout).toContain('was asked instead of the terminal');
    expect(asked.stdout).toContain('its session is live');

    terminal.signal('SIGKILL');
    await until('the loss', () => run.said().includes('link.lost'));
    const alone = await box.run(['doctor', '--json']);
    expect(alone.code).toBe(1);
    const { atFault } = JSON.parse(alone.stdout) as { readonly atFault: readonly string[] };
    expect(atFault).toContain('ea');
    run.signal('SIGINT');
    await run.finished();
  });

  it('ends with 2 for a configuration that cannot be read, and for a flag it does not know', async () => {
    const wrong = await box.run(['doctor'], { env: { BULWARK_LINK__PORT: 'high' } });
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('link.port');
    expect(await box.run(['doctor', '--wait', 'long'])).toMatchObject({ code: 2 });
  });
});
