import { describe, expect, it } from 'vitest';
import {
  CoordinatedShutdown,
  ShutdownPlanError,
} from '../../../../src/actors/kernel/coordinated-shutdown.ts';
import { advanceSettled, createVirtualClock } from '../../../../src/actors/kernel/virtual-clock.ts';

const PHASES = [
  { name: 'drain', budgetMs: 1_000 },
  { name: 'stop', budgetMs: 500 },
] as const;

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const create = () => {
  const clock = createVirtualClock(0);
  return { clock, shutdown: new CoordinatedShutdown(clock, PHASES) };
};

describe('the coordinated shutdown', () => {
  it('runs its phases in order, and the tasks of a phase together', async () => {
    const { clock, shutdown } = create();
    const log: string[] = [];
    const wait = (name: string, ms: number) => () =>
      new Promise<void>((resolve) => {
        log.push(`begin ${name}`);
        clock.schedule(ms, () => {
          log.push(`end ${name}`);
          resolve();
        });
      });
    shutdown.add('stop', 'tree', 100, wait('tree', 100));
    shutdown.add('drain', 'orders', 300, wait('orders', 300));
    shutdown.add('drain', 'journal', 200, wait('journal', 200));
    const done = shutdown.run('SIGTERM');
    expect(shutdown.run('again')).toBe(done);
    await advanceSettled(clock, 400, settle);
    expect(log).toEqual([
      'begin orders',
      'begin journal',
      'end journal',
      'end orders',
      'begin tree',
      'end tree',
    ]);
    const report = await done;
    expect(report.reason).toBe('SIGTERM');
    expect(report.lines.map((line) => [line.task, line.outcome, line.tookMs])).toEqual([
      ['orders', 'done', 300],
      ['journal', 'done', 200],
      ['tree', 'done', 100],
    ]);
    expect(clock.pending()).toBe(0);
  });

  it('goes on past a task that fails or never ends, within the budgets', async () => {
    const { clock, shutdown } = create();
    let aborted = false;
    shutdown.add('drain', 'hangs', 10, (signal) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise(() => undefined);
    });
    shutdown.add('drain', 'throws', 10, () => {
      throw new Error('no disk');
    });
    let stopped = false;
    shutdown.add('stop', 'tree', 10, () => {
      stopped = true;
    });
    const done = shutdown.run('test');
    await advanceSettled(clock, 1_500, settle);
    expect((await done).lines).toMatchObject([
      { task: 'hangs', outcome: 'late', tookMs: 1_000 },
      { task: 'throws', outcome: 'failed', error: { message: 'no disk' } },
      { task: 'tree', outcome: 'done' },
    ]);
    expect([aborted, stopped]).toEqual([true, true]);
  });

  it('refuses a phase that is shorter than what it has to do, and phases nobody runs', () => {
    const { shutdown } = create();
    const codeOf = (act: () => void): string => {
      try {
        act();
      } catch (error) {
        if (error instanceof ShutdownPlanError) return error.code;
      }
      return 'accepted';
    };
    expect(codeOf(() => shutdown.add('stop', 'tree', 501, () => undefined))).toBe(
      'budget_too_short',
    );
    expect(codeOf(() => shutdown.add('later', 'x', 1, () => undefined))).toBe('unknown_phase');
    void shutdown.run('test');
    expect(codeOf(() => shutdown.add('stop', 'x', 1, () => undefined))).toBe('already_running');
  });
});
