import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Dealer } from 'zeromq';
import { isLoopback } from '../../../src/mt5/gateway.ts';
import { encodeFrame } from '../../../src/mt5/wire/codec.ts';
import { EA, testDealer, testGateway } from '../../support/link-ends.ts';
import { virtualClockOf } from '../../support/manual-clock.ts';
import {
  busy,
  eaFrame,
  envelope,
  goodbye,
  heartbeat,
  placeOrder,
  ready,
  runtimeFrame,
} from '../../support/wire-frames.ts';

/** A peer below our own dealer, for what that one would never send. */
const rawDealer = (endpoint: string, routingId = EA): Dealer => {
  const socket = new Dealer({ routingId, linger: 0, receiveHighWaterMark: 4 });
  onTestFinished(() => socket.close());
  socket.connect(endpoint);
  return socket;
};

describe('the gateway', () => {
  it('carries frames both ways, in order, and names the peer', async () => {
    const gateway = await testGateway();
    const dealer = await testDealer([gateway.endpoint]);
    expect(await dealer.up.next()).toBe(gateway.endpoint);
    const attachment = Uint8Array.of(1, 2, 3);
    const outcomes = [
      dealer.send({ ...eaFrame(busy('first')), attachment }),
      dealer.send(eaFrame(busy('second'))),
    ];
    expect(await Promise.all(outcomes)).toEqual(['ok', 'ok']);
    expect(await gateway.frames.next()).toEqual({
      identity: EA,
      frame: { ...eaFrame(busy('first')), attachment: Buffer.from(attachment) },
    });
    expect((await gateway.frames.next()).frame.body).toEqual(busy('second'));
    const answers = [1, 2, 3].map((seq) => gateway.send(EA, runtimeFrame(placeOrder, { seq })));
    expect(await Promise.all(answers)).toEqual(['ok', 'ok', 'ok']);
    for (const seq of [1, 2, 3]) {
      expect(await dealer.frames.next()).toEqual(runtimeFrame(placeOrder, { seq }));
    }
  });

  it('serves several terminals on one port and answers each alone', async () => {
    const gateway = await testGateway();
    const identities = ['1@Demo/a', '2@Demo/a', '3@Demo/a'];
    const dealers = await Promise.all(
      identities.map((identity) => testDealer([gateway.endpoint], { identity })),
    );
    for (const dealer of dealers) {
      await dealer.up.next();
      await dealer.send(eaFrame(ready));
      const { identity } = await gateway.frames.next();
      await gateway.send(identity, runtimeFrame(goodbye(identity)));
    }
    for (const [i, dealer] of dealers.entries()) {
      expect((await dealer.frames.next()).body).toEqual(goodbye(identities[i] ?? ''));
    }
  });

  it('says at once that a peer is not there, and goes on sending to the others', async () => {
    const gateway = await testGateway();
    const dealer = await testDealer([gateway.endpoint]);
    await dealer.up.next();
    await dealer.send(eaFrame(ready));
    await gateway.frames.next();
    const outcomes = [
      gateway.send('9@Nowhere/x', runtimeFrame(heartbeat)),
      gateway.send(EA, runtimeFrame(heartbeat)),
    ];
    expect(await Promise.all(outcomes)).toEqual(['unreachable', 'ok']);
    expect((await dealer.frames.next()).body).toEqual(heartbeat);
  });

  it('notices a killed peer at once, by name, after everything it had sent', async () => {
    const gateway = await testGateway();
    const sends = [busy('one'), busy('two')].map((body) => encodeFrame(eaFrame(body)).toString());
    const program = `
      const { Dealer } = require('zeromq');
      const socket = new Dealer({ routingId: '${EA}' });
      socket.connect('${gateway.endpoint}');
      (async () => { for (const text of ${JSON.stringify(sends)}) await socket.send(text); })();
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', program], { stdio: 'inherit' });
    onTestFinished(() => void child.kill('SIGKILL'));
    expect((await gateway.frames.next(10_000)).frame.body).toEqual(busy('one'));
    expect((await gateway.frames.next()).frame.body).toEqual(busy('two'));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await gateway.gone.next(2_000)).toBe(EA);
    expect(await gateway.events.until((event) => event.type === 'disconnected')).toBeDefined();
    // The monitor may tell of the end a moment before the router has let go of the peer.
    await vi.waitFor(
      async () => expect(await gateway.send(EA, runtimeFrame(heartbeat))).toBe('unreachable'),
      { timeout: 10_000, interval: 5 },
    );
  });

  it('hears a peer that came back before its old connection was known to be dead', async () => {
    const gateway = await testGateway();
    const old = rawDealer(gateway.endpoint);
    await old.send(encodeFrame(eaFrame(busy('old'))));
    await gateway.frames.next();
    const fresh = rawDealer(gateway.endpoint);
    await fresh.send(encodeFrame(eaFrame(busy('new'))));
    expect((await gateway.frames.next()).frame.body).toEqual(busy('new'));
    old.close();
    await gateway.events.until((event) => event.type === 'disconnected');
    expect(await gateway.send(EA, runtimeFrame(heartbeat))).toBe('ok');
    expect(String((await fresh.receive())[0])).toContain('runtime.heartbeat');
    expect(gateway.gone.rest()).toEqual([]);
  });

  it('counts malformed messages, reports one a minute, and keeps the session', async () => {
    const { clock, advance } = virtualClockOf(0);
    const gateway = await testGateway({ clock });
    const peer = rawDealer(gateway.endpoint);
    for (const text of ['{', 'null', '{"v":2}']) await peer.send(text);
    await peer.send(encodeFrame(eaFrame(ready)));
    expect((await gateway.frames.next()).frame.body).toEqual(ready);
    expect(gateway.malformedCount(EA)).toBe(3);
    expect(await gateway.malformed.next()).toMatchObject({
      identity: EA,
      error: 'malformed',
      count: 1,
    });
    expect(gateway.malformed.rest()).toEqual([]);
    advance(60_000);
    await peer.send('{"v":3,"id":"m-4"}');
    expect(await gateway.malformed.next()).toEqual({
      identity: EA,
      error: 'version',
      detail: 'v is not 1',
      id: 'm-4',
      count: 3,
      total: 4,
    });
    advance(2_000);
  });

  it('passes on each unknown kind, because each is owed an answer', async () => {
    const gateway = await testGateway();
    const peer = rawDealer(gateway.endpoint);
    for (const kind of ['dance', 'sing']) await peer.send(JSON.stringify({ ...envelope, kind }));
    expect([await gateway.unknownKinds.next(), await gateway.unknownKinds.next()]).toEqual([
      'dance',
      'sing',
    ]);
    expect(gateway.malformedCount()).toBe(0);
  });

  it('does not listen to a peer without a proper identity', async () => {
    const gateway = await testGateway();
    const peer = rawDealer(gateway.endpoint, 'root');
    await peer.send(encodeFrame(eaFrame(ready)));
    const report = await gateway.malformed.next();
    expect(report).toMatchObject({ error: 'identity', identity: 'unnamed:726f6f74' });
    expect(gateway.frames.rest()).toEqual([]);
  });

  it('survives a handler that throws', async () => {
    const faults: unknown[] = [];
    const gateway = await testGateway({
      onFrame: () => {
        throw new Error('handler');
      },
      onFault: (error) => faults.push(error),
    });
    const peer = rawDealer(gateway.endpoint);
    await peer.send(encodeFrame(eaFrame(ready)));
    await peer.send('rubbish');
    await gateway.malformed.next();
    expect(faults).toEqual([new Error('handler')]);
  });

  it('gives timers and quiet peers their turn while one peer floods', async () => {
    let flooded = 0;
    let whenQuietSpoke = -1;
    let timerTurns = 0;
    const total = 5_000;
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const gateway = await testGateway({
      onFrame: (identity) => {
        if (identity === EA) flooded += 1;
        else whenQuietSpoke = flooded;
        if (flooded === total) finish();
      },
    });
    const [flooder, quiet] = [rawDealer(gateway.endpoint), rawDealer(gateway.endpoint, '2@Demo/q')];
    const count = (): void => {
      timerTurns += 1;
      if (flooded < total) setImmediate(count);
    };
    setImmediate(count);
    const parts = encodeFrame(eaFrame(ready));
    for (let i = 0; i < total; i += 1) {
      await flooder.send(parts);
      if (i === 1_000) await quiet.send(parts);
    }
    await finished;
    // 64 messages a turn: the loop of the process went round at least once for each 64.
    expect(timerTurns).toBeGreaterThanOrEqual(Math.floor(total / 64));
    expect(whenQuietSpoke).toBeGreaterThanOrEqual(0);
    expect(whenQuietSpoke).toBeLessThan(total);
  });

  it('says queueFull when a peer does not read, and still serves the others', async () => {
    const gateway = await testGateway();
    const deaf = rawDealer(gateway.endpoint);
    const dealer = await testDealer([gateway.endpoint], { identity: '2@Demo/a' });
    await dealer.up.next();
    await deaf.send(encodeFrame(eaFrame(ready)));
    await dealer.send(eaFrame(ready));
    await gateway.frames.next();
    await gateway.frames.next();
    const big = runtimeFrame({ kind: 'error', code: 'x', detail: 'y'.repeat(50_000) });
    let outcome = 'ok';
    for (let i = 0; i < 5_000 && outcome === 'ok'; i += 1) outcome = await gateway.send(EA, big);
    expect(outcome).toBe('queueFull');
    expect(await gateway.send('2@Demo/a', runtimeFrame(heartbeat))).toBe('ok');
    expect((await dealer.frames.next()).body).toEqual(heartbeat);
  });

  it('does not send what the other side would have to refuse', async () => {
    const gateway = await testGateway();
    const huge = runtimeFrame({ kind: 'error', code: 'x', detail: 'y'.repeat(1_100_000) });
    expect(await gateway.send(EA, huge)).toBe('tooLarge');
  });

  it('delivers a goodbye before it closes, and frees its port', async () => {
    const gateway = await testGateway();
    const dealer = await testDealer([gateway.endpoint]);
    await dealer.up.next();
    await dealer.send(eaFrame(ready));
    await gateway.frames.next();
    void gateway.send(EA, runtimeFrame(goodbye('shutdown')));
    await gateway.close();
    expect((await dealer.frames.next()).body).toEqual(goodbye('shutdown'));
    await dealer.down.next();
    expect(await gateway.send(EA, runtimeFrame(heartbeat))).toBe('closed');
    const second = await testGateway({ port: gateway.port });
    expect(second.port).toBe(gateway.port);
    expect(await dealer.up.next()).toBe(second.endpoint);
  });

  it('names the port that is in use and what to do about it', async () => {
    const gateway = await testGateway();
    await expect(testGateway({ port: gateway.port })).rejects.toMatchObject({
      _tag: 'GatewayPortInUse',
      port: gateway.port,
      message: expect.stringContaining('another port'),
    });
  });

  it('tells an address that is not of this machine from a port in use', async () => {
    const curve = { secretKey: 'x'.repeat(40), clientKeys: [] };
    await expect(testGateway({ host: '192.0.2.1', curve })).rejects.toMatchObject({
      _tag: 'GatewayBindFailed',
      code: 'EADDRNOTAVAIL',
    });
  });

  it.each([
    '0.0.0.0',
    '*',
    '192.168.1.10',
    'example.org',
    '::',
    '127.example.org',
    'localhost.evil.org',
  ])('refuses to listen on %s without CURVE keys', async (host) => {
    expect(isLoopback(host)).toBe(false);
    await expect(testGateway({ host })).rejects.toMatchObject({
      _tag: 'GatewayExposed',
      message: expect.stringContaining('CURVE keys'),
    });
  });
});
