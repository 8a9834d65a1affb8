import { describe, expect, it } from 'vitest';
import { parseHeaders } from '../../../../src/telemetry/traces/headers.ts';
import {
  isSampled,
  parseTraceparent,
  spanIdOf,
  traceIdOf,
  traceparentOf,
} from '../../../../src/telemetry/traces/trace-ids.ts';

describe('names of traces', () => {
  const traceId = traceIdOf('run-1', '5012345', 'abc');

  it('have the form of W3C Trace Context', () => {
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(spanIdOf(traceId, 'signal')).toMatch(/^[0-9a-f]{16}$/);
    const context = { traceId, spanId: spanIdOf(traceId, 'signal'), sampled: true };
    expect(traceparentOf(context)).toBe(`00-${traceId}-${context.spanId}-01`);
    expect(parseTraceparent(traceparentOf(context))).toEqual(context);
    const dropped = { ...context, sampled: false };
    expect(parseTraceparent(traceparentOf(dropped))).toEqual(dropped);
  });

  it('are the same for every intent of a signal, and differ between journals and accounts', () => {
    expect(traceIdOf('run-1', '5012345', 'abc:flatten')).toBe(traceId);
    expect(traceIdOf('run-2', '5012345', 'abc')).not.toBe(traceId);
    expect(traceIdOf('run-1', '5012346', 'abc')).not.toBe(traceId);
    expect(traceIdOf('run-1', '5012345', 'abd')).not.toBe(traceId);
  });

  it.each([
    '',
    'garbage',
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
    `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`,
    `01-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
    `00-${'A'.repeat(32)}-${'1'.repeat(16)}-01`,
    `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01-more`,
  ])('are not read from %j', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });

  it('fall into the kept share about as often as it says', () => {
    const ids = Array.from({ length: 2_000 }, (_, index) => traceIdOf('run', '1', String(index)));
    const kept = (ratio: number): number => ids.filter((id) => isSampled(id, ratio)).length;
    expect([kept(0), kept(1)]).toEqual([0, 2_000]);
    expect(kept(0.25)).toBeGreaterThan(400);
    expect(kept(0.25)).toBeLessThan(600);
    // A larger share keeps what a smaller one kept.
    const few = ids.filter((id) => isSampled(id, 0.1));
    expect(few.every((id) => isSampled(id, 0.5))).toBe(true);
  });
});

describe('headers for the collector', () => {
  it('are read as OpenTelemetry writes them', () => {
    expect(parseHeaders('Authorization=Bearer%20a%3Db, x-tenant = desk')).toEqual({
      authorization: 'Bearer a=b',
      'x-tenant': 'desk',
    });
  });

  it.each(['', 'authorization', 'a b=c', '=c', 'a=', 'a=%zz'])('are none in %j', (text) => {
    expect(parseHeaders(text)).toBeUndefined();
  });
});
