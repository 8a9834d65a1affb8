import { Arbitrary, Effect, type Schema } from 'effect';
import { describe, expect, it } from 'vitest';
import { decodeEaFrame, decodeRuntimeFrame, encodeFrame } from '../../../src/mt5/wire/codec.ts';
import {
  EaBody,
  type EaFrame,
  Envelope,
  RuntimeBody,
  type RuntimeFrame,
} from '../../../src/mt5/wire/messages.ts';
import { fc, propertySeed } from '../../support/property-seed.ts';
import { eaFrame, placeOrder, runtimeFrame } from '../../support/wire-frames.ts';

const RUNS = 60;
const seed = propertySeed;

/** Values as the wire keeps them: JSON has no negative zero. */
const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
/** A key that the codec refuses on purpose (see its unit test); as a value it is welcome. */
const holdsProto = (value: unknown): boolean => JSON.stringify(value).includes('"__proto__":');

const sample = <T>(schema: unknown, salt: number): readonly T[] =>
  Effect.runSync(
    Arbitrary.sampleEffect(Arbitrary.schema(schema as Schema.Codec<T>), {
      count: RUNS,
      seed: seed + salt,
    }),
  );

const sides = [
  { side: 'EA', members: EaBody.members, decode: decodeEaFrame },
  { side: 'runtime', members: RuntimeBody.members, decode: decodeRuntimeFrame },
] as const;

describe.each(sides)('every message of the $side', ({ members, decode }) => {
  const envelopes = sample<Envelope>(Envelope, 0);

  it.each(members.map((member) => [member.fields.kind.literal, member] as const))(
    '%s comes back as it was sent',
    (_, member) => {
      const bodies = sample<EaBody & RuntimeBody>(member, 1);
      let checked = 0;
      bodies.forEach((body, i) => {
        const envelope = envelopes[i];
        if (envelope === undefined || holdsProto([body, envelope])) return;
        const attachment = i % 2 === 0 ? {} : { attachment: Buffer.from([i]) };
        const frame = { envelope: asJson(envelope), body: asJson(body), ...attachment };
        expect(decode(encodeFrame({ envelope, body, ...attachment }))).toEqual({ ok: true, frame });
        checked += 1;
      });
      expect(checked).toBeGreaterThan(RUNS / 2);
    },
  );

  it('is refused by value, never by a throw, when any of its bytes is changed, cut or added', () => {
    const messages: Uint8Array[] = members.flatMap((member) =>
      sample<EaBody & RuntimeBody>(member, 2)
        .slice(0, 3)
        .map((body) => encodeFrame(eaFrame(body) as EaFrame & RuntimeFrame)[0] ?? new Uint8Array()),
    );
    const mutation = fc.record({
      message: fc.constantFrom(...messages),
      at: fc.nat(),
      cut: fc.nat({ max: 4 }),
      insert: fc.uint8Array({ maxLength: 4 }),
    });
    const verdicts = new Set<string>();
    fc.assert(
      fc.property(mutation, ({ message, at, cut, insert }) => {
        const offset = at % message.length;
        const head = message.subarray(0, offset);
        const bytes = Buffer.concat([head, insert, message.subarray(offset + cut)]);
        const decoded = decode([bytes]);
        verdicts.add(decoded.ok ? 'ok' : decoded.error);
      }),
      { seed, numRuns: 2_000 },
    );
    // The mutations reach both the happy path and the refusals, so the property is not vacuous.
    expect([...verdicts]).toEqual(expect.arrayContaining(['ok', 'malformed']));
  });

  it('made of random parts is refused without a throw', () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 3 });
    fc.assert(
      fc.property(parts, (random) => {
        expect(decode(random).ok).toBe(false);
      }),
      { seed, numRuns: 1_000 },
    );
  });

  it('made of random JSON around a valid envelope is decoded or refused without a throw', () => {
    const known = [...Object.keys(placeOrder), 'account', 'positions', 'bars', 'clock'];
    const fields = fc.dictionary(fc.oneof(fc.constantFrom(...known), fc.string()), fc.jsonValue());
    const kinds = fc.constantFrom(...members.map((member) => member.fields.kind.literal));
    fc.assert(
      fc.property(fields, kinds, (random, kind) => {
        const message = { ...runtimeFrame(placeOrder).envelope, ...random, kind };
        const decoded = decode([Buffer.from(JSON.stringify(message))]);
        expect(decoded.ok || decoded.detail.length > 0).toBe(true);
      }),
      { seed, numRuns: 1_000 },
    );
  });
});
