import { describe, expect, it } from 'vitest';
import { restore } from '../../../../src/risk/ledger-codec.ts';
import { RuntimeWorld } from '../../../support/runtime-world.ts';

/** Requests of the running day: as the guard's book has them, and as they left for the terminal. */
const requests = (world: RuntimeWorld): { readonly booked: number; readonly sent: number } => {
  const saved = world.entries('ledger.saved').at(-1);
  if (saved === undefined) throw new Error('no book was saved');
  const { day } = restore(saved.ledger);
  const sent = world.entries('attempt.sent').filter(({ at }) => at >= day.opensAt);
  return { booked: day.requests, sent: sent.length };
};

describe("the day's requests", () => {
  it('failure 15: are what really left, retries and closes included', async () => {
    const world = await RuntimeWorld.start();
    await world.playOut();
    const { booked, sent } = requests(world);
    expect(sent).toBeGreaterThan(4);
    expect(booked).toBe(sent);
  });

  it('are not forgotten by a restart of the guard', async () => {
    const world = await RuntimeWorld.start();
    await world.play('an open position', () => world.guard.positions.length > 0);
    await world.crash('risk-guard');
    await world.playOut();
    const { booked, sent } = requests(world);
    expect(sent).toBeGreaterThan(4);
    expect(booked).toBe(sent);
  });
});
