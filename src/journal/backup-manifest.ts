import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BackupRefused } from './errors.ts';
import { AUDIT_FILE, BACKUP_MANIFEST, JOURNAL_FILE, LINK_FILE } from './files.ts';
import { openReadable } from './journal-file.ts';
import { JOURNAL_LIMITS } from './journal-limits.ts';

/** What stands in `backup.json`. */
export interface BackupManifest {
  readonly format: 1;
  /** Wall time, for people. */
  readonly takenAtMs: number;
  /** Sequence number of the last journal entry inside. */
  readonly lastSeq: number;
  /** Wall time of that entry, null in an empty journal. */
  readonly lastRecordedAtMs: number | null;
  readonly accounts: readonly string[];
  readonly files: readonly BackupFile[];
}
export interface BackupFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** How far a journal has come. */
export type JournalReach = Pick<BackupManifest, 'lastSeq' | 'lastRecordedAtMs' | 'accounts'>;

/** Everything that a backup may hold; the journal always. */
export const BACKUP_FILES = [AUDIT_FILE, JOURNAL_FILE, LINK_FILE] as const;

/** Throws JournalRefused when the file is no readable journal of this version. */
export const journalReach = (file: string): JournalReach => {
  const db = openReadable(file, JOURNAL_LIMITS.busyTimeoutMs);
  try {
    const last = db
      .prepare<[], { readonly seq: number; readonly recorded_at_ms: number }>(
        'SELECT seq, recorded_at_ms FROM entries ORDER BY seq DESC LIMIT 1',
      )
      .get();
    const accounts = db
      .prepare<[], string>('SELECT DISTINCT account_id FROM entries ORDER BY account_id')
      .pluck()
      .all();
    return { lastSeq: last?.seq ?? 0, lastRecordedAtMs: last?.recorded_at_ms ?? null, accounts };
  } finally {
    db.close();
  }
};

export const describeFile = async (folder: string, name: string): Promise<BackupFile> => {
  const file = join(folder, name);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return { name, bytes: statSync(file).size, sha256: hash.digest('hex') };
};

const damaged = (path: string, detail: string): BackupRefused =>
  new BackupRefused({ reason: 'damaged', path, detail, remedy: 'Take another backup' });

/**
 * What a backup holds, after every file of it was compared with the manifest and the journal was
 * checked page by page. A single file is a journal without a manifest. Throws BackupRefused, or
 * JournalRefused when the journal is of another schema version.
 */
export const verifyBackup = async (from: string): Promise<BackupManifest> => {
  if (!existsSync(from)) {
    const remedy = 'Name a file or a folder that bulwark backup made';
    throw new BackupRefused({ reason: 'missing', path: from, detail: 'There is nothing', remedy });
  }
  if (!statSync(from).isDirectory()) {
    checkPages(from);
    const reach = journalReach(from);
    const file = await describeFile(from, '');
    const files = [{ ...file, name: JOURNAL_FILE }];
    return { format: 1, takenAtMs: reach.lastRecordedAtMs ?? 0, ...reach, files };
  }
  const manifest = readManifest(from);
  for (const file of manifest.files) await compareFile(from, file);
  const journal = join(from, JOURNAL_FILE);
  checkPages(journal);
  const { lastSeq } = journalReach(journal);
  if (manifest.lastSeq !== lastSeq) {
    throw damaged(from, `Its journal ends at entry ${lastSeq}, not at ${manifest.lastSeq}`);
  }
  return manifest;
};

const readManifest = (folder: string): BackupManifest => {
  const file = join(folder, BACKUP_MANIFEST);
  if (!existsSync(file)) {
    const detail = `There is no ${BACKUP_MANIFEST}: this backup was interrupted, or is none`;
    throw new BackupRefused({ reason: 'missing', path: folder, detail, remedy: 'Take another' });
  }
  try {
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as BackupManifest;
    if (manifest.format === 1 && manifest.files.some(({ name }) => name === JOURNAL_FILE)) {
      return manifest;
    }
    throw new Error('another format');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw damaged(folder, `${BACKUP_MANIFEST} cannot be read (${why})`);
  }
};

const compareFile = async (folder: string, file: BackupFile): Promise<void> => {
  const { name, sha256 } = file;
  const isOurs = BACKUP_FILES.some((known) => known === name) && name === basename(name);
  if (!isOurs) throw damaged(folder, `${name} does not belong into a backup`);
  if (!existsSync(join(folder, name))) throw damaged(folder, `${name} is missing`);
  const found = await describeFile(folder, name);
  if (found.sha256 !== sha256) throw damaged(folder, `${name} is not as it was written`);
};

const checkPages = (journal: string): void => {
  const db = openReadable(journal, JOURNAL_LIMITS.busyTimeoutMs);
  try {
    const findings = db.pragma('integrity_check(1)', { simple: true });
    if (findings !== 'ok') throw damaged(journal, `The journal is damaged (${String(findings)})`);
  } finally {
    db.close();
  }
};
