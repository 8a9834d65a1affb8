import type { Database } from 'better-sqlite3';
import type { Side } from '../domain/instrument.ts';
import type { Deal, DealEntry, DealReason } from '../domain/trading.ts';
import { insertInto } from './tables.ts';
import type { DealFact } from './trade-rounds.ts';

interface DealRow {
  readonly ticket: string;
  readonly order_ticket: string;
  readonly position_ticket: string;
  readonly intent_id: string | null;
  readonly symbol: string;
  readonly digits: number | null;
  readonly side: Side;
  readonly entry: DealEntry;
  readonly volume_e8: number;
  readonly points: number;
  readonly profit_minor: string;
  readonly commission_minor: string;
  readonly swap_minor: string;
  readonly reason: DealReason;
  readonly at_ms: number;
}

const factOfRow = (row: DealRow): DealFact => ({
  ticket: row.ticket,
  orderTicket: row.order_ticket,
  positionTicket: row.position_ticket,
  intentId: row.intent_id,
  symbol: row.symbol,
  digits: row.digits,
  side: row.side,
  entry: row.entry,
  volumeE8: row.volume_e8,
  points: row.points,
  profitMinor: BigInt(row.profit_minor),
  commissionMinor: BigInt(row.commission_minor),
  swapMinor: BigInt(row.swap_minor),
  reason: row.reason,
  atMs: row.at_ms,
});

/** The deals of the audit database in exact integers; everything about money derives from them. */
export interface DealRows {
  /** False when the deal is there already. */
  readonly insert: (deal: BookedDeal) => boolean;
  readonly ofPosition: (accountId: string, positionTicket: string) => readonly DealFact[];
  readonly ofIntent: (accountId: string, intentId: string) => readonly DealFact[];
  /** All of an account since an instant, oldest first. */
  readonly since: (accountId: string, fromMs: number) => readonly DealFact[];
}
export interface BookedDeal {
  readonly accountId: string;
  readonly seq: number;
  readonly intentId: string | null;
  readonly digits: number | null;
  readonly deal: Deal;
}

const COLUMNS = [
  'account_id',
  'ticket',
  'order_ticket',
  'position_ticket',
  'intent_id',
  'symbol',
  'digits',
  'side',
  'entry',
  'volume_e8',
  'points',
  'profit_minor',
  'commission_minor',
  'swap_minor',
  'magic',
  'reason',
  'at_ms',
  'journal_seq',
] as const;

const rowOf = ({ accountId, seq, intentId, digits, deal }: BookedDeal) => ({
  account_id: accountId,
  ticket: deal.ticket,
  order_ticket: deal.orderTicket,
  position_ticket: deal.positionTicket,
  intent_id: intentId,
  symbol: deal.symbol,
  digits,
  side: deal.side,
  entry: deal.entry,
  volume_e8: deal.volumeE8,
  points: deal.price,
  profit_minor: deal.profit.toString(),
  commission_minor: deal.commission.toString(),
  swap_minor: deal.swap.toString(),
  magic: deal.magic,
  reason: deal.reason,
  at_ms: deal.at,
  journal_seq: seq,
});

export const dealRows = (db: Database): DealRows => {
  const insert = insertInto(db, 'deals', COLUMNS, 'ON CONFLICT DO NOTHING');
  const order = 'ORDER BY at_ms, length(ticket), ticket';
  const ofPosition = db.prepare<[string, string], DealRow>(
    `SELECT * FROM deals WHERE account_id = ? AND position_ticket = ? ${order}`,
  );
  const ofIntent = db.prepare<[string, string], DealRow>(
    `SELECT * FROM deals WHERE account_id = ? AND intent_id = ? ${order}`,
  );
  const since = db.prepare<[string, number], DealRow>(
    `SELECT * FROM deals WHERE account_id = ? AND at_ms >= ? ${order}`,
  );
  return {
    insert: (booked) => insert.run(rowOf(booked)).changes > 0,
    ofPosition: (accountId, ticket) => ofPosition.all(accountId, ticket).map(factOfRow),
    ofIntent: (accountId, intentId) => ofIntent.all(accountId, intentId).map(factOfRow),
    since: (accountId, fromMs) => since.all(accountId, fromMs).map(factOfRow),
  };
};
