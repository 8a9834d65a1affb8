import { describe, expect, it } from 'vitest';
import type { Tick } from '../../../src/domain/market.ts';
import { BALANCE_OPERATIONS } from '../../../src/domain/trading.ts';
import { epochMs, minor } from '../../../src/domain/units.ts';
import type { RuntimeMessageOf } from '../../../src/mt5/wire/messages.ts';
import { decodeTicks } from '../../../src/mt5/wire/tick-batch.ts';
import { liveBench } from './bench.ts';
import type { RuntimePeer } from './runtime-peer.ts';
import { BEGIN, type EaWorld, QUIET } from './world.ts';

const query = (what: RuntimeMessageOf<'query'>['what']): RuntimeMessageOf<'query'> => ({
  kind: 'query',
  what,
  intent: null,
  attempt: null,
  magic: null,
  symbols: [],
  fromMs: 0,
});

/** Quotes of EURUSD that a market path holds up to an instant. */
const played = (untilMs: number): readonly (readonly [number, number])[] =>
  QUIET.filter(([at]) => at <= untilMs).map(([at, bid]) => [BEGIN + at, bid]);
const pairs = (ticks: readonly Tick[]): readonly (readonly [number, number])[] =>
  ticks.filter(({ symbol }) => symbol === 'EURUSD').map(({ at, bid }) => [at, bid]);

const pastTicks = async (peer: RuntimePeer, fromMs: number, toMs: number, count: number) => {
  peer.say({
    kind: 'ticks.request',
    symbol: 'EURUSD',
    count,
    fromMs: peer.wire(fromMs),
    toMs: peer.wire(toMs),
  });
  const ticks: Tick[] = [];
  for (;;) {
    const { body, attachment } = await peer.frame('ticks.history');
    const decoded = decodeTicks(attachment ?? new Uint8Array());
    if (!decoded.ok) throw new Error(decoded.reason);
    ticks.push(...decoded.ticks.map((tick) => ({ ...tick, at: peer.utc(tick.at) })));
    if (body.last) return { ticks, nextMs: body.nextMs === null ? null : peer.utc(body.nextMs) };
  }
};

