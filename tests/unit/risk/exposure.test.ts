import { describe, expect, it } from 'vitest';
import { points } from '../../../src/domain/units.ts';
import type { OpenRisk, OrderRisk } from '../../../src/risk/exposure.ts';
import { exposureOf, openOutcome, orderOutcome } from '../../../src/risk/exposure.ts';
import { EURUSD, lots, symbolRisk, usd } from '../../support/risk-fixtures.ts';

/** One lot: a point is one dollar, commission 3 a side, swap −7 a night long and +2.5 short. */
const long: OpenRisk = {
  ticket: '1',
  symbol: 'EURUSD',
  side: 'buy',
  volumeE8: lots(1),
  open: points(110_000),
  stopLoss: points(109_800),
  swap: usd(-1.5),
};
const order: OrderRisk = {
  id: 'a',
  strategyId: 's',
  status: 'inFlight',
  symbol: 'EURUSD',
  side: 'buy',
  volumeE8: lots(1),
  entry: points(110_000),
  stopLoss: points(109_800),
};
const worst = (position: OpenRisk, symbol = symbolRisk()) => {
  const outcome = openOutcome(position, symbol, 2);
  return typeof outcome === 'string' ? outcome : outcome.worst;
};
const worstOrder = (pending: OrderRisk, symbol = symbolRisk()) => {
  const outcome = orderOutcome(pending, symbol, 2);
  return typeof outcome === 'string' ? outcome : outcome.worst;
};

describe('the worst exit of a position', () => {
  it('adds stop distance, slippage, booked swap, a night of swap and the closing commission', () => {
    // −200 to the stop, −20 slippage, −1.50 swap, −7 night, −3 commission
    expect(worst(long)).toBe(usd(-231.5));
  });

  it('counts no night whose swap is paid to us', () => {
    const short = { ...long, side: 'sell', stopLoss: points(110_200) } as const;
    expect(worst(short)).toBe(usd(-224.5));
  });

  it('counts three nights as three', () => {
    expect(worst(long, symbolRisk({ nights: 3 }))).toBe(usd(-245.5));
  });

  it('is a profit once the stop has locked one', () => {
    expect(worst({ ...long, stopLoss: points(110_500) })).toBe(usd(468.5));
  });

  it('takes the low end of the haircut for a profit and the high end for a loss', () => {
    const rate = { low: { num: 9n, den: 10n }, high: { num: 11n, den: 10n } };
    const symbol = symbolRisk({ rate, nights: 0, slippagePoints: points(0) });
    const flat = { ...long, swap: usd(0) };
    expect(worst(flat, symbol)).toBe(usd(-223));
    expect(worst({ ...flat, stopLoss: points(110_200) }, symbol)).toBe(usd(177));
  });

  it('rounds every part of a cent against us', () => {
    const rate = { low: { num: 1n, den: 3n }, high: { num: 1n, den: 3n } };
    const symbol = symbolRisk({ rate, nights: 0, slippagePoints: points(0) });
    // −200/3 = −66.666… → −66.67; commission of 0.01 lot = 3 cents
    expect(worst({ ...long, swap: usd(0) }, symbol)).toBe(usd(-69.67));
    const small = { ...long, volumeE8: lots(0.01), swap: usd(0) };
    expect(worst(small, symbol)).toBe(usd(-0.67 - 0.03));
  });

  it('takes the worse of the old stop and one that is not confirmed', () => {
    const tightened = { ...long, unconfirmedStops: [points(109_900)] };
    expect(worst(tightened)).toBe(usd(-231.5));
    const widened = { ...long, unconfirmedStops: [points(109_700)] };
    expect(worst(widened)).toBe(usd(-331.5));
    const short = { ...long, side: 'sell', stopLoss: points(110_200) } as const;
    expect(worst({ ...short, unconfirmedStops: [points(110_300)] })).toBe(usd(-324.5));
  });

  it('does not exist without a stop or a rate', () => {
    const { stopLoss: _, ...bare } = long;
    expect(worst(bare)).toBe('naked');
    expect(worst(long, symbolRisk({ rate: undefined }))).toBe('unpriced');
  });
});

describe('the worst of an order that may still fill', () => {
  it('adds entry slippage and the entry commission', () => {
    // −200 −20 −5 slippage, −7 night, −3 −3 commission
    expect(worstOrder(order)).toBe(usd(-238));
  });

  it.each(['pending', 'inFlight', 'unknown'] as const)('is the same while it is %s', (status) => {
    expect(worstOrder({ ...order, status })).toBe(usd(-238));
  });

  it('is never a credit', () => {
    expect(worstOrder({ ...order, stopLoss: points(111_000) })).toBe(0n);
  });
});

describe('the sum', () => {
  const symbolOf = (name: string) => (name === 'EURUSD' ? symbolRisk() : undefined);
  const sum = (positions: OpenRisk[], orders: OrderRisk[] = []) =>
    exposureOf({ positions, orders, symbolOf, accountDigits: 2 });

  it('gives no credit for a hedge', () => {
    const short = { ...long, ticket: '2', side: 'sell', stopLoss: points(110_200) } as const;
    expect(sum([long, short]).worst).toBe(usd(-231.5 - 224.5));
  });

  it('counts a locked profit in the worst case but not against the losses', () => {
    const winner = { ...long, ticket: '2', stopLoss: points(110_500) };
    const { worst: total, losses } = sum([long, winner]);
    expect(total).toBe(usd(468.5 - 231.5));
    expect(losses).toBe(usd(231.5));
  });

  it('adds the orders', () => {
    expect(sum([long], [order, { ...order, id: 'b', status: 'unknown' }]).worst).toBe(
      usd(-231.5 - 238 - 238),
    );
  });

  it('bounds the swing only when everything has a take-profit', () => {
    expect(sum([long]).swing).toBeNull();
    const target = { ...long, takeProfit: points(110_400) };
    expect(sum([target]).swing).toBe(usd(400 - 1.5 + 231.5));
  });

  it('names what has no stop and what cannot be valued', () => {
    const { stopLoss: _, ...bare } = long;
    const strange = { ...order, id: 'x', symbol: 'USDJPY' };
    const { naked, unpriced } = sum([{ ...bare, ticket: '9' }], [strange]);
    expect(naked).toEqual(['9']);
    expect(unpriced).toEqual(['x']);
  });

  it('never looks safer at a bigger volume', () => {
    for (let i = 1; i < 40; i += 1) {
      const at = (n: number) => Number(worstOrder({ ...order, volumeE8: lots(n / 100) }));
      expect(at(i + 1)).toBeLessThanOrEqual(at(i));
    }
    expect(EURUSD.volumeStepE8).toBe(lots(0.01));
  });
});
