import { type DeskDeps, entryAt } from '../desk.ts';
import type { ActorContext } from '../kernel/types.ts';
import type { GuardMessage } from '../messages.ts';
import { isBookkeeping } from './guard-book.ts';
import type { GuardWork } from './guard-work.ts';

type Context = ActorContext<GuardMessage>;

/** Wall time between two tries of a journal that could not be written. */
const PROBE_MS = 1_000;

/** Makes a turn's entries durable, then gives its answers. A failure comes back as
 * `journal.failed`. */
export const commitWork = ({ deps, context, entries: bodies, answers }: GuardWork): void => {
  const settle = (durable: boolean): void => {
    for (const answer of answers) answer(durable);
  };
  if (bodies.length === 0) {
    settle(true);
    return;
  }
  const at = context.now();
  const entries = bodies.map((body) => entryAt(deps.accountId, at, body));
  const append = async (all: typeof entries): Promise<void> => {
    try {
      await deps.journal.append(all);
    } catch (error) {
      settle(false);
      throw error;
    }
    settle(true);
  };
  const failed = (error: unknown): GuardMessage => ({
    type: 'journal.failed',
    reason: String(error),
  });
  if (bodies.every(isBookkeeping)) {
    append(entries).catch((error: unknown) => context.self.send(failed(error)));
    return;
  }
  context.task(
    'journal',
    () => append(entries),
    (result): GuardMessage => (result.ok ? { type: 'journal.written' } : failed(result.error)),
  );
};

/** Tries the journal a while from now. It is wall time that heals a disk, not the session's. */
export const probeLater = (deps: DeskDeps, context: Context, reason: string): void => {
  const message = { type: 'journal.probe', reason } as const;
  context.after(PROBE_MS, message, { key: 'journal.probe', clock: deps.wall });
};

/** Writes down that the journal had failed, which shows whether it works again. */
export const probeJournal = (deps: DeskDeps, context: Context, reason: string): void => {
  const { path } = context;
  const body = {
    kind: 'event',
    severity: 'error',
    code: 'journal.failed',
    detail: reason,
  } as const;
  const entry = entryAt(deps.accountId, context.now(), { ...body, path });
  context.task(
    'probe',
    () => deps.journal.append([entry]),
    (result): GuardMessage => ({ type: 'journal.probed', works: result.ok, reason }),
  );
};
