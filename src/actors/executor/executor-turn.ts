import { increasesRisk } from '../../domain/intent.ts';
import { retcodeClass } from '../../mt5/retcodes.ts';
import type { DeskDeps } from '../desk.ts';
import type { ActorContext } from '../kernel/types.ts';
import type { AttemptResult, ExecutorMessage, TradeReport } from '../messages.ts';
import { ExecutorCore } from './executor-core.ts';
import { isTraceOf, seekingMagic } from './executor-evidence.ts';
import {
  notReconciledEntry,
  refusalEntry,
  resultEntry,
  resultFromWire,
  retryDeniedEntry,
  signalEntry,
  timedOutEntry,
} from './executor-facts.ts';
import { sayUnjournalled } from './executor-journal.ts';
import {
  absorb,
  comparison,
  isBooked,
  isKnownResult,
  isUnrecorded,
  noteSuccess,
  toldBy,
} from './executor-learning.ts';
import { isReplaced, REPLACED } from './executor-levels.ts';
import { EXECUTOR_LIMITS } from './executor-limits.ts';
import {
  countRefusal,
  eventOfAck,
  isCurrent,
  isFinal,
  isSettled,
  isUnanswered,
  isWaiting,
  type LiveOrder,
  missingOf,
  needsEvidence,
  planOrder,
  reprice,
  stateOf,
  stepOrder,
} from './executor-orders.ts';
import { notReconciled, reconcile, reconciled } from './executor-reconciliation.ts';
import { undealtOrders } from './executor-restore.ts';
import { deadlineOf, eventOfNoTrace, eventOfRefusal, eventOfResult } from './executor-retry.ts';
import type { ExecutorLimits, ExecutorState } from './executor-state.ts';

type MessageOf<Type extends ExecutorMessage['type']> = Extract<ExecutorMessage, { type: Type }>;

/** One message's work: it gathers what to journal and commits it in one append at the end. */
export class ExecutorTurn {
  readonly #core: ExecutorCore;

  constructor(
    deps: DeskDeps,
    limits: ExecutorLimits,
    state: ExecutorState,
    context: ActorContext<ExecutorMessage>,
  ) {
    this.#core = new ExecutorCore(deps, limits, state, context);
  }

  run(message: ExecutorMessage): ExecutorState {
    const core = this.#core;
    this.#handle(message);
    core.commit();
    return core.result();
  }

