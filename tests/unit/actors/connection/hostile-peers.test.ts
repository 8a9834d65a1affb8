import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Dealer } from 'zeromq';
import { testDealer } from '../../../support/link-ends.ts';
import { LOGIN, SERVER } from '../../../support/runtime-spec.ts';
import { RuntimeWorld } from '../../../support/runtime-world.ts';
import { busy, eaFrame, envelope } from '../../../support/wire-frames.ts';

/** The good session trades while strangers do what strangers do. */
const traded = (world: RuntimeWorld): Promise<void> =>
  world.play('a trade', () => world.entries('deal.booked').length > 2);
const endsWell = async (world: RuntimeWorld): Promise<void> => {
  expect(world.runtime.restarts()).toBe(0);
  expect(world.codes()).not.toContain('link.lost');
  await world.playOut();
  await world.expectAgreement();
};
const socketTo = (world: RuntimeWorld): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(world.port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
    onTestFinished(() => {
      socket.destroy();
    });
  });
const stranger = (world: RuntimeWorld, routingId: string): Dealer => {
  const dealer = new Dealer({ routingId, linger: 0 });
  dealer.connect(`tcp://127.0.0.1:${world.port}`);
  onTestFinished(() => dealer.close());
  return dealer;
};

describe('a hostile peer does no harm', () => {
  it('with garbage, half a greeting, bytes one by one, and connections that say nothing', async () => {
    const world = await RuntimeWorld.start();
    await traded(world);
    const garbage = await socketTo(world);
    garbage.write(Buffer.alloc(4_096, 0x5a));
    const half = await socketTo(world);
    half.write(Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3]));
    const slow = await socketTo(world);
    slow.on('error', () => undefined);
    const drip = setInterval(() => slow.write(Buffer.from([0xff])), 50);
    onTestFinished(() => clearInterval(drip));
    for (let silent = 0; silent < 50; silent += 1) await socketTo(world);
    await world.until('the failed handshake to be told', () =>
      world.codes().includes('link.handshakeFailed'),
    );
    await endsWell(world);
  });

  it('with names that are none, oversized messages, rubbish and unknown kinds', async () => {
    const world = await RuntimeWorld.start();
    await traded(world);
    await stranger(world, 'nobody').send('{}');
    const named = stranger(world, `${LOGIN}@${SERVER}/rubbish`);
    await named.send('{"v":1');
    await named.send(Buffer.alloc(1_200_000, 0x20));
    await named.send(JSON.stringify({ ...envelope, kind: 'order.sing' }));
    const told = (code: string, words: string): boolean =>
      world.notices.some((notice) => notice.code === code && notice.detail.includes(words));
    await world.until('all of it to be told', () =>
      ['identity', 'malformed'].every((words) => told('link.malformed', words)),
    );
    await world.until('the unknown kind', () => told('link.unknownKind', 'order.sing'));
    await endsWell(world);
  });

  it('with a flood, of which the log keeps a few lines', async () => {
    const world = await RuntimeWorld.start();
    await traded(world);
    const before = world.notices.length;
    const flooding = await testDealer([`tcp://127.0.0.1:${world.port}`], {
      identity: `${LOGIN}@${SERVER}/flood`,
    });
    await flooding.up.next();
    const hello = { ...eaFrame(busy('x')), envelope: { ...envelope, session: '' } };
    for (let sent = 0; sent < 5_000; sent += 1) {
      if ((await flooding.send(hello)) !== 'ok') await flooding.frames.next();
    }
    await endsWell(world);
    expect(world.notices.length - before).toBeLessThan(30);
  });

  it('by repeating everything that was said before', async () => {
    const world = await RuntimeWorld.start({ tapped: true });
    world.tap.rewrite = (frame) => [frame, frame];
    await traded(world);
    await endsWell(world);
  });
});
