import { describe, expect, it } from 'vitest';
import { RuntimeWorld } from '../../support/runtime-world.ts';

const someTrades = (world: RuntimeWorld, count = 3): Promise<void> =>
  world.play(`${count} deals`, () => world.entries('deal.booked').length >= count);
const anOpenPosition = (world: RuntimeWorld): Promise<void> =>
  world.play('an open position', () => world.guard.positions.length > 0);

describe('the desk', () => {
  it('opens nothing without a journal, and trades again when it is back and reconciled', async () => {
    const world = await RuntimeWorld.start();
    await someTrades(world);
    const completed = world.entries('recovery.completed').length;
    await world.crash('journal');
    world.tell('risk-guard', world.signal());
    await world.until('the hold', () => world.guard.holds.includes('journal'));
    expect(world.guard.mode).toBe('halted');
    await world.until('it to be over', () => world.guard.mode === 'active');
    await world.runtime.system.quiescent();
    expect(world.entries('recovery.completed').length).toBe(completed + 1);
    const told = world.entries('event').filter(({ code }) => code === 'journal.failed');
    expect(told).toHaveLength(1);
    expect(world.entries('attempt.sent').length).toBe(world.entries('intent.planned').length);
    await world.playOut();
    expect(world.guard.reservations).toBe(0);
    await world.expectAgreement();
  });

  it('carries out a kill although the executor dies with its closes in hand', async () => {
    const world = await RuntimeWorld.start();
    await anOpenPosition(world);
    world.tell('risk-guard', { type: 'operator.kill', reason: 'enough' });
    await world.until('the close to be admitted', () => world.orders().length > 0);
    await world.crash('executor');
    await world.play('the account to be flat', () => world.guard.positions.length === 0);
    expect(world.guard.mode).toBe('locked');
    await world.playOut();
    expect(world.guard).toMatchObject({ positions: [], reservations: 0 });
    await world.expectAgreement();
  });

  it('frees the headroom of an order that died with the executor before it was durable', async () => {
    const world = await RuntimeWorld.start();
    await someTrades(world);
    world.tell('risk-guard', world.signal());
    await world.until('the order to be admitted', () => world.orders().length > 0);
    await world.crash('executor');
    await world.until(
      'the gate to open',
      () => world.guard.gateOpen && world.guard.mode === 'active',
    );
    await world.playOut();
    expect(world.guard.reservations).toBe(0);
    await world.expectAgreement();
  });

  it('closes what is filled after a kill', async () => {
    const world = await RuntimeWorld.start();
    await world.play('an order on its way', () =>
      world.orders().some(({ action, state }) => action === 'open' && state === 'accepted'),
    );
    expect(world.guard.positions).toEqual([]);
    world.tell('risk-guard', { type: 'operator.kill', reason: 'enough' });
    await world.play('the fill', () => world.guard.positions.length > 0);
    await world.play('the close', () => world.guard.positions.length === 0);
    const deals = world.entries('deal.booked').map(({ deal }) => [deal.entry, deal.reason]);
    expect(deals.slice(-2)).toEqual([
      ['in', 'expert'],
      ['out', 'expert'],
    ]);
    await world.playOut();
    await world.expectAgreement();
  });

  it('remembers over a restart that a person halted what was halted already', async () => {
    const world = await RuntimeWorld.start();
    await world.crash('recovery');
    await world.until('the gate to shut', () => world.guard.mode === 'halted');
    world.tell('risk-guard', { type: 'operator.halt', reason: 'lunch' });
    await world.until('the halt', () => world.guard.holds.includes('operator: lunch'));
    await world.until('the gate', () => world.guard.gateOpen);
    await world.stop();
    const second = await RuntimeWorld.start({ dataDir: world.dataDir });
    expect(second.guard).toMatchObject({ mode: 'halted', holds: ['operator: lunch'] });
    await second.playOut();
    expect(second.entries('intent.planned')).toEqual([]);
  });

  it('hears of a revocation after the grant that it revokes, however long its mailbox is', async () => {
    const world = await RuntimeWorld.start();
    for (let filler = 0; filler < 200; filler += 1)
      world.tell('risk-guard', { type: 'journal.written' });
    world.tell('risk-guard', { type: 'gate.granted', grantedBy: 1 });
    world.tell('risk-guard', { type: 'gate.revoked' });
    await world.runtime.system.quiescent();
    expect(world.guard).toMatchObject({ gateOpen: false, mode: 'halted' });
  });

  it('trades on after a strategy was told twice that its market is ready', async () => {
    const plain = await RuntimeWorld.start();
    await plain.playOut();
    await plain.stop();
    const world = await RuntimeWorld.start();
    await someTrades(world);
    const [path = ''] = world.strategies;
    for (let time = 0; time < 2; time += 1) {
      world.tell('recovery', { type: 'strategy.attached', path, symbol: 'EURUSD' });
    }
    await world.until('it to warm up', () => world.phase() === 'warming');
    await world.until('it to trade again', () => world.phase() === 'trading');
    await world.playOut();
    const keys = (of: RuntimeWorld) => of.entries('intent.planned').map(({ intent }) => intent.key);
    expect(keys(world)).toEqual(keys(plain));
    await world.expectAgreement();
  });

  it('warms a strategy up again when the link is lost while it does', async () => {
    const world = await RuntimeWorld.start();
    await someTrades(world);
    const [path = ''] = world.strategies;
    world.tell('recovery', { type: 'strategy.attached', path, symbol: 'EURUSD' });
    await world.until('it to warm up', () => world.phase() === 'warming');
    const { identity } = world.summary<{ identity: string }>(world.path('connection')) ?? {};
    world.tell('connection', { type: 'peer.disconnected', identity });
    await world.until('the link to be lost', () => !world.guard.gateOpen);
    await world.until(
      'everything to be back',
      () => world.guard.mode === 'active' && world.phase() === 'trading',
    );
    const before = world.entries('intent.planned').length;
    await world.playOut();
    expect(world.entries('intent.planned').length).toBeGreaterThan(before);
    await world.expectAgreement();
  });
});
