import type { AuditDb } from '../../audit/audit-db.ts';
import { isDiskFault } from '../../audit/audit-file.ts';
import { catchUp } from '../../audit/catch-up.ts';
import type { JournalPort } from '../desk.ts';
import type { Behaviour } from '../kernel/types.ts';

/**
 * Keeps audit.db, the projection for people, up with the journal. It lives among the observers:
 * whatever happens to it, trading goes on, and its cursor lets it catch up without gaps.
 *
 * A disk that fails is no crash: the tables fall behind, which is told, and the file is opened again
 * until it can be written. What they lack is in the journal.
 */
export type AuditorMessage = { readonly type: 'projection.due' };

export interface AuditorState {
  /** Null while the disk keeps us from writing. */
  readonly audit: AuditDb | null;
  readonly projected: number;
  /** The disk failed, and what was missed then is not in the tables yet. */
  readonly behind: boolean;
}

export interface AuditorOptions {
  readonly journal: JournalPort;
  readonly open: () => AuditDb;
  /** Wall time between two looks at the journal. */
  readonly everyMs: number;
  readonly note: (
    severity: 'info' | 'warning',
    code: 'audit.behind' | 'audit.caughtUp',
    detail: string,
  ) => void;
}

/** Entries projected in one turn: a few milliseconds, so that an order never waits for the audit. */
const BATCH = 200;
/** Wall time until a disk that failed is tried again. */
const AGAIN_MS = 1_000;

export const auditor = (options: AuditorOptions): Behaviour<AuditorMessage, AuditorState> => ({
  init: (context) => {
    const opened = look(options, null, 0);
    if ('failure' in opened) tellBehind(options, opened.failure);
    context.after(0, { type: 'projection.due' });
    return { audit: opened.audit, projected: 0, behind: opened.audit === null };
  },
  receive: (state, _message, context) => {
    const seen = look(options, state.audit, BATCH);
    if ('failure' in seen) {
      if (!state.behind) tellBehind(options, seen.failure);
      context.after(AGAIN_MS, { type: 'projection.due' });
      return { ...state, audit: null, behind: true };
    }
    const { audit, projected } = seen;
    const more = projected === BATCH;
    if (state.behind && !more) options.note('info', 'audit.caughtUp', 'it is whole again');
    context.after(more ? 1 : options.everyMs, { type: 'projection.due' });
    return { audit, projected: state.projected + projected, behind: state.behind && more };
  },
  terminate: (state, reason) => {
    if (reason.type === 'crash') {
      state.audit?.close();
      return;
    }
    const last = look(options, state.audit, Number.POSITIVE_INFINITY);
    if ('failure' in last)
      tellBehind(options, `${last.failure}; bulwark audit rebuild makes it whole`);
    last.audit?.close();
  },
  summary: ({ projected, audit }) => ({ projected, writable: audit !== null }),
});

type Look =
  | { readonly audit: AuditDb; readonly projected: number }
  | { readonly audit: null; readonly failure: string };

/** Projects what is new, into a file that is opened where there is none; closes it when the disk
 * fails, because a handle that failed once is not worth keeping. */
const look = (options: AuditorOptions, held: AuditDb | null, most: number): Look => {
  let audit = held;
  try {
    audit ??= options.open();
    if (most === 0) return { audit, projected: 0 };
    return { audit, projected: catchUp(audit, options.journal.reader(), most).projected };
  } catch (error) {
    if (!isDiskFault(error)) throw error;
    audit?.close();
    return { audit: null, failure: error.message };
  }
};

const tellBehind = ({ note }: AuditorOptions, failure: string): void =>
  note('warning', 'audit.behind', failure);
