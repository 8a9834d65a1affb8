import { describe, expect, it } from 'vitest';
import { liveBench } from './bench.ts';
import { BEGIN, type EaWorld, FALLING } from './world.ts';

export const guardSuite = (world: EaWorld): void => {
  describe("the EA's own guard", () => {
    it('closes everything at the floor by itself, says so, and opens nothing more', async () => {
      const { peer, ea, truth } = await liveBench(world, { market: FALLING });
      peer.guard({ dailyAmount: '2000.00', buffer: '100.00' });
      await peer.opened(ea, { volume: '5', stopLoss: '1.10000' });
      expect(truth.positions()).toHaveLength(1);
      await peer.elapse(ea, 600_000);
      expect(truth.positions()).toEqual([]);
      const tripped = await peer.next('guard.tripped');
      expect(tripped.floor).toBe('98000.00');
      expect(Number(tripped.equity)).toBeLessThanOrEqual(98_100);
      expect(Number(tripped.equity)).toBeGreaterThan(97_900);
      peer.say(peer.order({ intent: 'I2', magic: '281474976710777' }));
      expect(await peer.ack('I2')).toMatchObject({ status: 'refused', reason: 'floor' });
    });

    it('opens again only under floors that the account is clear of', async () => {
      const { peer, ea, truth } = await liveBench(world, { market: FALLING });
      peer.guard({ dailyAmount: '2000.00' });
      await peer.opened(ea, { volume: '5', stopLoss: '1.10000' });
      await peer.elapse(ea, 600_000);
      await peer.next('guard.tripped');
      peer.guard({ dailyAmount: '1500.00' });
      peer.say(peer.order({ intent: 'I2', magic: '281474976710777', stopLoss: '1.10000' }));
      expect(await peer.ack('I2')).toMatchObject({ reason: 'floor' });
      peer.guard({ dailyAmount: '9000.00' });
      const order = { intent: 'I3', magic: '281474976710778', stopLoss: '1.10000' };
      await peer.opened(ea, order);
      expect(truth.positions()).toHaveLength(1);
    });

    it('takes floors from the holder of the lease only', async () => {
      const { peer } = await liveBench(world);
      peer.guard();
      peer.say(
        {
          kind: 'guard',
          dailyAmount: '1.00',
          anchor: '200000.00',
          ratchet: 'none',
          totalFloor: '199999.00',
          buffer: '0.00',
          resetsMs: [],
          deadMan: { policy: 'none', afterMs: 1_000 },
        },
        { claim: { epoch: 1, instance: 'runtime-2' } },
      );
      expect(await peer.next('error')).toMatchObject({ code: 'stale_epoch' });
    });

    it("failure 4: moves the day's floor at a reset that passes without a word from anybody", async () => {
      const { peer, ea, truth } = await liveBench(world, { market: FALLING });
      // Yesterday's anchor was high: its floor of 99000 would be breached on the way down. At the
      // reset the day begins anew from the balance, 90 dollars of costs below the anchor.
      peer.guard({
        anchor: '102000.00',
        dailyAmount: '4000.00',
        resetsMs: [peer.wire(BEGIN + 180_000)],
      });
      await peer.opened(ea, { volume: '5', stopLoss: '1.10000' });
      await peer.elapse(ea, 600_000);
      const tripped = await peer.next('guard.tripped');
      expect(Number(tripped.floor)).toBeLessThan(96_000);
      expect(Number(tripped.floor)).toBeGreaterThan(95_900);
      expect(truth.positions()).toEqual([]);
    });

    it('failure 7: flattens when the runtime has been silent, and says so when it is back', async () => {
      const { peer, ea, truth } = await liveBench(world);
      peer.guard({ deadMan: { policy: 'flatten', afterMs: 1_500 } });
      await peer.opened(ea);
      await ea.silence(3_200);
      await peer.elapse(ea, 2_000);
      expect(truth.positions()).toEqual([]);
      const told = await peer.next('notice', ({ code }) => code === 'deadMan.acted');
      expect(told).toMatchObject({ severity: 'error', detail: 'the runtime was silent: flatten' });
    });

    it('tightens stops to half the way when that is the policy, and leaves positions open', async () => {
      const { peer, ea, truth } = await liveBench(world);
      peer.guard({ deadMan: { policy: 'tighten', afterMs: 1_500 } });
      await peer.opened(ea);
      await ea.silence(3_200);
      await peer.elapse(ea, 2_000);
      const [position] = truth.positions();
      expect(Number(position?.stopLoss)).toBeGreaterThan(1.2745);
      expect(Number(position?.stopLoss)).toBeLessThan(1.2755);
    });
  });
};
