import type { AuditDb } from '../audit/audit-db.ts';
import { catchUp } from '../audit/catch-up.ts';
import type { JournalPort } from './desk.ts';
import type { Behaviour } from './kernel/types.ts';

/**
 * Keeps audit.db, the projection for people, up with the journal. It lives among the observers:
 * whatever happens to it, trading goes on, and its cursor lets it catch up without gaps.
 */
export type AuditorMessage = { readonly type: 'projection.due' };

export interface AuditorState {
  readonly audit: AuditDb;
  readonly projected: number;
}

/** Entries projected in one turn: a few milliseconds, so that an order never waits for the audit. */
const BATCH = 200;

export const auditor = (options: {
  readonly journal: JournalPort;
  readonly open: () => AuditDb;
  /** Wall time between two looks at the journal. */
  readonly everyMs: number;
}): Behaviour<AuditorMessage, AuditorState> => ({
  init: (context) => {
    const audit = options.open();
    context.after(0, { type: 'projection.due' });
    return { audit, projected: 0 };
  },
  receive: (state, _message, context) => {
    const { projected } = catchUp(state.audit, options.journal.reader(), BATCH);
    context.after(projected === BATCH ? 1 : options.everyMs, { type: 'projection.due' });
    return { ...state, projected: state.projected + projected };
  },
  terminate: (state, reason) => {
    if (reason.type !== 'crash') catchUp(state.audit, options.journal.reader());
    state.audit.close();
  },
  summary: (state) => ({ projected: state.projected }),
});
