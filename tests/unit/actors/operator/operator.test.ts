import { describe, expect, it } from 'vitest';
import type {
  OperatorCommandOf,
  OperatorReply,
  OperatorVerb,
} from '../../../../src/actors/operator/operator-types.ts';
import type { AccountStatus } from '../../../../src/actors/operator/operator-view.ts';
import { LOGIN } from '../../../support/runtime-spec.ts';
import { RuntimeWorld } from '../../../support/runtime-world.ts';

const ask = <Verb extends OperatorVerb>(
  world: RuntimeWorld,
  command: OperatorCommandOf<Verb>,
  account = LOGIN,
): Promise<OperatorReply<Verb>> =>
  world.runtime.operator.execute<Verb>({ origin: 'cli', by: 'eva', account, command });
const codesOf = (reply: OperatorReply): readonly string[] =>
  reply.ok ? [] : reply.refusals.map(({ code }) => code);
const account = (world: RuntimeWorld): AccountStatus => {
  const [only] = world.runtime.operator.status().accounts;
  if (only === undefined) throw new Error('no account');
  return only;
};
const opened = (world: RuntimeWorld): Promise<void> =>
  world.play('an open position', () => world.guard.positions.length > 0);
const eventsOf = (world: RuntimeWorld, code: string) =>
  world.entries('event').filter((entry) => entry.code === code);
const STRATEGY = 'pulse:EURUSD';

