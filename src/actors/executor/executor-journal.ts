import type { Intent } from '../../domain/intent.ts';
import { JournalConflict } from '../../journal/errors.ts';
import type { EntryBody } from '../../journal/types.ts';
import { type DeskDeps, entryAt } from '../desk.ts';
import type { ActorContext } from '../kernel/types.ts';
import type { ExecutorMessage } from '../messages.ts';

/** Who waits for an append, and what it is told when nothing became durable. */
export interface Waiting {
  readonly ok: ExecutorMessage;
  /** `contradicts`: the journal holds something else, and will never take these. */
  readonly failed: (
    reason: string,
    bodies: readonly EntryBody[],
    contradicts: boolean,
  ) => ExecutorMessage;
}

const NOBODY: Waiting = {
  ok: { type: 'facts.durable' },
  failed: (reason, bodies) => ({ type: 'facts.notDurable', reason, bodies }),
};

/** Makes everything that a turn gathered durable in one transaction. */
export const commitFacts = (
  deps: DeskDeps,
  context: ActorContext<ExecutorMessage>,
  bodies: readonly EntryBody[],
  then?: Waiting,
): void => {
  if (bodies.length === 0 && then === undefined) return;
  const at = context.now();
  const entries = bodies.map((body) => entryAt(deps.accountId, at, body));
  const { ok, failed } = then ?? NOBODY;
  context.task(
    'journal',
    () => deps.journal.append(entries),
    (result) => {
      if (result.ok) return ok;
      const { error } = result;
      const reason = error instanceof Error ? error.message : String(error);
      return failed(reason, bodies, error instanceof JournalConflict);
    },
  );
};

/** Without a journal its record is the console, our memory, and the terminal's own journal. */
export const sayUnjournalled = (deps: DeskDeps, intent: Intent, reason: string): void => {
  const { type, intentId, symbol } = intent;
  const detail = `${type} ${intentId} on ${symbol} goes out unrecorded: ${reason}`;
  const path = deps.paths.executor;
  deps.say?.({ severity: 'warning', code: 'journal.bypassed', detail, path });
};
