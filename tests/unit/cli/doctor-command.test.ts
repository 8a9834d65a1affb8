import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ambientClock } from '../../../src/actors/kernel/ambient-clock.ts';
import { runDoctor } from '../../../src/cli/doctor/doctor-command.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { generateKeys, rotateKeys } from '../../../src/cli/keys-command.ts';
import { readEaSecrets } from '../../../src/cli/link-keys.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { parseServerTz } from '../../../src/mt5/venue-time.ts';
import type { EaMessageOf } from '../../../src/mt5/wire/messages.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { diallingTerminal } from '../../support/dialling-terminal.ts';
import { freePort } from '../../support/free-port.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

interface Diagnosis {
  readonly healthy: boolean;
  readonly atFault: readonly string[];
  readonly findings: readonly Finding[];
}
interface Room {
  readonly dir: string;
  readonly port: number;
  readonly link?: object;
  readonly serverTz?: string;
  readonly symbol?: string;
}

const room = async (): Promise<Room> => ({ dir: temporaryDirectory(), port: await freePort() });

const diagnose = async (at: Room, waitMs = 8_000) => {
  const document = {
    profile: 'paper',
    dataDir: join(at.dir, 'data'),
    account: { login: '5012345', server: 'Sim' },
    terminal: { kind: 'external' },
    link: { port: at.port, ...at.link },
    market: { serverTz: at.serverTz ?? 'ny+7' },
    strategies: [{ use: 'sma-cross', symbol: at.symbol ?? 'EURUSD' }],
  };
  writeFileSync(join(at.dir, 'bulwark.config.json'), JSON.stringify(document));
  const { config } = await loadConfig({ cwd: at.dir, env: {} });
  const { io, written } = capturedIo();
  const code = await runDoctor({ json: true, waitMs }, config, io);
  const diagnosis = JSON.parse(written.out) as Diagnosis;
  const said = diagnosis.findings.filter(({ status }) => status === 'fail');
  return { code, ...diagnosis, said: said.map(({ what }) => what).join('\n') };
};

const offsetNow = (): number => {
  const zone = parseServerTz('ny+7');
  if (!zone.ok) throw new Error(zone.reason);
  const now = ambientClock.now();
  return zone.zone.toServer(now) - now;
};
const dial = (
  at: Room,
  more: Partial<Parameters<typeof diallingTerminal>[0]> = {},
): Promise<void> => diallingTerminal({ port: at.port, serverOffsetMs: offsetNow(), ...more });

const keyed = async () => {
  const at = await room();
  const file = join(at.dir, 'keys', 'link-keys.json');
  const { io } = capturedIo();
  generateKeys(file, { ea: 'mt5' }, io);
  const secrets = readEaSecrets(join(at.dir, 'keys', 'ea-mt5.key.json'));
  return { at: { ...at, link: { keysFile: file } }, file, io, secrets };
};

