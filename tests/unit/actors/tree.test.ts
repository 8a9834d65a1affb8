import { describe, expect, it } from 'vitest';
import type { ChildSpec, SupervisorSpec } from '../../../src/actors/kernel/types.ts';
import { createVirtualClock } from '../../../src/actors/kernel/virtual-clock.ts';
import {
  type AnyBehaviour,
  BUDGETS,
  deskPath,
  strategyPath,
  tree,
} from '../../../src/actors/tree.ts';

const nobody = (): AnyBehaviour => {
  throw new Error('nothing starts in this test');
};
const accountOf = (login: string, watchdog: boolean) => ({
  login,
  clock: createVirtualClock(0),
  watchdog: watchdog ? nobody : null,
  connection: nobody,
  guard: nobody,
  executor: nobody,
  recovery: nobody,
  strategies: [
    { id: 'a:EURUSD', host: nobody },
    { id: 'b:GBPUSD', host: nobody },
  ],
});
const spec = tree({
  journal: nobody,
  auditor: nobody,
  observers: [{ id: 'inspector', start: nobody }],
  accounts: [accountOf('1', true), accountOf('2', false)],
});

interface Line {
  readonly path: string;
  readonly child: ChildSpec;
}
const lines = (of: SupervisorSpec, above = ''): readonly Line[] =>
  of.children.flatMap((child) => {
    const path = above === '' ? child.id : `${above}.${child.id}`;
    const below = child.type === 'supervisor' ? lines(child.supervisor, path) : [];
    return [{ path, child }, ...below];
  });
const all = lines(spec);
const supervisorAt = (path: string): SupervisorSpec => {
  const found = all.find((line) => line.path === path)?.child;
  if (found?.type !== 'supervisor') throw new Error(`${path} is no supervisor`);
  return found.supervisor;
};

describe('the tree as data', () => {
  it('has every actor at its place, in the order in which it starts', () => {
    const desk = (login: string, first: readonly string[]) => [
      `accounts.${login}`,
      `accounts.${login}.desk`,
      ...[...first, 'connection', 'risk-guard', 'executor', 'recovery', 'strategies'].map((name) =>
        deskPath(login, name),
      ),
      ...['a:EURUSD', 'b:GBPUSD'].flatMap((id) => [
        deskPath(login, `strategies.${id}`),
        strategyPath(login, id),
      ]),
    ];
    expect(all.map(({ path }) => path)).toEqual([
      'journal',
      'observers',
      'observers.auditor',
      'observers.inspector',
      'observers.inspector.host',
      'accounts',
      ...desk('1', ['terminal-watchdog']),
      ...desk('2', []),
    ]);
  });

  it('takes every budget from BUDGETS, and every budget of BUDGETS is somebody’s', () => {
    const owners: Readonly<Record<keyof typeof BUDGETS, SupervisorSpec>> = {
      root: spec,
      observers: supervisorAt('observers'),
      observer: supervisorAt('observers.inspector'),
      accounts: supervisorAt('accounts'),
      account: supervisorAt('accounts.1'),
      desk: supervisorAt('accounts.1.desk'),
      strategies: supervisorAt('accounts.1.desk.strategies'),
      strategy: supervisorAt('accounts.1.desk.strategies.a:EURUSD'),
    };
    for (const [name, { intensity, periodMs }] of Object.entries(owners)) {
      expect({ intensity, periodMs }, name).toEqual(BUDGETS[name as keyof typeof BUDGETS]);
    }
    const supervisors = all.filter(({ child }) => child.type === 'supervisor');
    for (const { path } of supervisors)
      expect(supervisorAt(path).periodMs, path).toBeGreaterThan(0);
  });

  it('parks onlookers, accounts and strategies alone, and restarts a desk from the dead one on', () => {
    const parking = all.flatMap(({ path, child }) =>
      child.type === 'supervisor' && child.supervisor.onExhausted === 'park' ? [path] : [],
    );
    expect(parking).toEqual([
      'observers.inspector',
      'accounts.1',
      'accounts.1.desk.strategies.a:EURUSD',
      'accounts.1.desk.strategies.b:GBPUSD',
      'accounts.2',
      'accounts.2.desk.strategies.a:EURUSD',
      'accounts.2.desk.strategies.b:GBPUSD',
    ]);
    const rest = all.flatMap(({ path, child }) =>
      child.type === 'supervisor' && child.supervisor.strategy === 'rest_for_one' ? [path] : [],
    );
    expect(rest).toEqual(['accounts.1.desk', 'accounts.2.desk']);
  });

  it('keeps down what an operator stopped, on every level', () => {
    const supervisors = all.flatMap(({ child }) =>
      child.type === 'supervisor' ? [child.supervisor] : [],
    );
    expect(
      [spec, ...supervisors].every(
        ({ honourAdministrativelyDown }) => honourAdministrativelyDown === true,
      ),
    ).toBe(true);
  });

  it('lets no budget but the journal’s reach the root inside its period', () => {
    // The quickest way to burn a budget: a crash at once after every restart, back-off included.
    const burnMs = (
      intensity: number,
      backoff: { readonly initialMs: number; readonly maxMs: number },
    ): number =>
      Array.from({ length: intensity }, (_, n) =>
        Math.min(backoff.maxMs, backoff.initialMs * 2 ** n),
      ).reduce((a, b) => a + b, 0);
    const backoffOf = (path: string) => {
      const backoff = all.find((line) => line.path === path)?.child.backoff;
      if (backoff === undefined) throw new Error(`${path} restarts without a pause`);
      return backoff;
    };
    const { observers, root } = BUDGETS;
    expect(burnMs(observers.intensity, backoffOf('observers.auditor'))).toBeGreaterThan(
      observers.periodMs,
    );
    expect(burnMs(root.intensity, backoffOf('journal'))).toBeLessThan(root.periodMs);
    // What is below `accounts` parks, so nothing of it ever arrives there.
    expect(
      supervisorAt('accounts').children.every(
        (child) => child.type === 'supervisor' && child.supervisor.onExhausted === 'park',
      ),
    ).toBe(true);
  });

  it('never drops a message of the order path, and lets what permits and forbids overtake in order', () => {
    const workers = all.flatMap(({ child }) => (child.type === 'worker' ? [child] : []));
    for (const { mailbox, id } of workers) {
      expect(mailbox?.overflow, id).toEqual({ type: 'reject' });
      const lane = (type: string) => mailbox?.lane?.({ type } as never);
      const control = [
        'operator.halt',
        'operator.resume',
        'operator.flatten',
        'operator.kill',
        'operator.rearm',
        'mode.changed',
        'gate.granted',
        'gate.revoked',
        'link.claimed',
        'link.live',
        'link.lost',
        'terminalGuard.tripped',
      ];
      expect(control.map(lane)).toEqual(control.map(() => 'control'));
      expect(
        ['signal.raised', 'intent.admitted', 'trade.reported', 'market.ticks'].map(lane),
      ).toEqual(['user', 'user', 'user', 'user']);
    }
  });
});
