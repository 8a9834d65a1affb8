/** Names of the files in a data directory. All are local to the machine that trades. */
export const JOURNAL_FILE = 'journal.db';
export const AUDIT_FILE = 'audit.db';
export const LOCK_FILE = 'instance.lock.db';
/** Says who holds the lock; apart from it, because a locked SQLite file cannot be read. */
export const LOCK_HOLDER_FILE = 'instance.lock.json';
