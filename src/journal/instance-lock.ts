import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { InstanceLocked } from './errors.ts';
import { LOCK_FILE, LOCK_HOLDER_FILE } from './files.ts';
import { sqliteCode } from './journal-file.ts';

export interface InstanceLock {
  readonly release: () => void;
}

/** The process that holds a data directory, or held it last; null when nobody says so. */
export const holderPid = (dataDir: string): number | null => {
  try {
    const holder: unknown = JSON.parse(readFileSync(join(dataDir, LOCK_HOLDER_FILE), 'utf8'));
    const isNamed = typeof holder === 'object' && holder !== null && 'pid' in holder;
    return isNamed && typeof holder.pid === 'number' ? holder.pid : null;
  } catch {
    return null; // Not written yet, or being replaced at this moment.
  }
};

/**
 * Makes this process the only owner of a data directory (made when absent) until `release` or the
 * end of the process: the lock is an open exclusive transaction, so the operating system drops it
 * even after kill -9 and no stale lock can remain. Throws InstanceLocked.
 *
 * Nothing may open the lock file by other means: closing any descriptor of it drops POSIX locks.
 */
export const acquireInstanceLock = (dataDir: string): InstanceLock => {
  mkdirSync(dataDir, { recursive: true });
  const db = new Database(join(dataDir, LOCK_FILE), { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY') !== true) throw error;
    throw new InstanceLocked({ dataDir, holderPid: holderPid(dataDir) });
  }
  const holderFile = join(dataDir, LOCK_HOLDER_FILE);
  writeFileSync(holderFile, `${JSON.stringify({ pid: process.pid })}\n`);
  return {
    release: () => {
      if (!db.open) return;
      rmSync(holderFile, { force: true });
      db.close();
    },
  };
};
