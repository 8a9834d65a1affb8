import { describe, expect, it } from 'vitest';
import { liveBench } from './bench.ts';
import type { EaWorld } from './world.ts';

export const restartSuite = (world: EaWorld): void => {
  describe('after kill -9 of the EA', () => {
    it('remembers epoch, results and floors, and starts under a new name', async () => {
      const { peer, ea, truth } = await liveBench(world, { restarts: true });
      const before = await peer.opened(ea);
      peer.guard({ anchor: '100000.00', dailyAmount: '1.00', totalFloor: '1.00', buffer: '0.00' });
      await peer.elapse(ea, 2_000);
      await ea.restart();
      const hello = await peer.welcome();
      expect(hello.highestEpoch).toBe(1);
      expect(hello.leaseHolder).toBe('runtime-1');
      peer.say(peer.order({ seenMono: peer.mono }));
      expect(await peer.ack('I1')).toMatchObject({ status: 'duplicate', result: before });
      expect(truth.deals().filter(({ entry }) => entry === 'in')).toHaveLength(1);
    });

    it('failure 1: never sends an order twice that was under way, and the second attempt finds it', async () => {
      const { peer, ea, truth } = await liveBench(world, { restarts: true });
      peer.say(peer.order());
      expect(await peer.ack('I1')).toMatchObject({ status: 'accepted' });
      await ea.restart();
      await peer.begin();
      await peer.elapse(ea, 5_000);
      peer.say(peer.order({ seenMono: peer.mono }));
      const again = await peer.ack('I1');
      expect(['duplicate', 'unknown']).toContain(again.status);
      peer.say(peer.order({ attempt: 2, seenMono: peer.mono }));
      const second = await peer.ack('I1', 2);
      expect(['duplicate', 'unknown']).toContain(second.status);
      await peer.elapse(ea, 5_000);
      // It died before the broker heard of the order, or after; never is it there twice.
      expect(truth.deals().length).toBeLessThanOrEqual(1);
    });

    it('holds the lease for a runtime that comes back, and refuses the next one', async () => {
      const { peer, ea } = await liveBench(world, { restarts: true });
      await ea.restart();
      await peer.welcome();
      const other = { expected: 1, instanceId: 'runtime-2', leaseMs: 10_000, takeoverToken: null };
      peer.say({ kind: 'claim', ...other }, { claim: null });
      expect(await peer.next('claim.refused')).toMatchObject({ reason: 'lease_held' });
      expect(await peer.claimLease(1)).toMatchObject({ kind: 'claim.granted', epoch: 2 });
    });
  });
};
