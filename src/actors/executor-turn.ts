import { increasesRisk } from '../domain/intent.ts';
import type { Deal, VenueOrder } from '../domain/trading.ts';
import type { EntryBody } from '../journal/types.ts';
import type { OrderEvent } from '../machines/order.events.ts';
import type { DeskDeps } from './desk.ts';
import { commandOf } from './executor-commands.ts';
import {
  factsOfDeals,
  factsOfOrders,
  notReconciledEntry,
  refusalEntry,
  resultEntry,
  resultFromWire,
  signalEntry,
} from './executor-facts.ts';
import { commitFacts, type Waiting } from './executor-journal.ts';
import {
  eventOfAck,
  eventOfResult,
  evidenceDelayMs,
  isCurrent,
  isFinal,
  type LiveOrder,
  needsEvidence,
  planOrder,
  stateOf,
  stepOrder,
} from './executor-orders.ts';
import type { ExecutorLimits, ExecutorState } from './executor-state.ts';
import type { ChartEffect } from './kernel/chart-step.ts';
import type { ActorContext } from './kernel/types.ts';
import type {
  AttemptResult,
  ConnectionMessage,
  ExecutorMessage,
  GuardMessage,
  RecoveryMessage,
  Settlement,
  Snapshot,
} from './messages.ts';

type Context = ActorContext<ExecutorMessage>;

/** One message's work: it gathers what to journal and commits it in one append at the end. */
export class ExecutorTurn {
  readonly #deps: DeskDeps;
  readonly #limits: ExecutorLimits;
  readonly #context: Context;
  readonly #orders: Map<string, LiveOrder>;
  readonly #entries: EntryBody[] = [];
  readonly #booked = new Set<string>();
  #state: ExecutorState;

  constructor(deps: DeskDeps, limits: ExecutorLimits, state: ExecutorState, context: Context) {
    this.#deps = deps;
    this.#limits = limits;
    this.#context = context;
    this.#state = state;
    this.#orders = new Map(state.orders);
  }

