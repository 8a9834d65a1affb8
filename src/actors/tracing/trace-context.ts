import type { Intent } from '../../domain/intent.ts';
import {
  isSampled,
  type SpanContext,
  spanIdOf,
  traceIdOf,
  traceparentOf,
} from '../../telemetry/traces/trace-ids.ts';

/** An attempt as far as its names go. */
export type NamedIntent = Pick<Intent, 'key' | 'intentId'>;

/**
 * Which trace an order belongs to. Everything is computed from the journal's own name and the
 * intent's key, so it is the same in every life of the process and costs two hashes.
 */
export interface TraceContext {
  readonly traceIdOf: (intentKey: string) => string;
  readonly isSampled: (traceId: string) => boolean;
  /** The span of one attempt: what the terminal is told of, and what it gives back. */
  readonly attemptOf: (intent: NamedIntent, attempt: number) => SpanContext;
  /** The same as W3C `traceparent`. */
  readonly traceparent: (intent: NamedIntent, attempt: number) => string;
}

export const attemptSpanName = (intentId: string, attempt: number): string =>
  `attempt ${intentId} ${attempt}`;

export const createTraceContext = (input: {
  /** Run id of the first session of the journal; asked for when the first order is traced. */
  readonly journalId: () => string;
  readonly accountId: string;
  /** Share of traces that are kept, 0 to 1. */
  readonly ratio: number;
}): TraceContext => {
  const { accountId, ratio } = input;
  let journalId: string | undefined;
  const ofKey = (key: string): string => {
    journalId ??= input.journalId();
    return traceIdOf(journalId, accountId, key);
  };
  const sampled = (traceId: string): boolean => isSampled(traceId, ratio);
  const attemptOf = ({ key, intentId }: NamedIntent, attempt: number): SpanContext => {
    const traceId = ofKey(key);
    const spanId = spanIdOf(traceId, attemptSpanName(intentId, attempt));
    return { traceId, spanId, sampled: sampled(traceId) };
  };
  return {
    traceIdOf: ofKey,
    isSampled: sampled,
    attemptOf,
    traceparent: (intent, attempt) => traceparentOf(attemptOf(intent, attempt)),
  };
};
