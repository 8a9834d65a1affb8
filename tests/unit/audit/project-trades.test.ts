import { describe, expect, it } from 'vitest';
import { lotsE8, minor, points } from '../../../src/domain/units.ts';
import { ACCOUNT, at, closeIntent, openIntent, planned } from '../../support/entries.ts';
import { booked, KNOWN, projected } from '../../support/projected-audit.ts';

describe('trades', () => {
  it('puts one position with partial closes and all its costs into one row', () => {
    const { table } = projected(
      ...KNOWN,
      planned(openIntent('i1')),
      planned(closeIntent('c1')),
      booked('i1', '1', { commission: minor(-35n) }),
      booked('c1', '2', {
        entry: 'out',
        side: 'sell',
        volumeE8: lotsE8(4_000_000),
        price: points(138_900),
        profit: minor(792n),
        commission: minor(-14n),
        at: at(60_000),
      }),
      booked(null, '3', {
        entry: 'out',
        side: 'sell',
        volumeE8: lotsE8(6_000_000),
        price: points(138_500),
        profit: minor(-1_212n),
        commission: minor(-21n),
        swap: minor(-3n),
        reason: 'sl',
        at: at(90_000),
      }),
    );
    expect(table('trades')).toEqual([
      {
        account_id: ACCOUNT,
        position_ticket: '7001',
        round: 1,
        strategy_id: 'atr-breakout:EURUSD',
        symbol: 'EURUSD',
        side: 'buy',
        state: 'closed',
        opened_at: '2014-05-01T00:00:00.000Z',
        closed_at: '2014-05-01T00:01:30.000Z',
        volume: '0.1',
        closed_volume: '0.1',
        open_price: '1.38702',
        close_price: '1.38660',
        gross_profit: '-4.20',
        commission: '-0.70',
        swap: '-0.03',
        net_profit: '-4.93',
        exit_reason: 'sl',
        open_intent_ids: 'i1',
        close_intent_ids: 'c1',
        order_tickets: '91 92 93',
        deal_tickets: '1 2 3',
      },
    ]);
  });

  it('shows a stranger’s position without a strategy', () => {
    const { table } = projected(...KNOWN, booked(null, '1'));
    expect(table('trades')).toMatchObject([
      { strategy_id: null, state: 'open', closed_at: null, close_price: null, exit_reason: null },
    ]);
  });

  it('counts money beyond a JS number exactly', () => {
    const huge = minor(9_007_199_254_740_993n);
    const { table } = projected(...KNOWN, booked(null, '1', { profit: huge }));
    expect(table('trades')).toMatchObject([{ gross_profit: '90071992547409.93' }]);
  });

  it('names the unit instead of guessing digits that the journal has not told yet', () => {
    const { table } = projected(booked(null, '1'));
    expect(table('trades')).toMatchObject([{ open_price: '138702pt', net_profit: '-35mu' }]);
  });

  it('books a balance operation as an event, not as a trade', () => {
    const { table } = projected(
      ...KNOWN,
      booked(null, '1', { entry: 'balance', profit: minor(10_000_000n), comment: 'deposit' }),
    );
    expect(table('trades')).toEqual([]);
    expect(table('events')).toContainEqual(
      expect.objectContaining({ code: 'balance.changed', detail: '100000.00 deposit' }),
    );
  });
});