describe('bulwark doctor', () => {
  it('finds a room healthy in which the EA is there and everything is on', async () => {
    const at = await room();
    await dial(at);
    const found = await diagnose(at);
    expect(found, found.said).toMatchObject({ code: 0, healthy: true, atFault: [] });
    const areas = new Set(found.findings.map(({ area }) => area));
    expect([...areas].sort()).toEqual([
      'account',
      'clock',
      'configuration',
      'directory',
      'ea',
      'key',
      'market',
      'network',
      'terminal',
    ]);
    for (const { status, next } of found.findings) expect(next === null).toBe(status === 'ok');
  });

  it('blames the EA when nobody connects', async () => {
    const found = await diagnose(await room(), 200);
    expect(found).toMatchObject({ code: 1, atFault: ['ea'] });
    expect(found.said).toContain('nobody connected in 0.2 s');
  });

  it('blames the key when a stranger’s key is refused, and the EA’s own is not', async () => {
    const { at, file, io, secrets } = await keyed();
    rotateKeys(file, { ea: 'mt5' }, io);
    await dial(at, { curve: secrets });
    const found = await diagnose(at, 2_000);
    expect(found).toMatchObject({ code: 1, atFault: ['key'] });
    expect(found.said).toContain('failed the handshake');
  });

  it('admits a key that was made for the EA, and asks for its token', async () => {
    const { at, secrets } = await keyed();
    const { token } = secrets;
    await dial(at, { curve: secrets, hello: (hello) => ({ ...hello, token }) });
    const found = await diagnose(at);
    expect(found, found.said).toMatchObject({ code: 0, atFault: [] });
    const text = JSON.stringify(found.findings);
    for (const secret of [secrets.secretKey, secrets.token, secrets.pool]) {
      expect(text).not.toContain(secret);
    }
  });

  it('blames the key when the key is right and the token is not', async () => {
    const { at, secrets } = await keyed();
    await dial(at, { curve: secrets });
    const found = await diagnose(at);
    expect(found).toMatchObject({ code: 1, atFault: ['key'] });
    expect(found.said).toContain('token is wrong or missing');
  });

  it('blames keys that others can read, and an EA that has an older server key', async () => {
    const { at, file, io } = await keyed();
    rotateKeys(file, { server: true }, io);
    chmodSync(file, 0o644);
    utimesSync(file, new Date(0), new Date(0));
    const found = await diagnose(at, 100);
    expect(found.said).toContain('can be read by other users');
    expect(found.said).toContain('another server key');
    const old = found.findings.find(({ what }) => what.includes('days ago'));
    expect(old).toMatchObject({ status: 'warn', area: 'key' });
  });

  it('blames the account when the terminal is logged in elsewhere', async () => {
    const at = await room();
    await dial(at, {
      hello: (hello) => ({ ...hello, account: { ...hello.account, login: '777' } }),
    });
    const found = await diagnose(at);
    expect(found).toMatchObject({ code: 1, atFault: ['account'] });
    expect(found.said).toContain('logged in as 777@Sim, configured is 5012345@Sim');
  });

  it.each([
    ['terminal', 'terminal', 'AutoTrading is off'],
    ['mql', 'terminal', "the Expert Advisor's own settings"],
    ['account', 'account', 'investor password'],
    ['expert', 'account', 'does not let Expert Advisors trade'],
  ] as const)('names the switch %s when it is off', async (name, area, words) => {
    const at = await room();
    const off = (hello: EaMessageOf<'hello'>) => ({
      ...hello,
      switches: { ...hello.switches, [name]: false },
    });
    await dial(at, { hello: off });
    const found = await diagnose(at);
    expect(found).toMatchObject({ code: 1, atFault: [area] });
    expect(found.said).toContain(words);
  });

  it('blames an EA of another protocol, and a build that is too old', async () => {
    const at = await room();
    await dial(at, {
      hello: (hello) => ({ ...hello, protocolVersions: [9], terminalBuild: 2_000 }),
    });
    const found = await diagnose(at);
    expect(found).toMatchObject({ code: 1, atFault: ['ea'] });
    expect(found.said).toContain('speaks BWP 9, this runtime 1');
    expect(found.said).toContain('build is 2000');
  });

  it('blames the clocks when the server is not in the configured zone', async () => {
    const at = { ...(await room()), serverTz: 'UTC+9' };
    await dial(at);
    const found = await diagnose(at);
    expect(found).toMatchObject({ code: 1, atFault: ['clock'] });
  });

  it('blames the symbols when the broker has none of that name', async () => {
    const at = { ...(await room()), symbol: 'EURUSD.r' };
    await dial(at);
    const found = await diagnose(at);
    expect(found).toMatchObject({ code: 1, atFault: ['market'] });
    expect(found.said).toContain('the terminal has no EURUSD.r');
  });

  it('blames the network when another program has the port', async () => {
    const at = await room();
    const { createServer } = await import('node:net');
    const other = createServer();
    await new Promise<void>((resolve) => {
      other.listen(at.port, '127.0.0.1', resolve);
    });
    try {
      const found = await diagnose(at);
      expect(found).toMatchObject({ code: 1, atFault: ['network'] });
      expect(found.said).toContain(`port ${at.port} on 127.0.0.1 is in use`);
    } finally {
      other.close();
    }
  });

  it('blames a data directory whose journal is damaged, and a KILL file', async () => {
    const at = await room();
    const data = join(at.dir, 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'journal.db'), 'this is no database'.repeat(400));
    writeFileSync(join(data, 'KILL'), 'enough\n');
    await dial(at);
    const found = await diagnose(at);
    expect(found).toMatchObject({ code: 1, atFault: ['directory', 'account'] });
    expect(found.said).toContain('every account is locked');
  });
});
