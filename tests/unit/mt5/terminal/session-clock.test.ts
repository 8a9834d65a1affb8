import { describe, expect, it } from 'vitest';
import type { Quote } from '../../../support/scripted-market.ts';
import { MINUTE, MONDAY, scriptedMarket, ticksOf } from '../../../support/scripted-market.ts';
import { bodiesOf, bodyOf, TerminalBench } from '../../../support/terminal-bench.ts';

/** Four ticks a minute, each minute a point higher. */
const quotes: readonly Quote[] = Array.from({ length: 40 }, (_, index) => [
  Math.floor(index / 4) * MINUTE + (index % 4) * 15_000,
  130_000 + Math.floor(index / 4),
]);
const bench = (list: readonly Quote[] = quotes) =>
  new TerminalBench({ market: scriptedMarket(ticksOf(list)) });
const quiet = [{ symbol: 'EURUSD', wakeOnBar: null, wakeOnTick: false }] as const;

describe('an advance ends', () => {
  it('at the first tick that completes a subscribed bar', () => {
    const terminal = bench().start();
    expect(terminal.advance()).toMatchObject({ clockSeq: 1, toMs: MONDAY + MINUTE, why: 'bar' });
    expect(terminal.advance()).toMatchObject({ clockSeq: 2, toMs: MONDAY + 2 * MINUTE });
  });

  it('with all ticks of (previous, to], also those that share its millisecond', () => {
    const list: Quote[] = [
      [0, 1],
      [10, 2],
      [MINUTE, 3],
      [MINUTE, 4],
      [MINUTE + 1, 5],
    ];
    const terminal = bench(list).start();
    expect(terminal.advance()?.ticks.map(({ bid }) => bid)).toEqual([1, 2, 3, 4]);
    expect(terminal.advance()).toMatchObject({ why: 'end', ticksTotal: 5 });
  });

  it('at every tick of a symbol whose ticks are wanted', () => {
    const terminal = bench().start([{ symbol: 'EURUSD', wakeOnBar: null, wakeOnTick: true }]);
    expect(terminal.advance()).toMatchObject({ why: 'tick', toMs: MONDAY });
    expect(terminal.advance()).toMatchObject({ why: 'tick', toMs: MONDAY + 15_000 });
  });

  it('at the timer, between ticks', () => {
    const terminal = bench().start(quiet);
    const hello = terminal.advance({ maxTicks: 1, wakeAtMs: MONDAY + 20_000 });
    expect(hello).toMatchObject({ why: 'slice', toMs: MONDAY });
    expect(terminal.advance()).toMatchObject({ why: 'timer', toMs: MONDAY + 20_000 });
  });

  it('when equity is at or below the asked level', () => {
    const terminal = bench([
      [0, 130_000],
      [1000, 130_000],
      [2000, 129_600],
      [3000, 129_590],
      [9000, 1],
    ]).start(quiet);
    terminal.advance({ maxTicks: 1 });
    terminal.order();
    terminal.advance({ equityAtOrBelow: '99587.00' });
    expect(terminal.advance()).toMatchObject({ why: 'equity', toMs: MONDAY + 2000 });
  });

  it('when the account changes, at the instant at which it does', () => {
    const terminal = bench().start();
    terminal.advance();
    expect(terminal.order()).toMatchObject({ status: 'accepted' });
    const next = terminal.advance();
    expect(next).toMatchObject({ why: 'account', toMs: MONDAY + MINUTE + 250, ticks: [] });
    expect(next?.frames.map(({ body }) => body.kind)).toEqual(['result', 'trade', 'clock.advance']);
    const trade = bodyOf(next?.frames ?? [], 'trade');
    expect(trade.deals).toMatchObject([{ entry: 'in', price: '1.30011', commission: '-3.50' }]);
    expect(trade.positions).toHaveLength(1);
    expect(trade.orders).toMatchObject([{ state: 'filled', magic: '281474976710657' }]);
    expect(trade.account.balance).toBe('99996.50');
  });

  it('with the data, once, and later executions still run', () => {
    const terminal = bench([
      [0, 130_000],
      [1000, 130_000],
    ]).start();
    expect(terminal.advance({ wakeAtMs: MONDAY + 5000 })).toMatchObject({
      why: 'end',
      toMs: MONDAY + 1000,
    });
    expect(terminal.advance()).toBeUndefined();
    expect(terminal.order()).toMatchObject({ status: 'accepted' });
    expect(terminal.advance()).toMatchObject({ why: 'account', toMs: MONDAY + 1250 });
    expect(terminal.advance()).toBeUndefined();
  });
});

