import type { Clock } from '../domain/ports.ts';
import type { EpochMs } from '../domain/units.ts';
import type { Entry, EntryBody, JournalReader } from '../journal/types.ts';
import type { Brake } from './control/brake.ts';
import type { TraceContext } from './tracing/trace-context.ts';

/** The journal as its users see it: the actor behind it may be restarted, the port stays. */
export interface JournalPort {
  /** Resolves when they are durable; of none, when whatever was appended before is, or has failed.
   * Rejects with JournalUnavailable while there is no writer; nothing is durable then. */
  readonly append: (entries: readonly Entry[]) => Promise<void>;
  /** Resolves when every append made so far is durable or has failed. Who begins a new life reads the
   * journal after it: an append of the life before may still be on its way to the disk. */
  readonly settled: () => Promise<void>;
  /** Reads committed entries. Throws JournalUnavailable before the journal was opened. */
  readonly reader: () => JournalReader;
}

/** What every actor of a desk is given. The clock is session time: venue time in UTC. */
export interface DeskDeps {
  readonly accountId: string;
  /** Session clock. Advanced by the terminal when it is simulated, else the wall's. */
  readonly clock: Clock;
  /** Wall clock: process liveness, heartbeats, back-off. Never in a journalled decision. */
  readonly wall: Clock;
  readonly journal: JournalPort;
  readonly paths: DeskPaths;
  /** Pulled by an order to stop that has not reached the guard yet: nothing that increases risk
   * leaves. */
  readonly brake: Pick<Brake, 'engaged'>;
  /** Tells whoever watches, now, and writes nothing down: what the journal holds anyway, or what it
   * cannot hold at the moment. */
  readonly say?: (notice: DeskNotice) => void;
  /** Which trace an order belongs to; absent: nothing is traced. */
  readonly traces?: TraceContext;
}
export interface DeskNotice {
  readonly severity: 'info' | 'warning' | 'error';
  readonly code: string;
  readonly detail: string;
  readonly path: string;
}

/** Absolute paths of a desk's actors: ids are paths everywhere. */
export interface DeskPaths {
  /** Null: somebody else starts the terminal. */
  readonly watchdog: string | null;
  readonly connection: string;
  readonly guard: string;
  readonly executor: string;
  readonly recovery: string;
  readonly strategies: readonly { readonly path: string; readonly symbol: string }[];
}

export const entryAt = (accountId: string, at: EpochMs, body: EntryBody): Entry => ({
  ...body,
  accountId,
  at,
});
