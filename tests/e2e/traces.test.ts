import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../support/audit-dump.ts';
import { STORY, sandbox, until } from '../support/cli-sandbox.ts';
import { attributesOf, type CollectedSpan, startCollector } from '../support/otlp-collector.ts';

/** The real command line and a real terminal, against a collector on this machine. */
const HEADER = 'Bearer collector-secret';

const named = (spans: readonly CollectedSpan[], name: string): CollectedSpan[] =>
  spans.filter((span) => span.name === name);
const only = (spans: readonly CollectedSpan[], name: string): CollectedSpan => {
  const [span, ...others] = named(spans, name);
  expect(others).toEqual([]);
  if (span === undefined) throw new Error(`no span ${name}`);
  return span;
};
const from = ({ startTimeUnixNano }: CollectedSpan): bigint => BigInt(startTimeUnixNano);
const to = ({ endTimeUnixNano }: CollectedSpan): bigint => BigInt(endTimeUnixNano);

describe('bulwark run with a collector of traces', STORY, () => {
  const box = sandbox();
  afterAll(box.close);

  const start = (endpoint: string, name: string) => {
    const dataDir = box.path(name);
    const run = box.start(['run', '--data-dir', dataDir], {
      env: {
        BULWARK_MARKET__SPEED: '3000',
        BULWARK_TRACES__ENDPOINT: endpoint,
        BULWARK_TRACES__HEADERS: `authorization=${encodeURIComponent(HEADER)}`,
      },
    });
    return { run, dataDir };
  };

  it('sends one whole trace of an order, from the tick to the deal', async () => {
    const collector = await startCollector();
    const { run, dataDir } = start(collector.endpoint, 'traced');
    const filled = await until('the trace of a filled order', () => {
      const roots = named(collector.spans, 'signal');
      return roots.find((root) => attributesOf(root)['bulwark.outcome'] === 'filled');
    });
    run.signal('SIGINT');
    const finished = await run.finished();
    expect(finished.code, finished.stderr).toBe(0);

    const trace = collector.spans.filter(({ traceId }) => traceId === filled.traceId);
    const root = only(trace, 'signal');
    const decided = only(trace, 'strategy.decide');
    const verdict = only(trace, 'guard.verdict');
    const written = only(trace, 'journal.append');
    const attempt = only(trace, 'order.attempt');
    const executed = only(trace, 'terminal.execute');
    const [deal] = named(trace, 'deal');
    if (deal === undefined) throw new Error('no deal');
    expect(root.parentSpanId ?? '').toBe('');
    for (const child of [decided, verdict, written, attempt]) {
      expect(child.parentSpanId).toBe(root.spanId);
    }
    // The terminal's own part names the attempt that it was sent: the context crossed the link.
    expect(executed.parentSpanId).toBe(attempt.spanId);
    expect(deal.parentSpanId).toBe(attempt.spanId);
    expect(new Set(trace.map(({ spanId }) => spanId)).size).toBe(trace.length);
    const inOrder = [decided, verdict, written, attempt, executed, deal].map(from);
    expect(inOrder).toEqual([...inOrder].sort((a, b) => Number(a - b)));
    for (const span of trace) {
      expect(to(span)).toBeGreaterThanOrEqual(from(span));
      expect(from(span)).toBeGreaterThanOrEqual(from(root));
    }

    // Under the names by which journal and audit know it.
    const intentId = attributesOf(attempt)['bulwark.intent'];
    const orders = rowsOf(`${dataDir}/audit.db`, 'orders');
    expect(orders.map((row) => row['intent_id'])).toContain(intentId);
    const fills = rowsOf(`${dataDir}/audit.db`, 'orders').find(
      (row) => row['intent_id'] === intentId,
    );
    expect(fills).toMatchObject({ state: 'filled' });
    expect(collector.resources[0]).toMatchObject({
      'service.name': 'bulwark',
      'bulwark.profile': 'paper',
    });

    expect(collector.requests[0]).toEqual({ path: '/v1/traces', authorization: HEADER });
    const kept = [
      finished.stdout,
      finished.stderr,
      JSON.stringify(collector.spans),
      readFileSync(`${dataDir}/journal.db`, 'latin1'),
    ];
    for (const text of kept) expect(text).not.toContain('collector-secret');
  });

  it('trades on while the collector refuses, and tells that spans are lost', async () => {
    const collector = await startCollector();
    collector.fail(400);
    const { run, dataDir } = start(collector.endpoint, 'refused');
    await until('the loss to be told', () => run.said().includes('traces.lost'));
    const booked = rowsOf(`${dataDir}/audit.db`, 'trades').length;
    await until('more trades', () => rowsOf(`${dataDir}/audit.db`, 'trades').length > booked + 1);
    const address = await until('the inspector', () => /inspector at (\S+)/.exec(run.said())?.[1]);
    const metrics = await (await fetch(`${address}/metrics`)).text();
    const lost = /^bulwark_trace_spans_total\{outcome="lost"\} (\d+)$/m.exec(metrics)?.[1];
    expect(Number(lost)).toBeGreaterThan(0);
    collector.fail(null);
    await until('traces to be taken again', () => run.said().includes('traces.sent'));
    run.signal('SIGINT');
    const finished = await run.finished();
    expect(finished.code, finished.stderr).toBe(0);
    expect(finished.stdout + finished.stderr).not.toContain('collector-secret');
  });
});
