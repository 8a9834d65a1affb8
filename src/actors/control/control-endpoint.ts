import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTROL_FILE, KILL_FILE } from '../../journal/files.ts';
import { CONTROL_LIMITS } from './control-limits.ts';

/** Where a runtime listens: written beside its journal, so that a client finds it by the folder. */
export interface ControlPlace {
  readonly endpoint: string;
  readonly pid: number;
}

const SOCKET = 'control.sock';

export const controlFile = (dataDir: string): string => join(dataDir, CONTROL_FILE);
export const killFile = (dataDir: string): string => join(dataDir, KILL_FILE);

/** A name of the folder that is the same for everybody who means it. */
const hashOf = (dataDir: string): string =>
  createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 16);

/**
 * The address of a data directory's socket; makes the folder that it lies in, for its owner alone,
 * so that nobody else can connect before the socket has its own mode.
 */
export const prepareEndpoint = (dataDir: string, platform = process.platform): string => {
  if (platform === 'win32') return `\\\\.\\pipe\\bulwark-${hashOf(dataDir)}`;
  const inside = join(dataDir, 'control', SOCKET);
  const isShort = Buffer.byteLength(inside) <= CONTROL_LIMITS.socketPathBytes;
  const folder = isShort
    ? join(dataDir, 'control')
    : join(tmpdir(), `bulwark-${process.getuid?.() ?? 0}-${hashOf(dataDir)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // A folder that was there may be open to others; one of somebody else cannot be changed.
  chmodSync(folder, 0o700);
  const endpoint = join(folder, SOCKET);
  // The data directory's lock is ours: a socket that lies there belongs to nobody.
  rmSync(endpoint, { force: true });
  return endpoint;
};

export const writePlace = (dataDir: string, place: ControlPlace): void =>
  writeFileSync(controlFile(dataDir), `${JSON.stringify(place)}\n`, { mode: 0o600 });

export const readPlace = (dataDir: string): ControlPlace | undefined => {
  try {
    const value: unknown = JSON.parse(readFileSync(controlFile(dataDir), 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    if (!('endpoint' in value) || !('pid' in value)) return undefined;
    const { endpoint, pid } = value;
    if (typeof endpoint !== 'string' || typeof pid !== 'number') return undefined;
    return { endpoint, pid };
  } catch {
    return undefined;
  }
};
