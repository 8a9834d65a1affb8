import * as Result from 'effect/Result';
import * as Schema from 'effect/Schema';
import { WIRE_LIMITS } from './limits.ts';
import { EaBody, type EaFrame, Envelope, RuntimeBody, type RuntimeFrame } from './messages.ts';

/**
 * Bytes ↔ frames. On the wire a message is one flat JSON object (envelope and body fields side by
 * side), with at most one binary attachment as a second part. Decoding never throws: what comes
 * from outside is a value or a reason. Unknown fields are ignored, so that an older runtime reads a
 * newer EA.
 */
export type DecodeError = 'malformed' | 'unknown_kind' | 'too_large' | 'version';
/** `detail` names the field and what was expected, never the value: it may be a token. */
export interface Rejection {
  readonly ok: false;
  readonly error: DecodeError;
  readonly detail: string;
  /** Id of the refused message, when it could be read: an answer names it in `re`. */
  readonly id?: string;
  /** Where it stands in its session, of a message whose kind alone is not known. */
  readonly place?: { readonly session: string; readonly seq: number };
}
export type Decoded<Frame> = { readonly ok: true; readonly frame: Frame } | Rejection;

type Decode<Value> = (input: unknown) => Result.Result<Value, Schema.SchemaError>;

/** One decoder per kind, compiled once: trying a whole union would cost each message its length. */
const decodersByKind = <Body>(
  members: readonly { readonly fields: { readonly kind: { readonly literal: string } } }[],
): ReadonlyMap<string, Decode<Body>> =>
  new Map(
    members.map((member) => [
      member.fields.kind.literal,
      // The member's own type is lost in the list; the union's type holds for each of them.
      Schema.decodeUnknownResult(member as unknown as Schema.Codec<Body>) as Decode<Body>,
    ]),
  );

const decodeEnvelope = Schema.decodeUnknownResult(Envelope);
const eaDecoders = decodersByKind<EaBody>(EaBody.members);
const runtimeDecoders = decodersByKind<RuntimeBody>(RuntimeBody.members);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const reject = (error: DecodeError, detail: string, id?: string): Rejection => {
  const short = detail.replace(/\s+/g, ' ').slice(0, WIRE_LIMITS.detailCharacters);
  return id === undefined
    ? { ok: false, error, detail: short }
    : { ok: false, error, detail: short, id };
};

const refuseProto = (key: string, value: unknown): unknown => {
  if (key === '__proto__') throw new SyntaxError('a field is named __proto__');
  return value;
};

/** A `__proto__` key could become a prototype further on, where objects are rebuilt by key. Most
 * texts cannot hold one, so the costly reviver is used only where the text might. */
const parseJson = (text: string): unknown =>
  text.includes('__proto__') || text.includes('\\u')
    ? JSON.parse(text, refuseProto)
    : JSON.parse(text);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readObject = (
  parts: readonly Uint8Array[],
): { readonly ok: true; readonly object: Readonly<Record<string, unknown>> } | Rejection => {
  const [json, attachment] = parts;
  if (json === undefined || parts.length > 2) {
    return reject('malformed', `${parts.length} parts instead of 1 or 2`);
  }
  if (json.length > WIRE_LIMITS.messageBytes) {
    return reject('too_large', `message of ${json.length} bytes`);
  }
  if (attachment !== undefined && attachment.length > WIRE_LIMITS.messageBytes) {
    return reject('too_large', `attachment of ${attachment.length} bytes`);
  }
  try {
    const object = parseJson(utf8.decode(json));
    return isRecord(object) ? { ok: true, object } : reject('malformed', 'not a JSON object');
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unreadable';
    return reject(
      'malformed',
      name === 'TypeError' ? 'not UTF-8' : `not acceptable JSON (${name})`,
    );
  }
};

const decodeFrame = <Body>(
  parts: readonly Uint8Array[],
  decoders: ReadonlyMap<string, Decode<Body>>,
): Decoded<{ envelope: Envelope; body: Body; attachment?: Uint8Array }> => {
  const read = readObject(parts);
  if (!read.ok) return read;
  const { object } = read;
  const id = typeof object['id'] === 'string' ? object['id'] : undefined;
  if (object['v'] !== 1) return reject('version', 'v is not 1', id);
  const kind = object['kind'];
  if (typeof kind !== 'string') return reject('malformed', 'kind is not a string', id);
  const decodeBody = decoders.get(kind);
  const envelope = decodeEnvelope(object);
  if (decodeBody === undefined) {
    const rejection = reject('unknown_kind', kind, id);
    if (Result.isFailure(envelope)) return rejection;
    const { session, seq } = envelope.success;
    return { ...rejection, place: { session, seq } };
  }
  if (Result.isFailure(envelope)) return reject('malformed', envelope.failure.message, id);
  const body = decodeBody(object);
  if (Result.isFailure(body)) return reject('malformed', `${kind}: ${body.failure.message}`, id);
  const frame = { envelope: envelope.success, body: body.success };
  const attachment = parts[1];
  return { ok: true, frame: attachment === undefined ? frame : { ...frame, attachment } };
};

/** Decodes what an EA or simulated terminal sent. */
export const decodeEaFrame = (parts: readonly Uint8Array[]): Decoded<EaFrame> =>
  decodeFrame(parts, eaDecoders);

/** Decodes what a runtime sent. */
export const decodeRuntimeFrame = (parts: readonly Uint8Array[]): Decoded<RuntimeFrame> =>
  decodeFrame(parts, runtimeDecoders);

/** The parts of one message: JSON, then the attachment if there is one. */
export const encodeFrame = (frame: EaFrame | RuntimeFrame): Uint8Array[] => {
  // The two texts are joined, not the two objects: V8 takes 25 µs to spread that many fields into
  // one object, ten times as long as writing them. Neither object is ever empty.
  const envelope = JSON.stringify(frame.envelope).slice(0, -1);
  const json = Buffer.from(`${envelope},${JSON.stringify(frame.body).slice(1)}`, 'utf8');
  return frame.attachment === undefined ? [json] : [json, frame.attachment];
};

/** True when the other side would answer `too_large`. */
export const exceedsLimit = (parts: readonly Uint8Array[]): boolean =>
  parts.some((part) => part.length > WIRE_LIMITS.messageBytes);
