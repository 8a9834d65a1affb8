import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { AUDIT_FILE, JOURNAL_FILE, KILL_FILE } from '../../journal/files.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const MIB = 1_048_576;
/** Free bytes below which a journal may not be writable for the day, and for the next hour. */
export const FREE_SPACE = { warnBytes: 1_024 * MIB, failBytes: 64 * MIB } as const;
/** Bits of a mode that let anybody but the owner write. */
const OTHERS_WRITE = 0o022;

/** Whether a runtime could live in the folder. Writes nothing. */
export const directoryChecks = (dataDir: string): readonly Finding[] => {
  if (!existsSync(dataDir)) {
    const above = existingAbove(dataDir);
    const trouble = accessTrouble(above);
    const there = `${dataDir} does not exist`;
    return trouble === undefined
      ? [ok('directory', `${there}; the first start makes it`), freeSpace(above)]
      : [fail('directory', `${there}, and ${above} ${trouble}`, 'choose --data-dir DIR')];
  }
  const trouble = accessTrouble(dataDir);
  if (trouble !== undefined) {
    const next = 'give the folder to the user that runs Bulwark, or choose --data-dir DIR';
    return [fail('directory', `${dataDir} ${trouble}`, next)];
  }
  return [
    privacy(dataDir),
    freeSpace(dataDir),
    database(join(dataDir, JOURNAL_FILE), 'restore the last backup: `bulwark restore FROM`'),
    database(join(dataDir, AUDIT_FILE), 'make it anew from the journal: `bulwark audit rebuild`'),
    ...killFile(dataDir),
  ];
};

const existingAbove = (path: string): string => {
  const above = dirname(path);
  return existsSync(above) || above === path ? above : existingAbove(above);
};

const accessTrouble = (path: string): string | undefined => {
  try {
    if (!statSync(path).isDirectory()) return 'is a file, not a folder';
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch {
    return 'cannot be read and written by this user';
  }
};

const privacy = (dataDir: string): Finding => {
  const mode = statSync(dataDir).mode & 0o777;
  const isShared = process.platform !== 'win32' && (mode & OTHERS_WRITE) !== 0;
  const shown = `${dataDir} (mode ${mode.toString(8)})`;
  return isShared
    ? warn('directory', `${shown} can be written by other users`, `chmod 700 ${dataDir}`)
    : ok('directory', `${shown} can be read and written`);
};

const freeSpace = (path: string): Finding => {
  const { bavail, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const what = `${Math.floor(free / MIB)} MiB are free there`;
  if (free < FREE_SPACE.failBytes) {
    return fail('directory', `${what}: nothing opens once the journal cannot grow`, 'make room');
  }
  return free < FREE_SPACE.warnBytes
    ? warn('directory', what, 'make room soon')
    : ok('directory', what);
};

const database = (file: string, next: string): Finding => {
  if (!existsSync(file)) return ok('directory', `${file} is not there yet`);
  try {
    const db = new Database(file, { readonly: true, fileMustExist: true });
    try {
      const found = db.pragma('integrity_check(1)', { simple: true });
      return found === 'ok'
        ? ok('directory', `${file} is whole`)
        : fail('directory', `${file} is damaged: ${String(found)}`, next);
    } finally {
      db.close();
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail('directory', `${file} cannot be read: ${why}`, next);
  }
};

const killFile = (dataDir: string): readonly Finding[] => {
  const file = join(dataDir, KILL_FILE);
  if (!existsSync(file)) return [];
  const what = `${file} lies there: every account is locked and nothing rearms it`;
  return [fail('account', what, 'find out why it was put there, remove it, then `bulwark rearm`')];
};