  run(message: ExecutorMessage): ExecutorState {
    switch (message.type) {
      case 'intent.admitted':
        this.#admit(message);
        break;
      case 'intent.durable':
        this.#move(message.intentId, { type: 'intent.journalled' });
        break;
      case 'intent.notDurable':
        this.#notDurable(message.intentId, message.reason);
        break;
      case 'attempt.durable':
        this.#transmit(message.intentId, message.attempt);
        break;
      case 'attempt.unsent':
        this.#moveAttempt(message.intentId, message.attempt, { type: 'attempt.unsent' });
        break;
      case 'attempt.acked':
        this.#acked(message.ack);
        break;
      case 'attempt.finished':
        this.#finished(message.result);
        break;
      case 'trade.reported':
        this.#absorb(message.report.deals, message.report.orders);
        break;
      case 'reply.timedOut':
        this.#moveAttempt(message.intentId, message.attempt, { type: 'reply.timedOut' });
        break;
      case 'evidence.due':
        this.#askForEvidence(message.intentId);
        break;
      case 'evidence.found':
        this.#weigh(message);
        break;
      case 'link.lost':
        for (const intentId of this.#orders.keys()) this.#move(intentId, { type: 'link.lost' });
        break;
      case 'mode.changed':
        this.#state = { ...this.#state, mayOpen: message.mayOpen };
        break;
      case 'recovery.match':
        return this.#reconcile(message.snapshot, message.epoch);
      case 'reconciliation.durable':
        this.#tellRecovery({ type: 'executor.reconciled', actions: message.actions });
        break;
      case 'reconciliation.notDurable':
        throw new Error(`the reconciliation could not be recorded: ${message.reason}`);
      case 'orders.wanted':
        this.#tellGuard({ type: 'orders.missing', intentIds: this.#missing(message.intentIds) });
        break;
      case 'facts.durable':
        break;
      case 'facts.notDurable':
        this.#tellGuard({ type: 'journal.failed', reason: message.reason });
        break;
    }
    this.#commit();
    return this.#result();
  }

  #admit(message: Extract<ExecutorMessage, { type: 'intent.admitted' }>): void {
    const { intent, raised, signalId } = message;
    if (this.#orders.has(intent.intentId)) return;
    const planned = planOrder(intent);
    this.#orders.set(intent.intentId, planned);
    if (increasesRisk(intent) && !this.#state.reconciled) {
      this.#entries.push(signalEntry(raised, signalId));
      this.#entries.push(notReconciledEntry(message));
      this.#move(intent.intentId, { type: 'verdict.denied' });
      return;
    }
    this.#orders.set(intent.intentId, {
      ...stepOrder(planned, { type: 'verdict.accepted' }).order,
      durableAttempt: 1,
    });
    this.#entries.push(signalEntry(raised, signalId));
    this.#entries.push(
      { kind: 'intent.planned', signalId, intent, reservedMinor: message.reservedMinor },
      { kind: 'attempt.sent', intentId: intent.intentId, attempt: 1, epoch: this.#state.epoch },
    );
    this.#commit({
      ok: { type: 'intent.durable', intentId: intent.intentId },
      failed: (reason) => ({ type: 'intent.notDurable', intentId: intent.intentId, reason }),
    });
  }

  /** What increases risk and is not durable dies here. The rest goes out all the same, and recovery
   * back-fills it from the terminal's records. */
  #notDurable(intentId: string, reason: string): void {
    const order = this.#orders.get(intentId);
    if (order === undefined) return;
    this.#tellGuard({ type: 'journal.failed', reason });
    if (increasesRisk(order.intent)) this.#move(intentId, { type: 'journal.failed' });
    else if (stateOf(order) === 'journalled') {
      this.#transmit(intentId, order.chart.context.attempt + 1);
    } else this.#move(intentId, { type: 'intent.journalled' });
  }

  /** Asked for by the chart on entering `journalled`: the attempt must be durable first. */
  #sendAttempt(order: LiveOrder): void {
    const { intentId } = order.intent;
    const attempt = order.chart.context.attempt + 1;
    if (order.durableAttempt >= attempt) {
      this.#transmit(intentId, attempt);
      return;
    }
    this.#entries.push({ kind: 'attempt.sent', intentId, attempt, epoch: this.#state.epoch });
    this.#commit({
      ok: { type: 'attempt.durable', intentId, attempt },
      failed: (reason) => ({ type: 'intent.notDurable', intentId, reason }),
    });
  }

  /** The last gate before the wire: a halt that came meanwhile overtakes the order. */
  #transmit(intentId: string, attempt: number): void {
    const order = this.#orders.get(intentId);
    if (order === undefined) return;
    this.#orders.set(intentId, { ...order, durableAttempt: attempt });
    const instrument = this.#state.instruments.get(order.intent.symbol);
    const risk = increasesRisk(order.intent) ? 'increasing' : 'reducing';
    const stopped = risk === 'increasing' && !this.#state.mayOpen;
    if (instrument === undefined || stopped) {
      this.#move(intentId, { type: 'attempt.unsent' });
      return;
    }
    this.#tellConnection({
      type: 'command.send',
      body: commandOf(order.intent, attempt, instrument),
      intentId,
      attempt,
      risk,
    });
    this.#move(intentId, { type: 'attempt.sent', attempt });
  }

  #acked(ack: Extract<ExecutorMessage, { type: 'attempt.acked' }>['ack']): void {
    if (!this.#orders.has(ack.intent)) return;
    if (ack.status === 'duplicate' && ack.result !== null) {
      this.#finished(resultFromWire(ack.result));
      return;
    }
    if (ack.status === 'refused') this.#entries.push(refusalEntry(ack));
    this.#moveAttempt(ack.intent, ack.attempt, eventOfAck(ack.status));
  }

  #finished(result: AttemptResult): void {
    const order = this.#orders.get(result.intentId);
    if (order === undefined || isFinal(order)) return;
    this.#entries.push(resultEntry(result));
    if (!isCurrent(order, result.attempt)) return;
    this.#orders.set(result.intentId, { ...order, retcode: result.retcode });
    const event = eventOfResult(order.intent.type, result);
    if (event !== undefined) this.#move(result.intentId, event);
  }

  /** Books what the journal does not hold yet, and moves the orders it belongs to. */
  #absorb(deals: readonly Deal[], orders: readonly VenueOrder[]): readonly string[] {
    const { accountId, journal } = this.#deps;
    const fresh = deals.filter((deal) => {
      if (this.#booked.has(deal.ticket) || journal.reader().hasDeal(accountId, deal.ticket)) {
        return false;
      }
      this.#booked.add(deal.ticket);
      return true;
    });
    const facts = [...factsOfDeals(this.#orders, fresh), ...factsOfOrders(this.#orders, orders)];
    for (const fact of facts) {
      this.#entries.push(fact.entry);
      if (fact.intentId !== null && fact.event !== undefined) this.#move(fact.intentId, fact.event);
    }
    return fresh.map((deal) => `booked deal ${deal.ticket} (${deal.reason})`);
  }

  #moveAttempt(intentId: string, attempt: number, event: OrderEvent): void {
    const order = this.#orders.get(intentId);
    if (order !== undefined && isCurrent(order, attempt)) this.#move(intentId, event);
  }

  #missing(intentIds: readonly string[]): readonly string[] {
    return intentIds.filter((intentId) => {
      const order = this.#orders.get(intentId);
      return order === undefined || isFinal(order);
    });
  }

  #askForEvidence(intentId: string): void {
    const order = this.#orders.get(intentId);
    if (order === undefined || !needsEvidence(order)) return;
    const { intent, chart } = order;
    this.#tellConnection({
      type: 'evidence.seek',
      intentId,
      attempt: chart.context.attempt,
      magic: intent.type === 'open' ? intent.magic : null,
      from: intent.at,
    });
    this.#scheduleEvidence(intentId);
  }

  /** Asks again as long as nobody knows, ever more slowly: a question costs a request. */
  #scheduleEvidence(intentId: string): void {
    const order = this.#orders.get(intentId);
    if (order === undefined) return;
    const delayMs = evidenceDelayMs(order, this.#limits.settleMs);
    this.#orders.set(intentId, { ...order, questions: order.questions + 1 });
    const key = `evidence.${intentId}`;
    this.#context.after(delayMs, { type: 'evidence.due', intentId }, { key });
  }

  /** Absence counts only when the terminal proves its history complete. An attempt that ended there
   * without a trace was refused; one that never arrived may be made again if it reduces risk, while
   * an opening intent has expired by now. */
  #weigh(message: Extract<ExecutorMessage, { type: 'evidence.found' }>): void {
    const { intentId, attempt, evidence } = message;
    const isOpen = (): boolean => {
      const order = this.#orders.get(intentId);
      return order !== undefined && needsEvidence(order) && isCurrent(order, attempt);
    };
    if (!isOpen()) return;
    const { deals, orders, result, complete } = evidence;
    this.#absorb(deals, orders);
    if (result !== null && isOpen()) this.#finished(result);
    if (!isOpen() || !complete || deals.length > 0 || orders.length > 0) return;
    if (result !== null) {
      this.#move(intentId, { type: 'result.refused' });
      return;
    }
    this.#entries.push({ kind: 'attempt.result', intentId, attempt, outcome: 'absentConfirmed' });
    const intent = this.#orders.get(intentId)?.intent;
    const mayRetry = intent !== undefined && !increasesRisk(intent);
    this.#move(intentId, { type: 'absence.confirmed', mayRetry });
  }

  /** Step 4 to 6 of a recovery: match what the terminal holds to what we had sent. */
  #reconcile(snapshot: Snapshot, epoch: number): ExecutorState {
    this.#state = {
      ...this.#state,
      reconciled: true,
      epoch,
      instruments: new Map(snapshot.instruments.map((spec) => [spec.symbol, spec])),
    };
    const actions = [
      ...this.#absorb(snapshot.deals, [...snapshot.historyOrders, ...snapshot.orders]),
    ];
    for (const result of snapshot.results) {
      const order = this.#orders.get(result.intentId);
      if (order !== undefined && isCurrent(order, result.attempt)) this.#finished(result);
    }
    for (const order of this.#orders.values()) {
      if (needsEvidence(order)) {
        actions.push(`outcome of ${order.intent.intentId} is not known yet`);
        this.#scheduleEvidence(order.intent.intentId);
      }
    }
    this.#commit({
      ok: { type: 'reconciliation.durable', actions },
      failed: (reason) => ({ type: 'reconciliation.notDurable', reason }),
    });
    return this.#result();
  }

  #move(intentId: string, event: OrderEvent): void {
    const before = this.#orders.get(intentId);
    if (before === undefined) return;
    const { order, effects } = stepOrder(before, event);
    this.#orders.set(intentId, order);
    for (const effect of effects) this.#perform(order, effect);
  }

  #perform(order: LiveOrder, effect: ChartEffect): void {
    if (effect.type !== 'action') return;
    const { intentId } = order.intent;
    switch (effect.name) {
      case 'recordState':
        this.#entries.push({ kind: 'order.state', intentId, state: stateOf(order) });
        return;
      case 'sendAttempt':
        this.#sendAttempt(order);
        return;
      case 'awaitReply':
        this.#context.after(
          this.#limits.replyTimeoutMs,
          { type: 'reply.timedOut', intentId, attempt: order.chart.context.attempt },
          { key: `reply.${intentId}` },
        );
        return;
      case 'seekEvidence':
        this.#context.cancel(`reply.${intentId}`);
        this.#tellGuard({ type: 'order.unresolved', intentId });
        this.#scheduleEvidence(intentId);
        return;
      case 'releaseReservation':
        this.#settle(order);
        return;
    }
  }

  #settle(order: LiveOrder): void {
    const { intentId, strategyId, type } = order.intent;
    this.#context.cancel(`reply.${intentId}`);
    this.#context.cancel(`evidence.${intentId}`);
    const state = stateOf(order) as Settlement['state'];
    const finished = this.#state.finished;
    this.#state = {
      ...this.#state,
      finished: { ...finished, [state]: (finished[state] ?? 0) + 1 },
    };
    this.#tellGuard({
      type: 'order.settled',
      settlement: { intentId, strategyId, action: type, state, retcode: order.retcode },
    });
  }

  /** Everything gathered so far becomes durable in one transaction; `then` says who waits for it. */
  #commit(then?: Waiting): void {
    commitFacts(this.#deps, this.#context, this.#entries.splice(0), then);
  }

  #result(): ExecutorState {
    const orders = this.#orders;
    const surplus = orders.size - this.#limits.finalOrders;
    if (surplus > 0) {
      const oldest = [...orders].filter(([, order]) => isFinal(order)).slice(0, surplus);
      for (const [intentId] of oldest) orders.delete(intentId);
    }
    return { ...this.#state, orders };
  }

  #tellGuard(message: GuardMessage): void {
    this.#context.ref<GuardMessage>(this.#deps.paths.guard).send(message);
  }
  #tellRecovery(message: RecoveryMessage): void {
    this.#context.ref<RecoveryMessage>(this.#deps.paths.recovery).send(message);
  }
  #tellConnection(message: ConnectionMessage): void {
    this.#context.ref<ConnectionMessage>(this.#deps.paths.connection).send(message);
  }
}
