import { describe, expect, it } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { decodeKey, encodeKey } from '../../../../src/mt5/wire/curve.ts';
import { testDealer, testGateway } from '../../../support/link-ends.ts';
import { eaFrame, heartbeat, ready, runtimeFrame } from '../../../support/wire-frames.ts';

const server = curveKeyPair();
const client = curveKeyPair();
const clientCurve = { serverKey: server.publicKey, ...client };
const guarded = () =>
  testGateway({ curve: { secretKey: server.secretKey, clientKeys: [client.publicKey] } });
const quickly = { connectTimeoutMs: 2_000, backoff: { initialMs: 60_000, maxMs: 60_000 } };

describe('a link with CURVE keys', () => {
  it('carries frames both ways for an admitted key', async () => {
    const gateway = await guarded();
    const dealer = await testDealer([gateway.endpoint], { curve: clientCurve });
    await dealer.up.next();
    await dealer.send(eaFrame(ready));
    const { identity } = await gateway.frames.next();
    await gateway.send(identity, runtimeFrame(heartbeat));
    expect((await dealer.frames.next()).body).toEqual(heartbeat);
  });

  it('keeps out a key that is not on the list, and says so', async () => {
    const gateway = await guarded();
    const stranger = { serverKey: server.publicKey, ...curveKeyPair() };
    const dealer = await testDealer([gateway.endpoint], { curve: stranger, ...quickly });
    const refusal = await gateway.events.until((event) => event.type === 'handshakeFailed');
    expect(refusal).toMatchObject({ detail: 'key of 127.0.0.1 is not admitted' });
    expect(dealer.connected()).toBe(false);
    expect(gateway.frames.rest()).toEqual([]);
  });

  it('keeps out a peer without keys and a peer that expects another server', async () => {
    const gateway = await guarded();
    const plain = await testDealer([gateway.endpoint], quickly);
    await gateway.events.until((event) => event.type === 'handshakeFailed');
    const misled = { serverKey: curveKeyPair().publicKey, ...client };
    const wrong = await testDealer([gateway.endpoint], { curve: misled, ...quickly });
    await gateway.events.until((event) => event.type === 'handshakeFailed');
    expect([plain.connected(), wrong.connected()]).toEqual([false, false]);
  });

  it('refuses keys that cannot be keys, without repeating them', async () => {
    const curve = { secretKey: 'my secret', clientKeys: [] };
    await expect(testGateway({ curve })).rejects.toMatchObject({
      _tag: 'LinkMisconfigured',
      field: 'curve.secretKey',
      message: expect.not.stringContaining('my secret'),
    });
  });
});

describe('a CURVE key', () => {
  it('is 40 characters of Z85', () => {
    // The test vector of ZeroMQ RFC 32, five characters for four bytes.
    const text = 'HelloWorld'.repeat(4);
    const hex = '864fd26fb559f75b';
    expect(Buffer.from(decodeKey(text) ?? []).toString('hex')).toBe(hex.repeat(4));
    expect(encodeKey(Buffer.from(hex.repeat(4), 'hex'))).toBe(text);
    const { secretKey } = curveKeyPair();
    expect(encodeKey(decodeKey(secretKey) ?? new Uint8Array())).toBe(secretKey);
    expect(() => encodeKey(new Uint8Array(31))).toThrow(RangeError);
    for (const bad of ['', text.slice(1), `${text}x`, `"${text.slice(1)}`, '#'.repeat(40)]) {
      expect(decodeKey(bad)).toBeUndefined();
    }
  });
});
