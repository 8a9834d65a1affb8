import type { LogLevel } from '../../domain/log-level.ts';

/** What the runtime says of itself for machines: one line of JSON each, in the order it happened. */
export interface LogLine {
  /** Wall time, UTC milliseconds. */
  readonly wallAt: number;
  /** Session time, UTC milliseconds; null where there is none. */
  readonly at: number | null;
  readonly level: LogLevel;
  /** The event's code, as in the table `events`. */
  readonly code: string;
  readonly text: string;
  /** The actor it is about. */
  readonly path: string | null;
  readonly intentId: string | null;
  /** Trace of the signal that it belongs to, 32 hex digits. */
  readonly traceId: string | null;
}

/** Sizes in bytes, times in milliseconds. */
export const LOG_LIMITS = {
  /** Lines on their way to the disk; what comes on top is counted and not written. */
  linesWaiting: 10_000,
  /** Characters of one text, after redaction. */
  textLength: 8_192,
  /** How long an orderly end waits for the last lines. */
  closeMs: 2_000,
} as const;

/** What the thread that writes is given when it starts. */
export interface LogThreadData {
  readonly dir: string;
  /** The mildest line that is written. */
  readonly level: LogLevel;
  readonly maxFileBytes: number;
  /** All files, the one that is written to included. */
  readonly maxFiles: number;
  readonly secrets: readonly string[];
  /** Stands on every line: account, run, version. */
  readonly base: Readonly<Record<string, string>>;
}

export type ToLog =
  | {
      readonly type: 'lines';
      readonly lines: readonly LogLine[];
      /** Lines that were not passed on since the last ones, because too many waited. */
      readonly left: number;
    }
  | { readonly type: 'close' };
export type FromLog =
  | { readonly type: 'ready' }
  | { readonly type: 'taken'; readonly lines: number }
  /** The first line of several that could not be written. */
  | { readonly type: 'failed'; readonly reason: string }
  /** Writing works again; that many lines are missing. */
  | { readonly type: 'resumed'; readonly lost: number }
  | { readonly type: 'closed' };