describe('the operator', () => {
  it('halts what opens and keeps what is open, until it is resumed', async () => {
    const world = await RuntimeWorld.start();
    await opened(world);
    const halted = await ask(world, { type: 'halt', reason: 'news  at\ntwo' });
    expect(halted).toMatchObject({ ok: true, done: [{ account: LOGIN }] });
    expect(account(world).mode).toEqual({
      name: 'halted',
      reason: 'operator: news at two',
      holds: ['operator: news at two'],
      limits: [],
    });
    expect(account(world).positions).toHaveLength(1);
    expect(eventsOf(world, 'operator.halt')).toMatchObject([
      { detail: 'cli (eva): news at two', severity: 'warning' },
    ]);
    const sent = world.entries('intent.planned').filter(({ intent }) => intent.type === 'open');
    await world.play('a denial', () => world.entries('order.denied').length > 0);
    expect(
      world.entries('intent.planned').filter(({ intent }) => intent.type === 'open'),
    ).toHaveLength(sent.length);
    expect(await ask(world, { type: 'resume', reason: 'calm' })).toMatchObject({ ok: true });
    expect(account(world).mode.name).toBe('active');
    expect(codesOf(await ask(world, { type: 'resume', reason: 'again' }))).toEqual(['NOT_HALTED']);
  });

  it('refuses an account that does not run here, in one sentence with its remedy', async () => {
    const world = await RuntimeWorld.start();
    const reply = await ask(world, { type: 'resume', reason: 'calm' }, '999');
    expect(reply).toMatchObject({
      ok: false,
      refusals: [{ cause: 'No such account runs here', remedy: `accounts here: ${LOGIN}` }],
    });
  });

  it('flattens until the terminal shows nothing, and stays halted after it', async () => {
    const world = await RuntimeWorld.start();
    await opened(world);
    await ask(world, { type: 'flatten', reason: 'weekend' });
    expect(account(world).flatten).toMatchObject({ reason: 'operator: weekend' });
    expect(codesOf(await ask(world, { type: 'resume', reason: 'early' }))).toEqual(['NOT_FLAT']);
    await world.play('the terminal to be flat', () => world.guard.flatten.state === 'flat');
    expect(account(world)).toMatchObject({ positions: [], mode: { name: 'halted' } });
    expect(world.entries('flatten.changed').map(({ to }) => to)).toEqual(
      expect.arrayContaining(['closing', 'verifying', 'flat']),
    );
    await world.until('the gate', () => world.guard.gateOpen);
    expect(await ask(world, { type: 'resume', reason: 'monday' })).toMatchObject({ ok: true });
    expect(account(world)).toMatchObject({ mode: { name: 'active' }, flatten: { state: 'idle' } });
    await world.playOut();
    await world.expectAgreement();
  });

  it('kills, keeps the lock over a restart, and rearms for a person who means it', async () => {
    const world = await RuntimeWorld.start();
    await opened(world);
    const rearm = { type: 'rearm', typed: LOGIN, reason: 'looked at it' } as const;
    expect(codesOf(await ask(world, rearm))).toEqual(['NOT_LOCKED']);
    await ask(world, { type: 'kill', reason: 'enough' });
    expect(account(world).mode).toMatchObject({ name: 'locked', reason: 'operator: enough' });
    expect(codesOf(await ask(world, rearm))).toEqual(['NOT_FLAT']);
    await world.stop();
    const { dataDir } = world;

    const again = await RuntimeWorld.start({ dataDir });
    expect(account(again).mode).toMatchObject({ name: 'locked', reason: 'operator: enough' });
    await again.play('the terminal to be flat', () => again.guard.flatten.state === 'flat');
    expect(again.guard.positions).toEqual([]);
    await again.until('the gate', () => again.guard.gateOpen);
    expect(codesOf(await ask(again, { ...rearm, typed: '1' }))).toEqual(['WRONG_ACCOUNT_TYPED']);
    expect(codesOf(await ask(again, { ...rearm, reason: ' ' }))).toEqual(['REASON_MISSING']);
    expect(codesOf(await ask(again, { type: 'resume', reason: 'no' }))).toEqual(['LOCKED']);
    expect(await ask(again, rearm)).toMatchObject({ ok: true });
    await again.until(
      'it to trade again',
      () => again.entries('mode.changed').at(-1)?.to === 'active',
    );
    const moves = again.entries('mode.changed').map(({ from, to }) => `${from} > ${to}`);
    expect(moves.slice(-2)).toEqual(['locked > halted', 'halted > active']);
    expect(eventsOf(again, 'operator.refused').length).toBeGreaterThan(2);
    await again.playOut();
    await again.expectAgreement();
  });

  it('stops and starts a strategy, and a restart around it does not start it', async () => {
    const world = await RuntimeWorld.start();
    const disable = { type: 'strategy.disable', id: STRATEGY } as const;
    expect(await ask(world, disable)).toMatchObject({ ok: true });
    expect(account(world).strategies).toMatchObject([{ id: STRATEGY, state: 'disabled' }]);
    await world.crash('connection');
    await world.until('the gate', () => world.guard.gateOpen && world.guard.mode === 'active');
    expect(account(world).strategies).toMatchObject([{ state: 'disabled' }]);
    const why = await ask<'why'>(world, { type: 'why', symbol: 'EURUSD' });
    expect(why).toMatchObject({
      ok: true,
      result: [{ strategy: STRATEGY, trades: false }],
    });
    expect(why.ok && why.result[0]?.because.map(({ code }) => code)).toContain('STRATEGY_DISABLED');
    expect(await ask(world, { type: 'why', symbol: 'NOPE' })).toMatchObject({
      ok: false,
      refusals: [{ code: 'UNKNOWN_SYMBOL', remedy: 'symbols here: EURUSD' }],
    });
    await world.stop();
    const again = await RuntimeWorld.start({ dataDir: world.dataDir });
    expect(account(again).strategies).toMatchObject([{ state: 'disabled' }]);
    expect(await ask(again, { type: 'strategy.enable', id: STRATEGY })).toMatchObject({ ok: true });
    await again.until('it to warm up', () => account(again).strategies[0]?.state === 'enabled');
    expect(codesOf(await ask(again, { type: 'strategy.enable', id: 'nobody' }))).toEqual([
      'UNKNOWN_STRATEGY',
    ]);
  });

  it('restarts an actor through its supervisor', async () => {
    const world = await RuntimeWorld.start();
    const path = world.path('executor');
    expect(await ask(world, { type: 'actor.restart', path })).toMatchObject({ ok: true });
    await world.until('another life', () => world.incarnation(path) === 2);
    await world.until('the gate', () => world.guard.gateOpen);
    expect(codesOf(await ask(world, { type: 'actor.restart', path: 'nowhere' }))).toEqual([
      'UNKNOWN_ACTOR',
    ]);
  });

  it('shows a running system as plain data, and refuses accounts that are not here', async () => {
    const world = await RuntimeWorld.start();
    await opened(world);
    const reply = await ask<'status'>(world, { type: 'status' }, 'all');
    if (!reply.ok) throw new Error('refused');
    expect(JSON.parse(JSON.stringify(reply.result))).toEqual(reply.result);
    expect(reply.result).toMatchObject({ profile: 'paper', troubled: [] });
    expect(account(world)).toMatchObject({
      login: LOGIN,
      mode: { name: 'active', holds: [] },
      flatten: { state: 'idle', reason: null },
      gateOpen: true,
      link: { epoch: 1 },
      breaker: { state: 'closed' },
      health: null,
      balance: expect.stringMatching(/^\d+\.\d\d$/),
      floors: { daily: { floor: '95000.00' }, total: { floor: '90000.00' } },
      positions: [{ symbol: 'EURUSD', side: 'buy', volume: '0.1', strategy: STRATEGY }],
      strategies: [{ id: STRATEGY, state: 'enabled' }],
    });
    expect(codesOf(await ask(world, { type: 'halt', reason: 'x' }, '999'))).toEqual([
      'UNKNOWN_ACCOUNT',
    ]);
  });
});
