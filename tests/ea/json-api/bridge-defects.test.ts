import { describe, expect, it } from 'vitest';
import { lotsE8, minor, points } from '../../../src/domain/units.ts';
import { RETCODE } from '../../../src/mt5/retcodes.ts';
import { account } from '../../support/broker-bench.ts';
import {
  eurusd,
  type Quote,
  scriptedMarket,
  ticksOf,
  usdjpy,
} from '../../support/scripted-market.ts';
import { BridgeBench } from './bridge-bench.ts';

const NOBODY = { intent: '', attempt: 0 };

/** What a person does in the terminal itself. */
const byHand = (bench: BridgeBench, side: 'buy' | 'sell' = 'buy') =>
  bench.terminal.broker.submit(
    {
      ...{ type: 'place', symbol: 'EURUSD', side, kind: 'market', price: points(0) },
      ...{ volumeE8: lotsE8(10_000_000), stopLimitPrice: null, stopLoss: null, takeProfit: null },
      ...{ magic: '0', filling: 'fok', tif: 'gtc', expiresAt: null, comment: 'by hand' },
    },
    NOBODY,
  );
const closedByHand = (bench: BridgeBench): void => {
  for (const { ticket, volumeE8 } of bench.terminal.positions)
    bench.terminal.broker.submit(
      { type: 'close', ticket, volumeE8, filling: 'fok', reason: 'client' },
      NOBODY,
    );
};
const snapshotOf = async (bench: BridgeBench) => {
  const historyFromMs = 0;
  bench.say({ kind: 'snapshot.request', snapshotId: 's', historyFromMs });
  return (await bench.next('snapshot.end')).body;
};

