import { describe, expect, it } from 'vitest';
import { type LinkContext, linkMachine } from '../../../src/machines/link.machine.ts';
import { type DrivenChart, drivePure } from '../../support/chart-drive.ts';
import { LIMITS, linkEvent } from '../../support/chart-events.ts';
import { fc } from '../../support/property-seed.ts';

const link = (jitterSeed = 1): DrivenChart =>
  drivePure(linkMachine, { jitterSeed, limits: LIMITS });
const contextOf = (chart: DrivenChart): LinkContext => chart.context() as LinkContext;
const hello = { type: 'hello.received', identity: 'ea' } as const;

const claimed = (chart = link()): DrivenChart => {
  chart.send(hello);
  chart.send({ type: 'claim.granted', epoch: 7 } as never);
  return chart;
};
const live = (chart = link()): DrivenChart => {
  claimed(chart).send({ type: 'recovery.completed' });
  chart.take();
  return chart;
};

describe('the link chart', () => {
  it('may trade only after a claim and a reconciliation, in that order', () => {
    const chart = link();
    chart.send({ type: 'recovery.completed' });
    expect(chart.value()).toBe('listening');
    chart.send(hello);
    expect([chart.value(), chart.tags(), chart.take()]).toEqual([
      'claiming',
      ['connected'],
      ['welcomePeer'],
    ]);
    chart.send({ type: 'recovery.completed' });
    expect(chart.value()).toBe('claiming');
    chart.send({ type: 'claim.granted', epoch: 7 } as never);
    expect([chart.value(), chart.take()]).toEqual(['reconciling.beating', ['startReconciliation']]);
    expect(contextOf(chart)).toMatchObject({ identity: 'ea', epoch: 7 });
    expect(chart.tags()).not.toContain('mayTrade');
    chart.send({ type: 'recovery.completed' });
    expect([chart.value(), chart.take()]).toEqual(['live.beating', ['announceLive']]);
    expect(chart.tags()).toContain('mayTrade');
  });

  it('stays up as long as heartbeats come in time', () => {
    const chart = live();
    for (let beat = 0; beat < 20; beat += 1) {
      chart.wait(LIMITS.suspectMs - 1);
      chart.send({ type: 'heartbeat.received' });
    }
    expect(chart.value()).toBe('live.beating');
  });

  it('suspects a link after three missing heartbeats, forgives one that comes late, and gives up after five', () => {
    const chart = live();
    chart.wait(LIMITS.suspectMs);
    expect(chart.value()).toBe('live.suspect');
    expect(chart.tags()).toContain('mayTrade');
    chart.send({ type: 'heartbeat.received' });
    expect(chart.value()).toBe('live.beating');
    chart.wait(LIMITS.downMs - 1);
    expect([chart.value(), chart.take()]).toEqual(['live.suspect', []]);
    chart.wait(1);
    expect(chart.take()).toEqual(['announceLost', 'closeSession']);
    expect(chart.tags()).not.toContain('connected');
    expect(contextOf(chart).identity).toBeNull();
  });

  it('stands still and reconciles again when recovery wants it', () => {
    const chart = live();
    chart.send({ type: 'recovery.restarted' });
    expect([chart.value(), chart.take()]).toEqual(['reconciling.beating', ['startReconciliation']]);
    chart.send({ type: 'recovery.restarted' });
    expect([chart.value(), chart.take()]).toEqual(['reconciling.beating', ['startReconciliation']]);
  });

  it('gives up a handshake and a reconciliation that nobody answers', () => {
    const shaking = link();
    shaking.send(hello);
    shaking.wait(LIMITS.handshakeMs);
    expect(shaking.tags()).not.toContain('connected');
    const comparing = claimed();
    comparing.take();
    comparing.wait(LIMITS.handshakeMs - 1);
    comparing.send({ type: 'heartbeat.received' });
    comparing.wait(LIMITS.handshakeMs - 1);
    expect(comparing.value()).toBe('reconciling.beating');
    comparing.wait(1);
    expect(comparing.take()).toEqual(['announceLost', 'closeSession']);
  });

  it('tells of the loss when the same peer says hello again', () => {
    for (const chart of [live(), claimed()]) {
      chart.take();
      chart.send(hello);
      expect([chart.value(), chart.take()]).toEqual(['claiming', ['announceLost', 'welcomePeer']]);
    }
  });

  it('backs off and closes the session when the claim is refused', () => {
    const chart = link();
    chart.send(hello);
    chart.take();
    chart.send({ type: 'claim.refused' });
    expect([chart.value(), chart.take()]).toEqual(['backingOff', ['closeSession']]);
  });

  it('gives the account up when the terminal has granted a later epoch', () => {
    for (const chart of [live(), claimed()]) {
      chart.take();
      chart.send({ type: 'claim.overtaken' });
      expect([chart.value(), chart.take()]).toEqual([
        'backingOff',
        ['announceLost', 'closeSession'],
      ]);
    }
  });

  it('suspects nobody who said that it would block, up to the bound of what it said', () => {
    const chart = live();
    chart.send({ type: 'terminal.busy', maxMs: 20_000 } as never);
    chart.wait(19_999);
    expect([chart.value(), chart.tags()]).toEqual([
      'live.busy',
      expect.arrayContaining(['mayTrade']),
    ]);
    chart.wait(1);
    expect(chart.value()).toBe('live.beating');
    chart.wait(LIMITS.suspectMs);
    expect(chart.value()).toBe('live.suspect');
    chart.send({ type: 'terminal.busy', maxMs: 1e9 } as never);
    chart.wait(LIMITS.busyMaxMs);
    expect(chart.value()).toBe('live.beating');
    chart.send({ type: 'terminal.busy', maxMs: 20_000 } as never);
    chart.send({ type: 'terminal.ready' });
    expect(chart.value()).toBe('live.beating');
    const comparing = claimed();
    comparing.send({ type: 'terminal.busy', maxMs: 25_000 } as never);
    comparing.wait(24_999);
    expect(comparing.value()).toBe('reconciling.busy');
  });

  it('backs off with full jitter under a ceiling that doubles to its bound, and starts over when live', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        const chart = link(seed);
        for (let failures = 0; failures < 10; failures += 1) {
          chart.send(hello);
          chart.send({ type: 'peer.disconnected' });
          const { backoffMs } = contextOf(chart);
          const ceiling = Math.min(LIMITS.backoffMaxMs, LIMITS.backoffInitialMs * 2 ** failures);
          expect(backoffMs).toBeGreaterThanOrEqual(0);
          expect(backoffMs).toBeLessThan(ceiling);
          expect(contextOf(chart).failures).toBe(failures + 1);
          if (backoffMs > 0) chart.wait(backoffMs - 1);
          if (backoffMs > 0) expect(chart.value()).toBe('backingOff');
          chart.wait(1);
          expect(chart.value()).toBe('listening');
        }
        live(chart);
        expect(contextOf(chart)).toMatchObject({ failures: 0, backoffMs: 0 });
      }),
    );
  });

  it('draws other delays for other seeds, and the same for the same', () => {
    const delaysOf = (seed: number): readonly number[] => {
      const chart = link(seed);
      return Array.from({ length: 8 }, () => {
        chart.send(hello);
        chart.send({ type: 'peer.disconnected' });
        const { backoffMs } = contextOf(chart);
        chart.wait(backoffMs);
        return backoffMs;
      });
    };
    expect(delaysOf(1)).toEqual(delaysOf(1));
    expect(delaysOf(1)).not.toEqual(delaysOf(2));
  });

  it('announces a loss exactly once for every claim that ends, in any order of events and time', () => {
    const steps = fc.array(fc.oneof(linkEvent, fc.constantFrom(1, 2_999, 3_000, 10_000, 60_000)));
    fc.assert(
      fc.property(steps, (all) => {
        const chart = link();
        let open = false;
        for (const step of all) {
          if (typeof step === 'number') chart.wait(step);
          else chart.send(step);
          for (const action of chart.take()) {
            if (action === 'startReconciliation') open = true;
            if (action === 'announceLive') expect(open).toBe(true);
            if (action === 'announceLost') {
              expect(open).toBe(true);
              open = false;
            }
          }
          expect(chart.tags().includes('claimed')).toBe(open);
        }
      }),
    );
  });
});
