import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type {
  StrategyFault,
  StrategyFaultReason,
} from '../../../../src/actors/isolation/errors.ts';
import {
  minutes,
  specOf,
  type UserFile,
  userFile,
  workshop,
} from '../../../support/strategy-engines.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

/** The end of a bounded loop: a slow machine is not a failure. */
const PATIENCE = { timeout: 20_000, interval: 5 };
const SPIN = 'for (;;) {}';
const ALONE = { seats: { 'a:EURUSD': 'a' } } as const;
const SHARED = { seats: { 'a:EURUSD': 'pool', 'b:EURUSD': 'pool' } } as const;
const caught = (error: unknown): StrategyFault => error as StrategyFault;

describe('a worker', () => {
  it('gives a strategy neither environment nor arguments, and keeps stdout to itself', async () => {
    vi.stubEnv('BULWARK_TEST_SECRET', 'hunter2');
    onTestFinished(() => void vi.unstubAllEnvs());
    const shop = workshop(ALONE);
    const source = userFile('curious', {
      onBar: `console.log(JSON.stringify([process.env, process.argv.slice(2), process.execArgv]));
        return { state, signals: [] };`,
    });
    const { feed } = await shop.trading(specOf('a:EURUSD', source));
    await feed(minutes(0, 2));
    await vi.waitFor(() => expect(shop.output).toEqual(['a: [{},[],[]]\n']), PATIENCE);
  });

  const ENDS: readonly [
    string,
    StrategyFaultReason,
    RegExp,
    { readonly deadlineMs?: number; readonly memoryMb?: number },
    UserFile,
  ][] = [
    [
      'an endless loop',
      'timedOut',
      /no answer to 3 ticks up to \S+ within 150 ms/,
      { deadlineMs: 150 },
      { onBar: SPIN },
    ],
    [
      'a module that never loads',
      'timedOut',
      /no answer to loading its code/,
      { deadlineMs: 150 },
      { top: SPIN },
    ],
    [
      'a heap without end',
      'outOfMemory',
      /more than 32 MB of heap were wanted during 3 ticks/,
      { memoryMb: 32 },
      { onBar: 'const all = []; for (;;) all.push(new Array(1_000).fill(all.length));' },
    ],
    ['an exit', 'died', /the worker exited with code 3/, {}, { onBar: 'process.exit(3);' }],
  ];
  it.each(ENDS)('is ended by %s', async (_, reason, message, options, file) => {
    const shop = workshop({ ...ALONE, ...options });
    const run = async (): Promise<unknown> => {
      const { feed } = await shop.trading(specOf('a:EURUSD', userFile('a', file)));
      return feed(minutes(0, 3));
    };
    const fault = await run().catch(caught);
    expect(fault).toMatchObject({ reason, strategyId: 'a:EURUSD' });
    expect((fault as StrategyFault).message).toMatch(message);
    expect(shop.losses).toMatchObject([{ worker: 'a', reason, culprit: 'a:EURUSD' }]);
  });

  it('is ended by a process that outgrows it outside of the heap', async () => {
    let residentBytes = 0;
    const shop = workshop({ ...ALONE, memoryMb: 32, residentBytes: () => residentBytes });
    const source = userFile('a', { onBar: SPIN });
    const { feed } = await shop.trading(specOf('a:EURUSD', source));
    const fault = feed(minutes(0, 3)).catch(caught);
    residentBytes = 65 * 1_048_576;
    expect(await fault).toMatchObject({
      reason: 'outOfMemory',
      message: expect.stringMatching(/the process grew by 64 MB during 3 ticks/),
    });
  });

  it('tells its strategies when it dies between two requests', async () => {
    const shop = workshop(ALONE);
    // It throws when the test says so, and the test says so after the answer has come.
    const signal = join(temporaryDirectory(), 'now');
    const late = userFile('late', {
      top: "import { existsSync } from 'node:fs';",
      onBar: `setInterval(() => {
          if (existsSync(${JSON.stringify(signal)})) throw new Error('too late');
        }, 2);
        return { state, signals: [] };`,
    });
    const lost: StrategyFault[] = [];
    const { feed } = await shop.trading(specOf('a:EURUSD', late), (fault) => lost.push(fault));
    expect(await feed(minutes(0, 2))).toMatchObject({ bars: 1 });
    writeFileSync(signal, '');
    await vi.waitFor(() => expect(lost).toHaveLength(1), PATIENCE);
    expect(lost[0]).toMatchObject({
      reason: 'died',
      message: expect.stringMatching(/an error outside of any call: too late/),
    });
    expect(shop.losses).toMatchObject([{ culprit: null, strategies: ['a:EURUSD'] }]);
  });

  it('tells the strategy that waits for an answer when its thread dies of another error', async () => {
    const shop = workshop(ALONE);
    const hasty = userFile('hasty', {
      onBar: `queueMicrotask(() => { throw new Error('too early'); });
        return { state, signals: [] };`,
    });
    const lost: StrategyFault[] = [];
    const { feed } = await shop.trading(specOf('a:EURUSD', hasty), (fault) => lost.push(fault));
    // Whether the answer or the error comes first is the thread's business; it is told once.
    await feed(minutes(0, 2)).catch((fault: StrategyFault) => lost.push(fault));
    await vi.waitFor(() => expect(lost).toMatchObject([{ reason: 'died' }]), PATIENCE);
  });

  it('survives the throw of one of its strategies', async () => {
    const shop = workshop(SHARED);
    const bad = await shop.trading(
      specOf('a:EURUSD', userFile('bad', { onBar: "throw new Error('no');" })),
    );
    const good = await shop.trading(specOf('b:EURUSD', userFile('good', {})));
    await expect(bad.feed(minutes(0, 2))).rejects.toMatchObject({ reason: 'threw' });
    expect(await good.feed(minutes(0, 2))).toMatchObject({ bars: 1 });
    expect(shop.losses).toEqual([]);
  });

  it('takes its other strategies down when one hangs, names it, and never seats it there again', async () => {
    const shop = workshop({ ...SHARED, deadlineMs: 150 });
    const spinning = specOf('a:EURUSD', userFile('spin', { onBar: SPIN }));
    const innocent = specOf('b:EURUSD', userFile('good', {}));
    const bad = await shop.trading(spinning);
    const lost: StrategyFault[] = [];
    const good = await shop.trading(innocent, (fault) => lost.push(fault));
    const hung = bad.feed(minutes(0, 2)).catch(caught);
    expect(await good.feed(minutes(0, 2)).catch(caught)).toMatchObject({
      reason: 'shared',
      strategyId: 'b:EURUSD',
      message: expect.stringMatching(/with a:EURUSD, which brought it down: no answer to 2 ticks/),
    });
    expect(await hung).toMatchObject({ reason: 'timedOut', strategyId: 'a:EURUSD' });
    expect(shop.losses).toMatchObject([
      { worker: 'pool', culprit: 'a:EURUSD', strategies: ['a:EURUSD', 'b:EURUSD'] },
    ]);
    // The failed request told it already; a second notice would only be noise.
    expect(lost).toEqual([]);

    const again = await shop.trading(spinning);
    const unharmed = await shop.trading(innocent);
    await expect(again.feed(minutes(0, 2))).rejects.toMatchObject({ reason: 'timedOut' });
    expect(await unharmed.feed(minutes(0, 2))).toMatchObject({ bars: 1 });
    expect(shop.losses[1]).toMatchObject({ strategies: ['a:EURUSD'] });
  });

  it('counts a deadline from the moment at which the strategy is asked', async () => {
    const shop = workshop({ ...SHARED, deadlineMs: 600 });
    const slow = {
      onBar:
        'const end = Date.now() + 350; while (Date.now() < end); return { state, signals: [] };',
    };
    const a = await shop.trading(specOf('a:EURUSD', userFile('slow', slow)));
    const b = await shop.trading(specOf('b:EURUSD', userFile('slow', slow)));
    const answers = await Promise.all([a.feed(minutes(0, 2)), b.feed(minutes(0, 2))]);
    expect(answers).toMatchObject([{ bars: 1 }, { bars: 1 }]);
  });

  it('is gone when its last strategy is closed', async () => {
    const shop = workshop(ALONE);
    const { engine, feed } = await shop.trading(specOf('a:EURUSD', userFile('good', {})));
    await engine.close();
    await engine.close();
    await expect(feed(minutes(0, 2))).rejects.toMatchObject({ reason: 'died' });
    expect(shop.losses).toEqual([]);
  });
});
