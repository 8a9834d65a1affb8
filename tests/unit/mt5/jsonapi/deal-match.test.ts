import { describe, expect, it } from 'vitest';
import { epochMs, lotsE8, points } from '../../../../src/domain/units.ts';
import { matchDeals, type UnderWay } from '../../../../src/mt5/jsonapi/deal-match.ts';
import type { Reading } from '../../../../src/mt5/jsonapi/reading.ts';
import type { ListedDeal } from '../../../../src/mt5/jsonapi/replies.ts';
import { emptyState } from '../../../../src/mt5/terminal/engine/state.ts';
import { BrokerBench, market } from '../../../support/broker-bench.ts';
import { newYork7 } from '../../../support/new-york-7.ts';

const { env } = new BrokerBench();
const book = { state: emptyState(), env, zone: newYork7 };
/** A Monday noon by the server's clock. */
const SENT_SEC = Date.UTC(2024, 2, 4, 12) / 1_000;
const sentAt = newYork7.toUtc(epochMs(SENT_SEC * 1_000));
const order = (volume: number, told: Partial<UnderWay> = {}): UnderWay => ({
  request: {
    ...{ id: 'q', intent: 'i', attempt: 1, receivedAt: sentAt, dueAt: sentAt },
    body: { ...market, volumeE8: lotsE8(volume * 1e8) },
  },
  ...told,
});
const deal = (ticket: string, afterSec: number, volume: string, price = '1.1'): ListedDeal => ({
  ...{ ticket, atSec: SENT_SEC + afterSec, price, volume, symbol: 'EURUSD' },
  ...{ kind: 'buy', entry: 0, profit: '0.00' },
});
const taken = (mine: UnderWay, ...fresh: readonly ListedDeal[]): readonly string[] =>
  takenOf(mine, fresh);
const takenOf = (
  mine: UnderWay,
  fresh: readonly ListedDeal[],
  more: Partial<Reading> = {},
): readonly string[] => {
  const empty = { positions: [], orders: [], deals: fresh, hidden: 0 };
  const reading = { ...empty, ...more } as unknown as Reading;
  const match = matchDeals(book, reading, fresh, [mine]).get('q');
  return match?.deals.map(({ ticket }) => ticket) ?? [];
};

describe('a deal that names no order', () => {
  it('is of the request that it fits, though the server dates it earlier than we sent that', () => {
    expect(taken(order(2), deal('1', 0, '2'))).toEqual(['1']);
    expect(taken(order(2), deal('1', -4, '2'))).toEqual(['1']);
    expect(taken(order(2), deal('1', -300, '2'))).toEqual(['1']);
    expect(taken(order(2), deal('1', -301, '2'))).toEqual([]);
  });

  it('is not of a request for less, for the other side, or for another symbol', () => {
    const mine = order(2);
    expect(taken(mine, deal('1', 1, '2.01'))).toEqual([]);
    expect(taken(mine, { ...deal('1', 1, '2'), kind: 'sell' })).toEqual([]);
    expect(taken(mine, { ...deal('1', 1, '2'), entry: 1 })).toEqual([]);
    expect(taken(mine, { ...deal('1', 1, '2'), symbol: 'GBPUSD' })).toEqual([]);
  });

  it('is found among several by volume and time: a request without a reply is never left without one', () => {
    const byHand = deal('1', 0, '0.1');
    expect(taken(order(2), byHand, deal('2', 3, '2'))).toEqual(['2']);
    expect(taken(order(2), deal('1', -60, '2'), deal('2', 2, '2'))).toEqual(['2']);
    expect(taken(order(2), deal('1', 1, '0.5'), deal('2', 1, '1.5'))).toEqual(['1', '2']);
  });

  it('is of an order that waited for its price and did not wait long, once that is no longer listed', () => {
    const { request } = order(2);
    const price = points(109_900);
    const limit = { request: { ...request, body: { ...request.body, kind: 'limit', price } } };
    const mine = limit as UnderWay;
    const listed = { ticket: '9', symbol: 'EURUSD', kind: 'ORDER_TYPE_BUY_LIMIT', price: '1.099' };
    const fill = deal('1', 1, '2', '1.099');
    expect(taken(mine, fill)).toEqual(['1']);
    // Somebody bought at the market, which is above what this order would pay.
    expect(taken(mine, deal('1', 1, '2', '1.09901'))).toEqual([]);
    const waiting = { orders: [listed] } as unknown as Partial<Reading>;
    expect(takenOf(mine, [fill], waiting)).toEqual([]);
  });

  it('is told by the price of a reply where there is one', () => {
    const mine = order(2, { order: '7', price: '1.10010' });
    expect(taken(mine, deal('1', 1, '2', '1.1'), deal('2', 1, '2', '1.1001'))).toEqual(['2']);
  });
});
