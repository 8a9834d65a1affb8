import type { Fault } from '../../domain/faults.ts';
import { increasesRisk } from '../../domain/intent.ts';
import type { FinalOrderState } from '../../domain/order-state.ts';
import type { EntryBody } from '../../journal/types.ts';
import type { OrderEvent } from '../../machines/order.events.ts';
import type { DeskDeps } from '../desk.ts';
import { Held } from '../errors.ts';
import type { ChartEffect } from '../kernel/chart-step.ts';
import type { ActorContext } from '../kernel/types.ts';
import type {
  ConnectionMessage,
  ExecutorMessage,
  GuardMessage,
  RecoveryMessage,
} from '../messages.ts';
import { commandOf } from './executor-commands.ts';
import { commitFacts, type Waiting } from './executor-journal.ts';
import { EXECUTOR_LIMITS } from './executor-limits.ts';
import {
  beginDoubt,
  evidenceDelayMs,
  isCurrent,
  isFinal,
  type LiveOrder,
  needsEvidence,
  stateOf,
  stepOrder,
} from './executor-orders.ts';
import { requestEventOf, targetOf } from './executor-requests.ts';
import { deadlineOf, fillingOf, retryDelayMs } from './executor-retry.ts';
import type { ExecutorLimits, ExecutorState } from './executor-state.ts';

/** Timers of an order, each keyed by its intent. */
const TIMERS = ['reply', 'inflight', 'evidence', 'retry'] as const;

/**
 * The orders of one turn, and what moving them entails: entries for the journal, timers, commands,
 * and words to the guard. Nothing is durable, and nothing that needs to be leaves, before `commit`.
 */
export class ExecutorCore {
  readonly deps: DeskDeps;
  readonly limits: ExecutorLimits;
  readonly context: ActorContext<ExecutorMessage>;
  readonly orders: Map<string, LiveOrder>;
  readonly entries: EntryBody[] = [];
  state: ExecutorState;

  constructor(
    deps: DeskDeps,
    limits: ExecutorLimits,
    state: ExecutorState,
    context: ActorContext<ExecutorMessage>,
  ) {
    this.deps = deps;
    this.limits = limits;
    this.context = context;
    this.state = state;
    this.orders = new Map(state.orders);
  }

  move(intentId: string, event: OrderEvent): void {
    const before = this.orders.get(intentId);
    if (before === undefined) return;
    const { order, effects } = stepOrder(before, event);
    this.orders.set(intentId, order);
    for (const effect of effects) this.#perform(order, effect);
    if (stateOf(order) !== stateOf(before)) this.#mirror(order);
  }

  /** Word of an earlier attempt says nothing about the present one. */
  moveAttempt(intentId: string, attempt: number, event: OrderEvent): void {
    const order = this.orders.get(intentId);
    if (order !== undefined && isCurrent(order, attempt)) this.move(intentId, event);
  }

  /** The last gate before the wire: a halt that came meanwhile overtakes the order. */
  transmit(intentId: string, attempt: number): void {
    const order = this.orders.get(intentId);
    if (order === undefined) return;
    this.orders.set(intentId, { ...order, durableAttempt: attempt });
    const { intent } = order;
    const instrument = this.state.instruments.get(intent.symbol);
    const risk = increasesRisk(intent) ? 'increasing' : 'reducing';
    const stopped = risk === 'increasing' && !this.state.mayOpen;
    if (instrument === undefined || stopped) {
      const detail = stopped ? 'a halt overtook it' : 'the symbol is not known';
      this.unsent(intentId, new Held({ detail }));
      return;
    }
    const deadline = deadlineOf(intent);
    const body = commandOf(intent, attempt, instrument, {
      filling: fillingOf(order, instrument),
      ttlMs: deadline === undefined ? undefined : Math.max(0, deadline - this.context.now()),
    });
    const trace = this.deps.traces?.traceparent(intent, attempt);
    const traced = trace === undefined ? {} : { trace };
    this.tellConnection({ type: 'command.send', body, intentId, attempt, risk, ...traced });
    this.move(intentId, { type: 'attempt.sent', attempt });
  }

  /** Nothing left, and that is a definite end of the attempt: what reduces risk is tried again. */
  unsent(intentId: string, fault: Fault): void {
    const order = this.orders.get(intentId);
    if (order === undefined || isFinal(order)) return;
    const mayRetry = !increasesRisk(order.intent);
    const attempt = Math.max(order.durableAttempt, order.chart.context.attempt);
    this.orders.set(intentId, { ...order, retcode: null });
    const { message: detail, kind } = fault;
    const entry = { kind: 'attempt.result', intentId, attempt, outcome: 'refused' } as const;
    this.entries.push({ ...entry, detail, fault: kind, ...(mayRetry ? { willRetry: true } : {}) });
    this.move(intentId, { type: 'attempt.unsent', mayRetry });
  }

  /** The outcome is in doubt on a link that has just begun or just failed it: the settling time runs
   * from here, and whatever the terminal lacks before it is over may still come. */
  beginSettling(intentId: string): void {
    const order = this.orders.get(intentId);
    if (order === undefined) return;
    this.orders.set(intentId, beginDoubt(order, this.limits.settleMs, this.context.now()));
    this.scheduleEvidence(intentId);
  }

