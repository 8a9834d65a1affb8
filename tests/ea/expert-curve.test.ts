import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { generateKeys } from '../../src/cli/keys-command.ts';
import { type EaSecrets, readEaSecrets, readLinkKeys } from '../../src/cli/link-keys.ts';
import { capturedIo } from '../support/captured-io.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { compiledExpert, ExpertBench } from './expert-bench.ts';
import { hasCompiler } from './toolchain.ts';

const present = hasCompiler();
if (!present) console.warn('SKIPPED: there is no g++ here, so the EA met no CURVE server');

const runtime = curveKeyPair();
const ea = curveKeyPair();
const seed = curveKeyPair().secretKey;

const withKeys = (
  inputs: Record<string, string> = {},
  clientKeys: readonly string[] = [ea.publicKey],
) =>
  ExpertBench.open({
    curve: { secretKey: runtime.secretKey, clientKeys },
    inputs: {
      InpServerKey: runtime.publicKey,
      InpSecretKey: ea.secretKey,
      InpPoolSeed: seed,
      ...inputs,
    },
  });

/** What `bulwark keys generate` gave to the runtime and to this EA. */
const generatedKeys = () => {
  const file = join(temporaryDirectory(), 'link-keys.json');
  generateKeys(file, { ea: 'vps1' }, capturedIo().io);
  const { server, clients } = readLinkKeys(file);
  const secrets = readEaSecrets(join(dirname(file), 'ea-vps1.key.json'));
  return { server, clientKeys: clients.map(({ publicKey }) => publicKey), secrets };
};

describe.runIf(present)('the Expert Advisor with keys', () => {
  beforeAll(() => void compiledExpert(), 180_000);

  it("shakes hands with libzmq's CURVE and trades", async () => {
    const bench = await withKeys();
    await bench.terminal.start();
    await bench.terminal.elapse(5_000);
    await bench.control();
    bench.say(bench.order('i1'));
    expect((await bench.next('result')).body.result).toMatchObject({ retcode: 10009 });
    expect(bench.terminal.broker.engine.state.positions.size).toBe(1);
  });

  it('takes the inputs that `bulwark keys generate` made for it, as INSTALL.md pairs them', async () => {
    const install = readFileSync(new URL('../../mql5/INSTALL.md', import.meta.url), 'utf8');
    const { server, clientKeys, secrets } = generatedKeys();
    const pairs = [...install.matchAll(/^\| `(\w+)` \| `(Inp\w+)` \|/gm)];
    const inputs = Object.fromEntries(
      pairs.map(([, field = '', input]) => [input, String(secrets[field as keyof EaSecrets])]),
    );
    expect(Object.keys(inputs)).toEqual([
      'InpServerKey',
      'InpSecretKey',
      'InpToken',
      'InpPoolSeed',
    ]);
    const bench = await ExpertBench.open({
      curve: { secretKey: server.secretKey, clientKeys },
      inputs,
    });
    expect((await bench.begin()).token).toBe(secrets.token);
  });

  it('carries messages beyond one block of every kind', async () => {
    const bench = await withKeys();
    await bench.begin();
    for (const length of [0, 1, 15, 16, 17, 200, 255, 256, 4_000]) {
      const text = { kind: 'query', what: 'account', intent: 'i'.repeat(length) } as const;
      const id = bench.say({ ...text, attempt: null, magic: null, symbols: [], fromMs: 0 });
      expect((await bench.answer('query.reply', id)).body.found).toBe(true);
    }
  });

  it('makes other keys for every connection, and keeps no older pool', async () => {
    const bench = await withKeys();
    await bench.terminal.start();
    await bench.welcome();
    const pool = (slot: string): string =>
      readFileSync(join(bench.terminal.filesDirectory, `Bulwark_pool_5012345.${slot}`), 'hex');
    const first = pool('a');
    expect(pool('b')).toBe(first);
    await bench.terminal.kill();
    // The seed is out of the inputs now, as the operator was told.
    await bench.terminal.restart({ InpPoolSeed: '' });
    await bench.welcome();
    expect(pool('a')).not.toBe(first);
    expect(pool('b')).toBe(pool('a'));
  });

  it('does not start to talk without a pool, and says what to do', async () => {
    const bench = await withKeys({ InpPoolSeed: '' });
    await bench.terminal.start();
    await bench.terminal.elapse(2_000);
    expect(bench.terminal.printed.join('\n')).toContain('set InpPoolSeed once');
    expect(existsSync(join(bench.terminal.filesDirectory, 'Bulwark_pool_5012345.a'))).toBe(false);
  });

  it('is not let in with a key that nobody admitted', async () => {
    const bench = await withKeys({}, [curveKeyPair().publicKey]);
    await bench.terminal.start();
    await bench.gateway.events.until(({ type }) => type === 'handshakeFailed', 10_000);
    expect(bench.all).toEqual([]);
  });

  it('does not talk to a runtime that has another key', async () => {
    const bench = await withKeys({ InpServerKey: curveKeyPair().publicKey });
    await bench.terminal.start();
    await bench.gateway.events.until(({ type }) => type === 'handshakeFailed', 10_000);
    expect(bench.all).toEqual([]);
  });

  it('refuses keys that cannot be keys, without showing them', async () => {
    for (const [input, reason] of [
      ['InpServerKey', "the runtime's public key is not 40 characters"],
      ['InpSecretKey', 'secret key of this EA is not 40 characters'],
      ['InpPoolSeed', 'the pool seed is not 40 characters'],
    ] as const) {
      const bench = await withKeys({ [input]: 'not-a-key-but-secret' });
      expect(await bench.terminal.start()).toBe(32767);
      const said = bench.terminal.printed.join('\n');
      expect(said).toContain(reason);
      expect(said).not.toContain('not-a-key-but-secret');
    }
  });
});
