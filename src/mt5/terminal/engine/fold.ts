import { absurd, minor } from '../../../domain/units.ts';
import { seedState } from './random.ts';
import type { BrokerQuote, BrokerRecord } from './records.ts';
import type { BrokerState } from './state.ts';
import { emptyState } from './state.ts';

const seeTicket = (state: BrokerState, ticket: string): void => {
  const value = Number(ticket);
  if (value >= state.nextTicket) state.nextTicket = value + 1;
};

/** The only place where a record changes the state. */
export const apply = (state: BrokerState, record: BrokerRecord): void => {
  switch (record.type) {
    case 'opened':
      state.account = record.account;
      state.now = record.at;
      state.random = seedState(record.seed);
      state.nextRolloverAt = record.nextRolloverAt;
      return;
    case 'request.received':
      state.requests.set(record.request.id, record.request);
      return;
    case 'request.done':
      state.requests.delete(record.id);
      return;
    case 'order.placed':
    case 'order.changed':
      seeTicket(state, record.order.ticket);
      state.orders.set(record.order.ticket, record.order);
      return;
    case 'order.done':
      seeTicket(state, record.order.ticket);
      state.orders.delete(record.order.ticket);
      state.historyOrders.push(record.order);
      return;
    case 'deal': {
      const { deal } = record;
      seeTicket(state, deal.ticket);
      state.deals.push(deal);
      if (deal.operation === 'credit') {
        state.creditMinor = minor(state.creditMinor + deal.profitMinor);
        return;
      }
      state.balanceMinor = minor(
        state.balanceMinor + deal.profitMinor + deal.commissionMinor + deal.swapMinor,
      );
      if (deal.entry === 'balance') state.worstMinor = state.balanceMinor;
      return;
    }
    case 'position.opened':
    case 'position.changed':
      state.positions.set(record.position.ticket, record.position);
      return;
    case 'position.closed':
      state.positions.delete(record.ticket);
      return;
    case 'takeProfit.reached': {
      const position = state.positions.get(record.ticket);
      if (position !== undefined)
        state.positions.set(record.ticket, { ...position, takeProfitDueAt: record.grantAt });
      return;
    }
    case 'rollover':
      state.nextRolloverAt = record.nextAt;
      return;
    case 'random.drawn':
      state.random = record.state;
      return;
    case 'margin.call':
      state.marginCall = record.active;
      return;
    case 'cursor':
      state.now = record.at;
      state.position = record.position;
      state.worstMinor = record.worstMinor;
      for (const [symbol, quote] of record.quotes) applyQuote(state, symbol, quote);
      return;
    default:
      absurd(record);
  }
};

/** A tick between two cursors: live only, the next cursor carries its effect. */
export const applyQuote = (state: BrokerState, symbol: string, quote: BrokerQuote): void => {
  state.quotes.set(symbol, quote);
};

/** State after these records, from nothing. */
export const fold = (records: Iterable<BrokerRecord>): BrokerState => {
  const state = emptyState();
  for (const record of records) apply(state, record);
  return state;
};
