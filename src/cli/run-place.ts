import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { livingTerminal } from '../actors/terminal-watchdog.ts';
import { AUDIT_FILE, JOURNAL_FILE, LINK_FILE } from '../journal/files.ts';
import { CliError } from './cli-error.ts';

/** What a data directory remembers of the link, so that a second start finds the first's terminal. */
export interface LinkPlace {
  readonly port: number;
  readonly instanceId: string;
}
export const TERMINAL_DIR = 'terminal';

/** A replay gets a folder of its own: `<dataDir>/runs/20140501T000000Z-EURUSD_M1_201405`. */
export const replayDir = (dataDir: string, files: readonly string[], nowMs: number): string => {
  const stamp = new Date(nowMs).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  const name = basename(files[0] ?? 'replay').split('.')[0] ?? 'replay';
  const more = files.length > 1 ? `-and-${files.length - 1}-more` : '';
  return join(dataDir, 'runs', `${stamp}-${name}${more}`);
};

const existingAbove = (path: string): string => {
  const above = dirname(path);
  return existsSync(path) || above === path ? path : existingAbove(above);
};

/** Makes a data directory, or says why that cannot be. */
export const makeDataDir = (dataDir: string): void => {
  try {
    // One level at a time: Node's recursive mkdir never returns where a file system refuses new
    // entries with ENOENT, as /proc does.
    const missing: string[] = [];
    const base = existingAbove(dataDir);
    for (let path = dataDir; path !== base; path = dirname(path)) missing.unshift(path);
    for (const path of missing) mkdirSync(path);
    if (!statSync(dataDir).isDirectory()) throw new Error('it is a file');
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(`${dataDir} cannot be the data directory: ${why}`, 'choose --data-dir DIR');
  }
};

/** Deletes what an earlier run left, its ledger's copy included, and nothing else that may lie in
 * the folder. A terminal that outlived that run is ended first: it would go on with deleted files. */
export const eraseRun = (dataDir: string, ledgerFile: string | undefined): void => {
  const orphan = livingTerminal(join(dataDir, TERMINAL_DIR));
  if (orphan !== undefined) process.kill(orphan, 'SIGKILL');
  if (ledgerFile !== undefined) rmSync(ledgerFile, { force: true });
  for (const file of [JOURNAL_FILE, AUDIT_FILE]) {
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(join(dataDir, `${file}${suffix}`), { force: true });
    }
  }
  rmSync(join(dataDir, LINK_FILE), { force: true });
  // The terminals of other accounts that were put aside belong to the run as well.
  const terminals = existsSync(dataDir) ? readdirSync(dataDir).filter(isTerminalDir) : [];
  for (const name of terminals) rmSync(join(dataDir, name), { recursive: true, force: true });
};
const isTerminalDir = (name: string): boolean =>
  name === TERMINAL_DIR || /^terminal-\d+$/.test(name);

export const hasRun = (dataDir: string): boolean => existsSync(join(dataDir, JOURNAL_FILE));

/** The port and instance of this directory, chosen at its first start. A remembered port that
 * somebody else has taken meanwhile is replaced, unless the configuration insists on one. */
export const linkPlace = async (input: {
  readonly dataDir: string;
  readonly host: string;
  readonly wantedPort: number;
  readonly newId: () => string;
}): Promise<LinkPlace> => {
  const file = join(input.dataDir, LINK_FILE);
  const known = readPlace(file);
  const instanceId = known?.instanceId ?? `runtime-${input.newId().toLowerCase()}`;
  const port =
    input.wantedPort !== 0
      ? await tryPort(input.host, input.wantedPort)
      : known !== undefined && (await tryPort(input.host, known.port)) !== undefined
        ? known.port
        : await tryPort(input.host, 0);
  if (port === undefined) {
    const wanted = input.wantedPort === 0 ? 'no free port' : `port ${input.wantedPort} is in use`;
    throw new CliError(
      `${wanted} on ${input.host}, or that is no address of this machine`,
      'set link.port to a port that is free, 0 for any, and link.host to an own address',
    );
  }
  writeFileSync(file, `${JSON.stringify({ port, instanceId })}\n`, { mode: 0o600 });
  return { port, instanceId };
};

const readPlace = (file: string): LinkPlace | undefined => {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    if (!('port' in value) || !('instanceId' in value)) return undefined;
    const { port, instanceId } = value;
    if (typeof port !== 'number' || typeof instanceId !== 'string') return undefined;
    return { port, instanceId };
  } catch {
    return undefined;
  }
};

/** The port if it can be bound now (0: any), else undefined. */
const tryPort = (host: string, port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(bound));
    });
  });
