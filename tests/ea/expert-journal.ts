import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { ClientReference } from '../../src/mt5/terminal/engine/records.ts';

const NOBODY: ClientReference = { intent: '', attempt: 0 };

/** Files of the Expert Advisor's own database, wherever in its sandbox it keeps them. */
const databasesBelow = (directory: string): readonly string[] =>
  existsSync(directory)
    ? readdirSync(directory, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(?:db|sqlite3?)$/.test(name))
        .map((name) => join(directory, name))
    : [];

export interface JournalledAttempt {
  readonly intent: string;
  readonly attempt: number;
  readonly state: number;
}

/** Attempts in the Expert Advisor's journal, oldest first. Another process reads them: what is not
 * on the disk is not there. */
export const journalledAttempts = (filesDirectory: string): readonly JournalledAttempt[] =>
  databasesBelow(filesDirectory).flatMap((file) => {
    const database = new Database(file, { readonly: true });
    try {
      return database
        .prepare('SELECT intent, attempt, state FROM attempts ORDER BY rowid')
        .all() as JournalledAttempt[];
    } finally {
      database.close();
    }
  });

/**
 * For whom an OrderSend is, as the journal says at that moment: a broker does not know intents, the
 * ledger of ours does. Nobody, for what the guard closes by itself.
 */
export const journalledReference = (filesDirectory: string): ClientReference => {
  const SENT = 1;
  const open = journalledAttempts(filesDirectory).filter(({ state }) => state === SENT);
  const last = open.at(-1);
  return last === undefined ? NOBODY : { intent: last.intent, attempt: last.attempt };
};
