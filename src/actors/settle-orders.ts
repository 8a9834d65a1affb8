import type { Clock } from '../domain/ports.ts';
import type { DeskPaths } from './desk.ts';
import type { GuardSummary } from './guard/guard-summary.ts';
import type { System } from './kernel/types.ts';
import type { GuardMessage } from './messages.ts';

/** Wall time that the end of a run waits for what is under way, milliseconds. */
export const SETTLE_MS = 5_000;
const POLL_MS = 10;
const STOPPING = 'stopping';

/** An order as the executor's summary has it. */
interface LiveLine {
  readonly intentId: string;
  readonly isUnderWay: boolean;
}

/**
 * Before a run is ended in order: nothing new is opened, and what is under way gets its answer, so that
 * the last page of the audit is whole. Gives the intents that had none in time, or none because the
 * terminal cannot be asked now: the next start finds out what became of them.
 */
export const settleOrders = async (
  {
    system,
    paths,
    wall,
  }: { readonly system: System; readonly paths: DeskPaths; readonly wall: Clock },
  withinMs = SETTLE_MS,
): Promise<readonly string[]> => {
  const guard = (): GuardSummary | undefined =>
    system.info(paths.guard)?.summary as GuardSummary | undefined;
  const live = (): readonly LiveLine[] =>
    (system.info(paths.executor)?.summary as { live?: readonly LiveLine[] } | undefined)?.live ??
    [];
  const underWay = (): readonly string[] =>
    live().flatMap(({ intentId, isUnderWay }) => (isUnderWay ? [intentId] : []));
  system.ref<GuardMessage>(paths.guard).send({ type: 'condition.raised', condition: STOPPING });
  const pause = (): Promise<void> =>
    new Promise((wake) => {
      wall.schedule(POLL_MS, wake);
    });
  for (let waited = 0; waited < withinMs; waited += POLL_MS) {
    await system.quiescent();
    const isHeld = guard()?.holds.includes(STOPPING) !== false;
    const isAnswered = guard()?.gateOpen === true;
    if (isHeld && (underWay().length === 0 || !isAnswered)) break;
    await pause();
  }
  return underWay();
};
