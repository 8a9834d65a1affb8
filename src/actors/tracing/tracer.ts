import type { Clock, Stopwatch } from '../../domain/ports.ts';
import type { Entry, JournalReader } from '../../journal/types.ts';
import { type ExportThreadData, type Span, TRACE_LIMITS } from '../../telemetry/traces/span.ts';
import type { ActorContext, Behaviour, System, TaskResult } from '../kernel/types.ts';
import type { Notice } from '../runtime.ts';
import { type ExportThread, openExportThread } from './export-thread.ts';
import { recallOrder } from './followed.ts';
import { listenToActors, type TracedPaths } from './listen.ts';
import { SignalTracer } from './signal-tracer.ts';
import type { TraceContext } from './trace-context.ts';

/** What became of spans since the start of the process. */
export interface SpanCounts {
  exported: number;
  /** Dropped because too many waited, or not taken by the collector. */
  lost: number;
}

export interface TracerOptions {
  readonly accountId: string;
  readonly context: TraceContext;
  readonly thread: ExportThreadData;
  readonly paths: TracedPaths;
  readonly system: System;
  readonly wall: Clock;
  readonly stopwatch: Stopwatch;
  readonly reader: () => JournalReader;
  /** Gives back the end of listening. */
  readonly onEntry: (listener: (entry: Entry) => void) => () => void;
  readonly note: (notice: Pick<Notice, 'severity' | 'code' | 'detail'>) => void;
  /** They outlive the actor's lives. */
  readonly counts: SpanCounts;
}

export type TracerMessage =
  | { readonly type: 'thread.opened'; readonly opened: TaskResult<ExportThread> }
  | { readonly type: 'flush.due' }
  | {
      readonly type: 'spans.sent';
      readonly incarnation: number;
      readonly problem: string | null;
    }
  | { readonly type: 'tracer.ended'; readonly incarnation: number; readonly reason: string };

export interface TracerState {
  readonly release: () => void;
  readonly waiting: Waiting;
  /** Null until it is ready. */
  readonly thread: ExportThread | null;
  readonly isFailing: boolean;
}

/** Spans that wait for the thread, within bounds. */
class Waiting {
  readonly #counts: SpanCounts;
  #spans: Span[] = [];
  /** Those that the thread has. */
  underWay = 0;

  constructor(counts: SpanCounts) {
    this.#counts = counts;
  }

  readonly add = (span: Span): void => {
    if (this.#spans.length + this.underWay < TRACE_LIMITS.waitingSpans) this.#spans.push(span);
    else this.#counts.lost += 1;
  };

  take(): readonly Span[] {
    const spans = this.#spans;
    this.#spans = [];
    this.underWay += spans.length;
    return spans;
  }

  /** Nobody sends them any more. */
  giveUp(): void {
    this.#counts.lost += this.#spans.length + this.underWay;
    this.#spans = [];
    this.underWay = 0;
  }
}

const FLUSH_MS = 200;

/**
 * The observer that makes traces of orders. It listens where the actors are told something and
 * where something becomes durable, and hands finished spans to a thread that sends them. Nobody
 * waits for it; when the collector is away, spans are dropped and counted.
 */
export const tracer = (options: TracerOptions): Behaviour<TracerMessage, TracerState> => ({
  init: (context) => {
    const { self, incarnation } = context;
    const waiting = new Waiting(options.counts);
    const release = listen(options, waiting, (reason) =>
      self.send({ type: 'tracer.ended', incarnation, reason }),
    );
    openThread(options, waiting, context);
    return { release, waiting, thread: null, isFailing: false };
  },
  receive: (state, message, context) => {
    switch (message.type) {
      case 'thread.opened': {
        if (!message.opened.ok) throw message.opened.error;
        context.after(FLUSH_MS, { type: 'flush.due' });
        return { ...state, thread: message.opened.value };
      }
      case 'flush.due':
        flush(state);
        context.after(FLUSH_MS, { type: 'flush.due' });
        return state;
      case 'spans.sent':
        return message.incarnation === context.incarnation ? sent(state, message, options) : state;
      case 'tracer.ended':
        if (message.incarnation !== context.incarnation) return state;
        throw new Error(message.reason);
    }
  },
  terminate: async (state) => {
    state.release();
    flush(state);
    await state.thread?.close();
    // The thread was never open, or the collector did not take the last ones in time.
    state.waiting.giveUp();
  },
  summary: ({ waiting: { underWay }, isFailing }) => ({ ...options.counts, underWay, isFailing }),
});

const listen = (
  options: TracerOptions,
  waiting: Waiting,
  broke: (reason: string) => void,
): (() => void) => {
  const { accountId, context, reader, system, paths, wall, stopwatch } = options;
  const upToSeq = reader().lastSeq();
  const origin = wall.now() - stopwatch.elapsedMs();
  const signals = new SignalTracer({
    accountId,
    context,
    recall: (intentId) => recallOrder(reader(), { accountId, intentId, upToSeq }),
    emit: waiting.add,
  });
  /** What goes wrong in here is this actor's crash, never that of those it listens to. */
  const safely = (see: (tracing: SignalTracer, ms: number) => void): void => {
    try {
      see(signals, origin + stopwatch.elapsedMs());
    } catch (error) {
      broke(String(error));
    }
  };
  const stops = [
    listenToActors(system, paths, safely),
    options.onEntry((entry) => safely((tracing, ms) => tracing.recorded(entry, ms))),
  ];
  return () => {
    for (const stop of stops) stop();
  };
};

const openThread = (
  options: TracerOptions,
  waiting: Waiting,
  context: ActorContext<TracerMessage>,
): void => {
  const { self, incarnation } = context;
  const { thread, wall, counts } = options;
  const events = {
    onSent: ({
      exported,
      failed,
      problem,
    }: {
      readonly exported: number;
      readonly failed: number;
      readonly problem: string | null;
    }): void => {
      counts.exported += exported;
      counts.lost += failed;
      waiting.underWay -= exported + failed;
      self.send({ type: 'spans.sent', incarnation, problem });
    },
    onEnd: (reason: string): void => self.send({ type: 'tracer.ended', incarnation, reason }),
  };
  context.task(
    'starting the thread',
    (signal) => openExportThread(thread, events, { signal, clock: wall }),
    (opened) => ({ type: 'thread.opened', opened }),
  );
};

const flush = ({ thread, waiting }: TracerState): void => {
  const spans = thread === null ? [] : waiting.take();
  if (spans.length > 0) thread?.send(spans);
};

/** The first failure is news, and the recovery; what lies between is not. */
const sent = (
  state: TracerState,
  { problem }: Extract<TracerMessage, { type: 'spans.sent' }>,
  { note }: TracerOptions,
): TracerState => {
  const isFailing = problem !== null;
  if (isFailing && !state.isFailing) {
    note({ severity: 'warning', code: 'traces.lost', detail: problem });
  } else if (!isFailing && state.isFailing) {
    note({ severity: 'info', code: 'traces.sent', detail: 'the collector takes them again' });
  }
  return { ...state, isFailing };
};
