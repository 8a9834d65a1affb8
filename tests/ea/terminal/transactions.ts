import { formatLots } from '../../../src/domain/instrument.ts';
import type { BrokerOrder, BrokerRecord } from '../../../src/mt5/terminal/engine/records.ts';
import { dealType, type Fields, ORDER_STATES, ORDER_TYPES, type Rows } from './rows.ts';

const TYPE = {
  ORDER_ADD: 0,
  ORDER_UPDATE: 1,
  ORDER_DELETE: 2,
  HISTORY_ADD: 3,
  DEAL_ADD: 6,
  POSITION: 9,
} as const;

/** What OnTradeTransaction is told of the broker's records. */
export const transactionsOf = (view: Rows, records: readonly BrokerRecord[]): readonly Fields[] => {
  const order = (type: number, it: BrokerOrder): Fields => ({
    EVENT: 'transaction',
    type,
    order: it.ticket,
    symbol: it.symbol,
    order_type: ORDER_TYPES[it.kind][it.side],
    order_state: ORDER_STATES[it.state],
    price: view.price(it.symbol, it.price),
    price_sl: view.price(it.symbol, it.stopLoss),
    price_tp: view.price(it.symbol, it.takeProfit),
    volume: formatLots(it.volumeE8),
    position: it.positionTicket ?? 0,
  });
  return records.flatMap((record): readonly Fields[] => {
    switch (record.type) {
      case 'order.placed':
        return [order(TYPE.ORDER_ADD, record.order)];
      case 'order.changed':
        return [order(TYPE.ORDER_UPDATE, record.order)];
      case 'order.done':
        return [order(TYPE.ORDER_DELETE, record.order), order(TYPE.HISTORY_ADD, record.order)];
      case 'deal': {
        const { deal } = record;
        return [
          {
            EVENT: 'transaction',
            type: TYPE.DEAL_ADD,
            deal: deal.ticket,
            order: deal.orderTicket,
            symbol: deal.symbol,
            deal_type: dealType(deal),
            price: view.price(deal.symbol, deal.price),
            volume: formatLots(deal.volumeE8),
            position: deal.positionTicket,
          },
        ];
      }
      case 'position.changed': {
        const { ticket, symbol, stopLoss, takeProfit } = record.position;
        const levels = {
          price_sl: view.price(symbol, stopLoss),
          price_tp: view.price(symbol, takeProfit),
        };
        return [{ EVENT: 'transaction', type: TYPE.POSITION, symbol, position: ticket, ...levels }];
      }
      default:
        return [];
    }
  });
};
