import { describe, expect, it } from 'vitest';
import { type BreakerContext, breakerMachine } from '../../../src/machines/breaker.machine.ts';
import { type DrivenChart, drivePure } from '../../support/chart-drive.ts';
import { BREAKER, breakerEvent } from '../../support/chart-events.ts';
import { fc } from '../../support/property-seed.ts';

const breaker = (): DrivenChart => drivePure(breakerMachine, BREAKER);
const contextOf = (chart: DrivenChart): BreakerContext => chart.context() as BreakerContext;
const failing = (chart: DrivenChart, times: number): DrivenChart => {
  for (let time = 0; time < times; time += 1) chart.send({ type: 'request.failed' });
  return chart;
};
const tripped = (): DrivenChart => {
  const chart = failing(breaker(), BREAKER.failures);
  chart.take();
  return chart;
};

describe('the circuit breaker', () => {
  it('opens after so many failures in a row, and not before', () => {
    const chart = breaker();
    for (let time = 0; time < 6; time += 1) chart.send({ type: 'request.succeeded' });
    failing(chart, BREAKER.failures - 1);
    expect([chart.value(), chart.tags()]).toEqual(['closed', ['mayOpen']]);
    failing(chart, 1);
    expect([chart.value(), chart.tags(), chart.take()]).toEqual(['open', [], ['announceOpen']]);
  });

  it('opens when half of the latest requests fail, however they are mixed', () => {
    const chart = breaker();
    for (const type of ['succeeded', 'failed', 'failed', 'succeeded'] as const) {
      chart.send({ type: `request.${type}` });
    }
    expect(chart.value()).toBe('closed');
    chart.send({ type: 'request.failed' });
    expect(chart.value()).toBe('open');
  });

  it('lets its probes through after the pause, and closes when all of them fare well', () => {
    const chart = tripped();
    chart.wait(BREAKER.openMs - 1);
    expect(chart.value()).toBe('open');
    chart.wait(1);
    expect([chart.value(), chart.take()]).toEqual(['halfOpen', ['announceProbing']]);
    chart.send({ type: 'probe.admitted' });
    expect(contextOf(chart).admitted).toBe(1);
    chart.send({ type: 'request.succeeded' });
    expect(chart.value()).toBe('halfOpen');
    chart.send({ type: 'request.succeeded' });
    expect([chart.value(), chart.take()]).toEqual(['closed', ['announceClosed']]);
    expect(contextOf(chart)).toMatchObject({ outcomes: [], trips: 0, openMs: BREAKER.openMs });
  });

  it('doubles its pause with every failed probe, up to the bound', () => {
    const chart = tripped();
    let pauseMs = BREAKER.openMs;
    for (let trial = 0; trial < 6; trial += 1) {
      chart.wait(pauseMs - 1);
      expect(chart.value()).toBe('open');
      chart.wait(1);
      expect(chart.value()).toBe('halfOpen');
      failing(chart, 1);
      pauseMs = Math.min(BREAKER.openMaxMs, pauseMs * 2);
      expect(contextOf(chart).openMs).toBe(pauseMs);
    }
    expect(pauseMs).toBe(BREAKER.openMaxMs);
  });

  it.each(['session.reconciled', 'operator.reset'] as const)('is closed by %s', (type) => {
    const probing = tripped();
    probing.wait(BREAKER.openMs);
    probing.take();
    for (const chart of [tripped(), probing]) {
      chart.send({ type });
      expect([chart.value(), chart.take()]).toEqual(['closed', ['announceClosed']]);
    }
  });

  it('keeps bounded memory and a pause within its bounds under any events', () => {
    const steps = fc.array(fc.oneof(breakerEvent, fc.constantFrom(1, 60_000, 600_000)), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const chart = breaker();
        for (const step of all) {
          if (typeof step === 'number') chart.wait(step);
          else chart.send(step);
          const { outcomes, openMs } = contextOf(chart);
          expect(outcomes.length).toBeLessThanOrEqual(BREAKER.windowRequests);
          expect(openMs).toBeGreaterThanOrEqual(BREAKER.openMs);
          expect(openMs).toBeLessThanOrEqual(BREAKER.openMaxMs);
        }
      }),
    );
  });
});
