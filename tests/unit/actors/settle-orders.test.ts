import { describe, expect, it } from 'vitest';
import { RuntimeWorld } from '../../support/runtime-world.ts';

/** The market stands still with an order on its way whose answer the terminal still owes. */
const anOrderUnderWay = async (): Promise<{ world: RuntimeWorld; intentId: string }> => {
  const world = await RuntimeWorld.start();
  await world.play('an order under way', () => world.orders().length > 0);
  const [order] = world.orders();
  if (order === undefined) throw new Error('no order');
  return { world, intentId: order.intentId };
};

describe('the end of a run', () => {
  it('waits for the answer to what is under way, and opens nothing more', async () => {
    const { world, intentId } = await anOrderUnderWay();
    const settled = world.runtime.settle();
    await world.until('the hold', () => world.guard.holds.includes('stopping'));
    const denied = world.entries('order.denied').length;
    world.tell('risk-guard', world.signal());
    await world.until('a denial', () => world.entries('order.denied').length > denied);
    world.terminal.play(() => true);
    expect(await settled).toEqual([]);
    expect(world.orders().map((order) => order.intentId)).not.toContain(intentId);
    const outcome = world.entries('order.state').filter((entry) => entry.intentId === intentId);
    expect(outcome.at(-1)?.state).toBe('filled');
    expect(world.guard.mode).toBe('halted');
    await world.stop();
    await world.expectAgreement();
  });

  it('names what is under way when the terminal cannot be asked, and waits for nothing', async () => {
    const { world, intentId } = await anOrderUnderWay();
    await world.terminal.stop();
    await world.until('a shut gate', () => !world.guard.gateOpen);
    expect(await world.runtime.settle()).toEqual([intentId]);
  });
});
