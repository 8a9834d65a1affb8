import { describe, expect, it } from 'vitest';
import type { Signal } from '../../../src/domain/trading.ts';
import { epochMs, points } from '../../../src/domain/units.ts';
import { walkedBars } from '../../support/generated-market.ts';
import { replayOf, writeMarketFile } from '../../support/market-files.ts';
import { LOGIN } from '../../support/runtime-spec.ts';
import { RuntimeWorld, type WorldOptions } from '../../support/runtime-world.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { ledgerFile, ledgerLines } from '../../support/terminal-ledger.ts';

/**
 * Every kind of order and of change, each from a strategy's signal through guard, journal and link to
 * the terminal and back. At the end audit and ledger agree order by order (expectAgreement).
 */

/** Decides nothing by itself: every signal is the test's. */
const SILENT = [{ symbol: 'EURUSD', every: 1_000_000, offset: 1 }];
/** The walk begins here, and no test plays so long that it comes `FAR` away from it. */
const START = 110_000;
const FAR = points(3_000);
const level = (away: number) => points(START + away);

type Wish<S = Signal> = S extends unknown ? Omit<S, 'leg' | 'reason'> : never;
const open = (change: Partial<Wish<Extract<Signal, { type: 'open' }>>>): Wish => ({
  ...{ type: 'open', side: 'buy', kind: 'market', stopDistance: FAR, takeProfitDistance: FAR },
  ...change,
});

const deskOf = async (options: WorldOptions = {}) => {
  // Wall time is fast here: an order must not lapse because a machine is busy.
  const guard = { intentTtlMs: 600_000 };
  const world = await RuntimeWorld.start({ strategies: SILENT, guard, ...options });
  await world.play('a quote', () => world.guard.symbols[0]?.quotedAt !== null);
  let leg = 0;
  return {
    world,
    /** Raises what the strategy's host would raise. */
    raise: (...wishes: readonly Wish[]): void => {
      for (const wish of wishes) {
        leg += 1;
        const signal = { ...wish, leg, reason: `leg ${leg}` } as Signal;
        world.tell('risk-guard', { ...world.signal(), signal });
      }
    },
    /** Ticket of what rests on the book in this kind. */
    working: (kind: string): string =>
      world.guard.orders.find((order) => order.kind === kind)?.ticket ?? '',
    /** State in which each intent of this type stands, in the order of the decisions. */
    states: (type: string): readonly (string | undefined)[] => {
      const moves = world.entries('order.state');
      return world
        .entries('intent.planned')
        .filter(({ intent }) => intent.type === type)
        .map(({ intent }) => moves.findLast(({ intentId }) => intentId === intent.intentId)?.state);
    },
    deals: () =>
      world
        .entries('deal.booked')
        .filter(({ deal }) => deal.entry !== 'balance')
        .map(({ deal }) => ({
          ...{ entry: deal.entry, reason: deal.reason, side: deal.side, price: deal.price },
          lots: deal.volumeE8 / 1e8,
        })),
    ledger: () => ledgerLines(ledgerFile(world.dataDir)),
  };
};

