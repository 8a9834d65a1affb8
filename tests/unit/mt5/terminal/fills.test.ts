import { describe, expect, it } from 'vitest';
import { epochMs, lotsE8, points } from '../../../../src/domain/units.ts';
import { BrokerBench, market } from '../../../support/broker-bench.ts';
import { eurjpy, eurusd, MINUTE, MONDAY, usdjpy } from '../../../support/scripted-market.ts';

const P = points;
const fromBars = { env: { sourceBarMs: () => MINUTE } };

describe('market orders', () => {
  it('execute at decision plus latency, at the quote prevailing then', () => {
    const bench = new BrokerBench().play([0, 130_000]);
    const id = bench.request(market);
    bench.play([100, 130_050], [250, 130_070], [251, 130_090]);
    bench.after(251);
    expect(bench.outcome(id)).toMatchObject({ retcode: 10009, price: 130_080 });
    expect(bench.lastDeal.at).toBe(MONDAY + 250);
    expect(bench.positions).toMatchObject([{ open: 130_080, side: 'buy' }]);
    bench.check();
  });

  it('buy at the ask, sell at the bid, and charge commission on either side', () => {
    const bench = new BrokerBench().play([0, 130_000, 14]);
    bench.execute(market);
    expect(bench.lastDeal).toMatchObject({ price: 130_014, commissionMinor: -350n });
    const ticket = bench.positions[0]?.ticket ?? '';
    bench.play([1000, 130_100, 14]);
    const volumeE8 = lotsE8(100_000_000);
    bench.execute({ type: 'close', ticket, volumeE8, filling: 'fok' });
    expect(bench.lastDeal).toMatchObject({
      entry: 'out',
      side: 'sell',
      price: 130_100,
      profitMinor: 8_600n,
      commissionMinor: -350n,
    });
    expect(bench.engine.state.balanceMinor).toBe(10_000_000n + 8_600n - 700n);
    bench.check();
  });
});

describe('stops', () => {
  const long = { ...market, stopLoss: P(129_900), takeProfit: P(130_200) };
  const short = { ...market, side: 'sell' as const, stopLoss: P(130_150), takeProfit: P(129_800) };

  it('of longs trigger on the bid, of shorts on the ask', () => {
    const bench = new BrokerBench().play([0, 130_000]);
    bench.execute(long);
    bench.play([1000, 129_901, 40]);
    expect(bench.positions).toHaveLength(1);
    bench.play([2000, 129_900]);
    expect(bench.lastDeal).toMatchObject({ reason: 'sl', price: 129_898, at: MONDAY + 2000 });

    bench.play([3000, 130_000]);
    bench.execute(short);
    bench.play([4000, 130_139]);
    expect(bench.positions).toHaveLength(1);
    bench.play([5000, 130_120, 30]);
    expect(bench.lastDeal).toMatchObject({ reason: 'sl', price: 130_152 });
    bench.check();
  });

  it('fill at the quote minus slippage when the market gapped over them', () => {
    const bench = new BrokerBench(fromBars).play([0, 130_000]);
    bench.execute(long);
    bench.play([MINUTE, 129_700]);
    expect(bench.lastDeal).toMatchObject({ reason: 'sl', price: 129_698 });
  });

  it('fill at the level minus slippage inside of a bar, whose extremes are no gap', () => {
    const bench = new BrokerBench(fromBars).play([0, 130_000]);
    bench.execute(long);
    bench.play([20_000, 129_700]);
    expect(bench.lastDeal).toMatchObject({ reason: 'sl', price: 129_898 });
  });

  it('are active on the bar of the entry', () => {
    const bench = new BrokerBench(fromBars).play([0, 130_000]);
    bench.execute({
      ...market,
      kind: 'limit',
      price: P(129_950),
      stopLoss: P(129_900),
      filling: 'return',
    });
    bench.play([20_000, 129_880]);
    expect(bench.engine.state.deals.map(({ reason, price }) => [reason, price])).toEqual([
      ['balance', 0],
      ['expert', 129_950],
      ['sl', 129_898],
    ]);
    bench.check();
  });
});