  #handle(message: ExecutorMessage): void {
    const core = this.#core;
    switch (message.type) {
      case 'intent.admitted':
        this.#admit(message);
        return;
      case 'intent.durable':
        core.move(message.intentId, { type: 'intent.journalled' });
        return;
      case 'intent.notDurable':
        this.#notDurable(message);
        return;
      case 'attempt.durable':
        core.transmit(message.intentId, message.attempt);
        return;
      case 'attempt.unsent': {
        const order = core.orders.get(message.intentId);
        if (order !== undefined && isCurrent(order, message.attempt))
          core.unsent(message.intentId, message.fault);
        return;
      }
      case 'attempt.acked':
        this.#acked(message.ack);
        return;
      case 'attempt.finished':
        this.#finished(message.result);
        return;
      case 'trade.reported':
        this.#reported(message.report);
        return;
      case 'reply.timedOut':
        this.#timedOut(message.intentId, message.attempt);
        return;
      case 'evidence.due':
        this.#askForEvidence(message.intentId);
        return;
      case 'evidence.found':
        this.#weigh(message);
        return;
      case 'retry.due':
        this.#retryDue(message.intentId, message.attempt);
        return;
      case 'retry.granted':
      case 'retry.deferred':
      case 'retry.denied':
        this.#retryAnswered(message);
        return;
      case 'link.lost':
        for (const intentId of core.orders.keys()) core.move(intentId, { type: 'link.lost' });
        return;
      case 'mode.changed':
        core.state = { ...core.state, mayOpen: message.mayOpen };
        return;
      case 'inflight.due':
        this.#checkInFlight(message.intentId);
        return;
      case 'orders.wanted':
        core.tellGuard({
          type: 'orders.missing',
          intentIds: missingOf(core.orders, message.intentIds),
        });
        return;
      case 'facts.durable':
        return;
      case 'facts.notDurable':
        this.#core.remember(message.bodies);
        core.tellGuard({ type: 'journal.failed', reason: message.reason });
        return;
      default:
        this.#reconcileBy(message);
        return;
    }
  }

  #reconcileBy(
    message: MessageOf<
      'recovery.match' | 'recovery.compare' | 'reconciliation.durable' | 'reconciliation.notDurable'
    >,
  ): void {
    const core = this.#core;
    switch (message.type) {
      case 'recovery.match':
        reconcile(core, message, (order, result) => this.#finishUnlessKnown(order, result));
        return;
      case 'recovery.compare':
        core.tellRecovery(comparison(core, message.snapshot));
        return;
      case 'reconciliation.durable':
        reconciled(core);
        return;
      case 'reconciliation.notDurable':
        notReconciled(core, message);
        return;
    }
  }

  #reported(report: TradeReport): void {
    const core = this.#core;
    const { early, reconciled: isReconciled } = core.state;
    if (isReconciled) {
      absorb(core, report.deals, report.orders);
      if (report.deals.some((deal) => isUnrecorded(core, deal)))
        core.tellConnection({ type: 'reconciliation.wanted' });
    } else {
      const kept = [...early, report].slice(-EXECUTOR_LIMITS.earlyReports);
      core.state = { ...core.state, early: kept };
    }
  }

  #admit(message: MessageOf<'intent.admitted'>): void {
    const core = this.#core;
    const { intent, raised, signalId } = message;
    const { intentId } = intent;
    if (core.orders.has(intentId)) return;
    const planned = planOrder(intent);
    core.orders.set(intentId, planned);
    core.entries.push(signalEntry(raised, signalId));
    if (increasesRisk(intent) && !core.state.reconciled) {
      core.entries.push(notReconciledEntry(message));
      core.move(intentId, { type: 'verdict.denied' });
      return;
    }
    const { order } = stepOrder(planned, { type: 'verdict.accepted' });
    core.orders.set(intentId, { ...order, durableAttempt: 1 });
    const { epoch } = core.state;
    core.entries.push(
      { kind: 'intent.planned', signalId, intent, reservedMinor: message.reservedMinor },
      { kind: 'attempt.sent', intentId, attempt: 1, epoch },
    );
    core.commit({
      ok: { type: 'intent.durable', intentId },
      failed: (reason, bodies) => ({ type: 'intent.notDurable', intentId, reason, bodies }),
    });
  }

  /** What increases risk and is not durable dies here. The rest goes out all the same; what nobody
   * could write down is kept, and written when the journal works again. */
  #notDurable({ intentId, reason, bodies }: MessageOf<'intent.notDurable'>): void {
    const core = this.#core;
    const order = core.orders.get(intentId);
    if (order === undefined) return;
    core.tellGuard({ type: 'journal.failed', reason });
    if (increasesRisk(order.intent)) {
      core.move(intentId, { type: 'journal.failed' });
      return;
    }
    this.#core.remember(bodies);
    sayUnjournalled(core.deps, order.intent, reason);
    if (stateOf(order) === 'journalled') {
      core.transmit(intentId, order.chart.context.attempt + 1);
    } else core.move(intentId, { type: 'intent.journalled' });
  }

  #acked(ack: MessageOf<'attempt.acked'>['ack']): void {
    const core = this.#core;
    const { intent: intentId, attempt, status } = ack;
    const order = core.orders.get(intentId);
    if (order === undefined) return;
    if (status === 'duplicate' && ack.result !== null) {
      this.#finished(resultFromWire(ack.result));
      return;
    }
    if (status !== 'refused') {
      core.moveAttempt(intentId, attempt, eventOfAck(status));
      return;
    }
    const event = eventOfRefusal(order, ack.reason);
    const willRetry = event.type === 'result.retryable';
    core.entries.push(refusalEntry(ack, willRetry && isCurrent(order, attempt)));
    if (!isCurrent(order, attempt)) return;
    core.orders.set(intentId, countRefusal(order, null));
    core.move(intentId, event);
  }

  #finished(result: AttemptResult): void {
    const core = this.#core;
    const { intentId, attempt, retcode } = result;
    const order = core.orders.get(intentId);
    if (order === undefined) {
      const more = undealtOrders(core, { results: [result], deals: [] });
      core.state = { ...core.state, unrecorded: new Set([...core.state.unrecorded, ...more]) };
      return;
    }
    if (isFinal(order)) return;
    if (!isCurrent(order, attempt) || isWaiting(order)) {
      if (!isWaiting(order)) core.entries.push(resultEntry(result));
      return;
    }
    const event = eventOfResult(order, result);
    const willRetry = event?.type === 'result.retryable';
    core.entries.push(resultEntry(result, willRetry));
    const refused = willRetry || event?.type === 'result.refused';
    core.orders.set(intentId, refused ? countRefusal(order, retcode) : { ...order, retcode });
    if (retcodeClass(retcode) === 'halt') this.#suspect(order.intent.symbol, retcode);
    if (event !== undefined) core.move(intentId, event);
  }

  /** Trading is off: for the symbol, or for the account? A fresh snapshot tells, and until it is
   * there the gate is shut. */
  #suspect(symbol: string, retcode: number): void {
    const core = this.#core;
    const suspects = new Map(core.state.suspects).set(symbol, retcode);
    core.state = { ...core.state, suspects };
    core.tellConnection({ type: 'reconciliation.wanted' });
  }

  #finishUnlessKnown(order: LiveOrder | undefined, result: AttemptResult | null): void {
    if (order === undefined || result === null || isKnownResult(order, result)) return;
    this.#finished(result);
  }

  /** Unknown from here on, and the journal says why. */
  #timedOut(intentId: string, attempt: number): void {
    const core = this.#core;
    core.moveAttempt(intentId, attempt, { type: 'reply.timedOut' });
    const order = core.orders.get(intentId);
    if (order === undefined || !needsEvidence(order) || !isCurrent(order, attempt)) return;
    core.entries.push(timedOutEntry(intentId, attempt, core.limits.replyTimeoutMs));
  }

  #askForEvidence(intentId: string): void {
    const order = this.#core.orders.get(intentId);
    if (order === undefined || !needsEvidence(order)) return;
    this.#seek(order);
    this.#core.scheduleEvidence(intentId);
  }

  #checkInFlight(intentId: string): void {
    const order = this.#core.orders.get(intentId);
    if (order === undefined || !isUnanswered(order)) return;
    this.#seek(order);
    this.#core.watchInFlight(intentId);
  }

  #seek({ intent, chart }: LiveOrder): void {
    const { intentId, at: from } = intent;
    const { attempt } = chart.context;
    const magic = seekingMagic(intent);
    this.#core.tellConnection({ type: 'evidence.seek', intentId, attempt, magic, from });
  }

  /** Absence counts only after the settling time, and when the terminal proves its history complete.
   * An attempt that ended there without a trace was refused; one that never arrived may be made again
   * if it reduces risk, while an opening intent has expired by now. */
  #weigh(message: MessageOf<'evidence.found'>): void {
    const core = this.#core;
    const { intentId, attempt, evidence } = message;
    const inDoubt = () => {
      const order = core.orders.get(intentId);
      const isOpen = order !== undefined && needsEvidence(order) && isCurrent(order, attempt);
      return isOpen ? order : undefined;
    };
    const current = (): LiveOrder | undefined => {
      const order = core.orders.get(intentId);
      return order !== undefined && !isFinal(order) && isCurrent(order, attempt)
        ? order
        : undefined;
    };
    if (current() === undefined) return;
    const { deals, orders, result, complete } = evidence;
    const news = deals.filter(({ ticket }) => !isBooked(core, ticket));
    const results = result === null ? [] : [result];
    noteSuccess(core, results);
    absorb(core, deals, orders, toldBy(results));
    this.#finishUnlessKnown(current(), result);
    const order = inDoubt();
    if (order === undefined || !isSettled(order, core.context.now())) return;
    if (!complete || isTraceOf(order.intent, evidence, news)) return;
    const mayRetry = !increasesRisk(order.intent);
    const event =
      result === null ? ({ type: 'absence.confirmed', mayRetry } as const) : eventOfNoTrace(order);
    const willRetry = result === null ? mayRetry : event.type === 'result.retryable';
    const entry = { kind: 'attempt.result', intentId, attempt } as const;
    const retried = willRetry ? { willRetry: true as const } : {};
    core.entries.push({ ...entry, outcome: 'absentConfirmed', ...retried });
    core.move(intentId, event);
  }

  #retryDue(intentId: string, attempt: number): void {
    const core = this.#core;
    const order = core.orders.get(intentId);
    if (order === undefined || !isWaiting(order) || !isCurrent(order, attempt)) return;
    const deadline = deadlineOf(order.intent);
    if (deadline !== undefined && core.context.now() >= deadline) {
      core.move(intentId, { type: 'retry.expired' });
      return;
    }
    core.tellGuard({ type: 'retry.wanted', intent: order.intent });
  }

  #retryAnswered(
    message: MessageOf<'retry.granted'> | MessageOf<'retry.deferred'> | MessageOf<'retry.denied'>,
  ): void {
    const core = this.#core;
    const { intentId } = message;
    const order = core.orders.get(intentId);
    if (order === undefined || !isWaiting(order)) return;
    if (message.type !== 'retry.denied' && isReplaced(core, order)) {
      core.entries.push(retryDeniedEntry(order, REPLACED));
      core.move(intentId, { type: 'retry.denied' });
      return;
    }
    switch (message.type) {
      case 'retry.granted':
        core.orders.set(intentId, reprice(order, message.levels));
        core.move(intentId, { type: 'retry.granted' });
        return;
      case 'retry.denied':
        core.entries.push(retryDeniedEntry(order, message));
        core.move(intentId, { type: 'retry.denied' });
        return;
      case 'retry.deferred': {
        const deadline = deadlineOf(order.intent);
        if (deadline !== undefined && message.until >= deadline) {
          core.move(intentId, { type: 'retry.expired' });
        } else core.scheduleRetry(intentId, Math.max(0, message.until - core.context.now()));
        return;
      }
    }
  }
}
