import { NotDurable } from '../errors.ts';
import type { AttemptResult, ExecutorMessage } from '../messages.ts';
import { did } from '../recovery/recovery-findings.ts';
import type { ExecutorCore } from './executor-core.ts';
import { absorb, markBooked, noteSuccess, toldBy } from './executor-learning.ts';
import { isCurrent, isWaiting, type LiveOrder, needsEvidence } from './executor-orders.ts';
import { restoreUnrecorded, undealtOrders } from './executor-restore.ts';
import { suspicions } from './executor-state.ts';

type MessageOf<Type extends ExecutorMessage['type']> = Extract<ExecutorMessage, { type: Type }>;

/** Step 4 to 6 of a recovery: match what the terminal holds to what we had sent. `finish` carries the
 * end of an attempt that the terminal tells. */
export const reconcile = (
  core: ExecutorCore,
  { snapshot, epoch }: MessageOf<'recovery.match'>,
  finish: (order: LiveOrder, result: AttemptResult) => void,
): void => {
  const instruments = new Map(snapshot.instruments.map((spec) => [spec.symbol, spec]));
  core.state = { ...core.state, reconciled: true, epoch, instruments };
  const { backlog, early } = core.state;
  core.entries.push(...backlog);
  for (const body of backlog) if (body.kind === 'deal.booked') markBooked(core, body.deal.ticket);
  const actions = [...restoreUnrecorded(core, snapshot)];
  const { deals, historyOrders, orders, results } = snapshot;
  core.state = { ...core.state, unrecorded: undealtOrders(core, snapshot) };
  const told = toldBy(results);
  noteSuccess(core, results);
  actions.push(...absorb(core, deals, [...historyOrders, ...orders], told));
  for (const report of early) actions.push(...absorb(core, report.deals, report.orders, told));
  core.state = { ...core.state, backlog: [], early: [] };
  for (const result of results) {
    const order = core.orders.get(result.intentId);
    if (order !== undefined && isCurrent(order, result.attempt)) finish(order, result);
  }
  for (const order of core.orders.values()) {
    const { intentId } = order.intent;
    if (isWaiting(order)) core.scheduleRetry(intentId, 0);
    if (!needsEvidence(order)) continue;
    actions.push(did(`outcome of ${intentId} is not known yet`));
    core.beginSettling(intentId);
  }
  const { disabled, cleared } = suspicions(core.state);
  for (const detail of disabled) core.tellGuard({ type: 'venue.disabled', detail });
  const said = new Set(core.state.unsaid.map(({ detail }) => detail));
  const unsaid = [...core.state.unsaid, ...actions.filter(({ detail }) => !said.has(detail))];
  core.state = { ...core.state, suspects: cleared, unsaid };
  write(core);
};

const write = (core: ExecutorCore): void => {
  core.state = { ...core.state, writing: core.state.writing + 1 };
  core.commit({
    ok: { type: 'reconciliation.durable' },
    failed: (reason, bodies, contradicts) => ({
      type: 'reconciliation.notDurable',
      reason,
      bodies,
      contradicts,
    }),
  });
};

/** What came up meanwhile is written too; recovery hears of it when the journal lacks nothing. */
export const reconciled = (core: ExecutorCore): void => {
  const { backlog, unsaid } = core.state;
  const writing = core.state.writing - 1;
  core.state = { ...core.state, writing };
  if (writing > 0) return;
  if (backlog.length > 0) {
    core.entries.push(...backlog);
    core.state = { ...core.state, backlog: [] };
    write(core);
    return;
  }
  core.state = { ...core.state, unsaid: [] };
  core.tellRecovery({ type: 'executor.reconciled', actions: unsaid });
};

/** Nothing is lost: it waits for the reconciliation that follows when there is room again. What
 * contradicts the journal would never fit it; then only a new life, made of the journal, helps. */
export const notReconciled = (
  core: ExecutorCore,
  { reason, bodies, contradicts }: MessageOf<'reconciliation.notDurable'>,
): void => {
  if (contradicts) throw new NotDurable({ what: 'the reconciliation', detail: reason });
  const { backlog, writing } = core.state;
  core.state = { ...core.state, writing: writing - 1, backlog: [] };
  core.remember([...bodies, ...backlog]);
  core.tellGuard({ type: 'journal.failed', reason });
  core.tellRecovery({ type: 'reconciliation.notDurable', reason });
};
