import { copyFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { refusalOf } from './backup.ts';
import {
  type BackupManifest,
  type JournalReach,
  journalReach,
  verifyBackup,
} from './backup-manifest.ts';
import { type CopyProgress, copyDatabase, placeFile } from './database-copy.ts';
import { BackupRefused, JournalRefused } from './errors.ts';
import { AUDIT_FILE, JOURNAL_FILE, LINK_FILE, SQLITE_COMPANIONS } from './files.ts';

export interface Restored {
  readonly manifest: BackupManifest;
  /** Where the files that were there before are now. */
  readonly setAside: readonly string[];
}

/**
 * Puts a backup back into a data directory whose lock the caller holds. What was there is set aside,
 * never deleted. A journal that has come further than the backup, or that belongs to other accounts,
 * is not replaced: it knows of orders that the backup has never heard of. A damaged one is.
 *
 * After it, the next start finds the account ahead of the journal, and recovery books the rest.
 * Throws BackupRefused, JournalRefused.
 */
export const restoreBackup = async (input: {
  readonly from: string;
  readonly dataDir: string;
  /** Part of the names of what is set aside. */
  readonly stamp: string;
  readonly onProgress?: CopyProgress;
}): Promise<Restored> => {
  const { from, dataDir, stamp, onProgress } = input;
  const manifest = await verifyBackup(from);
  refuseNewer(join(dataDir, JOURNAL_FILE), from, manifest);
  const isFolder = statSync(from).isDirectory();
  const source = (name: string): string => (isFolder ? join(from, name) : from);
  const arriving = join(dataDir, `${JOURNAL_FILE}.restoring`);
  try {
    // The long part comes first: until it is done, what is there stays as it is.
    await copyDatabase(source(JOURNAL_FILE), arriving, onProgress);
    const setAside = [JOURNAL_FILE, AUDIT_FILE].flatMap((name) => aside(dataDir, name, stamp));
    placeFile(arriving, join(dataDir, JOURNAL_FILE));
    const { files } = manifest;
    const holds = (name: string): boolean => isFolder && files.some((file) => file.name === name);
    if (holds(AUDIT_FILE)) await copyDatabase(source(AUDIT_FILE), join(dataDir, AUDIT_FILE));
    const link = join(dataDir, LINK_FILE);
    if (holds(LINK_FILE) && !existsSync(link)) copyFileSync(source(LINK_FILE), link);
    return { manifest, setAside };
  } catch (error) {
    rmSync(arriving, { force: true });
    throw refusalOf(error, dataDir);
  }
};

const refuseNewer = (journal: string, from: string, backup: JournalReach): void => {
  if (!existsSync(journal)) return;
  const there = reachIfReadable(journal);
  if (there === undefined || there.lastSeq === 0) return;
  const sameAccounts = there.accounts.join() === backup.accounts.join();
  if (sameAccounts && there.lastSeq <= backup.lastSeq) return;
  const detail = sameAccounts
    ? `The journal here has ${there.lastSeq} entries, the backup ${from} only ${backup.lastSeq}`
    : `The journal here is of ${there.accounts.join(', ')}, the backup of ${backup.accounts.join(', ')}`;
  throw new BackupRefused({
    reason: 'newerThere',
    path: journal,
    detail,
    remedy: 'Move it away by hand if the backup shall replace it',
  });
};

/** Undefined for a damaged journal: that is what backups are for. */
const reachIfReadable = (journal: string): JournalReach | undefined => {
  try {
    return journalReach(journal);
  } catch (error) {
    if (error instanceof JournalRefused && error.reason === 'damaged') return undefined;
    throw error;
  }
};

/** Out of the way under another name, companions included: a WAL fits one database only. */
const aside = (dataDir: string, name: string, stamp: string): readonly string[] =>
  ['', ...SQLITE_COMPANIONS].flatMap((suffix) => {
    const file = join(dataDir, `${name}${suffix}`);
    if (!existsSync(file)) return [];
    const moved = join(dataDir, `${name}.before-${stamp}${suffix}`);
    renameSync(file, moved);
    return [moved];
  });
