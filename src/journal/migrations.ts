import type { Schema } from './schema-version.ts';
import { applicationId } from './schema-version.ts';

/**
 * `entries` is the journal; the other tables are answers kept ready, written in the transaction of
 * the entry they derive from. Every table names the account from the first version on.
 */
const VERSION_1 = `
CREATE TABLE entries (
  seq            INTEGER PRIMARY KEY,
  account_id     TEXT NOT NULL,
  at_ms          INTEGER NOT NULL,
  recorded_at_ms INTEGER NOT NULL,
  kind           TEXT NOT NULL,
  intent_id      TEXT,
  payload        TEXT NOT NULL
) STRICT;
CREATE INDEX entries_by_kind ON entries (account_id, kind, seq);
CREATE INDEX entries_by_intent ON entries (account_id, intent_id, seq)
  WHERE intent_id IS NOT NULL;
CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER entries_never_leave BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TABLE intents (
  account_id TEXT NOT NULL,
  intent_id  TEXT NOT NULL,
  key        TEXT NOT NULL,
  state      TEXT NOT NULL,
  is_final   INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  PRIMARY KEY (account_id, intent_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX intents_by_key ON intents (account_id, key);
CREATE INDEX intents_open ON intents (account_id, seq) WHERE is_final = 0;

CREATE TABLE attempts (
  account_id TEXT NOT NULL,
  intent_id  TEXT NOT NULL,
  attempt    INTEGER NOT NULL,
  state      TEXT NOT NULL,
  seq        INTEGER NOT NULL,
  PRIMARY KEY (account_id, intent_id, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE deals (
  account_id TEXT NOT NULL,
  ticket     TEXT NOT NULL,
  intent_id  TEXT,
  seq        INTEGER NOT NULL,
  PRIMARY KEY (account_id, ticket)
) STRICT, WITHOUT ROWID;

CREATE TABLE epochs (
  account_id TEXT NOT NULL,
  epoch      INTEGER NOT NULL,
  instance   TEXT NOT NULL,
  seq        INTEGER NOT NULL,
  PRIMARY KEY (account_id, epoch)
) STRICT, WITHOUT ROWID;
`;

export const JOURNAL_SCHEMA: Schema = {
  applicationId: applicationId('BWJL'),
  migrations: [VERSION_1],
};
