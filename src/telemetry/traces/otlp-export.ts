import {
  type Attributes,
  type HrTime,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK, resources, tracing } from '@opentelemetry/sdk-node';
import { type ExportThreadData, type Span, TRACE_LIMITS } from './span.ts';

/** OpenTelemetry's SDK, given spans that are over already: it keeps our ids, batches, and sends. */
export interface Exporting {
  readonly take: (spans: readonly Span[]) => void;
  /** Sends what waits; resolves also when that fails. */
  readonly close: () => Promise<void>;
}
export interface Sent {
  readonly exported: number;
  readonly failed: number;
  readonly problem: string | null;
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
} as const;

const hrTimeOf = (ms: number): HrTime => {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1_000_000)];
};

/** The collector's status or the system's code; never its words, which may repeat a header. */
const problemOf = (error: Error | undefined): string => {
  const code = (error as { readonly code?: number | string } | undefined)?.code;
  if (typeof code === 'number') return `the collector answered ${code}`;
  return code === undefined ? 'the collector did not take them' : `no answer: ${code}`;
};

/** Tells what became of each batch that the SDK hands to the real exporter. */
const counted = (
  exporter: tracing.SpanExporter,
  onSent: (sent: Sent) => void,
): tracing.SpanExporter => ({
  export: (spans, done) =>
    exporter.export(spans, (result) => {
      const { length } = spans;
      if (result.code === 0) onSent({ exported: length, failed: 0, problem: null });
      else onSent({ exported: 0, failed: length, problem: problemOf(result.error) });
      done(result);
    }),
  shutdown: () => exporter.shutdown(),
});

export const openExport = (data: ExportThreadData, onSent: (sent: Sent) => void): Exporting => {
  const next = { traceId: '', spanId: '' };
  const exporter = new OTLPTraceExporter({
    url: data.endpoint,
    headers: { ...data.headers },
    timeoutMillis: TRACE_LIMITS.requestMs,
  });
  const sdk = new NodeSDK({
    resource: resources.resourceFromAttributes({ ...data.resource }),
    autoDetectResources: false,
    idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
    // What is not to be kept never gets here.
    sampler: new tracing.AlwaysOnSampler(),
    spanProcessors: [
      new tracing.BatchSpanProcessor(counted(exporter, onSent), {
        maxQueueSize: TRACE_LIMITS.waitingSpans,
        maxExportBatchSize: TRACE_LIMITS.batchSpans,
        scheduledDelayMillis: TRACE_LIMITS.flushMs,
        exportTimeoutMillis: 2 * TRACE_LIMITS.requestMs,
      }),
    ],
    metricReaders: [],
    logRecordProcessors: [],
    textMapPropagator: null,
  });
  sdk.start();
  const tracer = trace.getTracer('bulwark');
  const record = (span: Span): void => {
    next.traceId = span.traceId;
    next.spanId = span.spanId;
    const parent =
      span.parentId === null
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, {
            traceId: span.traceId,
            spanId: span.parentId,
            traceFlags: TraceFlags.SAMPLED,
            isRemote: span.kind === 'server',
          });
    const attributes: Attributes = { ...span.attributes };
    const startTime = hrTimeOf(span.startMs);
    const kind = KINDS[span.kind];
    const started = tracer.startSpan(span.name, { kind, attributes, startTime }, parent);
    if (span.error !== null) {
      started.setStatus({ code: SpanStatusCode.ERROR, message: span.error });
    }
    started.end(hrTimeOf(span.endMs));
  };
  return {
    take: (spans) => {
      for (const span of spans) record(span);
    },
    close: () => sdk.shutdown().catch(() => undefined),
  };
};
