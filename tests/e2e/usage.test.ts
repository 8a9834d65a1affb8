import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { STORY, sandbox } from '../support/cli-sandbox.ts';
import { EURUSD_M5, expectAgreement, summaryOf } from '../support/finished-run.ts';
import { walkedBars } from '../support/generated-market.ts';
import { writeMarketFile } from '../support/market-files.ts';

describe('bulwark answers', STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const bars = walkedBars({ seed: 5, from: '2024-02-08 00:00:00', to: '2024-02-08 14:00:00' });
  const file = writeMarketFile(box.dir, 'EURUSD_M1.csv', bars);

  it('a wrong use on stderr, with exit code 2', async () => {
    const run = await box.run(['run', '--sped', '5']);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toMatch(/unknown option '--sped'.*--speed/s);
  });

  it('--help and --version on stdout, with exit code 0', async () => {
    const [help, version] = await Promise.all([box.run(['run', '--help']), box.run(['--version'])]);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('Usage: bulwark run');
    expect(version).toMatchObject({ code: 0, stderr: '' });
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('a port that somebody else has with the remedy, not with a crash', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const env = { ...EURUSD_M5, BULWARK_LINK__PORT: String(port) };
    const run = await box.run(['run', '--replay', file, '--data-dir', 'port'], { env });
    server.close();
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toMatch(new RegExp(`port ${port} is in use .* link\\.port`));
  });

  it('another file in the folder of a replay with a refusal, until --fresh', async () => {
    const replay = (name: string, ...more: readonly string[]) =>
      box.run(['run', '--json', '--data-dir', 'one', '--replay', name, ...more], {
        env: EURUSD_M5,
      });
    summaryOf(await replay(file, '--duration', '1h'));
    mkdirSync(box.path('elsewhere'));
    const other = writeMarketFile(
      box.dir,
      'elsewhere/EURUSD_M1.csv',
      `${bars}`.slice(0, 20_000).replace(/\n[^\n]*$/, '\n'),
    );
    const refused = await replay(other);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/another account or market.*--fresh/);
    summaryOf(await replay(other, '--duration', '1h', '--fresh'));
    await expectAgreement(box.path('one'));
  });

  it('a reader that goes away by trading on', async () => {
    const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
    writeFileSync(box.path('bulwark.config.json'), JSON.stringify({ console: { refreshMs: 50 } }));
    const args = [main, 'run', '--replay', file, '--data-dir', 'deaf', '--fresh'];
    const child = spawn(process.execPath, args, {
      cwd: box.dir,
      env: { ...process.env, ...EURUSD_M5 },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface(child.stdout), 'line');
    child.stdout.destroy();
    expect(line).toContain('starting in');
    expect(await once(child, 'exit')).toEqual([0, null]);
    const plain = await expectAgreement(box.path('deaf'));
    expect(plain.compared.deals).toBeGreaterThan(0);
  });
});
