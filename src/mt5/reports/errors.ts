import { Data } from 'effect';
import type { FaultKind, FaultRetry } from '../../domain/faults.ts';

/**
 * An account's history cannot be used: raised while it is read, and nothing else has happened.
 * `line` counts from 1 (a row of the table in an HTML report); 0 where there is nothing to point
 * at. Nobody retries it: the CLI prints the message and exits with code 2.
 */
export class AccountFileError extends Data.TaggedError('AccountFileError')<{
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
    const end = this.remedy.endsWith('.') ? '' : '.';
    return `${place}: ${this.reason}. ${this.remedy}${end}`;
  }
}

/** What is wrong with one entry; the reader of the file adds the place. */
export interface EntryProblem {
  readonly reason: string;
  readonly remedy: string;
}

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | ({ readonly ok: false } & EntryProblem);

export const refuse = (reason: string, remedy: string): { readonly ok: false } & EntryProblem => ({
  ok: false,
  reason,
  remedy,
});

/** Text of a file for a message: one line, printable, short. */
export const shown = (text: string): string => {
  const printable = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return `"${printable.length > 40 ? `${printable.slice(0, 40)}…` : printable}"`;
};