export const readSuite = (world: EaWorld): void => {
  describe('reading', () => {
    it('gives a whole snapshot, twice alike, with what its own journal knows', async () => {
      const { peer, ea, truth } = await liveBench(world);
      const result = await peer.opened(ea);
      const limit = { type: 'limit', price: '1.29000', stopLoss: '1.28000' } as const;
      await peer.opened(ea, { intent: 'I2', magic: '281474976710658', ...limit });
      const first = await peer.snapshot();
      const second = await peer.snapshot();
      expect(second.hash).toBe(first.hash);
      const { positions, orders, historyOrders, deals, symbols, results, account } = first.snapshot;
      expect(positions.map(({ ticket }) => ticket)).toEqual(
        truth.positions().map((it) => it.ticket),
      );
      expect(orders).toMatchObject([{ kind: 'limit', price: '1.29000', state: 'placed' }]);
      expect(historyOrders).toMatchObject([{ kind: 'market', state: 'filled' }]);
      expect(deals.filter(({ entry }) => entry !== 'balance')).toMatchObject([
        { ticket: result.deal, orderTicket: result.order, entry: 'in', volume: '1' },
      ]);
      expect(symbols.map(({ symbol }) => symbol).sort()).toEqual(['EURUSD', 'GBPUSD']);
      expect(symbols.find(({ symbol }) => symbol === 'EURUSD')).toMatchObject({
        digits: 5,
        tickSizePoints: 1,
        volumeMin: '0.01',
        volumeStep: '0.01',
        tradeMode: 'full',
      });
      expect(results.map(({ intent }) => intent)).toEqual(['I1', 'I2']);
      const costs = deals.find(({ entry }) => entry === 'in')?.commission ?? '0';
      expect(account.balance).toBe((100_000 + Number(costs)).toFixed(2));
    });

    it('says what kind of money moved without a trade, and keeps credit out of the balance', async () => {
      const operations = BALANCE_OPERATIONS.map((kind, index) => ({
        at: epochMs(BEGIN + 2_000 + index),
        kind,
        amountMinor: minor(kind === 'credit' ? 5_000n : BigInt(-100 * (index + 1))),
        comment: `a ${kind}`,
      }));
      const { peer, ea } = await liveBench(world, { operations });
      await peer.opened(ea);
      const { deals, account } = (await peer.snapshot()).snapshot;
      const moved = deals.filter(({ entry }) => entry === 'balance').slice(1);
      expect(moved.map(({ operation, comment }) => [operation, comment])).toEqual(
        BALANCE_OPERATIONS.map((kind) => [kind, `a ${kind}`]),
      );
      const trade = deals.find(({ entry }) => entry === 'in');
      expect(trade).toMatchObject({ operation: null });
      const taken = operations
        .filter(({ kind }) => kind !== 'credit')
        .reduce((sum, { amountMinor }) => sum + Number(amountMinor) / 100, 0);
      expect(account.balance).toBe((100_000 + taken + Number(trade?.commission)).toFixed(2));
      expect(Number(account.equity) - Number(account.balance)).toBeGreaterThan(0);
    });

    it('leaves out of a snapshot what is older than asked for', async () => {
      const { peer, ea } = await liveBench(world);
      await peer.opened(ea);
      const { snapshot } = await peer.snapshot(peer.wire(BEGIN + 1_800_000));
      expect(snapshot.deals).toEqual([]);
      expect(snapshot.positions).toHaveLength(1);
    });

    it('answers queries by topic', async () => {
      const { peer, ea } = await liveBench(world);
      const result = await peer.opened(ea);
      const ask = async (extra: Partial<RuntimeMessageOf<'query'>>) => {
        const id = peer.say({ ...query('account'), ...extra });
        return await peer.next('query.reply', (_, envelope) => envelope.re === id);
      };
      expect((await ask({ what: 'account' })).account).toMatchObject({ currency: 'USD' });
      expect((await ask({ what: 'positions' })).positions).toHaveLength(1);
      expect((await ask({ what: 'orders' })).orders).toMatchObject([{ ticket: result.order }]);
      expect((await ask({ what: 'deals' })).deals.map(({ ticket }) => ticket)).toContain(
        result.deal,
      );
      expect((await ask({ what: 'symbols', symbols: ['GBPUSD'] })).symbols).toMatchObject([
        { symbol: 'GBPUSD' },
      ]);
      expect((await ask({ what: 'sessions', symbols: ['EURUSD'] })).sessions).toMatchObject([
        { symbol: 'EURUSD', open: true },
      ]);
      const attempt = { what: 'attempt', intent: 'I1', attempt: 1 } as const;
      expect(await ask({ ...attempt, magic: '281474976710657' })).toMatchObject({
        found: true,
        complete: true,
        result,
      });
      expect(await ask({ ...attempt, intent: 'I9', magic: '281474976719999' })).toMatchObject({
        found: false,
        result: null,
      });
    });

    it('checks an order without placing it', async () => {
      const { peer, ea, truth } = await liveBench(world);
      const { kind: _, intent: _i, attempt: _a, seenMono: _s, ttlMs: _t, ...order } = peer.order();
      peer.say({ kind: 'order.check', ...order });
      const fine = await peer.next('order.checked');
      expect(fine).toMatchObject({ retcode: 0, equity: '100000.00' });
      expect(Number(fine.margin)).toBeGreaterThan(1_000);
      peer.say({ kind: 'order.check', ...order, volume: '50' });
      expect((await peer.next('order.checked')).retcode).toBe(10_019);
      await peer.elapse(ea, 1_000);
      expect(truth.requests()).toEqual([]);
    });

    it('tells every tick of the subscribed symbols once and in order', async () => {
      const { peer, ea } = await liveBench(world);
      await peer.elapse(ea, 290_000);
      const until = peer.ticks.at(-1)?.at ?? 0;
      const told = pairs(peer.ticks);
      const all = played(300_000);
      expect(until).toBeGreaterThan(BEGIN + 290_000);
      // A subscription may begin after the first ticks; from then on none is missing.
      expect(told.length).toBeGreaterThan(all.length - 5);
      expect(told).toEqual(all.slice(all.length - told.length));
      expect(peer.ticks.some(({ symbol }) => symbol === 'GBPUSD')).toBe(true);
    });

    it('gives ticks of the past, and goes on where a transfer ended', async () => {
      const { peer, ea } = await liveBench(world);
      await peer.elapse(ea, 290_000);
      const [from, to] = [BEGIN + 100_000, BEGIN + 200_000];
      const wanted = played(300_000).filter(([at]) => at >= from && at < to);
      const whole = await pastTicks(peer, from, to, 1_000);
      expect(pairs(whole.ticks)).toEqual(wanted);
      expect(whole.nextMs).toBeNull();
      const part = await pastTicks(peer, from, to, 7);
      expect(part.ticks).toHaveLength(7);
      const rest = await pastTicks(peer, part.nextMs ?? 0, to, 1_000);
      expect(pairs([...part.ticks, ...rest.ticks])).toEqual(wanted);
    });

    it('gives bars by count and by range, resumable, never of the future', async () => {
      const { peer, ea } = await liveBench(world);
      await peer.elapse(ea, 600_000);
      const ask = async (count: number, fromMs: number | null, toMs: number) => {
        const from = fromMs === null ? null : peer.wire(fromMs);
        const range = { fromMs: from, toMs: peer.wire(toMs) };
        peer.say({ kind: 'history.request', symbol: 'EURUSD', timeframe: 'M1', count, ...range });
        const reply = await peer.next('history');
        expect(reply.last).toBe(true);
        const bars = reply.bars.map(([at, open, high, low, close]) => ({
          at: peer.utc(at),
          ohlc: [open, high, low, close],
        }));
        return { bars, nextMs: reply.nextMs === null ? null : peer.utc(reply.nextMs) };
      };
      const newest = await ask(3, null, BEGIN + 400_000);
      expect(newest.bars.map(({ at }) => (at - BEGIN) / 60_000)).toEqual([4, 5, 6]);
      const minute = QUIET.filter(([at]) => at >= 240_000 && at < 300_000).map(([, bid]) => bid);
      expect(newest.bars[0]?.ohlc).toEqual([
        minute[0],
        Math.max(...minute),
        Math.min(...minute),
        minute.at(-1),
      ]);
      const part = await ask(2, BEGIN + 60_000, BEGIN + 360_000);
      expect(part.bars.map(({ at }) => (at - BEGIN) / 60_000)).toEqual([1, 2]);
      const rest = await ask(100, part.nextMs ?? 0, BEGIN + 360_000);
      expect(rest.bars.map(({ at }) => (at - BEGIN) / 60_000)).toEqual([3, 4, 5]);
      expect(rest.nextMs).toBeNull();
    });

    it('answers for its calendar, or says that it has none', async () => {
      const { peer } = await liveBench(world);
      const range = { fromMs: peer.wire(BEGIN), toMs: peer.wire(BEGIN + 86_400_000) };
      peer.say({ kind: 'calendar.request', currencies: ['USD'], ...range });
      const reply = await peer.next('calendar');
      expect(reply.last).toBe(true);
      if (!reply.available) expect(reply.events).toEqual([]);
    });
  });
};