describe('take-profits', () => {
  const long = { ...market, stopLoss: P(129_900), takeProfit: P(130_200) };

  it('need the market to trade through by a point and give no better price', () => {
    const bench = new BrokerBench().play([0, 130_000]);
    bench.execute(long);
    bench.play([1000, 130_200]);
    expect(bench.positions).toHaveLength(1);
    bench.play([2000, 130_290]);
    expect(bench.lastDeal).toMatchObject({ reason: 'tp', price: 130_200, at: MONDAY + 2000 });
  });

  it('lose the tie: a bar that reaches both stops the position out', () => {
    const bench = new BrokerBench(fromBars).play([0, 130_000]);
    bench.execute(long);
    bench.play([20_000, 130_300], [40_000, 129_850], [59_000, 130_000], [MINUTE, 130_000]);
    expect(bench.lastDeal).toMatchObject({ reason: 'sl', price: 129_898, at: MONDAY + 40_000 });
    bench.check();
  });

  it('are granted at the end of a bar that did not reach the stop', () => {
    const bench = new BrokerBench(fromBars).play([0, 130_000]);
    bench.execute(long);
    bench.play([20_000, 130_300], [40_000, 130_000], [59_000, 130_000]);
    expect(bench.positions).toHaveLength(1);
    bench.play([MINUTE, 129_000]);
    expect(bench.lastDeal).toMatchObject({ reason: 'tp', price: 130_200, at: MONDAY + 59_999 });
    bench.check();
  });

  it('of shorts need the ask below them', () => {
    const bench = new BrokerBench().play([0, 130_000]);
    bench.execute({ ...market, side: 'sell', stopLoss: P(130_100), takeProfit: P(129_800) });
    bench.play([1000, 129_795]);
    expect(bench.positions).toHaveLength(1);
    bench.play([2000, 129_789]);
    expect(bench.lastDeal).toMatchObject({ reason: 'tp', price: 129_800 });
  });
});

describe('pending orders', () => {
  const pending = { ...market, filling: 'return' as const, stopLoss: P(129_700) };

  it('limits fill at their level, only when traded through', () => {
    const bench = new BrokerBench().play([0, 130_000]);
    bench.execute({ ...pending, kind: 'limit', price: P(129_950) });
    bench.play([1000, 129_940]);
    expect(bench.positions).toHaveLength(0);
    bench.play([2000, 129_930]);
    expect(bench.positions).toMatchObject([{ open: 129_950 }]);
    expect(bench.engine.state.orders.size).toBe(0);
    expect(bench.engine.state.historyOrders.at(-1)).toMatchObject({
      state: 'filled',
      kind: 'limit',
    });
  });

  it('stops fill at the worse of level and quote plus slippage', () => {
    const bench = new BrokerBench().play([0, 130_000]);
    bench.execute({ ...pending, kind: 'stop', price: P(130_100) });
    bench.play([1000, 130_089]);
    expect(bench.positions).toHaveLength(0);
    bench.play([2000, 130_140]);
    expect(bench.positions).toMatchObject([{ open: 130_152 }]);
    bench.check();
  });

  it('stop-limits become limits when triggered', () => {
    const bench = new BrokerBench().play([0, 130_000]);
    bench.execute({ ...pending, kind: 'stopLimit', price: P(130_100), stopLimitPrice: P(130_050) });
    bench.play([1000, 130_100]);
    expect([...bench.engine.state.orders.values()]).toMatchObject([
      { kind: 'limit', price: 130_050 },
    ]);
    bench.play([2000, 130_030]);
    expect(bench.positions).toMatchObject([{ open: 130_050 }]);
    bench.check();
  });

  it('expire at their instant, and day orders at server midnight', () => {
    const bench = new BrokerBench().play([0, 130_000]);
    const at = epochMs(MONDAY + 5000);
    const limit = { ...pending, kind: 'limit' as const, price: P(129_800) };
    bench.execute({ ...limit, tif: 'specified', expiresAt: at });
    bench.execute({ ...limit, tif: 'day' });
    bench.after(5000);
    expect(bench.engine.state.orders.size).toBe(1);
    const midnight = Date.UTC(2014, 4, 5, 21);
    bench.until(midnight);
    expect(bench.engine.state.historyOrders.map(({ state, doneAt }) => [state, doneAt])).toEqual([
      ['expired', at],
      ['expired', midnight],
    ]);
    bench.check();
  });

  it('are rejected at the trigger when the money is gone', () => {
    const bench = new BrokerBench({ balanceMinor: 100_000n }).play([0, 130_000]);
    bench.execute({ ...pending, kind: 'stop', price: P(130_100) });
    bench.play([1000, 130_200]);
    expect(bench.positions).toHaveLength(0);
    expect(bench.engine.state.historyOrders.at(-1)).toMatchObject({
      state: 'rejected',
      comment: 'no money',
    });
    bench.check();
  });
});

