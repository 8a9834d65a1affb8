import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { curveKeyPair } from 'zeromq';
import { decodeKey, encodeKey } from '../mt5/wire/curve.ts';
import { CliError } from './cli-error.ts';

/**
 * The link's keys: the runtime's own pair, and what it knows of each Expert Advisor. The secret half
 * of an EA's pair stands in a file of its own, to be carried to its machine and deleted here. Both
 * are readable by their owner alone, and written whole or not at all.
 */
export interface LinkKeys {
  readonly version: 1;
  readonly server: { readonly publicKey: string; readonly secretKey: string };
  readonly clients: readonly ClientKeys[];
}
/** An admitted EA. ZAP does not bind a key to a name, so its hello also carries this token. */
export interface ClientKeys {
  readonly name: string;
  readonly publicKey: string;
  readonly token: string;
}
/** Everything that an EA is told, as the file that goes to its machine. */
export interface EaSecrets extends ClientKeys {
  readonly serverKey: string;
  readonly secretKey: string;
  /**
   * 32 bytes, written as a key is: MQL5 has no secure source of randomness, so the pool that its EA
   * makes keys from is filled from ours, once.
   */
  readonly pool: string;
}

type Random = (bytes: number) => Uint8Array;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export const newLinkKeys = (): LinkKeys => ({ version: 1, server: curveKeyPair(), clients: [] });

/** A new pair, token and pool for an EA; one of the same name is replaced and no longer admitted. */
export const withClient = (
  keys: LinkKeys,
  name: string,
  random: Random,
): { readonly keys: LinkKeys; readonly secrets: EaSecrets } => {
  const { publicKey, secretKey } = curveKeyPair();
  const client = { name, publicKey, token: hex(random(16)) };
  const others = keys.clients.filter((known) => known.name !== name);
  return {
    keys: { ...keys, clients: [...others, client] },
    secrets: {
      ...client,
      serverKey: keys.server.publicKey,
      secretKey,
      pool: encodeKey(random(32)),
    },
  };
};

/** A new pair for the runtime: every EA has to be given its public half. */
export const withNewServer = (keys: LinkKeys): LinkKeys => ({ ...keys, server: curveKeyPair() });

const isKey = (value: unknown): value is string =>
  typeof value === 'string' && decodeKey(value) !== undefined;
const isClient = (value: unknown): value is ClientKeys =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  typeof value.name === 'string' &&
  'publicKey' in value &&
  isKey(value.publicKey) &&
  'token' in value &&
  typeof value.token === 'string' &&
  value.token.length >= 16;

const refusalOf = (file: string, why: string): CliError =>
  new CliError(`${file} holds no keys: ${why}`, 'make keys with `bulwark keys generate`');

const readObject = (file: string): Readonly<Record<string, unknown>> => {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it is no JSON';
    throw refusalOf(file, code === 'ENOENT' ? 'it does not exist' : code);
  }
  if (typeof value !== 'object' || value === null) throw refusalOf(file, 'it is no object');
  return { ...value };
};

/** An EA's own file. Throws CliError, without a word of what the file holds. */
export const readEaSecrets = (file: string): EaSecrets => {
  const { name, publicKey, secretKey, serverKey, token, pool } = readObject(file);
  const whole =
    isKey(publicKey) &&
    isKey(secretKey) &&
    isKey(serverKey) &&
    typeof name === 'string' &&
    typeof token === 'string' &&
    typeof pool === 'string';
  if (!whole) throw refusalOf(file, 'something is missing');
  return { name, publicKey, secretKey, serverKey, token, pool };
};

/** The runtime's file. Throws CliError, without a word of what the file holds. */
export const readLinkKeys = (file: string): LinkKeys => {
  const refuse = (why: string): CliError => refusalOf(file, why);
  const { version, server, clients } = readObject(file) as Partial<LinkKeys>;
  if (version !== 1) throw refuse('its version is not 1');
  if (!isKey(server?.publicKey) || !isKey(server?.secretKey))
    throw refuse('its server has no keys');
  if (!Array.isArray(clients) || !clients.every(isClient)) throw refuse('a client is not complete');
  return { version, server, clients };
};

export const hasLinkKeys = (file: string): boolean => existsSync(file);

/** Mode 0600 from its first byte; a crash leaves the old file or the new one. */
export const writePrivately = (file: string, value: unknown): void => {
  const beside = `${file}.new`;
  writeFileSync(beside, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flag: 'w' });
  renameSync(beside, file);
};
