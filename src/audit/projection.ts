import type { Database } from 'better-sqlite3';
import { absurd } from '../domain/units.ts';
import type { StoredEntry } from '../journal/types.ts';
import { dealRows } from './deal-rows.ts';
import { digitsProjection } from './digits.ts';
import { eventProjection } from './project-events.ts';
import { fillProjection } from './project-fills.ts';
import { orderProjection } from './project-orders.ts';
import { signalProjection } from './project-signals.ts';
import { tradeProjection } from './project-trades.ts';

type Apply = (entry: StoredEntry) => void;
type DealBooked = Extract<StoredEntry, { readonly kind: 'deal.booked' }>;

const parts = (db: Database) => {
  const digits = digitsProjection(db);
  const deals = dealRows(db);
  return {
    digits,
    deals,
    signals: signalProjection(db, digits),
    orders: orderProjection(db, digits),
    fills: fillProjection(db, deals),
    trades: tradeProjection(db, deals, digits),
    events: eventProjection(db, digits),
  };
};

const bookDeal = (part: ReturnType<typeof parts>, entry: DealBooked): void => {
  const { accountId, seq, intentId, deal } = entry;
  const digits = part.digits.ofSymbol(accountId, deal.symbol);
  if (!part.deals.insert({ accountId, seq, intentId, digits, deal })) return;
  if (deal.entry === 'balance') {
    part.events.tell(entry);
    return;
  }
  if (intentId !== null) part.fills.refresh(accountId, intentId);
  part.trades.refresh(accountId, deal.positionTicket);
};

/**
 * What each entry of the journal means for the tables. Deterministic: the tables are a function of
 * the entries in their order, of nothing else, and not of how they were cut into batches.
 */
export const projection = (db: Database): Apply => {
  const part = parts(db);
  return (entry) => {
    switch (entry.kind) {
      case 'symbol.known':
        return part.digits.learnSymbol(entry);
      case 'session.started':
        part.digits.learnCurrency(entry);
        return part.events.tell(entry);
      case 'signal.raised':
        return part.signals.raise(entry);
      case 'order.denied':
        part.orders.deny(entry);
        return part.signals.judge(entry.accountId, entry.signalId);
      case 'intent.planned':
        part.orders.plan(entry);
        return part.signals.judge(entry.accountId, entry.signalId);
      case 'attempt.sent':
        return part.orders.send(entry);
      case 'attempt.result':
        return part.orders.result(entry);
      case 'order.state':
        return part.orders.move(entry);
      case 'order.seen':
        return part.orders.see(entry);
      case 'deal.booked':
        return bookDeal(part, entry);
      case 'account.snapshot':
        return part.events.snapshot(entry);
      case 'strategies.switched':
        return; // Who did it stands in an event of its own.
      case 'ledger.saved':
        return; // The rules' own memory; what people want of it is in the snapshots.
      case 'session.ended':
      case 'day.anchored':
      case 'mode.changed':
      case 'flatten.changed':
      case 'evaluation.changed':
      case 'epoch.claimed':
      case 'recovery.completed':
      case 'event':
        return part.events.tell(entry);
      default:
        return absurd(entry);
    }
  };
};