describe('the clock stands still', () => {
  it('until the advance is confirmed, and for a wrong or repeated confirmation', () => {
    const terminal = bench().start();
    terminal.advance({ confirm: false });
    expect(terminal.advance()).toBeUndefined();
    terminal.done(7);
    expect(terminal.advance()).toBeUndefined();
    terminal.done(1);
    terminal.advance({ confirm: false });
    terminal.done(1);
    expect(terminal.model.phase).toBe('standing');
  });

  it('after a hello until the runtime starts it with the last confirmed number', () => {
    const terminal = bench().start();
    terminal.advance();
    const hello = terminal.hello();
    expect(hello.clock).toEqual({
      doneSeq: 1,
      atMs: MONDAY + MINUTE,
      endMs: MONDAY + 9 * MINUTE + 45_000,
    });
    expect(terminal.advance()).toBeUndefined();
    terminal.done(0);
    expect(terminal.model.phase).toBe('awaitingStart');
    terminal.done(1);
    expect(terminal.model.phase).toBe('running');
  });
});

describe('an advance that was sent and not confirmed', () => {
  it('is sent again, identical, after a reconnect and after a restart from the log', () => {
    const terminal = bench().start();
    terminal.advance();
    const lost = terminal.advance({ confirm: false });
    const again = (side: TerminalBench) => {
      const doneSeq = side.hello().clock?.doneSeq ?? -1;
      expect(doneSeq).toBe(1);
      const frames = side.done(doneSeq);
      return frames.at(-1);
    };
    for (const side of [
      terminal,
      new TerminalBench({ market: scriptedMarket(ticksOf(quotes)), records: terminal.log }),
    ]) {
      const frame = again(side);
      expect(frame?.body).toEqual(lost?.frames.at(-1)?.body);
      expect(frame?.attachment).toEqual(lost?.frames.at(-1)?.attachment);
      expect(side.model.phase).toBe('standing');
      side.done(2);
      expect(side.advance({ confirm: false })).toMatchObject({ clockSeq: 3 });
    }
  });
});

describe('the result does not depend on the slices', () => {
  const run = (sliceMs: number | undefined, maxTicks: number): unknown => {
    const wave: Quote[] = Array.from({ length: 400 }, (_, index) => [
      index * 7_000,
      130_000 + Math.round(150 * Math.sin(index / 9)),
    ]);
    const terminal = bench(wave).start();
    let orders = 0;
    for (;;) {
      const sliceToMs = sliceMs === undefined ? undefined : terminal.model.now + sliceMs;
      const next = terminal.advance({
        confirm: false,
        maxTicks,
        ...(sliceToMs === undefined ? {} : { sliceToMs }),
      });
      if (next === undefined) break;
      if (next.why === 'bar') {
        orders += 1;
        const side = orders % 2 === 0 ? 'sell' : 'buy';
        terminal.order({
          intent: `I${orders}`,
          magic: String(orders),
          side,
          volume: '0.1',
          stopLoss: side === 'buy' ? '1.29830' : '1.30170',
          takeProfit: side === 'buy' ? '1.30160' : '1.29840',
        });
      }
      terminal.done(next.clockSeq);
    }
    const { deals, historyOrders, positions, balanceMinor, worstMinor } =
      terminal.model.engine.state;
    expect(deals.length).toBeGreaterThan(40);
    return { deals, historyOrders, positions: [...positions], balanceMinor, worstMinor };
  };

  it('of the pacing or of the batch size', () => {
    const whole = run(undefined, 4096);
    expect(run(1_000, 4096)).toEqual(whole);
    expect(run(13_337, 4096)).toEqual(whole);
    expect(run(undefined, 1)).toEqual(whole);
  });
});

describe('durability', () => {
  it('is asked for what was promised, not for the clock', () => {
    const terminal = bench().start();
    terminal.syncs.length = 0;
    terminal.advance();
    expect(terminal.syncs).toEqual([false, false]);
    terminal.syncs.length = 0;
    terminal.order();
    terminal.advance({ confirm: false });
    expect(terminal.syncs).toEqual([true, true]);
    expect(bodiesOf(terminal.sent, 'result')).toHaveLength(1);
  });
});
