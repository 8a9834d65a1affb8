import { describe, expect, it } from 'vitest';
import type { Message, SysVerbs } from '../../../../src/actors/kernel/types.ts';
import { watchLoopLag, watchProgress } from '../../../../src/actors/kernel/watchdog.ts';
import { recorder, startWorld, type World, worker } from '../../../support/kernel-world.ts';

const MS = 1_000;
const sysOf = (world: World, path: string): SysVerbs => {
  const sys = world.system.sys(path);
  if (sys === undefined) throw new Error(`nothing at ${path}`);
  return sys;
};

const actor = async (log: string[] = []) => {
  const world = await startWorld({ children: [worker('a', () => recorder(log))] });
  return { world, sys: sysOf(world, 'a') };
};

describe('the sys verbs', () => {
  it('read state, status and statistics in the actor’s own turn', async () => {
    const { world, sys } = await actor();
    for (const type of ['x', 'y']) world.send('a', { type });
    await world.system.quiescent();
    expect(await sys.getState(MS)).toEqual({ ok: true, value: { count: 2 } });
    expect(await sys.getStatus(MS)).toMatchObject({
      ok: true,
      value: { path: 'a', status: 'running', suspended: false },
    });
    expect(await sys.statistics(MS)).toEqual({
      ok: true,
      value: { handled: 2, incarnation: 1, restarts: 0, mailboxDepth: 0 },
    });
    expect(await sys.ping(MS)).toEqual({ ok: true, value: 'pong' });
    expect(world.clock.pending()).toBe(0);
  });

  it('suspend and resume an actor; a stop still gets through', async () => {
    const log: string[] = [];
    const { world, sys } = await actor(log);
    await sys.suspend(MS);
    world.send('a', { type: 'x' });
    await world.system.quiescent();
    expect(log).toEqual([]);
    expect(await sys.getStatus(MS)).toMatchObject({ value: { suspended: true, mailboxDepth: 1 } });
    await sys.resume(MS);
    await world.system.quiescent();
    expect(log).toEqual(['x']);
    await sys.suspend(MS);
    await world.system.shutdown();
  });

  it('keep a ring of the last messages, and trace them', async () => {
    const { world, sys } = await actor();
    const traced: string[] = [];
    const stop = sys.trace((entry) => traced.push(entry.message.type));
    await sys.log(MS, 2);
    for (const type of ['x', 'y', 'z']) world.send('a', { type });
    await world.system.quiescent();
    stop();
    world.send('a', { type: 'untraced' });
    await world.system.quiescent();
    expect(traced).toEqual(['x', 'y', 'z']);
    const kept = await sys.getLog(MS);
    expect(kept.ok && kept.value.map((entry) => entry.message.type)).toEqual(['z', 'untraced']);
  });

  it('drop a tracer that throws, and leave its actor alone', async () => {
    const log: string[] = [];
    const { world, sys } = await actor(log);
    sys.trace(() => {
      throw new Error('bad tracer');
    });
    world.send('a', { type: 'x' });
    await world.system.quiescent();
    expect(log).toEqual(['x']);
  });

  it('terminate with a reason, and answer dead about the dead', async () => {
    const { world, sys } = await actor();
    await sys.terminate(MS, { type: 'crash', message: 'by hand' });
    await world.system.quiescent();
    expect(world.seen('actor.exited')[0]?.reason).toMatchObject({ message: 'by hand' });
    expect(world.system.info('a')?.incarnation).toBe(2);
    await world.system.shutdown();
    expect(await sys.getState(MS)).toEqual({ ok: false, error: 'dead' });
    expect(world.system.sys('nobody')).toBeUndefined();
  });

  it('work on a supervisor, too', async () => {
    const { world } = await actor();
    const sys = sysOf(world, '');
    expect(await sys.ping(MS)).toMatchObject({ ok: true });
    await sys.suspend(MS);
    world.send('a', { type: 'crash' });
    await world.system.quiescent();
    expect(world.system.info('a')?.status).toBe('restarting');
    await sys.resume(MS);
    await world.system.quiescent();
    expect(world.system.info('a')?.status).toBe('running');
  });
});

describe('the watchdogs', () => {
  it('report the lag of the event loop', async () => {
    const { world } = await actor();
    let elapsedMs = 0;
    const lags: number[] = [];
    const stop = watchLoopLag({
      clock: world.clock,
      stopwatch: { elapsedMs: () => elapsedMs },
      everyMs: 100,
      report: (lagMs) => lags.push(lagMs),
    });
    for (const tookMs of [100, 350, 100]) {
      elapsedMs += tookMs;
      await world.pass(100);
    }
    stop();
    await world.pass(1_000);
    expect(lags).toEqual([0, 250, 0]);
  });

  it('kill a worker that gets no turn any more, and nobody else', async () => {
    let floods = true;
    // This scheduler always serves who got ready last, so a flood of b starves everybody else.
    const world = await startWorld(
      {
        children: [
          worker('a', () => recorder([])),
          worker('b', () => ({
            init: () => null,
            receive: (_, message: Message, context) => {
              if (floods) context.self.send(message);
              return null;
            },
          })),
        ],
      },
      { pick: (ready) => ready - 1 },
    );
    const reports: unknown[] = [];
    const stop = watchProgress({
      system: world.system,
      clock: world.clock,
      everyMs: 100,
      timeoutMs: 50,
      kill: true,
      report: (unresponsive) => reports.push(unresponsive),
    });
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    world.clock.advanceTo(world.clock.now() + 100);
    world.send('b', { type: 'flood' });
    await turn();
    world.clock.advanceTo(world.clock.now() + 50);
    for (let i = 0; i < 4; i += 1) await turn();
    stop();
    floods = false;
    await world.system.quiescent();
    expect(reports).toEqual([{ path: 'a', incarnation: 1, killed: true }]);
    expect(world.system.info('a')?.incarnation).toBe(2);
    expect(world.system.info('b')?.incarnation).toBe(1);
  });

  it('does not blame the actors for an event loop that was blocked', async () => {
    const { world } = await actor();
    const reports: unknown[] = [];
    const stop = watchProgress({
      system: world.system,
      clock: world.clock,
      everyMs: 100,
      timeoutMs: 50,
      kill: true,
      report: (unresponsive) => reports.push(unresponsive),
    });
    // Time goes on without a turn of the loop: the time-out fires before the answer could.
    world.clock.advanceTo(world.clock.now() + 150);
    for (let i = 0; i < 4; i += 1) await new Promise((resolve) => setImmediate(resolve));
    stop();
    expect(reports).toEqual([]);
  });
});
