import { describe, expect, it } from 'vitest';
import {
  decodeEaFrame,
  decodeRuntimeFrame,
  encodeFrame,
  exceedsLimit,
} from '../../../../src/mt5/wire/codec.ts';
import { WIRE_LIMITS } from '../../../../src/mt5/wire/limits.ts';
import { EaBody, Envelope, RuntimeBody } from '../../../../src/mt5/wire/messages.ts';
import {
  busy,
  eaFrame,
  envelope,
  placeOrder,
  rawParts,
  runtimeFrame,
} from '../../../support/wire-frames.ts';

describe('the codec', () => {
  it('carries an order with a 63-bit magic unchanged', () => {
    const frame = runtimeFrame(placeOrder);
    expect(decodeRuntimeFrame(encodeFrame(frame))).toEqual({ ok: true, frame });
  });

  it('carries the attachment as bytes beside the JSON', () => {
    const attachment = Uint8Array.from([1, 2, 255]);
    const frame = { ...eaFrame(busy('history')), attachment };
    const parts = encodeFrame(frame);
    expect(parts).toHaveLength(2);
    expect(decodeEaFrame(parts)).toEqual({ ok: true, frame });
  });

  it('writes one flat object, so envelope and body may not share a field name', () => {
    const envelopeFields = Object.keys(Envelope.fields);
    for (const member of [...EaBody.members, ...RuntimeBody.members]) {
      const shared = Object.keys(member.fields).filter((field) => envelopeFields.includes(field));
      expect(shared, member.fields.kind.literal).toEqual([]);
    }
  });

  it('ignores fields it does not know, so that a newer EA is understood', () => {
    const parts = rawParts({ ...envelope, ...busy('x'), colour: 'green', claim: null });
    expect(decodeEaFrame(parts)).toEqual({
      ok: true,
      frame: { envelope: { ...envelope, claim: null }, body: busy('x') },
    });
  });

  it('names the kind, id and place in its session of a message it does not know', () => {
    const parts = rawParts({ ...envelope, kind: 'order.sing' });
    expect(decodeEaFrame(parts)).toEqual({
      ok: false,
      error: 'unknown_kind',
      detail: 'order.sing',
      id: envelope.id,
      place: { session: envelope.session, seq: envelope.seq },
    });
  });

  it.each(['order.place', 'toString', '__defineGetter__'])(
    'does not take %s from an EA for a kind of its own',
    (kind) => {
      expect(decodeEaFrame(rawParts({ ...envelope, kind }))).toMatchObject({
        error: 'unknown_kind',
      });
    },
  );

  it('tells another protocol version from a malformed message', () => {
    const parts = rawParts({ ...envelope, ...busy('x'), v: 2 });
    expect(decodeEaFrame(parts)).toMatchObject({ ok: false, error: 'version', id: envelope.id });
  });

  it('refuses a message above 1 MiB and takes one of exactly 1 MiB', () => {
    const empty = encodeFrame(eaFrame(busy('')))[0]?.length ?? 0;
    const fitting = encodeFrame(eaFrame(busy('x'.repeat(WIRE_LIMITS.messageBytes - empty))));
    const oversized = encodeFrame(eaFrame(busy('x'.repeat(WIRE_LIMITS.messageBytes - empty + 1))));
    expect(exceedsLimit(fitting)).toBe(false);
    expect(decodeEaFrame(fitting).ok).toBe(true);
    expect(exceedsLimit(oversized)).toBe(true);
    expect(decodeEaFrame(oversized)).toMatchObject({ error: 'too_large' });
  });

  it('refuses an attachment above 1 MiB', () => {
    const attachment = new Uint8Array(WIRE_LIMITS.messageBytes + 1);
    const parts = encodeFrame({ ...eaFrame(busy('x')), attachment });
    expect(exceedsLimit(parts)).toBe(true);
    expect(decodeEaFrame(parts)).toMatchObject({ error: 'too_large' });
  });

  it.each([
    ['no part', []],
    ['three parts', [...rawParts('{}'), new Uint8Array(), new Uint8Array()]],
    ['an empty part', [new Uint8Array()]],
    ['bytes that are not UTF-8', [Uint8Array.from([0x7b, 0xff, 0x7d])]],
    ['a byte order mark', rawParts(`\ufeff${JSON.stringify({ ...envelope, ...busy('x') })}`)],
    ['half a message', rawParts('{"v":1,"kind":"rea')],
    ['an array', rawParts([{ ...envelope, ...busy('x') }])],
    ['null', rawParts('null')],
    ['nesting without end', rawParts('['.repeat(500_000))],
    ['escaped nesting without end', rawParts(`"\\u0041"${'['.repeat(500_000)}`)],
    [
      'an infinite amount',
      rawParts(JSON.stringify({ ...envelope, ...busy('x') }).replace('1000', '1e999')),
    ],
    ['a fraction of a millisecond', rawParts({ ...envelope, ...busy('x'), maxMs: 0.5 })],
    ['a negative count', rawParts({ ...envelope, kind: 'claim.granted', epoch: -1, leaseMs: 1 })],
    ['an integer beyond 2^53', rawParts({ ...envelope, ...busy('x'), maxMs: 2 ** 60 })],
    ['a missing seq', rawParts({ ...envelope, ...busy('x'), seq: undefined })],
    ['no kind', rawParts(envelope)],
  ])('calls %s malformed', (_, parts) => {
    expect(decodeEaFrame(parts)).toMatchObject({ ok: false, error: 'malformed' });
  });

  it('refuses a __proto__ key however it is written, and pollutes nothing', () => {
    const text = JSON.stringify({ ...envelope, ...busy('x') });
    for (const key of ['__proto__', '\\u005f_proto__', '\\u005f\\u005fproto\\u005f\\u005f']) {
      const parts = rawParts(`${text.slice(0, -1)},"deep":[{"${key}":{"polluted":true}}]}`);
      expect(decodeEaFrame(parts)).toMatchObject({ ok: false, error: 'malformed' });
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('never repeats a value in its reason, because it may be a token', () => {
    const claim = { kind: 'claim', expected: 1, instanceId: 'a', leaseMs: 5 };
    const parts = rawParts({ ...envelope, ...claim, takeoverToken: { secret: 's3cret' } });
    const decoded = decodeRuntimeFrame(parts);
    expect(decoded).toMatchObject({ ok: false, error: 'malformed' });
    expect(JSON.stringify(decoded)).toContain('takeoverToken');
    expect(JSON.stringify(decoded)).not.toContain('s3cret');
  });

  it('keeps its reasons short', () => {
    const decoded = decodeEaFrame(rawParts({ ...envelope, kind: 'k'.repeat(10_000) }));
    expect(decoded.ok ? 0 : decoded.detail.length).toBe(WIRE_LIMITS.detailCharacters);
  });
});
