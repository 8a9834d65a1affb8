import type { Database } from 'better-sqlite3';
import { isFinalOrderState } from '../domain/order-state.ts';
import { absurd } from '../domain/units.ts';
import type { EntryFact } from './entry-facts.ts';
import type { ConflictKind } from './errors.ts';
import { JournalConflict } from './errors.ts';

/** Attempt n may be made only when attempt n−1 certainly did nothing at the venue. */
const DEFINITE_REFUSALS: readonly string[] = ['refused', 'absentConfirmed'];

const statements = (db: Database) => ({
  planIntent: db.prepare(
    `INSERT INTO intents (account_id, intent_id, key, state, is_final, seq)
     VALUES (?, ?, ?, 'planned', 0, ?)`,
  ),
  hasKey: db.prepare('SELECT 1 FROM intents WHERE account_id = ? AND key = ?').pluck(),
  hasIntent: db.prepare('SELECT 1 FROM intents WHERE account_id = ? AND intent_id = ?').pluck(),
  moveIntent: db.prepare(
    'UPDATE intents SET state = ?, is_final = ? WHERE account_id = ? AND intent_id = ?',
  ),
  attemptState: db
    .prepare('SELECT state FROM attempts WHERE account_id = ? AND intent_id = ? AND attempt = ?')
    .pluck(),
  sendAttempt: db.prepare(
    `INSERT INTO attempts (account_id, intent_id, attempt, state, seq) VALUES (?, ?, ?, 'sent', ?)
     ON CONFLICT DO NOTHING`,
  ),
  endAttempt: db.prepare(
    `INSERT INTO attempts (account_id, intent_id, attempt, state, seq) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET state = excluded.state`,
  ),
  bookDeal: db.prepare(
    `INSERT INTO deals (account_id, ticket, intent_id, seq) VALUES (?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  ),
  claimEpoch: db.prepare(
    `INSERT INTO epochs (account_id, epoch, instance, seq) VALUES (?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  ),
});

export interface FactTables {
  /** Throws JournalConflict when the fact contradicts an earlier one. */
  readonly record: (accountId: string, seq: number, fact: EntryFact) => void;
}

export const factTables = (db: Database): FactTables => {
  const sql = statements(db);
  const plan = (accountId: string, seq: number, intentId: string, key: string): void => {
    if (sql.hasKey.get(accountId, key) !== undefined) {
      throw new JournalConflict({ what: 'intentKey', key });
    }
    if (sql.hasIntent.get(accountId, intentId) !== undefined) {
      throw new JournalConflict({ what: 'intent', key: intentId });
    }
    sql.planIntent.run(accountId, intentId, key, seq);
  };
  const send = (accountId: string, seq: number, intentId: string, attempt: number): void => {
    const before = sql.attemptState.get(accountId, intentId, attempt - 1);
    const mayRun = attempt === 1 || DEFINITE_REFUSALS.some((state) => state === before);
    if (!mayRun || sql.sendAttempt.run(accountId, intentId, attempt, seq).changes === 0) {
      throw new JournalConflict({ what: 'attempt', key: `${intentId}#${attempt}` });
    }
  };
  const insertOnce = (inserted: { readonly changes: number }, what: ConflictKind, key: string) => {
    if (inserted.changes === 0) throw new JournalConflict({ what, key });
  };
  const record = (accountId: string, seq: number, fact: EntryFact): void => {
    switch (fact.type) {
      case 'planned':
        plan(accountId, seq, fact.intentId, fact.key);
        break;
      case 'sent':
        send(accountId, seq, fact.intentId, fact.attempt);
        break;
      case 'resulted':
        sql.endAttempt.run(accountId, fact.intentId, fact.attempt, fact.outcome, seq);
        break;
      case 'moved':
        sql.moveIntent.run(
          fact.state,
          isFinalOrderState(fact.state) ? 1 : 0,
          accountId,
          fact.intentId,
        );
        break;
      case 'dealt':
        insertOnce(
          sql.bookDeal.run(accountId, fact.ticket, fact.intentId, seq),
          'deal',
          fact.ticket,
        );
        break;
      case 'claimed': {
        const claimed = sql.claimEpoch.run(accountId, fact.epoch, fact.instance, seq);
        insertOnce(claimed, 'epoch', String(fact.epoch));
        break;
      }
      default:
        absurd(fact);
    }
  };
  return { record };
};