describe('from a signal to the ledger', () => {
  it('market orders carry stop and target, and end by them', async () => {
    const { world, raise, deals } = await deskOf();
    raise(
      ...(['buy', 'sell'] as const).flatMap((side) => [
        open({ side, stopDistance: points(40) }),
        open({ side, takeProfitDistance: points(40) }),
      ]),
    );
    await world.play('a stop and a target to be hit', () => {
      const reasons = new Set(deals().map(({ reason }) => reason));
      return reasons.has('sl') && reasons.has('tp');
    });
    expect(deals().filter(({ entry }) => entry === 'in')).toHaveLength(4);
    await world.expectAgreement();
  });

  it('limit, stop and stop-limit orders rest at their levels, are moved, cancelled, and fill', async () => {
    const { world, raise, working, states, deals } = await deskOf();
    raise(
      open({ side: 'sell', kind: 'limit', price: level(900) }),
      open({ kind: 'stop', price: level(30) }),
      open({ kind: 'stopLimit', price: level(900), stopLimitPrice: level(880) }),
    );
    await world.play('three orders on the book', () => world.guard.orders.length === 3);
    expect(world.guard.orders.map(({ kind, price }) => [kind, price])).toEqual([
      ['limit', START + 900],
      ['stop', START + 30],
      ['stopLimit', START + 900],
    ]);
    raise(
      { type: 'modifyOrder', ticket: working('limit'), price: level(25) },
      { type: 'cancel', ticket: working('stopLimit') },
    );
    await world.play('both others to fill', () => deals().length === 2);
    expect(deals()).toMatchObject([{ entry: 'in' }, { entry: 'in' }]);
    expect(states('open')).toEqual(['filled', 'filled', 'cancelled']);
    expect(states('modifyOrder')).toEqual(['done']);
    expect(states('cancel')).toEqual(['done']);
    expect(world.guard).toMatchObject({ orders: [], reservations: 0 });
    await world.expectAgreement();
  });

  it('a stop-limit waits for its trigger, and then for its limit', async () => {
    const { world, raise, deals } = await deskOf();
    raise(
      open({ kind: 'stopLimit', price: level(40), stopLimitPrice: level(15) }),
      open({
        ...{ side: 'sell', kind: 'stopLimit' },
        ...{ price: level(-40), stopLimitPrice: level(-15) },
      }),
    );
    await world.play('one of them to fill', () => deals().length > 0);
    const [deal] = deals();
    const isBuy = deal?.side === 'buy';
    const price = (deal?.price ?? 0) - START;
    expect(isBuy ? price <= 15 : price >= -15, `${deal?.side} at ${price}`).toBe(true);
    await world.expectAgreement();
  });

  it('levels of a position move; a part closes, then the rest', async () => {
    const { world, raise, states, deals } = await deskOf();
    raise(open({}));
    await world.play('a position', () => world.guard.positions.length === 1);
    raise({ type: 'modifyPosition', stopLoss: level(-1_500), takeProfit: level(1_500) });
    await world.play('the stop', () => world.guard.positions[0]?.stopLoss === START - 1_500);
    raise({ type: 'close', percent: 40 });
    await world.play('a part of it to close', () => world.guard.positions[0]?.volumeE8 === 6e6);
    raise({ type: 'close' });
    await world.play('the rest to close', () => world.guard.positions.length === 0);
    expect(deals().map(({ entry, lots }) => [entry, lots])).toEqual([
      ['in', 0.1],
      ['out', 0.04],
      ['out', 0.06],
    ]);
    expect(states('close')).toEqual(['filled', 'filled']);
    expect(states('modifyPosition')).toEqual(['done']);
    await world.expectAgreement();
  });

  it('two opposite positions close each other', async () => {
    const { world, raise, states, deals } = await deskOf();
    raise(open({ side: 'buy' }), open({ side: 'sell' }));
    await world.play('both sides', () => world.guard.positions.length === 2);
    const [bought, sold] = world.guard.positions.map(({ ticket }) => ticket);
    raise({ type: 'closeBy', ticket: bought ?? '', byTicket: sold ?? '' });
    await world.play('none to be left', () => world.guard.positions.length === 0);
    await world.play('the end of it', () => states('closeBy')[0] === 'filled');
    expect(deals().map(({ entry }) => entry)).toEqual(['in', 'in', 'out', 'out']);
    await world.expectAgreement();
  });

  it('orders lapse: at their instant, with the day, or not at all', async () => {
    const from = '2024-02-08 22:30:00';
    const bars = walkedBars({ seed: 11, from, to: '2024-02-09 01:00:00', stepPoints: 4 });
    const file = writeMarketFile(temporaryDirectory(), 'EURUSD_M1.csv', bars);
    const { world, raise, states, ledger } = await deskOf({
      terminalOptions: { market: replayOf([file]) },
    });
    const rest = { kind: 'limit', price: level(-2_900), stopDistance: points(400) } as const;
    const expiresAt = epochMs(Date.parse('2024-02-08T23:00:00Z'));
    raise(
      open({ ...rest, tif: 'gtc' }),
      open({ ...rest, tif: 'day' }),
      open({ ...rest, tif: 'specified', expiresAt }),
    );
    await world.play('three orders on the book', () => world.guard.orders.length === 3);
    await world.play('the first to lapse', () => world.guard.orders.length === 2);
    expect(states('open')).toEqual(['accepted', 'accepted', 'expired']);
    await world.play('the day to end', () => world.guard.orders.length === 1);
    expect(states('open')).toEqual(['accepted', 'expired', 'expired']);
    expect(world.guard.reservations).toBe(1);
    const lapsed = ledger().filter((line) => line.type === 'order' && line['event'] === 'expired');
    expect(lapsed.map((line) => line['at'])).toEqual([
      '2024-02-08T23:00:00.000Z',
      '2024-02-09T00:00:00.000Z',
    ]);
    await world.expectAgreement();
  });

  it('an operator’s flatten closes and cancels everything', async () => {
    const { world, raise, states } = await deskOf();
    raise(
      open({ side: 'buy' }),
      open({ side: 'sell' }),
      open({ side: 'sell', kind: 'limit', price: level(900) }),
    );
    const guard = () => world.guard;
    await world.play('all of it', () => guard().positions.length + guard().orders.length === 3);
    const command = { type: 'flatten', reason: 'enough' } as const;
    const reply = world.runtime.operator.execute({ origin: 'cli', account: LOGIN, command });
    await world.play(
      'nothing to be left',
      () => guard().positions.length + guard().orders.length === 0,
    );
    expect(await reply).toMatchObject({ ok: true });
    await world.play('the terminal to have shown it', () => guard().flatten.state === 'flat');
    expect(states('close')).toEqual(['filled', 'filled']);
    expect(states('cancel')).toEqual(['done']);
    expect(guard().mode).toBe('halted');
    await world.expectAgreement();
  });
});
