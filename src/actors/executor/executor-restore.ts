import type { CloseByIntent, CloseIntent } from '../../domain/intent.ts';
import { lotsE8 } from '../../domain/units.ts';
import type { EntryBody } from '../../journal/types.ts';
import { retcodeClass } from '../../mt5/retcodes.ts';
import type { AttemptResult, Snapshot } from '../messages.ts';
import { did, type Finding } from '../recovery/recovery-findings.ts';
import type { ExecutorCore } from './executor-core.ts';
import { resultEntry } from './executor-facts.ts';
import { isBooked } from './executor-learning.ts';
import { isWaiting, type LiveOrder, planOrder, stepOrder } from './executor-orders.ts';

/**
 * What reduces risk goes out even when nobody can write it down. When whoever remembered it dies
 * before there is room again, the terminal alone knows of it: its own journal names intent and
 * attempt, its records the deals. From both the entries are made that the journal lacks. Opening
 * orders are never restored: none of them leaves unrecorded, so one that the journal does not know
 * was lost with a journal, and no strategy could be told about it.
 */
export const restoreUnrecorded = (core: ExecutorCore, snapshot: Snapshot): readonly Finding[] => {
  const attempts = new Map<string, AttemptResult[]>();
  for (const result of snapshot.results) {
    attempts.set(result.intentId, [...(attempts.get(result.intentId) ?? []), result]);
  }
  return [...attempts].flatMap(([intentId, results]): readonly Finding[] => {
    const known = core.orders.get(intentId);
    if (known !== undefined) {
      restoreAttempts(core, known, results);
      return [];
    }
    if (isRecorded(core, intentId)) return [];
    const intent = intentOf(core, snapshot, results);
    if (intent === undefined) return [];
    plan(core, intent);
    restoreAttempts(core, planOrder(intent), results);
    const words = `${intent.type} ${intentId} of position ${intent.positionTicket}`;
    return [did(`wrote down ${words}, which the journal did not know of`)];
  });
};

/** Whether the terminal works on an order for an intent of ours that was never written down. */
const isUnrecordedOrder = (core: ExecutorCore, { intentId, retcode }: AttemptResult): boolean =>
  retcodeClass(retcode) === 'success' && !core.orders.has(intentId) && !isRecorded(core, intentId);

/** Such orders of which there is no deal yet: it may take its time, and is the last piece. */
export const undealtOrders = (
  core: ExecutorCore,
  { deals, results }: Pick<Snapshot, 'deals' | 'results'>,
): ReadonlySet<string> => {
  const dealt = new Set(deals.map(({ orderTicket }) => orderTicket));
  const undealt = results.flatMap((result) => {
    const { orderTicket } = result;
    if (orderTicket === null || dealt.has(orderTicket)) return [];
    return isUnrecordedOrder(core, result) ? [orderTicket] : [];
  });
  return new Set(undealt);
};

const isRecorded = ({ deps, state }: ExecutorCore, intentId: string): boolean =>
  deps.journal.reader().ofIntent(deps.accountId, intentId).length > 0 ||
  state.backlog.some((body) => body.kind === 'intent.planned' && body.intent.intentId === intentId);

/** Attempts that the terminal knows and the journal does not, in their order. Nothing is sent: the
 * order stands where a restart would leave it, and what was found moves it on. */
const restoreAttempts = (
  core: ExecutorCore,
  before: LiveOrder,
  results: readonly AttemptResult[],
): void => {
  const newest = Math.max(...results.map(({ attempt }) => attempt));
  const first = before.chart.context.attempt + 1;
  if (newest < first || (first > 1 && !isWaiting(before))) return;
  const { intentId } = before.intent;
  let order = before;
  const step = (type: 'verdict.accepted' | 'intent.journalled' | 'retry.granted'): void => {
    order = stepOrder(order, { type }).order;
  };
  if (first === 1) {
    step('verdict.accepted');
    step('intent.journalled');
  }
  for (let attempt = first; attempt <= newest; attempt += 1) {
    if (attempt > 1) step('retry.granted');
    core.entries.push({ kind: 'attempt.sent', intentId, attempt, epoch: core.state.epoch });
    order = stepOrder(order, { type: 'attempt.sent', attempt }).order;
    if (attempt === newest) break;
    core.entries.push(refused(intentId, attempt, results));
    order = stepOrder(order, { type: 'result.retryable' }).order;
  }
  order = stepOrder(order, { type: 'link.lost' }).order;
  core.orders.set(intentId, { ...order, durableAttempt: newest });
};

