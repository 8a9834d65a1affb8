import { describe, expect, it } from 'vitest';
import { epochMs, lotsE8, minor, points } from '../../../../src/domain/units.ts';
import { costsOf } from '../../../../src/mt5/jsonapi/deal-costs.ts';
import { concluded, flightOf } from '../../../../src/mt5/jsonapi/flights.ts';
import type { ListedDeal } from '../../../../src/mt5/jsonapi/replies.ts';
import { RETCODE } from '../../../../src/mt5/retcodes.ts';
import type { BrokerPosition, RequestBody } from '../../../../src/mt5/terminal/engine/records.ts';
import { emptyState } from '../../../../src/mt5/terminal/engine/state.ts';
import { BrokerBench, market } from '../../../support/broker-bench.ts';
import { fc } from '../../../support/property-seed.ts';

const { env } = new BrokerBench();
const FACTS = { env, currencyDigits: 2 };

const deal = (ticket: number, entry: 0 | 1, profit = '0.00'): ListedDeal => ({
  ...{ ticket: String(ticket), atSec: ticket, price: '1.1', volume: '1', symbol: 'EURUSD' },
  ...{ kind: entry === 0 ? 'buy' : 'sell', entry, profit },
});

describe('the costs of deals that name none', () => {
  it('sum up to what the balance moved, whatever it was', () => {
    const some = fc.array(fc.tuple(fc.constantFrom(0 as const, 1 as const), fc.integer()), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(some, fc.bigInt({ min: -1_000_000_000n, max: 1_000_000_000n }), (list, moved) => {
        const deals = list.map(([entry, cents], index) =>
          deal(index + 1, entry, (cents / 100).toFixed(2)),
        );
        const costs = costsOf(deals, moved, FACTS);
        const sum = deals.reduce((total, { ticket, profit }) => {
          const { commissionMinor = 0n, swapMinor = 0n } = costs?.get(ticket) ?? {};
          return total + BigInt(Math.round(Number(profit) * 100)) + commissionMinor + swapMinor;
        }, 0n);
        expect(sum).toBe(moved);
      }),
    );
  });

  it('fall to the last close, but in the first reading to the oldest: today is not to pay for years', () => {
    const deals = [deal(1, 0), deal(2, 1), deal(3, 0), deal(4, 1)];
    const swaps = (isFirst: boolean) =>
      deals.map(
        ({ ticket }) => costsOf(deals, -2_400n, { ...FACTS, isFirst })?.get(ticket)?.swapMinor,
      );
    expect(swaps(false)).toEqual([0n, 0n, 0n, -1_000n]);
    expect(swaps(true)).toEqual([0n, -1_000n, 0n, 0n]);
  });

  it('explain no balance that moved without a deal', () => {
    expect(costsOf([], 1n, FACTS)).toBeUndefined();
    expect(costsOf([], 0n, FACTS)).toEqual(new Map());
  });
});

describe('a request that the account does not show', () => {
  const state = emptyState();
  const held: BrokerPosition = {
    ...{ ticket: '7', symbol: 'EURUSD', side: 'buy', volumeE8: lotsE8(2), open: points(1) },
    ...{ openedAt: epochMs(0), stopLoss: null, takeProfit: null, takeProfitDueAt: null },
    ...{ magic: '0', swapMinor: minor(0n), marginMinor: minor(0n), comment: '' },
    ...{ intent: '', attempt: 0 },
  };
  state.positions.set('7', held);
  const concludedAt = (body: RequestBody, wallMs: number) => {
    const at = epochMs(0);
    const request = { id: 'q', intent: 'i', attempt: 1, receivedAt: at, dueAt: at, body };
    const flight = flightOf(request, state, { type: 'unknown', reason: 'silent' });
    return concluded({ ...flight, absentSince: 1_000 }, wallMs, 60_000);
  };

  it('was not executed once it was absent for the settling time', () => {
    expect(concludedAt(market, 60_999)).toBeUndefined();
    expect(concludedAt(market, 61_000)).toMatchObject({ retcode: RETCODE.PRICE_CHANGED });
  });

  it('may be tried again soon where it cannot be done twice', () => {
    const levels = { stopLoss: null, takeProfit: null } as const;
    for (const body of [
      { type: 'cancel', ticket: '9' },
      { type: 'modifyPosition', ticket: '7', symbol: 'EURUSD', ...levels },
      { type: 'close', ticket: '7', volumeE8: lotsE8(2), filling: 'fok' },
    ] as const) {
      expect(concludedAt(body, 2_999)).toBeUndefined();
      expect(concludedAt(body, 3_000)).toBeDefined();
    }
    // A part of a position can be closed twice.
    const part = { type: 'close', ticket: '7', volumeE8: lotsE8(1), filling: 'fok' } as const;
    expect(concludedAt(part, 3_000)).toBeUndefined();
  });
});
