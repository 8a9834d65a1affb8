import type { Database } from 'better-sqlite3';
import { listText, moneyText, priceText, timeText, volumeText } from './audit-text.ts';
import type { DealRows } from './deal-rows.ts';
import type { Digits } from './digits.ts';
import { columnsOf, insertInto } from './tables.ts';
import type { DealFact, MeanPrice, TradeRound } from './trade-rounds.ts';
import { meanPrice, tradeRounds } from './trade-rounds.ts';

const sumOf = (deals: readonly DealFact[], read: (deal: DealFact) => bigint): bigint =>
  deals.reduce((sum, deal) => sum + read(deal), 0n);
const meanText = (mean: MeanPrice | undefined): string | null =>
  mean === undefined ? null : priceText(mean.points, mean.digits);

/** Gross is the price difference alone; costs are signed as MT5 signs them: negative costs. */
const moneyOf = (round: TradeRound, currencyDigits: number | null) => {
  const deals = [...round.opening, ...round.closing];
  const gross = sumOf(deals, (deal) => deal.profitMinor);
  const commission = sumOf(deals, (deal) => deal.commissionMinor);
  const swap = sumOf(deals, (deal) => deal.swapMinor);
  return {
    gross_profit: moneyText(gross, currencyDigits),
    commission: moneyText(commission, currencyDigits),
    swap: moneyText(swap, currencyDigits),
    net_profit: moneyText(gross + commission + swap, currencyDigits),
  };
};

const lifeOf = ({ state, opening, closing }: TradeRound) => {
  const opened = opening[0];
  const closed = state === 'closed' ? closing.at(-1) : undefined;
  return {
    state,
    opened_at: opened === undefined ? null : timeText(opened.atMs),
    closed_at: closed === undefined ? null : timeText(closed.atMs),
    exit_reason: closed?.reason ?? null,
  };
};

const namesOf = ({ opening, closing }: TradeRound) => ({
  open_intent_ids: listText(opening.map((deal) => deal.intentId)),
  close_intent_ids: listText(closing.map((deal) => deal.intentId)),
  order_tickets: listText([...opening, ...closing].map((deal) => deal.orderTicket)),
  deal_tickets: listText([...opening, ...closing].map((deal) => deal.ticket)),
});

export interface TradeProjection {
  /** Derives the rows of a position anew from all its deals, so that a deal that arrives late or
   * out of order ends in the same rows. */
  readonly refresh: (accountId: string, positionTicket: string) => void;
}

export const tradeProjection = (db: Database, deals: DealRows, digits: Digits): TradeProjection => {
  const forget = db.prepare('DELETE FROM trades WHERE account_id = ? AND position_ticket = ?');
  const insert = insertInto(db, 'trades', columnsOf('trades'));
  const strategy = db
    .prepare<[string, string], string>(
      'SELECT strategy_id FROM orders WHERE account_id = ? AND intent_id = ?',
    )
    .pluck();
  const strategyOf = (accountId: string, opening: readonly DealFact[]): string | null => {
    const intentId = opening.find((deal) => deal.intentId !== null)?.intentId ?? null;
    return intentId === null ? null : (strategy.get(accountId, intentId) ?? null);
  };
  const refresh = (accountId: string, positionTicket: string): void => {
    forget.run(accountId, positionTicket);
    const currencyDigits = digits.ofCurrency(accountId);
    for (const [index, round] of tradeRounds(
      deals.ofPosition(accountId, positionTicket),
    ).entries()) {
      insert.run({
        account_id: accountId,
        position_ticket: positionTicket,
        round: index + 1,
        strategy_id: strategyOf(accountId, round.opening),
        symbol: round.symbol,
        side: round.side,
        ...lifeOf(round),
        volume: volumeText(round.volumeE8),
        closed_volume: volumeText(round.closedE8),
        open_price: meanText(meanPrice(round.opening)),
        close_price: meanText(meanPrice(round.closing)),
        ...moneyOf(round, currencyDigits),
        ...namesOf(round),
      });
    }
  };
  return { refresh };
};
