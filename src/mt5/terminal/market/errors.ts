import * as Data from 'effect/Data';
import type { FaultKind, FaultRetry } from '../../../domain/faults.ts';

/**
 * Market data cannot be used: raised while loading, before the first order, so nothing has
 * happened at the venue and the outcome is known. `line` is 1 for the first line of the
 * text (unpacked when the file is a gzip) and where the fault is the content's as a whole; 0 where
 * there is no content to point at (a missing file, an option). Nobody retries
 * it: the CLI prints the message and exits with code 2.
 */
export class MarketDataError extends Data.TaggedError('MarketDataError')<{
  readonly file: string;
  readonly line: number;
  readonly reason: string;
  readonly remedy: string;
}> {
  readonly kind: FaultKind = 'Data';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'never';
  override get message(): string {
    const place = this.line > 0 ? `${this.file}:${this.line}` : this.file;
    return `${place}: ${this.reason}. ${this.remedy}`;
  }
}

/** Text from a file for an error message: printable, and short. */
export const quoted = (text: string): string => {
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return `"${printable.length > 40 ? `${printable.slice(0, 40)}…` : printable}"`;
};
