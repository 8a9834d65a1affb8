import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { SQLITE_COMPANIONS } from './files.ts';

/** Pages copied between two looks at the event loop: about 16 MiB. */
const PAGES_PER_STEP = 4_096;

export type CopyProgress = (copiedPages: number, totalPages: number) => void;

const syncPath = (path: string): void => {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};

/** Puts a finished file under its name, durably: after a power cut it is whole or absent. */
export const placeFile = (from: string, to: string): void => {
  syncPath(from);
  renameSync(from, to);
  syncPath(dirname(to));
};

/**
 * Copies a SQLite database while others write to it, as of one instant: the source is read in one
 * transaction, so that a busy writer neither waits nor makes the copy begin again. The copy is one
 * file, without companions, checked by SQLite before it gets its name.
 *
 * Throws SQLite's error when the source cannot be read or the target cannot be written; then there
 * is no file called `to`.
 */
export const copyDatabase = async (
  from: string,
  to: string,
  onProgress: CopyProgress = () => undefined,
): Promise<void> => {
  const part = `${to}.part`;
  const discard = (): void => {
    for (const suffix of ['', ...SQLITE_COMPANIONS]) rmSync(`${part}${suffix}`, { force: true });
  };
  discard();
  const source = new Database(from, { readonly: true, fileMustExist: true });
  try {
    source.exec('BEGIN');
    source.prepare('SELECT count(*) FROM sqlite_master').get();
    await source.backup(part, {
      progress: ({ totalPages, remainingPages }) => {
        onProgress(totalPages - remainingPages, totalPages);
        return PAGES_PER_STEP;
      },
    });
    settle(part);
    placeFile(part, to);
  } catch (error) {
    discard();
    throw error;
  } finally {
    source.close();
  }
};

/** A copy of a WAL database says that it is one; as a plain file it needs nothing beside it. */
const settle = (file: string): void => {
  const db = new Database(file, { fileMustExist: true });
  try {
    db.pragma('journal_mode = DELETE');
    const findings = db.pragma('integrity_check(1)', { simple: true });
    if (findings !== 'ok') throw new Error(`the copy is damaged: ${String(findings)}`);
  } finally {
    db.close();
  }
};
