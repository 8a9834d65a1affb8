import { describe, expect, it } from 'vitest';
import { RECOVERY_PAUSES, recoveryMachine } from '../../../src/machines/recovery.machine.ts';
import { type DrivenChart, drivePure } from '../../support/chart-drive.ts';
import { recoveryEvent } from '../../support/chart-events.ts';
import { fc } from '../../support/property-seed.ts';

const TIMEOUT_MS = 10_000;
const recovery = (): DrivenChart => drivePure(recoveryMachine, undefined);
const snapshot = (hash: string) => ({ type: 'snapshot.assembled', hash }) as never;
const claimed = (): DrivenChart => {
  const chart = recovery();
  chart.send({ type: 'link.claimed' });
  chart.take();
  return chart;
};
const compared = (...types: readonly string[]): DrivenChart => {
  const chart = claimed();
  chart.send(snapshot('h1'));
  chart.send(snapshot('h1'));
  for (const type of types) chart.send({ type });
  return chart;
};

describe('the recovery chart', () => {
  it('waits without asking for anything until the lease is ours', () => {
    const chart = recovery();
    for (const type of ['executor.reconciled', 'guard.reconciled', 'snapshot.failed'])
      chart.send({ type });
    chart.send(snapshot('h1'));
    chart.wait(60_000);
    expect([chart.value(), chart.take()]).toEqual(['waiting', []]);
  });

  it('believes the second of two equal snapshots, and no single one', () => {
    const chart = recovery();
    chart.send({ type: 'link.claimed' });
    expect([chart.value(), chart.take()]).toEqual(['comparing', ['revokeGate', 'requestSnapshot']]);
    chart.send(snapshot('h1'));
    expect([chart.value(), chart.take()]).toEqual(['comparing', ['requestSnapshot']]);
    chart.send(snapshot('h2'));
    expect([chart.value(), chart.take()]).toEqual(['comparing', ['requestSnapshot']]);
    chart.send(snapshot('h1'));
    expect(chart.value()).toBe('comparing');
    chart.send(snapshot('h1'));
    expect([chart.value(), chart.take().at(-1)]).toEqual(['matching', 'reconcileExecutor']);
  });

  it('takes a failed snapshot for no evidence, and starts to compare over', () => {
    const chart = claimed();
    chart.send(snapshot('h1'));
    chart.send({ type: 'snapshot.failed' });
    chart.take();
    expect(chart.value()).toBe('pausing');
    chart.wait(RECOVERY_PAUSES.retryPauseMs);
    expect(chart.take()).toEqual(['requestSnapshot']);
    chart.send(snapshot('h1'));
    expect([chart.value(), chart.take()]).toEqual(['comparing', ['requestSnapshot']]);
  });

  it('concludes nothing from another account, and looks again in a while', () => {
    const chart = claimed();
    chart.take();
    chart.send({ type: 'snapshot.barred' });
    expect([chart.value(), chart.tags(), chart.take()]).toEqual(['barred', [], ['reportBarred']]);
    chart.wait(RECOVERY_PAUSES.barredPauseMs);
    expect([chart.value(), chart.take()]).toEqual(['comparing', ['requestSnapshot']]);
  });

  it('compares books that differed again, and begins anew when a check finds a difference', () => {
    const chart = compared('positions.unexplained');
    expect(chart.value()).toBe('mismatched');
    chart.wait(RECOVERY_PAUSES.mismatchRetryMs);
    expect(chart.value()).toBe('comparing');
    const open = compared('executor.reconciled', 'guard.reconciled');
    open.take();
    open.send({ type: 'check.differed' });
    expect([open.value(), open.take()]).toEqual(['granted', ['startAgain']]);
  });

  it('keeps the gate shut while nothing can be written down, and compares again in a while', () => {
    const chart = compared('reconciliation.notDurable');
    expect([chart.value(), chart.tags()]).toEqual(['unwritten', []]);
    chart.send({ type: 'executor.reconciled' });
    expect(chart.value()).toBe('unwritten');
    chart.take();
    chart.wait(RECOVERY_PAUSES.unwrittenPauseMs);
    expect([chart.value(), chart.take()]).toEqual(['comparing', ['requestSnapshot']]);
  });

  it('asks again when no snapshot comes in time', () => {
    const chart = claimed();
    chart.wait(TIMEOUT_MS - 1);
    expect(chart.take()).toEqual([]);
    chart.wait(1);
    expect([chart.value(), chart.take()]).toEqual(['comparing', ['requestSnapshot']]);
  });

  it('reconciles the executor, then the guard, then grants the gate', () => {
    const chart = compared();
    chart.take();
    chart.send({ type: 'guard.reconciled' });
    expect(chart.value()).toBe('matching');
    chart.send({ type: 'executor.reconciled' });
    expect([chart.value(), chart.take()]).toEqual(['balancing', ['reconcileGuard']]);
    chart.send({ type: 'guard.reconciled' });
    expect([chart.value(), chart.tags(), chart.take()]).toEqual([
      'granted',
      ['gateOpen'],
      ['grantGate'],
    ]);
  });

  it('opens nothing after a mismatch until a reconciliation finds none', () => {
    const chart = compared('executor.reconciled', 'guard.mismatch');
    expect([chart.value(), chart.tags(), chart.take().at(-1)]).toEqual([
      'mismatched',
      [],
      'reportMismatch',
    ]);
    chart.send({ type: 'guard.reconciled' });
    expect(chart.value()).toBe('mismatched');
    chart.send({ type: 'link.claimed' });
    expect(chart.value()).toBe('comparing');
  });

  it('revokes the gate when the link is lost and when everything is compared again', () => {
    for (const [type, state] of [
      ['link.lost', 'waiting'],
      ['link.claimed', 'comparing'],
    ] as const) {
      const chart = compared('executor.reconciled', 'guard.reconciled');
      chart.take();
      chart.send({ type });
      expect(chart.value()).toBe(state);
      expect(chart.take()[0]).toBe('revokeGate');
    }
  });

  it('keeps the gate open only between a grant and what revokes it, in any order of events', () => {
    const steps = fc.array(fc.oneof(recoveryEvent, fc.constantFrom(1, TIMEOUT_MS)), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const chart = recovery();
        let open = false;
        for (const step of all) {
          if (typeof step === 'number') chart.wait(step);
          else chart.send(step);
          for (const action of chart.take()) {
            if (action === 'grantGate') open = true;
            if (action === 'revokeGate') open = false;
          }
          expect(chart.tags().includes('gateOpen')).toBe(open);
        }
      }),
    );
  });
});
