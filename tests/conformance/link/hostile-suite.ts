import { describe, expect, it } from 'vitest';
import { Router } from 'zeromq';
import { liveBench, openBench } from './bench.ts';
import type { EaWorld } from './world.ts';

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** What a runtime never says, as the parts of a message. */
const RUBBISH: readonly (readonly (string | Uint8Array)[])[] = [
  [''],
  ['not JSON'],
  ['null'],
  ['[]'],
  ['{}'],
  ['{"v":1}'],
  ['{"v":2,"kind":"welcome"}'],
  ['{"v":1,"kind":"welcome","id":"x"}'],
  ['{"v":1,"kind":7}'],
  [new Uint8Array([0xff, 0xfe, 0x00, 0x80])],
  ['{"v":1,"kind":"claim","expected":"many"}'],
  [`{"v":1,"kind":"claim","deep":${nested(5_000)}}`],
  [`{"v":1,"kind":"order.place","intent":"${'x'.repeat(900_000)}"}`],
  [`{"v":1,"kind":"x","\\u0000":"\\ud800"}`],
  ['{"v":1,"kind":"clock.done","clockSeq":1e999}'],
  ['{"v":1,"v":1,"kind":"goodbye"'],
  ['one', 'two', 'three'],
  [new Uint8Array(1_048_577)],
];

export const hostileSuite = (world: EaWorld): void => {
  describe('a hostile peer', () => {
    it('gets an answer for a kind that nobody knows, and nothing happens', async () => {
      const { peer, ea, truth } = await liveBench(world);
      const id = peer.say({ kind: 'order.placeAtOnce' } as never);
      const { envelope, body } = await peer.frame('error');
      expect(body.code).toBe('unknown_kind');
      expect(envelope.re).toBe(id);
      await peer.opened(ea);
      expect(truth.positions()).toHaveLength(1);
    });

    it('cannot disturb a session with rubbish, before the hello is answered or after', async () => {
      const router = new Router({ handover: true, linger: 0 });
      await router.bind('tcp://127.0.0.1:*');
      try {
        await openBench(world, { endpoint: router.lastEndpoint ?? '' });
        interface Told {
          readonly id: string;
          readonly kind: string;
          readonly code?: string;
        }
        const told: Told[] = [];
        const hear = async (kind: string): Promise<{ identity: Buffer; frame: Told }> => {
          for (;;) {
            const [identity, json] = await router.receive();
            if (identity === undefined || json === undefined) continue;
            const frame = JSON.parse(json.toString()) as Told;
            if (frame.kind === kind) return { identity, frame };
            told.push(frame);
          }
        };
        const { identity } = await hear('hello');
        let seq = 0;
        const say = async (body: object): Promise<void> => {
          seq += 1;
          const ts = { msc: 0, server: null, gmt: null, mono: 0 };
          const head = { v: 1, id: `h${seq}`, re: null, session: 's-1', claim: null, seq, ts };
          await router.send([identity, JSON.stringify({ ...head, trace: null, ...body })]);
        };
        for (const parts of RUBBISH) await router.send([identity, ...parts]);
        const welcome = { role: 'active', protocolVersion: 1, heartbeatMs: 1000 };
        await say({ kind: 'welcome', ...welcome, runtimeInstance: 'runtime-1' });
        for (const parts of RUBBISH) await router.send([identity, ...parts]);
        const claim = {
          expected: 0,
          instanceId: 'runtime-1',
          leaseMs: 10_000,
          takeoverToken: null,
        };
        await say({ kind: 'claim', ...claim });
        await hear('claim.granted');
        // A session lives on, whatever it was sent; the runtime is told, for the audit.
        if (told.every(({ code }) => code !== 'messages.refused')) {
          const { frame } = await hear('notice');
          expect(frame.code).toBe('messages.refused');
        }
        expect(told.filter(({ kind }) => kind === 'hello')).toEqual([]);
      } finally {
        router.close();
      }
    });

    it('that repeats an old message word by word changes nothing', async () => {
      const { peer, ea, truth } = await liveBench(world);
      await peer.opened(ea);
      for (let count = 0; count < 20; count += 1) peer.say(peer.order(), { id: 'r1', seq: 3 });
      const fresh = peer.say({
        kind: 'query',
        what: 'account',
        intent: null,
        attempt: null,
        magic: null,
        symbols: [],
        fromMs: 0,
      });
      await peer.next('query.reply', (_, envelope) => envelope.re === fresh);
      await peer.elapse(ea, 2_000);
      expect(truth.deals()).toHaveLength(1);
      expect(await peer.next('notice')).toMatchObject({ code: 'messages.refused' });
    });
  });
};
