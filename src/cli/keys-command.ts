import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { ambientRandomBytes } from '../actors/kernel/ambient-random-bytes.ts';
import { CliError } from './cli-error.ts';
import { type CommandIo, EXIT } from './command-io.ts';
import {
  hasLinkKeys,
  type LinkKeys,
  newLinkKeys,
  readLinkKeys,
  withClient,
  withNewServer,
  writePrivately,
} from './link-keys.ts';
import { makeDataDir } from './run-place.ts';

/** `bulwark keys`: CURVE keys of the link, for an EA that is not on this machine. */
export interface KeysFlags {
  readonly ea?: string;
  readonly json?: boolean;
  readonly secrets?: boolean;
  readonly server?: boolean;
}

/** Where keys are kept when the configuration names no file. */
export const KEYS_FILE = 'link-keys.json';

const NAME = /^[\w.-]{1,64}$/;
const eaFile = (file: string, name: string): string => join(dirname(file), `ea-${name}.key.json`);

const nameOf = (flags: KeysFlags): string => {
  const name = flags.ea ?? 'ea-1';
  if (NAME.test(name)) return name;
  throw new CliError(
    `--ea ${name.slice(0, 80)} is no name`,
    'use letters, digits, dots and dashes',
  );
};

const issue = (file: string, keys: LinkKeys, name: string, io: CommandIo): void => {
  const issued = withClient(keys, name, ambientRandomBytes);
  // The EA's secret first: an admitted key whose secret was lost would be of no use to anybody.
  writePrivately(eaFile(file, name), issued.secrets);
  writePrivately(file, issued.keys);
  io.err.write(
    `keys of ${name} are in ${eaFile(file, name)}: carry the file to its machine by a safe way, ` +
      'enter its values as inputs of the Expert Advisor, and delete it here\n' +
      `set link.keysFile to ${file}; a runtime that runs takes new keys at its next start\n`,
  );
};

export const generateKeys = (file: string, flags: KeysFlags, io: CommandIo): number => {
  const name = nameOf(flags);
  makeDataDir(dirname(file));
  const keys = hasLinkKeys(file) ? readLinkKeys(file) : newLinkKeys();
  if (keys.clients.some((client) => client.name === name)) {
    throw new CliError(`${name} has keys already`, `use \`bulwark keys rotate --ea ${name}\``);
  }
  issue(file, keys, name, io);
  return EXIT.ok;
};

export const rotateKeys = (file: string, flags: KeysFlags, io: CommandIo): number => {
  const keys = readLinkKeys(file);
  if (flags.server === true) {
    writePrivately(file, withNewServer(keys));
    io.err.write('the runtime has a new pair: give every Expert Advisor the new server key\n');
    return EXIT.ok;
  }
  const name = nameOf(flags);
  if (!keys.clients.some((client) => client.name === name)) {
    const known = keys.clients.map((client) => client.name).join(', ') || 'none';
    throw new CliError(`${name} has no keys; those that have: ${known}`, 'name one with --ea');
  }
  issue(file, keys, name, io);
  return EXIT.ok;
};

/** Public halves; with `--secrets` everything, because it was asked for. */
export const showKeys = (file: string, flags: KeysFlags, io: CommandIo): number => {
  const { server, clients } = readLinkKeys(file);
  const shown =
    flags.secrets === true
      ? { file, server, clients }
      : {
          file,
          server: { publicKey: server.publicKey },
          clients: clients.map(({ name, publicKey }) => ({ name, publicKey })),
        };
  if (flags.json === true) {
    io.out.write(`${JSON.stringify(shown)}\n`);
    return EXIT.ok;
  }
  io.out.write(`server  ${shown.server.publicKey}\n`);
  if ('secretKey' in shown.server) io.out.write(`secret  ${shown.server.secretKey}\n`);
  for (const client of shown.clients) {
    const token = 'token' in client ? `  token ${client.token}` : '';
    io.out.write(`ea      ${client.publicKey}  ${client.name}${token}\n`);
  }
  return EXIT.ok;
};

/** Adds the command; `fileOf` says where the keys are by configuration and flags. */
export const registerKeys = (
  program: Command,
  io: CommandIo,
  fileOf: (flags: { readonly config?: string; readonly dataDir?: string }) => Promise<string>,
  onExit: (code: number) => void,
): void => {
  const keys = program
    .command('keys')
    .description('CURVE keys of the link, for an Expert Advisor on another machine');
  const verb = (
    name: string,
    description: string,
    run: (file: string, flags: KeysFlags, io: CommandIo) => number,
  ): Command =>
    keys
      .command(name)
      .description(description)
      .option('--config <file>', 'configuration file')
      .option('--data-dir <dir>', 'folder of the key file, where link.keysFile is not set')
      .action(async (flags) => {
        onExit(run(await fileOf(flags), flags, io));
      });
  verb(
    'generate',
    'keys for an Expert Advisor, and the runtime’s own where it has none',
    generateKeys,
  ).option('--ea <name>', 'name of the Expert Advisor (default: ea-1)');
  verb('show', 'public keys', showKeys)
    .option('--secrets', 'secrets as well')
    .option('--json', 'as JSON');
  verb('rotate', 'new keys; the old ones are admitted no longer', rotateKeys)
    .option('--ea <name>', 'of this Expert Advisor (default: ea-1)')
    .option('--server', 'of the runtime');
};
