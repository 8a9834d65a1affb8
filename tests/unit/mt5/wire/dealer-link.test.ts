import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Router } from 'zeromq';
import { testDealer, testGateway } from '../../../support/link-ends.ts';
import { eaFrame, goodbye, heartbeat, ready, runtimeFrame } from '../../../support/wire-frames.ts';

/** A port on which nobody listens (any more). */
const deadEndpoint = async (): Promise<string> => {
  const gateway = await testGateway();
  await gateway.close();
  return gateway.endpoint;
};

/** Accepts TCP and never says a word, as a half-dead host does. */
const silentEndpoint = async (): Promise<string> => {
  const server = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  const address = server.address();
  return `tcp://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
};

describe('the dealer', () => {
  it('takes the first endpoint that answers, past a refused and a silent one', async () => {
    const gateway = await testGateway();
    const endpoints = [await deadEndpoint(), await silentEndpoint(), gateway.endpoint];
    const dealer = await testDealer(endpoints, { connectTimeoutMs: 150 });
    expect(await dealer.up.next()).toBe(gateway.endpoint);
    expect(await dealer.send(eaFrame(ready))).toBe('ok');
    expect((await gateway.frames.next()).frame.body).toEqual(ready);
  });

  it('says unreachable while nobody is there, and keeps nothing for later', async () => {
    const endpoint = await deadEndpoint();
    const dealer = await testDealer([endpoint]);
    expect(dealer.connected()).toBe(false);
    expect(await dealer.send(eaFrame(ready))).toBe('unreachable');
    const gateway = await testGateway({ port: Number(endpoint.split(':')[2]) });
    await dealer.up.next();
    await dealer.send(eaFrame(goodbye('first words')));
    expect((await gateway.frames.next()).frame.body).toEqual(goodbye('first words'));
  });

  it('hands over the last words of a runtime before it tells that it is gone', async () => {
    const order: string[] = [];
    const gateway = await testGateway();
    const dealer = await testDealer([gateway.endpoint], {
      onFrame: ({ body }) => order.push(body.kind),
      onDisconnected: () => order.push('down'),
      onConnected: () => order.push('up'),
    });
    while (!dealer.connected()) await new Promise((resolve) => setImmediate(resolve));
    await dealer.send(eaFrame(ready));
    const { identity } = await gateway.frames.next();
    for (let i = 0; i < 200; i += 1) void gateway.send(identity, runtimeFrame(heartbeat));
    void gateway.send(identity, runtimeFrame(goodbye('bye')));
    await gateway.close();
    while (order.at(-1) !== 'down') await new Promise((resolve) => setImmediate(resolve));
    expect([order[0], order.length, ...order.slice(-2)]).toEqual(['up', 203, 'goodbye', 'down']);
  });

  it('starts over at the head of the list when it loses its runtime', async () => {
    const [first, second] = [await testGateway(), await testGateway()];
    const dealer = await testDealer([first.endpoint, second.endpoint]);
    expect(await dealer.up.next()).toBe(first.endpoint);
    await first.close();
    expect(await dealer.down.next()).toBe(first.endpoint);
    expect(await dealer.up.next()).toBe(second.endpoint);
  });

  it('waits longer after each failed round, with full jitter, up to the bound', async () => {
    const { ambientClock } = await import('../../../../src/actors/kernel/ambient-clock.ts');
    const endpoint = await deadEndpoint();
    const delays: number[] = [];
    let enough: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const dealer = await testDealer([endpoint], {
      random: () => 0.5,
      backoff: { initialMs: 100, maxMs: 350 },
      connectTimeoutMs: 1_999,
      clock: {
        now: ambientClock.now,
        // Back-off pauses fire at once; connection time-outs stay real.
        schedule: (delayMs, fire) => {
          if (delayMs > 1_000) return ambientClock.schedule(delayMs, fire);
          if (delays.push(delayMs) === 5) enough();
          return ambientClock.schedule(0, fire);
        },
      },
    });
    await done;
    await dealer.close();
    expect(delays.slice(0, 5)).toEqual([50, 100, 175, 175, 175]);
  });

  it('closes while it connects, while it waits, and twice', async () => {
    const silent = await testDealer([await silentEndpoint()], { connectTimeoutMs: 60_000 });
    const waiting = await testDealer([await deadEndpoint()], {
      backoff: { initialMs: 60_000, maxMs: 60_000 },
    });
    await Promise.all([silent.close(), waiting.close(), silent.close()]);
    expect(await silent.send(eaFrame(ready))).toBe('closed');
  });

  it('lets its goodbye leave when it closes', async () => {
    const gateway = await testGateway();
    const dealer = await testDealer([gateway.endpoint]);
    await dealer.up.next();
    void dealer.send(eaFrame(goodbye('done')));
    await dealer.close();
    expect((await gateway.frames.next()).frame.body).toEqual(goodbye('done'));
    expect(await gateway.gone.next()).toBeDefined();
  });

  it('reports a malformed message of the runtime and goes on', async () => {
    const router = new Router({ linger: 0 });
    onTestFinished(() => router.close());
    await router.bind('tcp://127.0.0.1:*');
    const dealer = await testDealer([router.lastEndpoint ?? '']);
    await dealer.up.next();
    await dealer.send(eaFrame(ready));
    const [identity = ''] = await router.receive();
    await router.send([identity, 'nonsense']);
    expect(await dealer.malformed.next()).toMatchObject({ error: 'malformed', count: 1 });
    expect(dealer.connected()).toBe(true);
  });

  it.each([
    [{ endpoints: [] }, 'endpoints'],
    [{ endpoints: ['127.0.0.1:15555'] }, 'endpoints[0]'],
    [{ endpoints: ['tcp://127.0.0.1:1', 'ipc:///tmp/x'] }, 'endpoints[1]'],
    [{ identity: 'me' }, 'identity'],
    [{ curve: { serverKey: 'short', publicKey: '', secretKey: '' } }, 'curve.serverKey'],
  ])('refuses %j before it opens a socket', async (change, field) => {
    await expect(testDealer(['tcp://127.0.0.1:1'], change)).rejects.toMatchObject({
      _tag: 'LinkMisconfigured',
      field,
    });
  });
});
