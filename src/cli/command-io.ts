import type { Writable } from 'node:stream';

/** Where a command writes: its result to `out`, everything else to `err`. */
export interface CommandIo {
  readonly out: Writable;
  readonly err: Writable;
}

/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  /** The command ran and found something wrong. */
  failed: 1,
  /** The command was used wrongly, or its input cannot be read. */
  usage: 2,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
