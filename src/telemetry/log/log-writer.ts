import { type Logger, pino } from 'pino';
import type { LogLevel } from '../../domain/log-level.ts';
import { LOG_LIMITS, type LogLine, type LogThreadData } from './log-line.ts';
import { createRedactor } from './redactor.ts';
import { RotatingFile } from './rotating-file.ts';

export interface LogWriterEvents {
  /** The first of several lines could not be written. */
  readonly onFailed: (reason: string) => void;
  /** It works again; `lost` lines are missing. */
  readonly onResumed: (lost: number) => void;
}

const PINO_LEVELS = { debug: 'debug', info: 'info', warning: 'warn', error: 'error' } as const;
/** Alerts, events and the log have one word for each severity. */
const wordOf = (label: string): string => (label === 'warn' ? 'warning' : label);

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/**
 * Writes lines as JSON, without a secret, into files of bounded size. A line that cannot be written
 * is counted and given up: the log is for people, the journal is the truth.
 */
export class LogWriter {
  readonly #redact: (text: string) => string;
  readonly #file: RotatingFile;
  readonly #logger: Logger;
  readonly #events: LogWriterEvents;
  /** Lines given up since writing began to fail; undefined while it works. */
  #lost: number | undefined;

  constructor(data: LogThreadData, events: LogWriterEvents) {
    const { dir, maxFileBytes: maxBytes, maxFiles, secrets, base } = data;
    this.#redact = createRedactor(secrets);
    this.#file = new RotatingFile({ dir, maxBytes, maxFiles });
    this.#events = events;
    const write = (line: string): void => this.#file.write(line);
    this.#logger = pino(
      {
        level: PINO_LEVELS[data.level],
        base,
        // The time is the one at which it happened, not the one at which it is written.
        timestamp: false,
        formatters: {
          level: (label) => ({ level: wordOf(label) }),
          log: (fields) => this.#withoutSecrets(fields),
        },
      },
      { write },
    );
  }

  write(line: LogLine): void {
    const { wallAt, at, level, code, text, path, intentId, traceId } = line;
    const fields = { time: iso(wallAt), at: iso(at), code, path, intentId, traceId, msg: text };
    const stated = Object.entries(fields).filter(([, value]) => value !== null);
    this.#guarded(() => this.#say(level, Object.fromEntries(stated)));
  }

  /** Says how many lines were never passed on. */
  writeLeft(left: number, wallAt: number): void {
    const text = `${left} lines came faster than they could be written, and are missing`;
    this.#guarded(() => this.#say('warning', { time: iso(wallAt), code: 'log.left', msg: text }));
  }

  close(): void {
    this.#file.close();
  }

  #say(level: LogLevel, fields: object): void {
    this.#logger[PINO_LEVELS[level]](fields);
  }

  #guarded(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (this.#lost === undefined) {
        this.#events.onFailed(this.#redact(error instanceof Error ? error.message : String(error)));
      }
      this.#lost = (this.#lost ?? 0) + 1;
      return;
    }
    const lost = this.#lost;
    this.#lost = undefined;
    if (lost !== undefined) this.#events.onResumed(lost);
  }

  #withoutSecrets(fields: object): Record<string, unknown> {
    const clean = (value: unknown): unknown => {
      if (typeof value !== 'string') return value;
      const text = this.#redact(value);
      const { textLength } = LOG_LIMITS;
      return text.length > textLength ? `${text.slice(0, textLength)}…` : text;
    };
    return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, clean(value)]));
  }
}