  /** Asks again as long as nobody knows, ever more slowly: a question costs a request. */
  scheduleEvidence(intentId: string): void {
    const order = this.orders.get(intentId);
    if (order === undefined || !needsEvidence(order)) return;
    const delayMs = evidenceDelayMs(order, this.limits.settleMs);
    this.orders.set(intentId, { ...order, questions: order.questions + 1 });
    const key = `evidence.${intentId}`;
    this.context.after(delayMs, { type: 'evidence.due', intentId }, { key });
  }

  /** Asks long before an attempt counts as unknown, as long as nothing is known of it. */
  watchInFlight(intentId: string): void {
    const key = `inflight.${intentId}`;
    const { inflightCheckMs } = EXECUTOR_LIMITS;
    this.context.after(inflightCheckMs, { type: 'inflight.due', intentId }, { key });
  }

  scheduleRetry(intentId: string, delayMs: number): void {
    const attempt = this.orders.get(intentId)?.chart.context.attempt ?? 0;
    const key = `retry.${intentId}`;
    this.context.after(delayMs, { type: 'retry.due', intentId, attempt }, { key });
  }

  /** Everything gathered so far becomes durable in one transaction; `then` says who waits for it. */
  commit(then?: Waiting): void {
    // What nobody waits for keeps its place behind what the journal lacks: a result written down before
    // its attempt would contradict it.
    const { backlog, writing } = this.state;
    if (then === undefined && backlog.length + writing > 0) {
      this.remember(this.entries.splice(0));
      return;
    }
    commitFacts(this.deps, this.context, this.entries.splice(0), then);
  }

  /** Kept for the reconciliation that follows when the journal works again. */
  remember(bodies: ExecutorState['backlog']): void {
    const backlog = [...this.state.backlog, ...bodies].slice(-EXECUTOR_LIMITS.backlogEntries);
    this.state = { ...this.state, backlog };
  }

  result(): ExecutorState {
    const { orders } = this;
    const surplus = orders.size - this.limits.finalOrders;
    if (surplus > 0) {
      const oldest = [...orders].filter(([, order]) => isFinal(order)).slice(0, surplus);
      for (const [intentId] of oldest) orders.delete(intentId);
    }
    return { ...this.state, orders };
  }

  tellGuard(message: GuardMessage): void {
    this.context.ref<GuardMessage>(this.deps.paths.guard).send(message);
  }
  tellRecovery(message: RecoveryMessage): void {
    this.context.ref<RecoveryMessage>(this.deps.paths.recovery).send(message);
  }
  tellConnection(message: ConnectionMessage): void {
    this.context.ref<ConnectionMessage>(this.deps.paths.connection).send(message);
  }

  /** An order on the book shows what has been asked about it. */
  #mirror(order: LiveOrder): void {
    const target = targetOf(this.orders, order.intent);
    const event = target === undefined ? undefined : requestEventOf(order);
    if (target !== undefined && event !== undefined) this.move(target.intent.intentId, event);
  }

  #perform(order: LiveOrder, effect: ChartEffect): void {
    if (effect.type !== 'action') return;
    const { intentId } = order.intent;
    switch (effect.name) {
      case 'recordState':
        this.entries.push({ kind: 'order.state', intentId, state: stateOf(order) });
        return;
      case 'sendAttempt':
        this.#sendAttempt(order);
        return;
      case 'awaitReply':
        this.context.after(
          this.limits.replyTimeoutMs,
          { type: 'reply.timedOut', intentId, attempt: order.chart.context.attempt },
          { key: `reply.${intentId}` },
        );
        this.watchInFlight(intentId);
        return;
      case 'seekEvidence':
        this.context.cancel(`reply.${intentId}`);
        this.context.cancel(`inflight.${intentId}`);
        this.tellGuard({ type: 'order.unresolved', intentId });
        this.beginSettling(intentId);
        return;
      case 'planRetry':
        this.#cancelTimers(intentId);
        this.scheduleRetry(intentId, retryDelayMs(order));
        return;
      case 'releaseReservation':
        this.#settle(order);
        return;
    }
  }

  /** Asked for by the chart on entering `journalled`: the attempt must be durable first. */
  #sendAttempt(order: LiveOrder): void {
    const { intentId } = order.intent;
    const attempt = order.chart.context.attempt + 1;
    if (order.durableAttempt >= attempt) {
      this.transmit(intentId, attempt);
      return;
    }
    const levels = order.repriced === null ? {} : { levels: order.repriced };
    const { epoch } = this.state;
    this.entries.push({ kind: 'attempt.sent', intentId, attempt, epoch, ...levels });
    this.commit({
      ok: { type: 'attempt.durable', intentId, attempt },
      failed: (reason, bodies) => ({ type: 'intent.notDurable', intentId, reason, bodies }),
    });
  }

  #cancelTimers(intentId: string): void {
    for (const timer of TIMERS) this.context.cancel(`${timer}.${intentId}`);
  }

  #settle(order: LiveOrder): void {
    const { intentId, strategyId, type } = order.intent;
    this.#cancelTimers(intentId);
    const state = stateOf(order) as FinalOrderState;
    const finished = this.state.finished;
    this.state = {
      ...this.state,
      finished: { ...finished, [state]: (finished[state] ?? 0) + 1 },
    };
    this.tellGuard({
      type: 'order.settled',
      settlement: { intentId, strategyId, action: type, state, retcode: order.retcode },
    });
  }
}
