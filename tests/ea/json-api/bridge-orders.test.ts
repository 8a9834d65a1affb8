import { describe, expect, it } from 'vitest';
import { minor } from '../../../src/domain/units.ts';
import { RETCODE } from '../../../src/mt5/retcodes.ts';
import type { RuntimeBody } from '../../../src/mt5/wire/messages.ts';
import { account } from '../../support/broker-bench.ts';
import type { Quote } from '../../support/scripted-market.ts';
import { BridgeBench } from './bridge-bench.ts';

const MAGIC = '4611686018427387905';
const NETTING = {
  account: { ...account, marginMode: 'netting' as const, balanceMinor: minor(10_000_000n) },
};
/** A quote each second; it falls by so many points after half a minute. */
const falling = (points: number) => ({
  quotes: Array.from(
    { length: 120 },
    (_, index): Quote => [1_000 * (index + 1), 130_000 - (index < 30 ? 0 : points)],
  ),
});

const done = async (bench: BridgeBench, body: RuntimeBody & { readonly intent: string }) => {
  bench.say(body);
  const found = await bench.next('result', ({ result }) => result.intent === body.intent);
  return found.body.result;
};
const commanded = (bench: BridgeBench, intent: string) =>
  ({ intent, attempt: 1, seenMono: bench.mono, ttlMs: 60_000 }) as const;
const close = (bench: BridgeBench, intent: string, ticket: string, volume: string) =>
  done(bench, {
    ...commanded(bench, intent),
    ...{ kind: 'position.close', ticket, volume },
    ...{ price: '1.30000', deviationPoints: 20, filling: 'fok' },
  });

