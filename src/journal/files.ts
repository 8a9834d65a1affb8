/** Names of the files in a data directory. All are local to the machine that trades. */
export const JOURNAL_FILE = 'journal.db';
export const AUDIT_FILE = 'audit.db';
/** Port and instance id of the runtime: the name under which it holds the terminal's lease. */
export const LINK_FILE = 'link.json';
/** Where the control socket of the runtime that lives there is, and its pid. */
export const CONTROL_FILE = 'control.json';
/** While a file of this name lies there, every account is locked and nothing rearms it. */
export const KILL_FILE = 'KILL';
/** In a folder that `bulwark backup` made: what it holds, with a digest of every file. */
export const BACKUP_MANIFEST = 'backup.json';
/** What SQLite keeps beside a database; they belong to it and to no other. */
export const SQLITE_COMPANIONS = ['-wal', '-shm', '-journal'] as const;
export const LOCK_FILE = 'instance.lock.db';
/** Says who holds the lock; apart from it, because a locked SQLite file cannot be read. */
export const LOCK_HOLDER_FILE = 'instance.lock.json';
