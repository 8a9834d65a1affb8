import { describe, expect, it, onTestFinished } from 'vitest';
import { createBrake } from '../../../src/actors/control/brake.ts';
import type { DeskDeps } from '../../../src/actors/desk.ts';
import type { StrategySource } from '../../../src/actors/isolation/engine-protocol.ts';
import { createIsolation, type WorkerLoss } from '../../../src/actors/isolation/isolation.ts';
import { ambientClock, ambientDefer } from '../../../src/actors/kernel/ambient-clock.ts';
import { createSystem } from '../../../src/actors/kernel/system.ts';
import type { Behaviour, KernelEvent, Message } from '../../../src/actors/kernel/types.ts';
import { createVirtualClock } from '../../../src/actors/kernel/virtual-clock.ts';
import type {
  ConnectionMessage,
  GuardMessage,
  SignalRaised,
  StrategyMessage,
} from '../../../src/actors/messages.ts';
import { strategyHost } from '../../../src/actors/strategy-host.ts';
import type { Tick } from '../../../src/domain/market.ts';
import type { Position } from '../../../src/domain/trading.ts';
import { epochMs } from '../../../src/domain/units.ts';
import { worker } from '../../support/kernel-world.ts';
import { EURUSD } from '../../support/risk-fixtures.ts';
import { minutes, position, userFile } from '../../support/strategy-engines.ts';

const TICKS = minutes(0, 40);
const tickOf = (index: number): Tick => {
  const tick = TICKS[index];
  if (tick === undefined) throw new Error('the walk is too short');
  return tick;
};

/** Says at every bar what it holds: the stop distance is the number of its positions plus one. */
const TALKER = `return { state, signals: [{ type: 'open', side: 'buy', kind: 'market',
  stopDistance: context.positions.length + 1, leg: 0, reason: '' }] };`;

/** One host on its isolation, between collaborators that only write down what they are told. */
const desk = async (source: StrategySource, seats: Readonly<Record<string, string>> = {}) => {
  const clock = createVirtualClock(tickOf(0).at);
  const heard: { guard: GuardMessage[]; connection: ConnectionMessage[]; recovery: Message[] } = {
    guard: [],
    connection: [],
    recovery: [],
  };
  const losses: WorkerLoss[] = [];
  const isolation = createIsolation(
    { seats: new Map(Object.entries(seats)), deadlineMs: 200, memoryMb: 64 },
    {
      wall: ambientClock,
      residentBytes: () => 0,
      onOutput: () => undefined,
      onWorkerLost: (loss) => losses.push(loss),
    },
  );
  const note = <M extends Message>(log: M[]): Behaviour<M, null> => ({
    init: () => null,
    receive: (state, message) => {
      log.push(message);
      return state;
    },
  });
  const deps: DeskDeps = {
    accountId: '1',
    clock,
    wall: ambientClock,
    journal: {
      append: () => Promise.resolve(),
      settled: () => Promise.resolve(),
      reader: () => {
        throw new Error('a strategy host reads no journal');
      },
    },
    paths: {
      watchdog: null,
      connection: 'connection',
      guard: 'guard',
      executor: 'executor',
      recovery: 'recovery',
      strategies: [],
    },
    brake: createBrake(),
  };
  const key = { id: 'a:EURUSD', name: 'a', symbol: 'EURUSD', number: 1, hash: 'h' };
  const options = {
    key,
    source,
    timeframe: 'M1',
    params: {},
    serverTz: 'ny+7',
    wakeOnTick: false,
  } as const;
  const system = createSystem({
    name: 'desk',
    clock: ambientClock,
    defer: ambientDefer,
    random: () => 0,
    root: {
      intensity: 2,
      periodMs: 60_000,
      children: [
        worker('connection', () => note(heard.connection)),
        worker('guard', () => note(heard.guard)),
        worker('recovery', () => note(heard.recovery)),
        worker('host', () => strategyHost(deps, options, isolation), {
          clock,
          mailbox: { capacity: 100_000, overflow: { type: 'reject' } },
        }),
      ],
    },
  });
  const events: KernelEvent[] = [];
  system.subscribe((event) => events.push(event));
  await system.start();
  onTestFinished(async () => {
    await system.shutdown();
    await isolation.close();
  });
  await system.quiescent();
  const tell = async (message: StrategyMessage): Promise<void> => {
    system.ref<StrategyMessage>('host').send(message);
    await system.quiescent();
  };
  /** Everything up to and including this tick, as the connection tells it. */
  const ticksTo = async (index: number): Promise<void> => {
    const tick = tickOf(index);
    clock.advanceTo(tick.at);
    await tell({ type: 'market.ticks', ticks: [tick], at: tick.at });
  };
  const raised = (): readonly SignalRaised[] =>
    heard.guard.filter((message) => message.type === 'signal.raised');
  const ready = (): Promise<void> =>
    tell({ type: 'market.ready', instrument: EURUSD, at: clock.now() });
  /** Its second life has begun; ending the first may take a worker's end. */
  const reborn = new Promise<void>((resolve) => {
    system.subscribe((event) => {
      const isHost = event.type === 'actor.started' && event.path === 'host';
      if (isHost && event.incarnation === 2) resolve();
    });
  }).then(system.quiescent);
  const trading = async (): Promise<void> => {
    await ready();
    await tell({ type: 'history.loaded', bars: [] });
  };
  return { system, clock, heard, events, losses, tell, ticksTo, raised, ready, trading, reborn };
};

