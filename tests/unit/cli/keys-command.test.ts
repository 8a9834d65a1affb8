import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generateKeys, rotateKeys, showKeys } from '../../../src/cli/keys-command.ts';
import { type EaSecrets, readEaSecrets, readLinkKeys } from '../../../src/cli/link-keys.ts';
import { decodeKey } from '../../../src/mt5/wire/curve.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const fresh = () => {
  const dir = temporaryDirectory();
  const file = join(dir, 'keys', 'link-keys.json');
  const { io, written } = capturedIo();
  const secretsOf = (name = 'ea-1'): EaSecrets =>
    readEaSecrets(join(dir, 'keys', `ea-${name}.key.json`));
  return { file, io, written, secretsOf };
};
const modeOf = (file: string): number => statSync(file).mode & 0o777;

describe('bulwark keys', () => {
  it('makes a pair for the runtime and for an EA, in files that only their owner reads', () => {
    const { file, io, written, secretsOf } = fresh();
    expect(generateKeys(file, {}, io)).toBe(0);
    const { server, clients } = readLinkKeys(file);
    const secrets = secretsOf();
    expect(secrets).toMatchObject({ serverKey: server.publicKey, ...clients[0] });
    for (const key of [server.secretKey, secrets.secretKey, secrets.publicKey, secrets.pool]) {
      expect(decodeKey(key)).toBeDefined();
    }
    expect([modeOf(file), modeOf(file.replace('link-keys', 'ea-ea-1.key'))]).toEqual([
      0o600, 0o600,
    ]);
    // What it says names files and never what is in them.
    for (const secret of [server.secretKey, secrets.secretKey, secrets.token, secrets.pool]) {
      expect(written.out + written.err).not.toContain(secret);
    }
  });

  it('shows public keys, and secrets only when they are asked for', () => {
    const { file, io, written } = fresh();
    generateKeys(file, { ea: 'desk' }, io);
    const { server, clients } = readLinkKeys(file);
    showKeys(file, {}, io);
    expect(written.out).toContain(server.publicKey);
    expect(written.out).toContain(`${clients[0]?.publicKey}  desk`);
    expect(written.out).not.toContain(server.secretKey);
    expect(written.out).not.toContain(clients[0]?.token);
    showKeys(file, { secrets: true, json: true }, io);
    expect(written.out).toContain(server.secretKey);
  });

  it('rotates one EA and leaves the others, or the runtime and leaves every EA', () => {
    const { file, io, secretsOf } = fresh();
    generateKeys(file, { ea: 'one' }, io);
    generateKeys(file, { ea: 'two' }, io);
    const before = readLinkKeys(file);
    rotateKeys(file, { ea: 'one' }, io);
    const after = readLinkKeys(file);
    const keyOf = ({ clients }: typeof after, name: string) =>
      clients.find((client) => client.name === name)?.publicKey;
    expect(keyOf(after, 'two')).toBe(keyOf(before, 'two'));
    expect(keyOf(after, 'one')).toBe(secretsOf('one').publicKey);
    expect(keyOf(after, 'one')).not.toBe(keyOf(before, 'one'));
    rotateKeys(file, { server: true }, io);
    expect(readLinkKeys(file).server).not.toEqual(after.server);
    expect(readLinkKeys(file).clients).toEqual(after.clients);
  });

  it('refuses what would lose a key or cannot be one, without repeating it', () => {
    const { file, io } = fresh();
    expect(() => showKeys(file, {}, io)).toThrow(/does not exist.*bulwark keys generate/s);
    generateKeys(file, {}, io);
    expect(() => generateKeys(file, {}, io)).toThrow(/ea-1 has keys already.*rotate/s);
    expect(() => rotateKeys(file, { ea: 'nobody' }, io)).toThrow(/nobody has no keys/);
    expect(() => generateKeys(file, { ea: '../x' }, io)).toThrow(/is no name/);
    const text = readFileSync(file, 'utf8').replace(/"secretKey": ".{4}/, '"secretKey": "hush');
    writeFileSync(file, text.replace(/"publicKey": "./, '"publicKey": "~'));
    expect(() => showKeys(file, {}, io)).toThrow(/has no keys/);
    expect(() => showKeys(file, {}, io)).not.toThrow(/hush/);
  });
});