describe('what an EA of the kind of MQL5-JSON-API does wrong', () => {
  it('drops the reply of an order: the account shows what became of it', async () => {
    const bench = await BridgeBench.controlled();
    bench.terminal.faults.onSend({ kind: 'blocks', ms: 100 });
    bench.say(bench.order('i-1'));
    await bench.until('the order', () => bench.terminal.asked('ORDER_TYPE_BUY').length === 1);
    bench.terminal.dropped.replies = 1;
    const { body } = await bench.next('result');
    expect(body.result).toMatchObject({ retcode: RETCODE.DONE, volume: '0.5' });
    expect(bench.terminal.asked('ORDER_TYPE_BUY')).toHaveLength(1);
  });

  it('is silent while its terminal is frozen: the order is unknown, and no other is sent behind it', async () => {
    const bench = await BridgeBench.controlled();
    bench.terminal.freeze();
    bench.say(bench.order('i-1'));
    await bench.until('the silence', () => bench.terminal.isHolding);
    const second = bench.say(bench.order('i-2', { magic: '8' }));
    expect((await bench.answer('ack', second)).body).toMatchObject({ status: 'accepted' });
    const refused = await bench.next('result', ({ result }) => result.intent === 'i-2');
    expect(refused.body.result).toMatchObject({ retcode: RETCODE.TOO_MANY_REQUESTS });
    bench.terminal.thaw();
    const { body } = await bench.next('result', ({ result }) => result.intent === 'i-1');
    expect(body.result).toMatchObject({ retcode: RETCODE.DONE });
    expect(bench.terminal.asked('ORDER_TYPE_BUY')).toHaveLength(1);
  });

  it('dies with an order that it never began: not executed, once it was long enough not to be seen', async () => {
    const bench = await BridgeBench.controlled();
    bench.terminal.freeze();
    bench.say(bench.order('i-1'));
    await bench.until('the order', () => bench.terminal.isHolding);
    await bench.terminal.restart();
    const { body } = await bench.next('result');
    expect(body.result).toMatchObject({
      ...{ retcode: RETCODE.PRICE_CHANGED, order: null, comment: 'it was not executed' },
    });
    expect(bench.terminal.asked('ORDER_TYPE_BUY')).toEqual([]);
  });

  it('says time-out and executes all the same', async () => {
    const bench = await BridgeBench.controlled();
    bench.terminal.faults.onSend({ kind: 'executed' });
    bench.say(bench.order('i-1'));
    expect((await bench.next('result')).body.result).toMatchObject({ retcode: RETCODE.DONE });
    expect(bench.terminal.positions).toHaveLength(1);
  });

  it('says time-out and means it: the server’s word is passed on when nothing is to be seen', async () => {
    const bench = await BridgeBench.controlled();
    bench.terminal.faults.onSend({ kind: 'lost' });
    bench.say(bench.order('i-1'));
    expect((await bench.next('result')).body.result).toMatchObject({ retcode: RETCODE.TIMEOUT });
  });

  it('fills a part', async () => {
    const bench = await BridgeBench.controlled();
    bench.terminal.faults.onSend({ kind: 'partial', lots: '0.2' });
    bench.say(bench.order('i-1'));
    const { body } = await bench.next('result');
    expect(body.result).toMatchObject({ retcode: RETCODE.DONE_PARTIAL, volume: '0.2' });
  });

  it('passes a refusal of the server on at once', async () => {
    const bench = await BridgeBench.controlled();
    bench.terminal.faults.onSend({ kind: 'retcode', retcode: RETCODE.NO_MONEY });
    bench.say(bench.order('i-1'));
    expect((await bench.next('result')).body.result).toMatchObject({ retcode: RETCODE.NO_MONEY });
  });

  it('tells nothing of a stop that was hit', async () => {
    const quotes = Array.from(
      { length: 120 },
      (_, index): Quote => [1_000 * (index + 1), index < 20 ? 130_000 : 128_900],
    );
    const bench = await BridgeBench.controlled({ quotes });
    const { order } = await bench.bought();
    await bench.until('the stop', () => bench.terminal.positions.length === 0);
    const { body } = await bench.next('trade', ({ closedPositions }) => closedPositions.length > 0);
    expect(body).toMatchObject({
      closedPositions: [order],
      deals: [{ entry: 'out', reason: 'sl', positionTicket: order, commission: '-1.75' }],
    });
    const { balanceMinor } = bench.terminal.broker.engine.state;
    expect(body.account.balance).toBe((Number(balanceMinor) / 100).toFixed(2));
  });

  it('tells nothing of a close by hand, nor of money that came', async () => {
    const bench = await BridgeBench.controlled();
    const { order } = await bench.bought();
    closedByHand(bench);
    await bench.elapse(1_000);
    const closed = await bench.next('trade', ({ deals }) => deals.some((it) => it.entry === 'out'));
    expect(closed.body.deals).toMatchObject([{ reason: 'client', positionTicket: order }]);
    bench.terminal.broker.engine.operate('balance', minor(-100_000n), 'payout');
    await bench.elapse(1_000);
    const { body } = await bench.next('trade', ({ deals }) => deals[0]?.entry === 'balance');
    expect(body.deals).toMatchObject([{ profit: '-1000.00', operation: 'balance' }]);
  });

  it('hides a second position of a symbol: the account is not whole, and nothing is opened', async () => {
    const bench = await BridgeBench.controlled();
    expect(await snapshotOf(bench)).toMatchObject({ complete: true });
    byHand(bench);
    byHand(bench);
    await bench.elapse(500);
    await bench.control();
    expect(await snapshotOf(bench)).toMatchObject({ complete: false, counts: { positions: 1 } });
    bench.say(bench.order('i-1'));
    expect((await bench.next('result')).body.result).toMatchObject({
      retcode: RETCODE.TOO_MANY_REQUESTS,
    });
    closedByHand(bench);
    await bench.elapse(1_000);
    expect(await snapshotOf(bench)).toMatchObject({ complete: true, counts: { positions: 0 } });
  });

  it('hides a position: then nothing is opened anywhere, and the session begins anew', async () => {
    const ticks = Array.from({ length: 120 }, (_, index): readonly Quote[] => [
      [1_000 * (index + 1), 130_000],
      [1_000 * (index + 1), 150_000, 10, 'USDJPY'],
    ]).flat();
    const instruments = [eurusd, usdjpy];
    const market = scriptedMarket(ticksOf(ticks), { instruments });
    const bench = await BridgeBench.controlled({ market, bridge: { instruments } });
    byHand(bench);
    byHand(bench);
    await bench.elapse(500);
    await bench.control();
    const yen = { symbol: 'USDJPY', price: '150.010', stopLoss: '149.000' } as const;
    bench.say(bench.order('i-1', yen));
    expect((await bench.next('result')).body.result).toMatchObject({
      ...{ retcode: RETCODE.TOO_MANY_REQUESTS, comment: 'the account cannot be read whole' },
    });
  });

  it('tells neither commission nor swap: their sum is what the balance moved', async () => {
    // The bridge looks between the two deals of a round trip only by chance.
    const bench = await BridgeBench.controlled({ bridge: { pollMs: 60_000 } });
    bench.terminal.dropped.events = 10;
    byHand(bench);
    await bench.elapse(250);
    closedByHand(bench);
    await bench.elapse(250);
    await snapshotOf(bench);
    const told = bench.all.flatMap(({ body }) => (body.kind === 'trade' ? [body] : []));
    const [trade] = told;
    expect(told).toHaveLength(1);
    expect(trade?.deals.map(({ commission }) => commission)).toEqual(['-0.35', '-0.35']);
    const { balanceMinor } = bench.terminal.broker.engine.state;
    expect(trade?.account.balance).toBe((Number(balanceMinor) / 100).toFixed(2));
  });

  it('forgets its subscriptions with its terminal: they are made again', async () => {
    const bench = await BridgeBench.controlled();
    bench.say({
      kind: 'subscribe',
      symbols: [{ symbol: 'EURUSD', wakeOnBar: null, wakeOnTick: true }],
    });
    // The first quote after a subscription is skipped.
    await bench.elapse(3_000);
    await bench.next('ticks');
    await bench.terminal.restart();
    const before = bench.terminal.asked('CONFIG').length;
    await bench.settled('a subscription', () => bench.terminal.asked('CONFIG').length > before);
    bench.frames.rest();
    await bench.elapse(3_000);
    await bench.next('ticks');
  });

  it('says once that its terminal has lost the trade server', async () => {
    const bench = await BridgeBench.controlled();
    bench.terminal.faults.disconnected = true;
    await bench.elapse(500);
    await bench.next('ea.heartbeat', ({ connected }) => !connected);
    bench.terminal.faults.disconnected = false;
    await bench.elapse(2_000);
    await bench.next('ea.heartbeat', ({ connected }) => connected);
  });

  it('shows two of the switches', async () => {
    const bench = await BridgeBench.controlled();
    bench.terminal.faults.switches.terminal = false;
    await bench.elapse(500);
    const { body } = await bench.next('ea.heartbeat', ({ switches }) => !switches.terminal);
    expect(body.switches).toEqual({ terminal: false, mql: true, account: true, expert: true });
  });

  it('shows no login: another server ends the bridge, and so does a history without our deals', async () => {
    const other = await BridgeBench.open({
      bridge: { account: { ...account, server: 'Elsewhere' } },
    });
    expect(await other.ended()).toBe(2);
    expect(other.log.join('\n')).toContain('not of Elsewhere in USD');
    const bench = await BridgeBench.controlled();
    await bench.bought();
    bench.terminal.broker.engine.state.deals.pop();
    bench.say({ kind: 'snapshot.request', snapshotId: 's', historyFromMs: 0 });
    expect(await bench.ended()).toBe(2);
    expect(bench.log.join('\n')).toContain("is not in the terminal's history");
  });

  it('knows bars, of symbols that exist', async () => {
    const bench = await BridgeBench.controlled();
    const range = { timeframe: 'M1', count: 10, fromMs: null, toMs: bench.terminal.now } as const;
    bench.say({ kind: 'history.request', symbol: 'EURUSD', ...range });
    expect((await bench.next('history')).body).toMatchObject({ symbol: 'EURUSD', last: true });
    bench.say({ kind: 'history.request', symbol: 'NOSUCH', ...range });
    expect((await bench.next('history')).body).toMatchObject({ symbol: 'NOSUCH', bars: [] });
    expect(bench.terminal.worked.join()).not.toContain('NOSUCH');
  });
});
