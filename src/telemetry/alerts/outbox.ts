import Database from 'better-sqlite3';
import { ALERT_LIMITS, type Alert } from './types.ts';

/**
 * Alerts on their way: one row per alert and channel, on disk until it was delivered, so that what
 * happened just before a crash is still told after it.
 */
export interface Waiting {
  readonly id: number;
  readonly channel: string;
  readonly alert: Alert;
  readonly attempts: number;
}
export interface Outbox {
  /** The oldest row gives way when there are too many. */
  readonly add: (channel: string, alert: Alert, now: number) => void;
  /** The oldest of a channel that is due; a channel delivers in order. */
  readonly next: (channel: string, now: number) => Waiting | undefined;
  readonly delivered: (id: number) => void;
  /** Tried in vain: due again later, or given up when it is too old. True when it was given up. */
  readonly failed: (waiting: Waiting, now: number) => boolean;
  readonly depth: () => number;
  readonly close: () => void;
}

/** Doubles from a second to five minutes. */
export const retryDelayMs = (attempts: number): number =>
  Math.min(ALERT_LIMITS.retryMaxMs, ALERT_LIMITS.retryInitialMs * 2 ** Math.min(30, attempts));

interface Row {
  readonly id: number;
  readonly channel: string;
  readonly body: string;
  readonly attempts: number;
}

export const openOutbox = (options: { readonly file: string }): Outbox => {
  const db = new Database(options.file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.exec(`CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY, channel TEXT NOT NULL, body TEXT NOT NULL, added_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL
  ) STRICT`);
  const add = db.prepare(
    'INSERT INTO outbox (channel, body, added_at, due_at) VALUES (?, ?, ?, ?)',
  );
  const trim = db.prepare(
    'DELETE FROM outbox WHERE id NOT IN (SELECT id FROM outbox ORDER BY id DESC LIMIT ?)',
  );
  const first = db.prepare<[string], Row & { readonly due_at: number }>(
    'SELECT id, channel, body, attempts, due_at FROM outbox WHERE channel = ? ORDER BY id LIMIT 1',
  );
  const remove = db.prepare('DELETE FROM outbox WHERE id = ?');
  const later = db.prepare('UPDATE outbox SET attempts = attempts + 1, due_at = ? WHERE id = ?');
  const addedAt = db.prepare<[number], number>('SELECT added_at FROM outbox WHERE id = ?').pluck();
  const count = db.prepare<[], number>('SELECT count(*) FROM outbox').pluck();
  return {
    add: (channel, alert, now) => {
      add.run(channel, JSON.stringify(alert), now, now);
      trim.run(ALERT_LIMITS.outboxRows);
    },
    next: (channel, now) => {
      const row = first.get(channel);
      if (row === undefined || row.due_at > now) return undefined;
      const { id, body, attempts } = row;
      return { id, channel, attempts, alert: JSON.parse(body) as Alert };
    },
    delivered: (id) => {
      remove.run(id);
    },
    failed: ({ id, attempts }, now) => {
      const isOld = now - (addedAt.get(id) ?? now) >= ALERT_LIMITS.keptMs;
      if (isOld) remove.run(id);
      else later.run(now + retryDelayMs(attempts), id);
      return isOld;
    },
    depth: () => count.get() ?? 0,
    close: () => {
      db.close();
    },
  };
};
