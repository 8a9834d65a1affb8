import type { Schema } from '../journal/schema-version.ts';
import { applicationId } from '../journal/schema-version.ts';

/**
 * Five tables for people (signals, orders, trades, events, account_snapshots) in decimal text, and
 * what the projection itself needs: where it stopped, the digits of symbols and currencies, and the
 * deals in exact integers. `journal_seq` is the entry a row began with.
 */
const PEOPLE = `
CREATE TABLE signals (
  account_id TEXT NOT NULL, signal_id TEXT NOT NULL, strategy_id TEXT NOT NULL,
  symbol TEXT NOT NULL, bar_at TEXT NOT NULL, raised_at TEXT NOT NULL, action TEXT NOT NULL,
  side TEXT, kind TEXT, price TEXT, stop_distance TEXT, take_profit_distance TEXT,
  leg INTEGER NOT NULL, reason TEXT NOT NULL,
  verdict TEXT NOT NULL, denial_code TEXT, detail TEXT, journal_seq INTEGER NOT NULL,
  PRIMARY KEY (account_id, signal_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
  account_id TEXT NOT NULL, intent_id TEXT NOT NULL, signal_id TEXT NOT NULL,
  strategy_id TEXT NOT NULL, symbol TEXT NOT NULL, action TEXT NOT NULL, side TEXT, kind TEXT,
  volume TEXT, price TEXT, stop_loss TEXT, take_profit TEXT, magic TEXT, position_ticket TEXT,
  state TEXT NOT NULL, denial_code TEXT, detail TEXT, retcode INTEGER, order_ticket TEXT,
  deal_tickets TEXT NOT NULL, created_at TEXT NOT NULL, sent_at TEXT, done_at TEXT,
  filled_volume TEXT, fill_price TEXT, slippage_points INTEGER, attempts INTEGER NOT NULL,
  reason TEXT NOT NULL, price_points INTEGER, journal_seq INTEGER NOT NULL,
  PRIMARY KEY (account_id, intent_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_by_signal ON orders (account_id, signal_id);
CREATE INDEX orders_by_time ON orders (account_id, created_at);

CREATE TABLE trades (
  account_id TEXT NOT NULL, position_ticket TEXT NOT NULL, round INTEGER NOT NULL,
  strategy_id TEXT, symbol TEXT NOT NULL, side TEXT NOT NULL, state TEXT NOT NULL,
  opened_at TEXT, closed_at TEXT, volume TEXT NOT NULL, closed_volume TEXT NOT NULL,
  open_price TEXT, close_price TEXT, gross_profit TEXT NOT NULL, commission TEXT NOT NULL,
  swap TEXT NOT NULL, net_profit TEXT NOT NULL, exit_reason TEXT,
  open_intent_ids TEXT NOT NULL, close_intent_ids TEXT NOT NULL,
  order_tickets TEXT NOT NULL, deal_tickets TEXT NOT NULL,
  PRIMARY KEY (account_id, position_ticket, round)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  journal_seq INTEGER PRIMARY KEY, account_id TEXT NOT NULL, at TEXT NOT NULL,
  severity TEXT NOT NULL, kind TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, path TEXT
) STRICT;
CREATE INDEX events_by_time ON events (account_id, at);

CREATE TABLE account_snapshots (
  journal_seq INTEGER PRIMARY KEY, account_id TEXT NOT NULL, at TEXT NOT NULL,
  balance TEXT NOT NULL, equity TEXT NOT NULL, floating TEXT NOT NULL, margin TEXT NOT NULL,
  daily_floor TEXT NOT NULL, total_floor TEXT NOT NULL,
  daily_headroom TEXT NOT NULL, total_headroom TEXT NOT NULL
) STRICT;
CREATE INDEX account_snapshots_by_time ON account_snapshots (account_id, at);
`;
const MACHINERY = `
CREATE TABLE deals (
  account_id TEXT NOT NULL, ticket TEXT NOT NULL, order_ticket TEXT NOT NULL,
  position_ticket TEXT NOT NULL, intent_id TEXT, symbol TEXT NOT NULL, digits INTEGER,
  side TEXT NOT NULL, entry TEXT NOT NULL, volume_e8 INTEGER NOT NULL, points INTEGER NOT NULL,
  profit_minor TEXT NOT NULL, commission_minor TEXT NOT NULL, swap_minor TEXT NOT NULL,
  magic TEXT NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL, journal_seq INTEGER NOT NULL,
  PRIMARY KEY (account_id, ticket)
) STRICT, WITHOUT ROWID;
CREATE INDEX deals_by_position ON deals (account_id, position_ticket);
CREATE INDEX deals_by_intent ON deals (account_id, intent_id) WHERE intent_id IS NOT NULL;

CREATE TABLE symbols (
  account_id TEXT NOT NULL, symbol TEXT NOT NULL, digits INTEGER NOT NULL,
  PRIMARY KEY (account_id, symbol)
) STRICT, WITHOUT ROWID;
CREATE TABLE accounts (
  account_id TEXT NOT NULL PRIMARY KEY, currency TEXT NOT NULL, currency_digits INTEGER NOT NULL,
  initial TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE projection_cursor (
  id INTEGER PRIMARY KEY CHECK (id = 1), journal_seq INTEGER NOT NULL, fingerprint TEXT NOT NULL
) STRICT;
INSERT INTO projection_cursor VALUES (1, 0, '');
`;

export const AUDIT_SCHEMA: Schema = {
  applicationId: applicationId('BWAU'),
  migrations: [PEOPLE + MACHINERY],
};
