import type { Database } from 'better-sqlite3';
import type { Intent } from '../domain/intent.ts';
import { isTrade } from '../domain/intent.ts';
import { isFinalOrderState } from '../domain/order-state.ts';
import type { Signal } from '../domain/trading.ts';
import type { Points } from '../domain/units.ts';
import type { StoredEntry } from '../journal/types.ts';
import { priceText, timeText, volumeText } from './audit-text.ts';
import type { Digits } from './digits.ts';
import { columnsOf, insertInto } from './tables.ts';

type EntryOf<Kind extends StoredEntry['kind']> = Extract<StoredEntry, { readonly kind: Kind }>;
type Planned = EntryOf<'intent.planned'>;

const UNTOUCHED = {
  denial_code: null,
  detail: null,
  retcode: null,
  order_ticket: null,
  deal_tickets: '',
  sent_at: null,
  done_at: null,
  filled_volume: null,
  fill_price: null,
  slippage_points: null,
  attempts: 0,
} as const;

/** A denied order was never sized: it has no volume, and a price only when the signal named one. */
const wishOf = (signal: Signal, digits: number | null) => ({
  action: signal.type,
  side: signal.type === 'open' ? signal.side : null,
  kind: signal.type === 'open' ? signal.kind : null,
  price:
    signal.type === 'open' && signal.price !== undefined ? priceText(signal.price, digits) : null,
  price_points: null,
  volume: null,
  stop_loss: null,
  take_profit: null,
  magic: null,
  position_ticket: null,
  reason: signal.reason,
});

/** Level that slippage is measured against: where a trade was decided to happen. */
const decidedAt = (intent: Intent): Points | null => {
  switch (intent.type) {
    case 'open':
      return intent.stopLimitPrice ?? intent.price;
    case 'close':
    case 'closeBy':
      return intent.price;
    default:
      return null;
  }
};

const planOf = (intent: Intent, digits: number | null) => {
  const text = (level: Points | undefined): string | null =>
    level === undefined ? null : priceText(level, digits);
  return {
    action: intent.type,
    side: 'side' in intent ? intent.side : null,
    kind: intent.type === 'open' ? intent.kind : isTrade(intent) ? 'market' : null,
    volume: 'volumeE8' in intent ? volumeText(intent.volumeE8) : null,
    price: 'price' in intent ? text(intent.price) : null,
    price_points: decidedAt(intent),
    stop_loss: 'stopLoss' in intent ? text(intent.stopLoss) : null,
    take_profit: 'takeProfit' in intent ? text(intent.takeProfit) : null,
    magic: 'magic' in intent ? intent.magic : null,
    position_ticket: 'positionTicket' in intent ? intent.positionTicket : null,
    order_ticket: 'orderTicket' in intent ? intent.orderTicket : null,
    reason: intent.reason,
  };
};

const statements = (db: Database) => {
  const columns = [...columnsOf('orders'), 'price_points', 'journal_seq'] as const;
  const of = 'WHERE account_id = @accountId AND intent_id = @intentId';
  return {
    insert: insertInto(db, 'orders', columns, 'ON CONFLICT DO NOTHING'),
    // A denial never overwrites an order that lives; a plan replaces an earlier denial.
    forgetDenied: db.prepare(`DELETE FROM orders ${of} AND state = 'denied'`),
    symbolOf: db
      .prepare<[{ accountId: string; intentId: string }], string>(`SELECT symbol FROM orders ${of}`)
      .pluck(),
    // The retcode is the last attempt's; how that one ended may never be told.
    send: db.prepare(
      `UPDATE orders SET retcode = iif(@attempt > attempts, NULL, retcode),
         attempts = max(attempts, @attempt), sent_at = coalesce(sent_at, @at) ${of}`,
    ),
    result: db.prepare(
      `UPDATE orders SET retcode = iif(@attempt < attempts, retcode, coalesce(@retcode, retcode)),
         order_ticket = coalesce(@orderTicket, order_ticket), detail = coalesce(@detail, detail) ${of}`,
    ),
    move: db.prepare(`UPDATE orders SET state = @state, done_at = @doneAt ${of}`),
    reprice: db.prepare(
      `UPDATE orders SET price = @price, stop_loss = coalesce(@stopLoss, stop_loss),
         take_profit = coalesce(@takeProfit, take_profit) ${of}`,
    ),
    see: db.prepare(`UPDATE orders SET order_ticket = @orderTicket ${of}`),
  };
};

export interface OrderProjection {
  readonly deny: (entry: EntryOf<'order.denied'>) => void;
  readonly plan: (entry: Planned) => void;
  readonly send: (entry: EntryOf<'attempt.sent'>) => void;
  readonly result: (entry: EntryOf<'attempt.result'>) => void;
  readonly move: (entry: EntryOf<'order.state'>) => void;
  readonly see: (entry: EntryOf<'order.seen'>) => void;
}

/** Keeps `orders`: one row per admitted intent, and one per wish that was denied. */
export const orderProjection = (db: Database, digits: Digits): OrderProjection => {
  const sql = statements(db);
  const deny = (entry: EntryOf<'order.denied'>): void => {
    const { accountId, intentId } = entry;
    sql.forgetDenied.run({ accountId, intentId });
    sql.insert.run({
      ...UNTOUCHED,
      account_id: accountId,
      intent_id: intentId,
      signal_id: entry.signalId,
      strategy_id: entry.strategyId,
      symbol: entry.symbol,
      ...wishOf(entry.signal, digits.ofSymbol(accountId, entry.symbol)),
      state: 'denied',
      denial_code: entry.code,
      detail: entry.detail,
      created_at: timeText(entry.at),
      done_at: timeText(entry.at),
      journal_seq: entry.seq,
    });
  };
  const plan = (entry: Planned): void => {
    const { accountId, intent } = entry;
    sql.forgetDenied.run({ accountId, intentId: intent.intentId });
    sql.insert.run({
      ...UNTOUCHED,
      account_id: accountId,
      intent_id: intent.intentId,
      signal_id: entry.signalId,
      strategy_id: intent.strategyId,
      symbol: intent.symbol,
      ...planOf(intent, digits.ofSymbol(accountId, intent.symbol)),
      state: 'planned',
      created_at: timeText(entry.at),
      journal_seq: entry.seq,
    });
  };
  return {
    deny,
    plan,
    send: ({ accountId, intentId, attempt, at, levels }) => {
      sql.send.run({ accountId, intentId, attempt, at: timeText(at) });
      if (levels === undefined) return;
      const symbol = sql.symbolOf.get({ accountId, intentId }) ?? '';
      const prices = digits.ofSymbol(accountId, symbol);
      const text = (level: Points | undefined): string | null =>
        level === undefined ? null : priceText(level, prices);
      const { price, stopLoss, takeProfit } = levels;
      sql.reprice.run({
        accountId,
        intentId,
        price: text(price),
        stopLoss: text(stopLoss),
        takeProfit: text(takeProfit),
      });
    },
    result: ({ accountId, intentId, attempt, retcode, orderTicket, detail }) => {
      sql.result.run({
        accountId,
        intentId,
        attempt,
        retcode: retcode ?? null,
        orderTicket: orderTicket ?? null,
        detail: detail ?? null,
      });
    },
    move: ({ accountId, intentId, state, at }) => {
      const doneAt = isFinalOrderState(state) ? timeText(at) : null;
      sql.move.run({ accountId, intentId, state, doneAt });
    },
    see: ({ accountId, intentId, order }) => {
      if (intentId !== null) sql.see.run({ accountId, intentId, orderTicket: order.ticket });
    },
  };
};
