import { describe, expect, it } from 'vitest';
import { RuntimeWorld } from '../../support/runtime-world.ts';
import { deals, ledgerFile, ledgerLines } from '../../support/terminal-ledger.ts';

/** Turns of the event loop from the admission of an order to well after its deal is booked; and from
 * when the terminal dials in to well after recovery is complete. */
const STEPS = 20;
/** How many turns pass between two commits is the disk's: a stage that was missed is tried for again. */
const MOST = 3 * STEPS;
const STAGES = [
  ...['journalled', 'sent', 'accepted', 'filled'],
  ...['not claimed', 'claimed', 'completed'],
];
const STRATEGIES = [
  { symbol: 'EURUSD', every: 2, hold: 1 },
  { symbol: 'GBPUSD', every: 2, hold: 1, offset: 1 },
];

/** What a runtime that died in its recovery had written of it. */
const recoveredUpTo = (world: RuntimeWorld, known: number): string => {
  const written = world.journal().slice(known);
  if (written.some(({ kind }) => kind === 'recovery.completed')) return 'completed';
  return written.some(({ kind }) => kind === 'epoch.claimed') ? 'claimed' : 'not claimed';
};

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
  it('of an order, and of the recovery after it, makes at most one order and loses none', async () => {
    let dataDir: string | undefined;
    const stages = new Map<string, number>();
    const count = (stage: string) => stages.set(stage, (stages.get(stage) ?? 0) + 1);
    const isMissed = () => STAGES.some((stage) => !stages.has(stage));
    for (let life = 0; life < STEPS || (isMissed() && life < MOST); life += 1) {
      const step = life % STEPS;
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
      count(stageOf(world, known));
      const written = world.journal().length;
      const again = await RuntimeWorld.start({
        strategies: STRATEGIES,
        dataDir,
        diesAfter: step,
      });
      count(recoveredUpTo(again, written));
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
    for (const stage of STAGES) {
      expect(stages.get(stage), `deaths while ${stage}`).toBeGreaterThan(0);
    }
  }, 120_000);
});
