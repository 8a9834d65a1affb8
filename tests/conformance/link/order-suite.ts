import { describe, expect, it } from 'vitest';
import { RETCODE } from '../../../src/mt5/retcodes.ts';
import { liveBench } from './bench.ts';
import { BEGIN, type EaWorld } from './world.ts';

export const orderSuite = (world: EaWorld): void => {
  describe('orders', () => {
    it('opens at market with its stop and magic, and tells ack, result and trade', async () => {
      const { peer, ea, truth } = await liveBench(world);
      const result = await peer.opened(ea, { takeProfit: '1.35000' });
      expect(result).toMatchObject({
        intent: 'I1',
        attempt: 1,
        retcode: RETCODE.DONE,
        volume: '1',
      });
      const [position] = truth.positions();
      expect(position).toMatchObject({
        symbol: 'EURUSD',
        side: 'buy',
        volume: '1',
        stopLoss: '1.25000',
        takeProfit: '1.35000',
        magic: '281474976710657',
      });
      const [deal] = truth.deals();
      expect(result.deal).toBe(deal?.ticket);
      expect(result.price).toBe(deal?.price);
      const trade = await peer.next('trade', (it) => it.deals.length > 0);
      expect(trade.deals[0]).toMatchObject({
        ticket: deal?.ticket,
        entry: 'in',
        magic: '281474976710657',
      });
    });

    it('carries the trace of a command on its ack and its result', async () => {
      const { peer, ea } = await liveBench(world);
      const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      peer.say(peer.order(), { trace });
      expect((await peer.frame('ack')).envelope.trace).toBe(trace);
      await peer.elapse(ea, 1_000);
      expect((await peer.frame('result')).envelope.trace).toBe(trace);
    });

    it('failure 1: answers the same attempt from its journal and never executes it again', async () => {
      const { peer, ea, truth } = await liveBench(world);
      const result = await peer.opened(ea);
      peer.say(peer.order());
      expect(await peer.ack('I1')).toMatchObject({ status: 'duplicate', result });
      peer.say(peer.order());
      peer.say(peer.order());
      await peer.ack('I1');
      await peer.ack('I1');
      await peer.elapse(ea, 2_000);
      expect(truth.deals()).toHaveLength(1);
    });

    it('finds a further attempt of an order by its magic', async () => {
      const { peer, ea, truth } = await liveBench(world);
      const result = await peer.opened(ea);
      peer.say(peer.order({ attempt: 2 }));
      const ack = await peer.ack('I1', 2);
      expect(ack).toMatchObject({ status: 'duplicate', result: { order: result.order } });
      await peer.elapse(ea, 2_000);
      expect(truth.deals()).toHaveLength(1);
    });

    it('refuses what is late, what has no stop, and what it cannot read', async () => {
      const { peer, ea, truth } = await liveBench(world);
      const cases = [
        ['expired', { seenMono: peer.mono - 5_000, ttlMs: 1_000 }],
        ['no_stop', { stopLoss: '0' }],
        ['unknown_symbol', { symbol: 'XAUXAG' }],
        ['malformed', { volume: '0' }],
        ['malformed', { price: '1.3000055555' }],
        ['malformed', { stopLoss: '-1' }],
      ] as const;
      for (const [index, [reason, wrong]] of cases.entries()) {
        peer.say(peer.order({ intent: `R${index}`, ...wrong }));
        expect(await peer.ack(`R${index}`)).toMatchObject({ status: 'refused', reason });
      }
      await peer.elapse(ea, 2_000);
      expect(truth.requests()).toEqual([]);
    });

    it('tells what the broker refused, and that nothing was opened', async () => {
      const { peer, ea, truth } = await liveBench(world);
      const refusals = [
        [RETCODE.NO_MONEY, { volume: '50' }],
        [RETCODE.INVALID_STOPS, { stopLoss: '1.40000' }],
        [RETCODE.INVALID_VOLUME, { volume: '0.005' }],
      ] as const;
      for (const [index, [retcode, wrong]] of refusals.entries()) {
        const magic = String(281474976710700 + index);
        const result = await peer.opened(ea, { intent: `B${index}`, magic, ...wrong });
        expect(result).toMatchObject({ retcode, deal: null });
      }
      expect(truth.positions()).toEqual([]);
    });

    it('places, changes and cancels pending orders of every kind', async () => {
      const { peer, ea, truth } = await liveBench(world);
      const pending = [
        { type: 'limit', side: 'buy', price: '1.29000', stopLoss: '1.28000', stopLimitPrice: null },
        { type: 'stop', side: 'sell', price: '1.29000', stopLoss: '1.31000', stopLimitPrice: null },
        {
          type: 'stopLimit',
          side: 'buy',
          price: '1.31000',
          stopLimitPrice: '1.30500',
          stopLoss: '1.28000',
        },
      ] as const;
      const tickets: string[] = [];
      for (const [index, order] of pending.entries()) {
        const magic = String(281474976710800 + index);
        const result = await peer.opened(ea, { intent: `P${index}`, magic, ...order });
        expect([RETCODE.DONE, RETCODE.PLACED]).toContain(result.retcode);
        tickets.push(result.order ?? '');
      }
      expect(truth.orders().map(({ ticket, price }) => [ticket, price])).toEqual(
        tickets.map((ticket, index) => [ticket, pending[index]?.price]),
      );
      const [limit = '', stop = '', stopLimit = ''] = tickets;
      const modified = await peer.done(ea, {
        kind: 'order.modify',
        ...peer.command('M1'),
        ticket: limit,
        price: '1.28500',
        stopLimitPrice: null,
        stopLoss: '1.27000',
        takeProfit: '1.33000',
        tif: 'specified',
        expiresAtMs: peer.wire(BEGIN + 1_200_000),
      });
      expect(modified.retcode).toBe(RETCODE.DONE);
      const expected = { price: '1.28500', stopLoss: '1.27000', takeProfit: '1.33000' };
      expect(truth.orders().find(({ ticket }) => ticket === limit)).toMatchObject(expected);
      for (const [index, ticket] of [stop, stopLimit].entries())
        await peer.done(ea, { kind: 'order.cancel', ...peer.command(`C${index}`), ticket });
      expect(truth.orders().map(({ ticket }) => ticket)).toEqual([limit]);
      // What was to expire does.
      await peer.elapse(ea, 1_300_000);
      expect(truth.orders()).toEqual([]);
    });

    it('moves stop and target, closes a part, then the rest', async () => {
      const { peer, ea, truth } = await liveBench(world);
      await peer.opened(ea);
      const [{ ticket = '' } = {}] = truth.positions();
      const levels = { stopLoss: '1.26000', takeProfit: '1.36000' };
      await peer.done(ea, { kind: 'position.modify', ...peer.command('M1'), ticket, ...levels });
      expect(truth.positions()).toMatchObject([levels]);
      const close = {
        kind: 'position.close' as const,
        ticket,
        price: '1.30000',
        deviationPoints: 50,
        filling: 'fok' as const,
      };
      await peer.done(ea, { ...close, ...peer.command('C1'), volume: '0.4' });
      expect(truth.positions()).toMatchObject([{ ticket, volume: '0.6' }]);
      const last = await peer.done(ea, { ...close, ...peer.command('C2'), volume: '0.6' });
      expect(last.retcode).toBe(RETCODE.DONE);
      expect(truth.positions()).toEqual([]);
    });

    it('closes two opposite positions by each other', async () => {
      const { peer, ea, truth } = await liveBench(world);
      await peer.opened(ea);
      const sell = { side: 'sell', stopLoss: '1.35000', magic: '281474976710999' } as const;
      await peer.opened(ea, { intent: 'I2', ...sell });
      const [long, short] = truth.positions();
      await peer.done(ea, {
        kind: 'position.closeBy',
        ...peer.command('B1'),
        ticket: long?.ticket ?? '',
        byTicket: short?.ticket ?? '',
      });
      expect(truth.positions()).toEqual([]);
    });

    it('flattens: cancels what waits and closes what is open', async () => {
      const { peer, ea, truth } = await liveBench(world);
      await peer.opened(ea);
      await peer.opened(ea, {
        intent: 'I2',
        symbol: 'GBPUSD',
        magic: '281474976710901',
        stopLoss: '1.4',
      });
      const limit = { type: 'limit', price: '1.29000', stopLoss: '1.28000' } as const;
      await peer.opened(ea, { intent: 'I3', magic: '281474976710902', ...limit });
      peer.say({ kind: 'flatten', ...peer.command('F1'), reason: 'the operator wants out' });
      expect(await peer.ack('F1')).toMatchObject({ status: 'accepted' });
      await peer.elapse(ea, 5_000);
      expect((await peer.result('F1')).retcode).toBe(RETCODE.DONE);
      expect(truth.positions()).toEqual([]);
      expect(truth.orders()).toEqual([]);
    });
  });
};
