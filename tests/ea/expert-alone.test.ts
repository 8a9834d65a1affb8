import { beforeAll, describe, expect, it } from 'vitest';
import type { RuntimeMessageOf } from '../../src/mt5/wire/messages.ts';
import type { Quote } from '../support/scripted-market.ts';
import { compiledExpert, ExpertBench } from './expert-bench.ts';
import { hasCompiler } from './toolchain.ts';

const present = hasCompiler();
if (!present) console.warn('SKIPPED: there is no g++ here, so no EA was left alone');

const MINUTE = 60_000;
/** Calm for a minute, then 30 points lower every 5 seconds. */
const FALLING: readonly Quote[] = Array.from({ length: 240 }, (_, index) => [
  5_000 * (index + 1),
  130_000 - Math.max(0, index - 12) * 30,
]);

const guard = (more: Partial<RuntimeMessageOf<'guard'>> = {}): RuntimeMessageOf<'guard'> => ({
  kind: 'guard',
  dailyAmount: '2000.00',
  anchor: '100000.00',
  ratchet: 'none',
  totalFloor: '90000.00',
  buffer: '100.00',
  resetsMs: [],
  deadMan: { policy: 'none', afterMs: 60_000 },
  ...more,
});

const open = async (bench: ExpertBench): Promise<void> => {
  bench.say(bench.order('i1', { volume: '2', stopLoss: '1.10000' }));
  await bench.next('result');
};

describe.runIf(present)('the Expert Advisor without a runtime', () => {
  beforeAll(() => void compiledExpert(), 180_000);

  it('flattens at the floor by itself, and tells whoever comes next', async () => {
    const bench = await ExpertBench.open({ quotes: FALLING });
    await bench.begin();
    await bench.terminal.elapse(5_000);
    bench.say(guard());
    await open(bench);
    const { state } = bench.terminal.broker.engine;
    expect(state.positions.size).toBe(1);
    await bench.gateway.close();
    await bench.terminal.elapse(10 * MINUTE);
    expect(state.positions.size).toBe(0);
    expect(bench.terminal.notifications.join('\n')).toContain('guard tripped');
    const lost = 10_000_000n - state.balanceMinor;
    expect(lost).toBeGreaterThan(180_000n);
    expect(lost).toBeLessThan(220_000n);
  });

  it('tells the operator when the lease lapses, and flattens when the dead man is due', async () => {
    const bench = await ExpertBench.open();
    await bench.begin();
    await bench.terminal.elapse(5_000);
    bench.say(guard({ deadMan: { policy: 'flatten', afterMs: 2 * MINUTE } }));
    await open(bench);
    const { state } = bench.terminal.broker.engine;
    await bench.terminal.elapse(MINUTE);
    await expect
      .poll(() => bench.terminal.notifications.join('\n'), { timeout: 10_000 })
      .toContain('lease has lapsed');
    expect(state.positions.size).toBe(1);
    await bench.terminal.elapse(3 * MINUTE);
    await expect.poll(() => state.positions.size, { timeout: 10_000 }).toBe(0);
    expect(bench.terminal.notifications.join('\n')).toContain('dead-man policy flatten');
  });

  it.each([
    ['none', [129_000]],
    // Half-way from the stop to the bid, which is 130,000 to 130,006.
    ['tighten', [129_500, 129_501, 129_502, 129_503]],
  ] as const)(
    'leaves what is open with the policy %s, its stop at one of %j',
    async (policy, at) => {
      const bench = await ExpertBench.open();
      await bench.begin();
      await bench.terminal.elapse(5_000);
      bench.say(guard({ deadMan: { policy, afterMs: 2 * MINUTE } }));
      bench.say(bench.order('i1'));
      await bench.next('result');
      await bench.terminal.elapse(4 * MINUTE);
      const said = (): string => bench.terminal.notifications.join('\n');
      await expect.poll(said, { timeout: 10_000 }).toContain('lease has lapsed');
      const stops = [...bench.terminal.broker.engine.state.positions.values()];
      expect(stops.map(({ stopLoss }) => at.some((stop) => stop === stopLoss))).toEqual([true]);
    },
  );

  it('works out the anchor of a reset that passed while it did not run', async () => {
    const bench = await ExpertBench.open({ quotes: FALLING });
    await bench.begin();
    await bench.terminal.elapse(5_000);
    const reset = (await bench.next('ea.heartbeat')).frame.envelope.ts.server ?? 0;
    bench.say(guard({ anchor: '101000.00', resetsMs: [reset + 2 * MINUTE] }));
    await open(bench);
    await bench.terminal.kill();
    await bench.terminal.elapse(3 * MINUTE);
    await bench.terminal.restart();
    await bench.terminal.elapse(5_000);
    // The balance of that midnight: the deposit less the commission of the opening.
    const opening = 10_000_000n - bench.terminal.broker.engine.state.balanceMinor;
    const anchor = `${(10_000_000n - opening) / 100n}.`;
    await expect
      .poll(() => bench.terminal.printed.join('\n'), { timeout: 10_000 })
      .toContain(`the day's anchor is now ${anchor}`);
  });
});
