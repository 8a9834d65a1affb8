import { describe, expect, it } from 'vitest';
import { RuntimeWorld } from '../../support/runtime-world.ts';
import { deals, ledgerFile, ledgerLines } from '../../support/terminal-ledger.ts';

/** Turns of the event loop from the admission of an order to well after its deal is booked. */
const STEPS = 20;
const STRATEGIES = [
  { symbol: 'EURUSD', every: 2, hold: 1 },
  { symbol: 'GBPUSD', every: 2, hold: 1, offset: 1 },
];

/** How far the newest intent had come in the journal when its runtime died. */
const stageOf = (world: RuntimeWorld, known: number): string => {
  const planned = world.entries('intent.planned');
  const newest = planned.at(-1);
  if (newest === undefined || planned.length === known) return 'not journalled';
  const { intentId } = newest.intent;
  const states = world.entries('order.state').filter((entry) => entry.intentId === intentId);
  return states.at(-1)?.state ?? 'journalled';
};

describe('crash of the runtime at every step', () => {
  it('of an order makes at most one order at the broker, loses none, and agrees in the end', async () => {
    let dataDir: string | undefined;
    const stages = new Map<string, number>();
    for (let step = 0; step < STEPS; step += 1) {
      const world = await RuntimeWorld.start({
        strategies: STRATEGIES,
        ...(dataDir === undefined ? {} : { dataDir }),
      });
      dataDir = world.dataDir;
      const known = world.entries('intent.planned').length;
      const before = new Set(world.orders().map(({ intentId }) => intentId));
      world.terminal.play(() => true);
      await world.until('an order to be admitted', () =>
        world.orders().some(({ intentId }) => !before.has(intentId)),
      );
      await world.dieAfter(step);
      const stage = stageOf(world, known);
      stages.set(stage, (stages.get(stage) ?? 0) + 1);
    }
    const last = await RuntimeWorld.start({ strategies: STRATEGIES, dataDir: dataDir ?? '' });
    await last.playOut();
    expect(last.guard).toMatchObject({ reservations: 0 });
    await last.expectAgreement();
    const opened = deals(ledgerLines(ledgerFile(dataDir ?? ''))).filter(
      (deal) => deal['entry'] === 'in',
    );
    const magics = opened.map((deal) => deal['magic']);
    expect(opened.length).toBeGreaterThan(STEPS / 2);
    expect(new Set(magics).size, 'one magic is one order').toBe(magics.length);
    for (const stage of ['journalled', 'sent', 'accepted', 'filled']) {
      expect(stages.get(stage), `deaths while ${stage}`).toBeGreaterThan(0);
    }
  }, 120_000);
});
