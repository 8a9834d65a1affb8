import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import {
  BACKUP_FILES,
  type BackupManifest,
  describeFile,
  journalReach,
} from './backup-manifest.ts';
import { type CopyProgress, copyDatabase, placeFile } from './database-copy.ts';
import { BackupRefused } from './errors.ts';
import { AUDIT_FILE, BACKUP_MANIFEST, JOURNAL_FILE, LINK_FILE } from './files.ts';

/** A target that ends so is one file, the journal alone; anything else is a folder. */
const isSingleFile = (target: string): boolean => target.endsWith('.db');

/**
 * Copies what a data directory cannot be rebuilt without, beside a runtime that goes on writing:
 * the journal, which is the truth; the audit, which is its projection; and the name under which the
 * lease is held. The audit is copied first, so that it never knows more than the journal.
 *
 * Throws JournalRefused when there is no readable journal, BackupRefused when the target is taken
 * or cannot be written.
 */
export const takeBackup = async (input: {
  readonly dataDir: string;
  readonly target: string;
  readonly takenAtMs: number;
  readonly onProgress?: CopyProgress;
}): Promise<BackupManifest> => {
  const { dataDir, target, takenAtMs, onProgress } = input;
  const journal = join(dataDir, JOURNAL_FILE);
  journalReach(journal);
  refuseTaken(target);
  try {
    if (isSingleFile(target)) {
      mkdirSync(dirname(target), { recursive: true });
      await copyDatabase(journal, target, onProgress);
      const file = await describeFile(target, '');
      const files = [{ ...file, name: JOURNAL_FILE }];
      return { format: 1, takenAtMs, ...journalReach(target), files };
    }
    mkdirSync(target, { recursive: true });
    const audit = join(dataDir, AUDIT_FILE);
    if (existsSync(audit)) await copyDatabase(audit, join(target, AUDIT_FILE));
    await copyDatabase(journal, join(target, JOURNAL_FILE), onProgress);
    const link = join(dataDir, LINK_FILE);
    if (existsSync(link)) copyFileSync(link, join(target, LINK_FILE));
    return await writeManifest(target, takenAtMs);
  } catch (error) {
    throw refusalOf(error, target);
  }
};

/** The manifest comes last: a folder without one is a backup that was interrupted. */
const writeManifest = async (folder: string, takenAtMs: number): Promise<BackupManifest> => {
  const names = BACKUP_FILES.filter((name) => existsSync(join(folder, name)));
  const files = [];
  for (const name of names) files.push(await describeFile(folder, name));
  const reach = journalReach(join(folder, JOURNAL_FILE));
  const manifest: BackupManifest = { format: 1, takenAtMs, ...reach, files };
  const part = join(folder, `${BACKUP_MANIFEST}.part`);
  writeFileSync(part, `${JSON.stringify(manifest, null, 2)}\n`);
  placeFile(part, join(folder, BACKUP_MANIFEST));
  return manifest;
};

const refuseTaken = (target: string): void => {
  if (!existsSync(target)) return;
  const isFolder = statSync(target).isDirectory() && !isSingleFile(target);
  if (isFolder && readdirSync(target).length === 0) return;
  throw new BackupRefused({
    reason: 'exists',
    path: target,
    detail: 'Something is there already',
    remedy: 'Name a new file or folder: a backup never overwrites another',
  });
};

/** Errors of the disk and of SQLite, told with a remedy; anything else is a defect. */
export const refusalOf = (error: unknown, path: string): unknown => {
  const isSystems =
    error instanceof Database.SqliteError ||
    (error instanceof Error && 'code' in error && 'syscall' in error);
  if (!isSystems) return error;
  return new BackupRefused({
    reason: 'io',
    path,
    detail: `It could not be written (${error.message})`,
    remedy: 'Check the disk and the permissions; what was copied so far does not count',
  });
};