describe('netting', () => {
  const netting = { account: { marginMode: 'netting' as const } };
  const half = { ...market, volumeE8: lotsE8(50_000_000) };

  it('enlarges at the weighted price, reduces, and reverses with a deal out and a deal in', () => {
    const bench = new BrokerBench(netting).play([0, 130_000]);
    bench.execute(market);
    bench.play([1000, 130_030]);
    bench.execute(half);
    expect(bench.positions).toMatchObject([{ volumeE8: 150_000_000, open: 130_020 }]);
    bench.play([2000, 130_100]);
    bench.execute({ ...half, side: 'sell' });
    expect(bench.positions).toMatchObject([{ volumeE8: 100_000_000, open: 130_020 }]);
    expect(bench.lastDeal).toMatchObject({ entry: 'out', profitMinor: 4_000n });
    bench.execute({ ...market, side: 'sell', volumeE8: lotsE8(300_000_000) });
    expect(bench.positions).toMatchObject([{ side: 'sell', volumeE8: 200_000_000, open: 130_100 }]);
    expect(bench.engine.state.deals.slice(-2).map(({ entry }) => entry)).toEqual(['out', 'in']);
    bench.check();
  });

  it('keeps opposite positions apart on a hedging account, and closes one by the other', () => {
    const bench = new BrokerBench().play([0, 130_000]);
    bench.execute(market);
    bench.play([1000, 130_100]);
    bench.execute({ ...half, side: 'sell' });
    expect(bench.positions).toHaveLength(2);
    const [long, short] = bench.positions.map(({ ticket }) => ticket);
    bench.execute({ type: 'closeBy', ticket: long ?? '', byTicket: short ?? '' });
    expect(bench.positions).toMatchObject([{ side: 'buy', volumeE8: 50_000_000 }]);
    expect(bench.engine.state.balanceMinor).toBe(10_000_000n - 350n - 175n - 175n - 175n + 4_500n);
    bench.check();
  });
});

describe('conversion', () => {
  it('takes the direct pair, the inverse pair, or nothing', () => {
    const bench = new BrokerBench({ instruments: [eurusd, usdjpy, eurjpy] });
    bench.play([0, 130_000], [1, 100_000, 10, 'USDJPY'], [2, 140_000, 10, 'EURJPY']);
    bench.execute({ ...market, symbol: 'EURJPY' });
    bench.play([2000, 140_510, 10, 'EURJPY']);
    // 500 points of 0.001 JPY on 100,000 EUR are 50,000 JPY at 1/100.010.
    expect(bench.engine.equity() - bench.engine.state.balanceMinor).toBe(49_995n);
    bench.play([3000, 110_000, 0, 'USDJPY']);
    expect(bench.engine.equity() - bench.engine.state.balanceMinor).toBe(45_455n);
    bench.check();
  });

  it('refuses an order while the converting pair has no quote', () => {
    const bench = new BrokerBench({ instruments: [eurjpy, usdjpy] });
    bench.play([0, 140_000, 10, 'EURJPY']);
    expect(bench.execute({ ...market, symbol: 'EURJPY' })).toMatchObject({ retcode: 10021 });
  });
});
