import { describe, expect, it } from 'vitest';
import { positionsHash } from '../../../src/mt5/wire/snapshot-hash.ts';
import { liveBench, openBench, TAKEOVER } from './bench.ts';
import { RuntimePeer } from './runtime-peer.ts';
import type { EaWorld } from './world.ts';
import { LOGIN, SERVER, TOKEN } from './world.ts';

export const sessionSuite = (world: EaWorld): void => {
  describe('session and lease', () => {
    it('opens with a hello that says who the terminal is and what it remembers', async () => {
      const { peer } = await openBench(world);
      const { envelope, body } = await peer.frame('hello');
      expect(envelope).toMatchObject({ v: 1, session: '', seq: 1, claim: null });
      expect(peer.identity).toBe(`${LOGIN}@${SERVER}/ea-1`);
      expect(body).toMatchObject({
        account: {
          login: LOGIN,
          server: SERVER,
          currency: 'USD',
          currencyDigits: 2,
          marginMode: 'hedging',
          leverage: 30,
          balance: '100000.00',
          equity: '100000.00',
        },
        protocolVersions: expect.arrayContaining([1]),
        switches: { terminal: true, mql: true, account: true, expert: true },
        connected: true,
        instanceId: 'ea-1',
        highestEpoch: 0,
        leaseHolder: null,
        token: TOKEN,
      });
    });

    it('names the message that it answers, and who holds the lease', async () => {
      const { peer } = await openBench(world);
      await peer.welcome();
      const id = peer.say({
        kind: 'claim',
        expected: 0,
        instanceId: 'runtime-1',
        leaseMs: 10_000,
        takeoverToken: null,
      });
      const { envelope } = await peer.frame('claim.granted');
      expect(envelope).toMatchObject({ re: id, session: peer.session });
      const beat = await peer.frame('ea.heartbeat');
      expect(beat.envelope.seq).toBeGreaterThan(0);
      expect(beat.envelope.claim).toEqual({ epoch: 1, instance: 'runtime-1' });
    });

    it('beats with the account, the switches and the fingerprint of its positions', async () => {
      const { peer, ea } = await liveBench(world);
      await peer.opened(ea);
      const { snapshot } = await peer.snapshot();
      peer.forget();
      // A terminal whose clock stands still beats when it moves.
      if (!peer.clockMaster) await peer.elapse(ea, 3_000);
      const beat = await peer.next('ea.heartbeat', (it) => it.positionsHash !== positionsHash([]));
      expect(beat).toMatchObject({
        connected: true,
        switches: { terminal: true, mql: true, account: true, expert: true },
        queueDepth: 0,
        positionsHash: positionsHash(snapshot.positions),
      });
      expect(Object.keys(beat.lastTickAgeMs).sort()).toEqual(['EURUSD', 'GBPUSD']);
    });

    it('grants one epoch after the other, and nobody an epoch that it did not expect', async () => {
      const { peer } = await openBench(world);
      await peer.welcome();
      expect(await peer.claimLease(0)).toMatchObject({ kind: 'claim.granted', epoch: 1 });
      expect(await peer.claimLease(0)).toMatchObject({
        kind: 'claim.refused',
        reason: 'stale_expected',
        highestEpoch: 1,
        holder: 'runtime-1',
      });
      expect(await peer.claimLease(1)).toMatchObject({ kind: 'claim.granted', epoch: 2 });
    });

    it('leaves the lease with its holder until an operator shows the takeover token', async () => {
      const { peer } = await openBench(world);
      await peer.begin();
      const other = { expected: 1, instanceId: 'runtime-2', leaseMs: 10_000 };
      peer.say({ kind: 'claim', ...other, takeoverToken: null }, { claim: null });
      expect(await peer.next('claim.refused')).toMatchObject({ reason: 'lease_held' });
      peer.say({ kind: 'claim', ...other, takeoverToken: 'a guess' }, { claim: null });
      expect(await peer.next('claim.refused')).toMatchObject({ reason: 'lease_held' });
      peer.say({ kind: 'claim', ...other, takeoverToken: TAKEOVER }, { claim: null });
      expect(await peer.next('claim.granted')).toMatchObject({ epoch: 2 });
      // The first controller learns of it from the first thing it says.
      peer.say({ kind: 'runtime.heartbeat', leaseMs: 10_000 });
      expect(await peer.next('error')).toMatchObject({ code: 'stale_epoch' });
      peer.say(peer.order());
      expect(await peer.ack('I1')).toMatchObject({ status: 'refused', reason: 'stale_epoch' });
    });

    it('lets another runtime have the lease once the holder has been silent for it', async () => {
      const { peer, ea } = await openBench(world);
      await peer.begin({ leaseMs: 500 });
      await ea.silence(2_500);
      peer.say({ kind: 'error', code: 'unknown_session', detail: 'this is another runtime' });
      peer.become('runtime-2');
      const hello = await peer.welcome();
      expect(hello).toMatchObject({ highestEpoch: 1, leaseHolder: null });
      expect(await peer.claimLease(1)).toMatchObject({ kind: 'claim.granted', epoch: 2 });
    });

    it('failure 8: takes commands with exactly the epoch and instance that it granted', async () => {
      const { peer, ea, truth } = await liveBench(world);
      for (const [index, claim] of [
        null,
        { epoch: 0, instance: 'runtime-1' },
        { epoch: 2, instance: 'runtime-1' },
        { epoch: 1, instance: 'runtime-2' },
      ].entries()) {
        peer.say(peer.order({ intent: `X${index}` }), { claim });
        expect(await peer.ack(`X${index}`)).toMatchObject({
          status: 'refused',
          reason: 'stale_epoch',
        });
      }
      await peer.elapse(ea, 2_000);
      expect(truth.requests()).toEqual([]);
    });

    it('stands by when it is told to: beats, and takes neither claims nor commands', async () => {
      const { peer, ea, truth } = await openBench(world);
      await peer.welcome('standby');
      expect(await peer.claimLease(0)).toMatchObject({ kind: 'claim.refused', reason: 'standby' });
      peer.say(peer.order());
      expect(await peer.ack('I1')).toMatchObject({ status: 'refused', reason: 'standby' });
      await peer.elapse(ea, 3_000);
      await peer.next('ea.heartbeat');
      expect(truth.requests()).toEqual([]);
    });

    it('says that it does not know a session which is not open', async () => {
      const { peer } = await liveBench(world);
      const id = peer.say(peer.order(), { session: 'another' });
      const { envelope, body } = await peer.frame('error');
      expect(body.code).toBe('unknown_session');
      expect(envelope.re).toBe(id);
    });

    it('says hello again when the runtime does not know its session', async () => {
      const { peer } = await liveBench(world);
      peer.say({ kind: 'error', code: 'unknown_session', detail: 'who are you?' });
      const hello = await peer.begin();
      expect(hello.highestEpoch).toBe(1);
      expect(peer.sessions).toHaveLength(2);
    });

    it('begins anew when messages of the runtime were lost, and tells it of the loss', async () => {
      const { peer, ea, truth } = await liveBench(world);
      peer.lose(2);
      peer.say(peer.order());
      const hello = await peer.begin();
      expect(hello.highestEpoch).toBe(1);
      expect(peer.sessions).toHaveLength(2);
      const { detail } = await peer.next('notice', ({ code }) => code === 'messages.lost');
      expect(detail).toBe('2 message(s) never came');
      await peer.elapse(ea, 2_000);
      // What revealed the gap was of the old session: it was dropped with it.
      expect(truth.requests()).toEqual([]);
      await peer.opened(ea);
      expect(truth.positions()).toHaveLength(1);
    });

    it('finds the next runtime when the first one has gone', async () => {
      const first = await RuntimePeer.open();
      const second = await RuntimePeer.open('runtime-2');
      const endpoint = `${first.gateway.endpoint},${second.gateway.endpoint}`;
      const { ea } = await openBench(world, { endpoint });
      await first.begin();
      await first.gateway.close();
      // The link notices by itself; a clock that is not the wall's has to move for that.
      await ea.elapse?.(20_000);
      const hello = await second.welcome();
      expect(hello).toMatchObject({ highestEpoch: 1 });
    });
  });
};
