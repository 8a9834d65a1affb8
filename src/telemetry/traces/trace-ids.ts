import { createHash } from 'node:crypto';

/**
 * Names of traces and spans, made from what is in the journal and never drawn: a restart finds the
 * trace of an order again by its intent, and a replay names nothing at random. 16 and 8 bytes in
 * lower-case hex, as W3C Trace Context has them.
 */
const TRACE_HEX = 32;
const SPAN_HEX = 16;
const hash = (text: string, digits: number): string => {
  const hex = createHash('sha256').update(text).digest('hex').slice(0, digits);
  // All zeros means "no id" to W3C.
  return /[^0]/.test(hex) ? hex : `${hex.slice(1)}1`;
};

/** Keys of all intents of one signal begin with the signal's own key. */
export const signalKeyOf = (intentKey: string): string => intentKey.split(':', 1)[0] ?? intentKey;

/** `journalId` tells two data directories apart that played the same market. */
export const traceIdOf = (journalId: string, accountId: string, key: string): string =>
  hash(JSON.stringify([journalId, accountId, signalKeyOf(key)]), TRACE_HEX);

/** `name` says which span of the trace. */
export const spanIdOf = (traceId: string, name: string): string =>
  hash(`${traceId} ${name}`, SPAN_HEX);

/** Whether a trace belongs to the share that is kept, 0 to 1: the same answer on every machine. */
export const isSampled = (traceId: string, ratio: number): boolean =>
  Number.parseInt(traceId.slice(-8), 16) < ratio * 2 ** 32;

export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

/** W3C `traceparent`. */
export const traceparentOf = ({ traceId, spanId, sampled }: SpanContext): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;

/** Undefined for what is no `traceparent` of version 00: it came from outside. */
export const parseTraceparent = (text: string): SpanContext | undefined => {
  const parts = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text);
  const [, traceId, spanId, flags] = parts ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
};
