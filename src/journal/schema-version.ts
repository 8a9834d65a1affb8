import type { Database } from 'better-sqlite3';

/**
 * Numbered migrations over SQLite's `user_version`; `application_id` tells our files from other
 * people's. A migration is never edited once released: its effects are already on disks.
 */
export interface Schema {
  /** Four ASCII letters as an integer, unique per kind of file. */
  readonly applicationId: number;
  /** migrations[0] makes version 1. */
  readonly migrations: readonly string[];
}
export type SchemaState = 'empty' | 'current' | 'older' | 'newer' | 'foreign';

const readInteger = (db: Database, pragma: string): number =>
  Number(db.pragma(pragma, { simple: true }));

/** Four letters as SQLite's 32-bit application id. */
export const applicationId = (letters: string): number =>
  [...letters].reduce((id, letter) => id * 256 + letter.charCodeAt(0), 0);

export const schemaState = (db: Database, schema: Schema): SchemaState => {
  const id = readInteger(db, 'application_id');
  const version = readInteger(db, 'user_version');
  const tables = db.prepare('SELECT count(*) FROM sqlite_master').pluck().get();
  if (id === 0 && version === 0 && tables === 0) return 'empty';
  if (id !== schema.applicationId) return 'foreign';
  if (version === schema.migrations.length) return 'current';
  return version > schema.migrations.length ? 'newer' : 'older';
};

/** Applies what is missing, each migration with its number in one transaction. */
export const migrate = (db: Database, schema: Schema): void => {
  const from = readInteger(db, 'user_version');
  schema.migrations.slice(from).forEach((sql, index) => {
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`application_id = ${schema.applicationId}`);
      db.pragma(`user_version = ${from + index + 1}`);
    })();
  });
};
