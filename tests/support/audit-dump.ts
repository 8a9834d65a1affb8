import Database from 'better-sqlite3';

/** Every row of every table, the cursor included: what two equal databases have in common. */
export const dumpDatabase = (file: string): Readonly<Record<string, readonly unknown[]>> => {
  const db = new Database(file, { readonly: true });
  const names = db
    .prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .pluck()
    .all();
  const dump = names.map((name) => [name, db.prepare(`SELECT * FROM ${name}`).all()] as const);
  db.close();
  return Object.fromEntries(dump);
};

/** The rows of one table, in its natural order. */
export const rowsOf = (file: string, table: string): readonly Record<string, unknown>[] => {
  const db = new Database(file, { readonly: true });
  const rows = db.prepare<[], Record<string, unknown>>(`SELECT * FROM ${table}`).all();
  db.close();
  return rows;
};
