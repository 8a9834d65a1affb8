import { beforeAll, describe, expect, it } from 'vitest';
import { STORY } from '../support/cli-sandbox.ts';
import { compiledExpert } from './expert-bench.ts';
import { LEASE_MS, LiveDesk, MIDNIGHT_AFTER_MS } from './live-desk.ts';
import { hasCompiler } from './toolchain.ts';

const present = hasCompiler();
if (!present) console.warn('SKIPPED: there is no g++ here, so no runtime died over a compiled EA');

const MINUTE = 60_000;
const BID = 130_000;
/** The EA keeps a quarter of the 250 dollars of risk.floorBuffer above the floor. */
const BUFFER = 6_250n;
/** From an instant on 20 points lower every 5 seconds: 40 dollars of two lots. */
const fallingFrom =
  (fromMs: number, bid = BID) =>
  (afterMs: number): number =>
    bid - Math.max(0, Math.floor((afterMs - fromMs) / 5_000)) * 20;

describe.runIf(present)('kill -9 of the runtime over the compiled Expert Advisor', STORY, () => {
  beforeAll(() => void compiledExpert(), 180_000);

  it('failure 7: with a position open and the market falling, the EA flattens at the floor by itself', async () => {
    const desk = await LiveDesk.open({ bid: fallingFrom(2 * MINUTE) });
    await desk.kill(await desk.trading());
    await desk.removeStops();
    await desk.alone(14 * MINUTE);
    expect(desk.positions).toEqual([]);
    expect(desk.notified).toContain('guard tripped');
    expect(desk.balanceMinor).toBeGreaterThan(9_500_000n);
    expect(desk.balanceMinor).toBeLessThan(9_500_000n + BUFFER);
    const next = desk.run();
    await desk.until('the lock', () => next.said().includes('mode: halted → locked (floor)'));
  });

  it('at lease expiry it follows the dead-man policy that the runtime gave it, and who only looks renews no lease', async () => {
    const leaseMs = 2 * LEASE_MS;
    const desk = await LiveDesk.open({ leaseMs, deadMan: { policy: 'flatten', afterMs: leaseMs } });
    await desk.kill(await desk.trading());
    const killedAt = desk.terminal.now;
    const { stdout } = await desk.look();
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ running: false, comparedWith: 'terminal', outcome: 'agrees' },
      counts: { positions: 1 },
    });
    await desk.alone(killedAt + leaseMs - MINUTE - desk.terminal.now);
    expect(desk.notified).toBe('');
    expect(desk.stops).toEqual([1.2851]);
    await desk.alone(2 * MINUTE);
    expect(desk.notified).toContain('its lease has lapsed');
    expect(desk.stops).toEqual([]);
  });

  it('failure 4: midnight passes with the runtime dead and the floor moves with it', async () => {
    const falling = fallingFrom(MIDNIGHT_AFTER_MS + MINUTE, BID + 500);
    const rising = (afterMs: number): number => (afterMs < 2 * MINUTE ? BID : falling(afterMs));
    const desk = await LiveDesk.open({ bid: rising });
    await desk.kill(await desk.trading());
    await desk.alone(3 * MINUTE);
    await desk.closeByHand();
    const midnight = desk.balanceMinor;
    expect(midnight).toBeGreaterThan(10_090_000n);
    await desk.alone(MIDNIGHT_AFTER_MS - 3 * MINUTE);
    await desk.buyByHand(2);
    await desk.alone(14 * MINUTE);
    expect(desk.positions).toEqual([]);
    const floor = midnight - 500_000n;
    expect(desk.notified).toContain(`at floor ${floor / 100n}.`);
    expect(desk.balanceMinor).toBeGreaterThan(floor);
    expect(desk.balanceMinor).toBeLessThan(floor + BUFFER);
  });

  it("failure 8: a second runtime is refused, and only an operator's takeover token moves the lease", async () => {
    const desk = await LiveDesk.open({ runtimes: 2, leaseMs: 10 * MINUTE });
    await desk.kill(await desk.trading());
    const second = desk.run(1);
    await desk.until('the refusal', () => second.said().includes('link.claimRefused'));
    expect(second.said()).toContain('lease_held');
    expect(second.said()).not.toContain('link.live');
    await desk.kill(second);
    const third = desk.run(1, '--takeover');
    await desk.until('the takeover', () => third.said().includes('link.live'));
    await desk.kill(third);
    const first = desk.run(0);
    await desk.until('the refusal', () => first.said().includes('link.claimRefused'));
    expect(first.said()).not.toContain('link.live');
  });

  it.each(['killBefore', 'killAfter'] as const)(
    'failure 1: a restart of the EA in the middle of an order never sends it twice (%s)',
    async (kind) => {
      const desk = await LiveDesk.open();
      desk.terminal.faults.onSend({ kind });
      const run = desk.run();
      await desk.started(run);
      await desk.until('the EA to die over the order', () => !desk.terminal.running);
      await desk.terminal.restart();
      await desk.until('the deal', () => run.said().includes('deal: bought'));
      expect(desk.openings).toHaveLength(1);
    },
  );
});
