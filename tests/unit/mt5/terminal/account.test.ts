import { describe, expect, it } from 'vitest';
import type { BalanceOperationKind } from '../../../../src/domain/trading.ts';
import { epochMs, lotsE8, minor } from '../../../../src/domain/units.ts';
import { Engine } from '../../../../src/mt5/terminal/engine/engine.ts';
import { nightsOf } from '../../../../src/mt5/terminal/engine/rollover.ts';
import { fromSnapshot, toSnapshot } from '../../../../src/mt5/terminal/engine/state.ts';
import { BrokerBench, market } from '../../../support/broker-bench.ts';
import { DAY, eurusd, MONDAY } from '../../../support/scripted-market.ts';

describe('swap', () => {
  it('is booked at server midnight, three nights on the triple day and one on Friday', () => {
    const bench = new BrokerBench().play([0, 130_000]);
    bench.execute(market);
    const nights: number[] = [];
    let before = 0n;
    for (let day = 0; day < 7; day += 1) {
      bench.until(Date.UTC(2014, 4, 5, 21) + day * DAY - 1);
      expect(bench.positions[0]?.swapMinor).toBe(before);
      bench.until(Date.UTC(2014, 4, 5, 21) + day * DAY);
      const swap = bench.positions[0]?.swapMinor ?? 0n;
      nights.push(Number(before - swap) / 850);
      before = swap;
    }
    expect(nights).toEqual([1, 1, 3, 1, 1, 0, 0]);
    bench.check();
  });

  it('counts seven nights a week whatever the triple day is', () => {
    for (const swapTripleWeekday of [1, 2, 3, 4, 5]) {
      const instrument = { ...eurusd, swapTripleWeekday };
      const week = [0, 1, 2, 3, 4, 5, 6].map((weekday) => nightsOf(instrument, weekday));
      expect(week.reduce((sum, nights) => sum + nights, 0)).toBe(7);
    }
  });

  it('is paid with the deal that closes, in proportion', () => {
    const bench = new BrokerBench().play([0, 130_000]);
    bench.execute({ ...market, side: 'sell' });
    bench.until(Date.UTC(2014, 4, 5, 21));
    expect(bench.positions[0]?.swapMinor).toBe(340n);
    const ticket = bench.positions[0]?.ticket ?? '';
    bench.execute({ type: 'close', ticket, volumeE8: lotsE8(25_000_000), filling: 'fok' });
    expect(bench.lastDeal.swapMinor).toBe(85n);
    bench.execute({ type: 'close', ticket, volumeE8: lotsE8(75_000_000), filling: 'fok' });
    expect(bench.lastDeal.swapMinor).toBe(255n);
    bench.check();
  });
});

describe('margin', () => {
  const five = { ...market, volumeE8: lotsE8(500_000_000) };

  it('is volume at the open price over leverage, and a hedge adds none', () => {
    const bench = new BrokerBench().play([0, 130_000]);
    bench.execute(market);
    expect(bench.engine.margin()).toBe(130_010n);
    bench.execute({ ...market, side: 'sell' });
    expect(bench.engine.margin()).toBe(130_010n);
  });

  it('calls below 100 %, and stops out the biggest loser first at the stop-out level', () => {
    const bench = new BrokerBench({ balanceMinor: 1_000_000n }).play([0, 130_000]);
    bench.execute(five);
    bench.play([1000, 130_300]);
    bench.execute({ ...market, volumeE8: lotsE8(100_000_000) });
    const [old, young] = bench.positions.map(({ ticket }) => ticket);
    bench.play([2000, 129_500]);
    expect(bench.engine.state.marginCall).toBe(true);
    expect(bench.positions).toHaveLength(2);
    bench.play([3000, 128_750]);
    const out = bench.engine.state.deals.filter(({ reason }) => reason === 'stopOut');
    expect(out.map(({ positionTicket }) => positionTicket)).toEqual([old]);
    expect(bench.positions.map(({ ticket }) => ticket)).toEqual([young]);
    bench.check();
  });
});

describe('worst equity', () => {
  it('is the lowest of any tick, also when the position recovers', () => {
    const bench = new BrokerBench().play([0, 130_000]);
    bench.execute(market);
    bench.play([1000, 129_500], [2000, 130_500]);
    expect(bench.engine.state.worstMinor).toBe(10_000_000n - 350n - 51_000n);
    expect(bench.engine.equity()).toBe(10_000_000n - 350n + 49_000n);
    bench.check();
  });
});

describe('the initial deposit', () => {
  it('is a balance deal, as MetaTrader books it', () => {
    const bench = new BrokerBench();
    expect(bench.engine.state.deals).toMatchObject([
      { entry: 'balance', reason: 'balance', profitMinor: 10_000_000n, at: MONDAY - 1 },
    ]);
  });
});

describe('money that moves without a trade', () => {
  const scheduled = (kind: BalanceOperationKind, afterMs: number, amount: bigint) => ({
    ...{ kind, at: epochMs(MONDAY + afterMs), comment: kind },
    amountMinor: minor(amount),
  });
  const operations = [scheduled('balance', 1_500, -200_000n), scheduled('credit', 2_500, 50_000n)];

  it('is booked at its instant, once, and survives a restart', () => {
    const bench = new BrokerBench({ env: { operations } }).play([0, 130_000], [1_000, 130_000]);
    expect(bench.engine.state.balanceMinor).toBe(10_000_000n);
    bench.play([2_000, 130_000]);
    expect(bench.engine.state.balanceMinor).toBe(9_800_000n);
    expect(bench.engine.state.deals.at(-1)).toMatchObject({
      operation: 'balance',
      at: MONDAY + 1_500,
    });
    bench.check();
    const again = new Engine(fromSnapshot(toSnapshot(bench.engine.state)), bench.env);
    expect(again.nextDue()).toBe(MONDAY + 2_500);
    again.runDue(epochMs(MONDAY + 2_500));
    expect(again.state.deals).toHaveLength(3);
    // Lent money is equity, and no balance.
    expect([again.state.balanceMinor, again.equity()]).toEqual([9_800_000n, 9_850_000n]);
  });
});
