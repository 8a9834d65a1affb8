import { createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeKey } from '../../mt5/wire/curve.ts';
import { CliError } from '../cli-error.ts';
import { type LinkKeys, readEaSecrets, readLinkKeys } from '../link-keys.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const DAY_MS = 86_400_000;
/** CURVE keys have no date of expiry; after a year they are worth new ones. */
const OLD_DAYS = 365;
/** Bits of a mode that let anybody but the owner in. */
const OTHERS = 0o077;
const EA_FILE = /^ea-([\w.-]{1,64})\.key\.json$/;

export interface CheckedKeys {
  /** Null: the link has no keys, or they cannot be read. */
  readonly keys: LinkKeys | null;
  readonly findings: readonly Finding[];
}

/** The keys of the link and of every EA whose file lies beside them; nothing of them is told. */
export const keyChecks = (keysFile: string | undefined, nowMs: number): CheckedKeys => {
  if (keysFile === undefined) {
    return { keys: null, findings: [ok('key', 'the link has no keys, and is not encrypted')] };
  }
  let keys: LinkKeys;
  try {
    keys = readLinkKeys(keysFile);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { keys: null, findings: [fail('key', error.message, error.remedy)] };
  }
  return {
    keys,
    findings: [
      secrecy(keysFile),
      age(keysFile, nowMs),
      pair(keys.server, keysFile, '`bulwark keys rotate --server`'),
      admitted(keys),
      ...readdirSync(dirname(keysFile)).flatMap((name) => {
        const ea = EA_FILE.exec(name)?.[1];
        return ea === undefined ? [] : eaChecks(join(dirname(keysFile), name), ea, keys);
      }),
    ],
  };
};

const secrecy = (file: string): Finding => {
  const mode = statSync(file).mode & 0o777;
  if (process.platform === 'win32' || (mode & OTHERS) === 0) {
    return ok('key', `${file} can be read by its owner alone`);
  }
  const what = `${file} (mode ${mode.toString(8)}) can be read by other users: they could trade`;
  return fail('key', what, `chmod 600 ${file}, then make new keys with \`bulwark keys rotate\``);
};

const age = (file: string, nowMs: number): Finding => {
  const days = Math.max(0, Math.floor((nowMs - statSync(file).mtimeMs) / DAY_MS));
  const what = `the keys were changed ${days} days ago; they have no date of expiry`;
  return days > OLD_DAYS ? warn('key', what, '`bulwark keys rotate`') : ok('key', what);
};

/** RFC 8410's envelope around the 32 bytes of an X25519 secret key. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_BYTES = 32;

const belongTogether = (publicKey: string, secretKey: string): boolean => {
  const der = Buffer.concat([PKCS8, decodeKey(secretKey) ?? Buffer.alloc(0)]);
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' });
  return spki.subarray(-PUBLIC_BYTES).equals(decodeKey(publicKey) ?? Buffer.alloc(0));
};

const pair = (
  keys: { readonly publicKey: string; readonly secretKey: string },
  file: string,
  next: string,
): Finding =>
  belongTogether(keys.publicKey, keys.secretKey)
    ? ok('key', `the pair in ${file} belongs together`)
    : fail('key', `the public and the secret key in ${file} are of two pairs`, next);

const admitted = ({ clients }: LinkKeys): Finding =>
  clients.length === 0
    ? fail('key', 'no Expert Advisor is admitted', '`bulwark keys generate --ea NAME`')
    : ok('key', `admitted: ${clients.map(({ name }) => name).join(', ')}`);

const eaChecks = (file: string, ea: string, { server, clients }: LinkKeys): readonly Finding[] => {
  const rotate = `\`bulwark keys rotate --ea ${ea}\`, and enter the new values in the EA`;
  if (!existsSync(file)) return [];
  let secrets: ReturnType<typeof readEaSecrets>;
  try {
    secrets = readEaSecrets(file);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [fail('key', error.message, rotate)];
  }
  const client = clients.find(({ publicKey }) => publicKey === secrets.publicKey);
  const left = 'carry it to the machine of its EA by a safe way, then delete it here';
  return [
    pair(secrets, file, rotate),
    secrets.serverKey === server.publicKey
      ? ok('key', `${ea} was given the runtime's present key`)
      : fail('key', `${ea} was given another server key than the runtime has`, rotate),
    client !== undefined && client.token === secrets.token
      ? ok('key', `${ea} is admitted with its key and token`)
      : fail('key', `the key or token of ${ea} is not (or no longer) admitted`, rotate),
    decodeKey(secrets.pool) !== undefined
      ? ok('key', `${ea} has 32 bytes for its pool of ephemeral keys`)
      : fail('key', `the pool of ephemeral keys of ${ea} is not 32 bytes`, rotate),
    warn('key', `the secrets of ${ea} still lie in ${file}`, left),
  ];
};