/** There is a later attempt, so this one did nothing, for certain: it was refused, or what was in
 * doubt about it was cleared up before. The terminal need not have kept its result. */
const refused = (
  intentId: string,
  attempt: number,
  results: readonly AttemptResult[],
): EntryBody => {
  const result = results.find((one) => one.attempt === attempt);
  if (result === undefined)
    return { kind: 'attempt.result', intentId, attempt, outcome: 'refused', willRetry: true };
  const entry = resultEntry(result, true);
  return entry.outcome === 'unknown' ? { ...entry, outcome: 'absentConfirmed' } : entry;
};

const REASON = 'written down from the records of the terminal: the journal did not know of it';

const plan = (core: ExecutorCore, intent: CloseIntent | CloseByIntent): void => {
  const { intentId, strategyId, symbol, at } = intent;
  const signalId = `restored:${intentId}`;
  const signal = { type: 'close', ticket: intent.positionTicket, leg: 0, reason: REASON } as const;
  core.entries.push(
    { kind: 'signal.raised', signalId, strategyId, symbol, barAt: at, signal },
    { kind: 'intent.planned', signalId, intent, reservedMinor: '0' },
  );
};

/** The close that a successful result and the deals of its order tell of. Undefined when they do not
 * tell one, or when its deals are booked already, to nobody: a deal is booked once. */
const intentOf = (
  core: ExecutorCore,
  snapshot: Snapshot,
  results: readonly AttemptResult[],
): CloseIntent | CloseByIntent | undefined => {
  const done = results.find(({ retcode }) => retcodeClass(retcode) === 'success');
  if (done === undefined || done.orderTicket === null) return undefined;
  const deals = snapshot.deals.filter(
    ({ orderTicket, entry, reason }) =>
      orderTicket === done.orderTicket && entry === 'out' && reason === 'expert',
  );
  const deal = deals.find(({ ticket }) => ticket === done.dealTicket) ?? deals[0];
  if (deal === undefined || deals.some(({ ticket }) => isBooked(core, ticket))) return undefined;
  const { positionTicket, symbol, side, magic, price } = deal;
  const order = snapshot.historyOrders.find(({ ticket }) => ticket === done.orderTicket);
  const dealt = deals
    .filter((one) => one.positionTicket === positionTicket)
    .reduce((sum, { volumeE8 }) => sum + volumeE8, 0);
  const common = {
    intentId: done.intentId,
    key: `restored:${done.intentId}`,
    strategyId: strategyOf(core, magic),
    symbol,
    at: order?.placedAt ?? deal.at,
    reason: REASON,
    positionTicket,
    side,
    magic,
    // The quote that it was decided on is not known; measured against its own price nothing slipped.
    price,
  };
  const other = deals.find((one) => one.positionTicket !== positionTicket);
  if (other !== undefined) {
    const { positionTicket: byTicket } = other;
    return { type: 'closeBy', ...common, byTicket, volumeE8: lotsE8(dealt) };
  }
  const scope = snapshot.positions.some(({ ticket }) => ticket === positionTicket)
    ? 'partial'
    : 'full';
  return { type: 'close', ...common, scope, volumeE8: order?.volumeE8 ?? lotsE8(dealt) };
};

/** Whose position it was: the strategy's that opened it. */
const strategyOf = ({ deps }: ExecutorCore, magic: string): string => {
  const opened = deps.journal
    .reader()
    .ofKind(deps.accountId, 'intent.planned')
    .find(({ intent }) => intent.type === 'open' && intent.magic === magic);
  return opened?.intent.strategyId ?? 'external';
};