describe('orders over an EA of the kind of MQL5-JSON-API', () => {
  it('opens, and tells deal and position with the magic that the EA does not set', async () => {
    const bench = await BridgeBench.controlled();
    const id = bench.say(bench.order('i-1'));
    expect((await bench.answer('ack', id)).body).toMatchObject({ status: 'accepted' });
    const { body } = await bench.next('result');
    const [position] = bench.terminal.positions;
    expect(body.result).toMatchObject({
      ...{ intent: 'i-1', attempt: 1, retcode: RETCODE.DONE },
      ...{ order: position?.ticket, price: '1.30010', volume: '0.5' },
    });
    const { body: trade } = await bench.next('trade');
    expect(trade.deals).toMatchObject([
      { entry: 'in', reason: 'expert', magic: MAGIC, commission: '-1.75' },
    ]);
    expect(trade.deals[0]?.orderTicket).toBe(position?.ticket);
    expect(trade.positions).toMatchObject([
      { ticket: position?.ticket, magic: MAGIC, stopLoss: '1.29000', volume: '0.5' },
    ]);
    expect(trade.account).toMatchObject({ balance: '99998.25' });
    expect(position?.magic).toBe('0');
  });

  it('answers an attempt that it knows from its journal, and asks the EA once', async () => {
    const bench = await BridgeBench.controlled();
    await bench.bought('i-1');
    const again = bench.say(bench.order('i-1'));
    const { body } = await bench.answer('ack', again);
    expect(body).toMatchObject({ status: 'duplicate', result: { retcode: RETCODE.DONE } });
    await bench.restart();
    const afterwards = bench.say(bench.order('i-1'));
    expect((await bench.answer('ack', afterwards)).body).toMatchObject({ status: 'duplicate' });
    expect(bench.terminal.asked('ORDER_TYPE_BUY')).toHaveLength(1);
  });

  it('changes stops, closes a part and the rest, each by its ticket', async () => {
    const bench = await BridgeBench.controlled();
    const ticket = String((await bench.bought()).order);
    const levels = { ticket, stopLoss: '1.29500', takeProfit: '1.31000' };
    const modify = { kind: 'position.modify', ...commanded(bench, 'i-2'), ...levels } as const;
    expect(await done(bench, modify)).toMatchObject({ retcode: RETCODE.DONE });
    expect(bench.terminal.positions).toMatchObject([{ stopLoss: 129_500, takeProfit: 131_000 }]);
    const part = await close(bench, 'i-3', ticket, '0.2');
    expect(part).toMatchObject({ retcode: RETCODE.DONE, volume: '0.2' });
    expect(await close(bench, 'i-4', ticket, '0.3')).toMatchObject({ retcode: RETCODE.DONE });
    expect(bench.terminal.positions).toEqual([]);
    expect(bench.terminal.asked('POSITION_PARTIAL')).toHaveLength(1);
    expect(bench.terminal.asked('POSITION_CLOSE_ID')).toHaveLength(1);
  });

  it('closes a part of a netted position by an order that keeps its stops', async () => {
    const bench = await BridgeBench.controlled(NETTING);
    const ticket = String((await bench.bought()).order);
    expect(await close(bench, 'i-2', ticket, '0.2')).toMatchObject({ retcode: RETCODE.DONE });
    expect(bench.terminal.positions).toMatchObject([{ volumeE8: 30_000_000, stopLoss: 129_000 }]);
    // What would reverse it is refused: MetaTrader books that as one deal without a side.
    const opposite = { side: 'sell', volume: '1', stopLoss: '1.31000', magic: '8' } as const;
    bench.say(bench.order('i-3', opposite));
    const { body } = await bench.next('result', ({ result }) => result.intent === 'i-3');
    expect(body.result).toMatchObject({ retcode: RETCODE.HEDGE_PROHIBITED });
    expect(bench.terminal.asked('ORDER_TYPE_SELL')).toHaveLength(1);
  });

  it('places and changes a working order, and knows when it was filled', async () => {
    const bench = await BridgeBench.controlled(falling(100));
    const pending = { type: 'limit', price: '1.29800', stopLoss: '1.29000' } as const;
    bench.say(bench.order('i-1', pending));
    const { body } = await bench.next('result');
    const ticket = String(body.result.order);
    expect(body.result).toMatchObject({ retcode: RETCODE.DONE, price: '1.29800' });
    const modified = await done(bench, {
      ...{ kind: 'order.modify', ...commanded(bench, 'i-2'), ticket, price: '1.29950' },
      ...{ stopLoss: '1.29000', takeProfit: null, stopLimitPrice: null },
      ...{ tif: 'gtc', expiresAtMs: null },
    });
    expect(modified).toMatchObject({ retcode: RETCODE.DONE });
    await bench.until('it to be filled', () => bench.terminal.positions.length === 1);
    const { body: trade } = await bench.next('trade', ({ deals }) => deals.length === 1);
    expect(trade.orders).toMatchObject([{ ticket, state: 'filled', magic: MAGIC }]);
    expect(trade.positions).toMatchObject([{ ticket, magic: MAGIC }]);
    expect(await close(bench, 'i-3', ticket, '0.5')).toMatchObject({ retcode: RETCODE.DONE });
  });

  it('cancels a working order', async () => {
    const bench = await BridgeBench.controlled();
    const order = { type: 'limit', price: '1.29000', stopLoss: '1.28000' } as const;
    bench.say(bench.order('i-1', order));
    const ticket = String((await bench.next('result')).body.result.order);
    const cancel = { kind: 'order.cancel', ...commanded(bench, 'i-2'), ticket } as const;
    expect(await done(bench, cancel)).toMatchObject({ retcode: RETCODE.DONE });
    expect(bench.terminal.broker.engine.state.orders.size).toBe(0);
  });

  it.each([
    [
      'a stop-limit',
      { type: 'stopLimit', price: '1.30500', stopLimitPrice: '1.30400' },
      RETCODE.INVALID_ORDER,
    ],
    ['an expiry', { type: 'limit', price: '1.29900', tif: 'day' }, RETCODE.INVALID_EXPIRATION],
  ] as const)('refuses %s, which the EA would get wrong', async (_, order, retcode) => {
    const bench = await BridgeBench.controlled();
    bench.say(bench.order('i-1', order));
    expect((await bench.next('result')).body.result).toMatchObject({ retcode });
    expect(bench.terminal.asked('TRADE')).toEqual([]);
  });

  it('refuses a second position of a symbol, which the EA would hide', async () => {
    const bench = await BridgeBench.controlled();
    await bench.bought();
    bench.say(bench.order('i-2', { magic: '8' }));
    const { body } = await bench.next('result', ({ result }) => result.intent === 'i-2');
    expect(body.result).toMatchObject({ retcode: RETCODE.LIMIT_POSITIONS });
  });

  it('flattens: cancels and closes everything', async () => {
    const bench = await BridgeBench.controlled();
    await bench.bought();
    const flatten = { kind: 'flatten', ...commanded(bench, 'i-2'), reason: 'a test' } as const;
    expect(await done(bench, flatten)).toMatchObject({ retcode: RETCODE.DONE });
    expect(bench.terminal.positions).toEqual([]);
  });

  it('holds the floors by itself, whatever the runtime does', async () => {
    const bench = await BridgeBench.controlled(falling(900));
    await bench.bought();
    bench.say({
      ...{ kind: 'guard', dailyAmount: '300.00', anchor: '100000.00', ratchet: 'none' },
      ...{ totalFloor: '90000.00', buffer: '0.00', resetsMs: [] },
      deadMan: { policy: 'none', afterMs: 60_000 },
    });
    await bench.until('the floor', () => bench.terminal.positions.length === 0);
    expect((await bench.next('guard.tripped')).body).toMatchObject({ floor: '99700.00' });
  });
});
