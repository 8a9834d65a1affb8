/** A finished span as plain data: it is made where trading happens and exported in another thread. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** Null: the root of its trace. */
  readonly parentId: string | null;
  readonly name: string;
  /** `client`: our side of a call over the link; `server`: the terminal's. */
  readonly kind: 'internal' | 'client' | 'server';
  /** Wall time, UTC milliseconds with a fraction. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Why it failed; null: it did not. */
  readonly error: string | null;
}

export const TRACE_LIMITS = {
  /** Signals whose orders are under way and are followed; beyond it the oldest is let go. */
  followedSignals: 2_000,
  /** Spans that wait to be sent; beyond it the newest are dropped and counted. */
  waitingSpans: 8_192,
  /** Spans of one request to the collector. */
  batchSpans: 512,
  /** Wall time until what waits is sent, milliseconds. */
  flushMs: 1_000,
  /** Time that a collector has for an answer, milliseconds. */
  requestMs: 5_000,
  /** Time that the end of a run waits for the last spans, milliseconds. */
  closeMs: 3_000,
} as const;

/** What the thread is started with. */
export interface ExportThreadData {
  readonly endpoint: string;
  /** HTTP headers of every request; they may hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
}
export type ToExporter =
  | { readonly type: 'spans'; readonly spans: readonly Span[] }
  /** Send what waits and end. */
  | { readonly type: 'close' };
export type FromExporter =
  | { readonly type: 'ready' }
  /** Spans that left, and spans that could not; `problem` says why, without any secret. */
  | {
      readonly type: 'sent';
      readonly exported: number;
      readonly failed: number;
      readonly problem: string | null;
    }
  | { readonly type: 'closed' };