describe('a strategy host', () => {
  it('asks for its positions at birth, and for its market when its code is loaded', async () => {
    const { heard, ready, clock } = await desk(userFile('talker', { warmupBars: 7 }));
    expect(heard.guard).toEqual([{ type: 'positions.wanted', path: 'host' }]);
    expect(heard.recovery).toEqual([{ type: 'strategy.attached', path: 'host', symbol: 'EURUSD' }]);
    await ready();
    expect(heard.connection).toMatchObject([
      { type: 'history.load', replyTo: 'host', symbol: 'EURUSD', timeframe: 'M1', count: 17 },
    ]);
    expect(heard.connection[0]).toMatchObject({ to: clock.now() });
  });

  it('keeps its signals until everybody has decided', async () => {
    const { ticksTo, trading, raised, tell } = await desk(userFile('talker', { onBar: TALKER }));
    await trading();
    await ticksTo(1);
    await ticksTo(2);
    expect(raised()).toEqual([]);
    await tell({ type: 'decisions.due' });
    expect(raised()).toMatchObject([
      { barAt: tickOf(1).at, at: tickOf(2).at, signal: { stopDistance: 1 } },
    ]);
    await tell({ type: 'decisions.due' });
    expect(raised()).toHaveLength(1);
  });

  it('lets nothing overtake a request that is under way', async () => {
    const { system, trading, raised, tell } = await desk(userFile('talker', { onBar: TALKER }));
    await trading();
    const positions: readonly Position[] = [position('1', 'buy')];
    const host = system.ref<StrategyMessage>('host');
    // Told at once: the engine has answered none of them when the last one arrives.
    for (const [index, holds] of [[1], [2], [3, positions], [4]] as const) {
      if (holds !== undefined)
        host.send({ type: 'holdings.changed', positions: holds, orders: [] });
      host.send({ type: 'market.ticks', ticks: [tickOf(index)], at: tickOf(index).at });
      host.send({ type: 'decisions.due' });
    }
    await system.quiescent();
    const told = raised().map(({ at, signal }) => [
      at,
      signal.type === 'open' ? signal.stopDistance : 0,
    ]);
    expect(told).toEqual([
      [tickOf(2).at, 1],
      [tickOf(3).at, 2],
      [tickOf(4).at, 2],
    ]);
    await tell({ type: 'holdings.changed', positions: [], orders: [] });
  });

  it('feeds what came while its history was on the way, with the signals dropped', async () => {
    const { ticksTo, ready, raised, tell, system } = await desk(
      userFile('talker', { onBar: TALKER }),
    );
    await ready();
    await ticksTo(1);
    await ticksTo(2);
    await ticksTo(3);
    await tell({ type: 'decisions.due' });
    await tell({ type: 'history.loaded', bars: [] });
    await tell({ type: 'decisions.due' });
    expect(raised()).toEqual([]);
    expect(system.info('host')?.summary).toMatchObject({ phase: 'trading', bars: 2, signals: 0 });
    await ticksTo(4);
    await tell({ type: 'decisions.due' });
    // The bar of minute 3 was built from a tick that came during the warm-up: no gap.
    expect(raised()).toMatchObject([{ barAt: tickOf(3).at, at: tickOf(4).at }]);
  });

  it('forgets the ticks of a market that it lost, and warms up again', async () => {
    const { ticksTo, ready, tell, system } = await desk(userFile('talker', { onBar: TALKER }));
    await ready();
    await ticksTo(1);
    await tell({ type: 'history.failed', reason: 'the link was lost' });
    expect(system.info('host')?.summary).toMatchObject({ phase: 'waiting' });
    await ticksTo(2);
    await ready();
    await tell({ type: 'history.loaded', bars: [] });
    expect(system.info('host')?.summary).toMatchObject({ phase: 'trading', bars: 0 });
  });

  it.each([{}, { 'a:EURUSD': 'a' }])(
    'crashes with what its strategy threw, and is born anew without its signals: %o',
    async (seats) => {
      const source = userFile('moody', {
        onBar: `if (bar.at >= ${tickOf(2).at}) throw new Error('no more'); ${TALKER}`,
      });
      const made = await desk(source, seats);
      const { ticksTo, trading, events, heard, system, raised, tell, reborn } = made;
      await trading();
      await ticksTo(1);
      await ticksTo(2);
      await ticksTo(3);
      await reborn;
      await tell({ type: 'decisions.due' });
      const crash = events.find((event) => event.type === 'actor.crashed');
      expect(crash).toMatchObject({
        report: { path: 'host', reason: { message: expect.stringMatching(/^onBar .* no more$/) } },
      });
      expect(events.filter((event) => event.type === 'deadLetter')).toEqual([]);
      expect(raised()).toEqual([]);
      expect(system.info('host')).toMatchObject({ incarnation: 2, summary: { phase: 'waiting' } });
      expect(heard.guard.filter(({ type }) => type === 'positions.wanted')).toHaveLength(2);
      expect(heard.recovery).toHaveLength(2);
    },
  );

  it('holds an instant up to the deadline when its strategy hangs, then crashes', async () => {
    const source = userFile('spin', { onBar: 'for (;;) {}' });
    const { ticksTo, trading, events, losses, reborn } = await desk(source, { 'a:EURUSD': 'a' });
    await trading();
    await ticksTo(1);
    await ticksTo(2);
    // Quiet again, so the instant is over: the strategy did not hold it any longer than this.
    expect(losses).toMatchObject([{ reason: 'timedOut', culprit: 'a:EURUSD' }]);
    const crash = events.find((event) => event.type === 'actor.crashed');
    expect(crash).toMatchObject({ report: { reason: { tag: 'StrategyFault' } } });
    await reborn;
  });

  it('crashes when its worker dies between two requests', async () => {
    const source = userFile('late', {
      onBar: "setImmediate(() => { throw new Error('too late'); }); return { state, signals: [] };",
    });
    const { ticksTo, trading, events, reborn } = await desk(source, { 'a:EURUSD': 'a' });
    await trading();
    await ticksTo(1);
    await ticksTo(2);
    await reborn;
    const crash = events.find((event) => event.type === 'actor.crashed');
    expect(crash).toMatchObject({
      report: { reason: { message: expect.stringMatching(/outside of any call: too late/) } },
    });
  });

  it('crashes rather than let its queue grow for ever', async () => {
    const { ready, tell, events, system } = await desk(userFile('talker', {}));
    await ready();
    const host = system.ref<StrategyMessage>('host');
    for (let i = 0; i <= 10_000; i += 1) {
      host.send({ type: 'market.ticks', ticks: [tickOf(1)], at: epochMs(tickOf(1).at) });
    }
    await tell({ type: 'decisions.due' });
    expect(events.find((event) => event.type === 'actor.crashed')).toMatchObject({
      report: { reason: { message: expect.stringMatching(/cannot keep up/) } },
    });
  });
});
