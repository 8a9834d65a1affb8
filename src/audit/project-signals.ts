import type { Database } from 'better-sqlite3';
import type { Signal } from '../domain/trading.ts';
import type { StoredEntry } from '../journal/types.ts';
import { priceText, timeText } from './audit-text.ts';
import type { Digits } from './digits.ts';
import { columnsOf, insertInto } from './tables.ts';

type Raised = Extract<StoredEntry, { readonly kind: 'signal.raised' }>;

/** What a signal asks for, as text; a change has no side of its own. */
const wishOf = (signal: Signal, digits: number | null) => {
  const price = (value: number | undefined): string | null =>
    value === undefined ? null : priceText(value, digits);
  return signal.type === 'open'
    ? {
        side: signal.side,
        kind: signal.kind,
        price: price(signal.price),
        stop_distance: price(signal.stopDistance),
        take_profit_distance: price(signal.takeProfitDistance),
      }
    : {
        side: null,
        kind: null,
        price: signal.type === 'modifyOrder' ? price(signal.price) : null,
        stop_distance: null,
        take_profit_distance: null,
      };
};

export interface SignalProjection {
  readonly raise: (entry: Raised) => void;
  /** Reads a signal's verdict from the orders that name it; harmless for an unknown signal. */
  readonly judge: (accountId: string, signalId: string) => void;
}

/** Keeps `signals`. A signal that is raised again (a restarted strategy repeats its last bar) is
 * the same row: repeating it changes nothing. */
export const signalProjection = (db: Database, digits: Digits): SignalProjection => {
  const columns = [...columnsOf('signals'), 'journal_seq'] as const;
  const insert = insertInto(db, 'signals', columns, 'ON CONFLICT DO NOTHING');
  const verdict = db.prepare(
    `UPDATE signals SET
       verdict = iif(chosen.state = 'denied', 'denied', 'admitted'),
       denial_code = iif(chosen.state = 'denied', chosen.denial_code, NULL),
       detail = iif(chosen.state = 'denied', chosen.detail, NULL)
     FROM (SELECT * FROM orders WHERE account_id = @accountId AND signal_id = @signalId
           ORDER BY state = 'denied', journal_seq LIMIT 1) AS chosen
     WHERE signals.account_id = @accountId AND signals.signal_id = @signalId`,
  );
  const judge = (accountId: string, signalId: string): void => {
    verdict.run({ accountId, signalId });
  };
  const raise = (entry: Raised): void => {
    const { accountId, signalId, signal } = entry;
    insert.run({
      account_id: accountId,
      signal_id: signalId,
      strategy_id: entry.strategyId,
      symbol: entry.symbol,
      bar_at: timeText(entry.barAt),
      raised_at: timeText(entry.at),
      action: signal.type,
      ...wishOf(signal, digits.ofSymbol(accountId, entry.symbol)),
      leg: signal.leg,
      reason: signal.reason,
      verdict: 'pending',
      denial_code: null,
      detail: null,
      journal_seq: entry.seq,
    });
    judge(accountId, signalId);
  };
  return { raise, judge };
};
