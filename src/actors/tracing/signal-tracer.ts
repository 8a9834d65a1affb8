import type { Fault } from '../../domain/faults.ts';
import type { Intent } from '../../domain/intent.ts';
import { isFinalOrderState } from '../../domain/order-state.ts';
import type { Entry } from '../../journal/types.ts';
import { retcodeClass, retcodeName } from '../../mt5/retcodes.ts';
import { type Span, TRACE_LIMITS } from '../../telemetry/traces/span.ts';
import { parseTraceparent, spanIdOf } from '../../telemetry/traces/trace-ids.ts';
import { namesOf } from '../guard/guard-intents.ts';
import type { ConnectionMessage, ExecutorMessage, SignalRaised } from '../messages.ts';
import {
  beginOrder,
  type FollowedOrder,
  type FollowedSignal,
  type OpenAttempt,
  type Recalled,
} from './followed.ts';
import { attemptSpanName, type TraceContext } from './trace-context.ts';

type Told<Type extends ExecutorMessage['type']> = Extract<ExecutorMessage, { type: Type }>;
type Send = Extract<ConnectionMessage, { type: 'command.send' }>;
type Attributes = Span['attributes'];

/** Bounded by forgetting the oldest. */
const remember = <Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void => {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > TRACE_LIMITS.followedSignals && oldest !== undefined) map.delete(oldest);
};

/**
 * Makes spans of what the actors are told and of what becomes durable: one trace for each signal,
 * from the tick to the deals. It decides nothing and keeps nobody waiting; `ms` is always wall time.
 */
export class SignalTracer {
  readonly #accountId: string;
  readonly #context: TraceContext;
  /** What the journal knows of an order whose beginning was in another life. */
  readonly #recall: (intentId: string) => Recalled | undefined;
  readonly #emit: (span: Span) => void;
  readonly #lastTick = new Map<string, number>();
  readonly #signals = new Map<string, FollowedSignal>();
  readonly #bySignalId = new Map<string, string>();
  /** Null: it is not to be kept, or nothing is known of it. */
  readonly #orders = new Map<string, FollowedOrder | null>();
  readonly #over = new Map<string, true>();

  constructor(input: {
    readonly accountId: string;
    readonly context: TraceContext;
    readonly recall: (intentId: string) => Recalled | undefined;
    readonly emit: (span: Span) => void;
  }) {
    this.#accountId = input.accountId;
    this.#context = input.context;
    this.#recall = input.recall;
    this.#emit = input.emit;
  }

  /** A strategy was handed ticks: whatever it decides now began here. */
  ticked(strategyId: string, ms: number): void {
    this.#lastTick.set(strategyId, ms);
  }

  /** The guard was told a signal. */
  raised(raised: SignalRaised, ms: number): void {
    const names = namesOf(this.#accountId, raised);
    const traceId = this.#context.traceIdOf(names.key);
    if (!this.#context.isSampled(traceId)) return;
    if (this.#over.has(traceId) || this.#signals.has(traceId)) return;
    const startMs = this.#lastTick.get(raised.strategy.id) ?? ms;
    const signal = this.#begin(traceId, raised, { startMs, judgedFromMs: ms });
    remember(this.#bySignalId, names.signalId, traceId);
    this.#child(signal, 'strategy.decide', [startMs, ms], {
      'bulwark.bar': new Date(raised.barAt).toISOString(),
    });
  }

  /** The executor was told of an intent that the guard admitted. */
  admitted({ intent, raised }: Told<'intent.admitted'>, ms: number): void {
    const { intentId } = intent;
    if (this.#orders.has(intentId)) return;
    const traceId = this.#context.traceIdOf(intent.key);
    if (!this.#context.isSampled(traceId)) {
      remember(this.#orders, intentId, null);
      return;
    }
    const signal =
      this.#signals.get(traceId) ?? this.#begin(traceId, raised, { startMs: ms, judgedFromMs: ms });
    remember(this.#orders, intentId, beginOrder(signal, intent, ms));
    signal.open.add(intentId);
    const attributes = { ...intentAttributes(intent), 'bulwark.verdict': 'admitted' };
    this.#child(signal, 'guard.verdict', [signal.judgedFromMs, ms], attributes, intentId);
  }

  /** The intent is on the disk, or could not be written. */
  durable(intentId: string, ms: number, error: string | null = null): void {
    const order = this.#orders.get(intentId);
    if (order === undefined || order === null) return;
    const { signal, admittedMs } = order;
    this.#child(signal, 'journal.append', [admittedMs, ms], {}, intentId, error);
  }

  /** The connection was given a command. */
  commanded({ intentId, attempt, body }: Send, ms: number): void {
    const order = this.#order(intentId);
    if (order === null) return;
    order.attempts.set(attempt, { startMs: ms, command: body.kind, ackMs: null });
  }

  acked({ ack, trace = null }: Told<'attempt.acked'>, ms: number): void {
    const { intent: intentId, attempt, status, reason, result } = ack;
    const open = this.#order(intentId)?.attempts.get(attempt);
    if (open === undefined) return;
    if (status === 'refused') {
      this.#endAttempt(intentId, attempt, ms, {}, reason ?? 'refused by the terminal');
    } else if (result === null) open.ackMs = ms;
    else this.#resulted(intentId, attempt, { retcode: result.retcode, trace }, ms);
  }

  finished({ result, trace = null }: Told<'attempt.finished'>, ms: number): void {
    const { intentId, attempt, retcode } = result;
    this.#resulted(intentId, attempt, { retcode, trace }, ms);
  }

  /** Nothing left: the attempt is over for certain. */
  unsent(intentId: string, attempt: number, fault: Fault, ms: number): void {
    this.#endAttempt(intentId, attempt, ms, {}, fault.message);
  }

  /** Something became durable. */
  recorded(entry: Entry, ms: number): void {
    switch (entry.kind) {
      case 'order.denied':
        this.#denied(entry, ms);
        return;
      case 'attempt.result':
        this.#learnt(entry, ms);
        return;
      case 'deal.booked':
        if (entry.intentId !== null) this.#dealt(entry.intentId, entry.deal, ms);
        return;
      case 'order.state':
        if (isFinalOrderState(entry.state)) this.#settle(entry.intentId, entry.state, ms);
        return;
      default:
        return;
    }
  }

  #begin(
    traceId: string,
    { strategy, signal, at }: SignalRaised,
    times: Pick<FollowedSignal, 'startMs' | 'judgedFromMs'>,
  ): FollowedSignal {
    const followed: FollowedSignal = {
      ...times,
      traceId,
      rootId: spanIdOf(traceId, 'signal'),
      attributes: {
        'bulwark.account': this.#accountId,
        'bulwark.strategy': strategy.id,
        'bulwark.symbol': strategy.symbol,
        'bulwark.signal': signal.type,
        'bulwark.reason': signal.reason,
        'bulwark.session_time': new Date(at).toISOString(),
      },
      open: new Set(),
    };
    remember(this.#signals, traceId, followed);
    return followed;
  }

  /** The order, recalled from the journal where its beginning was in another life. */
  #order(intentId: string): FollowedOrder | null {
    const known = this.#orders.get(intentId);
    if (known !== undefined) return known;
    const recalled = this.#recall(intentId);
    const traceId = recalled === undefined ? '' : this.#context.traceIdOf(recalled.intent.key);
    if (recalled === undefined || !this.#context.isSampled(traceId)) {
      remember(this.#orders, intentId, null);
      return null;
    }
    const order = this.#resume(traceId, recalled);
    remember(this.#orders, intentId, order);
    return order;
  }

  #resume(traceId: string, { intent, plannedMs, attempts, isSettled }: Recalled): FollowedOrder {
    const known = this.#signals.get(traceId);
    const signal: FollowedSignal = known ?? {
      traceId,
      rootId: spanIdOf(traceId, 'signal'),
      startMs: plannedMs,
      judgedFromMs: plannedMs,
      attributes: {
        'bulwark.account': this.#accountId,
        'bulwark.strategy': intent.strategyId,
        'bulwark.symbol': intent.symbol,
        'bulwark.signal': intent.type,
        'bulwark.reason': intent.reason,
        'bulwark.session_time': new Date(intent.at).toISOString(),
        'bulwark.resumed': true,
      },
      open: new Set(),
    };
    const order = beginOrder(signal, intent, plannedMs);
    for (const { attempt, sentMs } of attempts) {
      order.attempts.set(attempt, { startMs: sentMs, command: null, ackMs: null });
    }
    if (!isSettled) {
      if (known === undefined) remember(this.#signals, traceId, signal);
      signal.open.add(intent.intentId);
    }
    return order;
  }

  #resulted(
    intentId: string,
    attempt: number,
    { retcode, trace }: { readonly retcode: number; readonly trace: string | null },
    ms: number,
  ): void {
    const order = this.#order(intentId);
    const open = order?.attempts.get(attempt);
    if (order === null || open === undefined) return;
    const attributes = { 'bulwark.retcode': retcode, 'bulwark.retcode_name': nameOf(retcode) };
    const error = retcodeClass(retcode) === 'success' ? null : nameOf(retcode);
    // What the terminal did is shown only if the attempt's own context came back over the link.
    const echoed = trace === null ? undefined : parseTraceparent(trace);
    const { traceId } = order.signal;
    const spanId = spanIdOf(traceId, attemptSpanName(intentId, attempt));
    if (echoed?.traceId === traceId && echoed.spanId === spanId) {
      this.#emit({
        traceId,
        spanId: spanIdOf(traceId, `terminal ${spanId}`),
        parentId: spanId,
        name: 'terminal.execute',
        kind: 'server',
        startMs: open.ackMs ?? open.startMs,
        endMs: ms,
        attributes,
        error,
      });
    }
    this.#endAttempt(intentId, attempt, ms, attributes, error);
  }

  #endAttempt(
    intentId: string,
    attempt: number,
    ms: number,
    attributes: Attributes,
    error: string | null,
  ): void {
    const order = this.#order(intentId);
    const open: OpenAttempt | undefined = order?.attempts.get(attempt);
    if (order === null || open === undefined) return;
    order.attempts.delete(attempt);
    order.lastAttempt = Math.max(order.lastAttempt, attempt);
    const { traceId, rootId } = order.signal;
    const command = open.command === null ? {} : { 'bulwark.command': open.command };
    this.#emit({
      traceId,
      spanId: spanIdOf(traceId, attemptSpanName(intentId, attempt)),
      parentId: rootId,
      name: 'order.attempt',
      kind: 'client',
      startMs: open.startMs,
      endMs: ms,
      attributes: {
        'bulwark.intent': intentId,
        'bulwark.attempt': attempt,
        ...command,
        ...attributes,
      },
      error,
    });
  }

  #denied(entry: Extract<Entry, { kind: 'order.denied' }>, ms: number): void {
    // Admitted by the guard and turned away by the executor: its last state ends it.
    if (this.#orders.has(entry.intentId)) return;
    const traceId = this.#bySignalId.get(entry.signalId);
    const signal = traceId === undefined ? undefined : this.#signals.get(traceId);
    if (signal === undefined) return;
    const attributes = { 'bulwark.verdict': entry.code, 'bulwark.detail': entry.detail };
    this.#child(signal, 'guard.verdict', [signal.judgedFromMs, ms], attributes, entry.intentId);
    this.#finish(signal, entry.code, ms);
  }

  /** Evidence ends an attempt that nobody answered; an order that rests on the book is no longer
   * under way. */
  #learnt(entry: Extract<Entry, { kind: 'attempt.result' }>, ms: number): void {
    const { intentId, attempt, outcome, detail } = entry;
    const order = this.#order(intentId);
    if (order === null || outcome === 'unknown') return;
    if (order.attempts.has(attempt)) {
      const error = outcome === 'refused' || outcome === 'absentConfirmed' ? outcome : null;
      const attributes = { 'bulwark.outcome': outcome, 'bulwark.by_evidence': true };
      this.#endAttempt(intentId, attempt, ms, attributes, error && (detail ?? error));
    }
    if (outcome === 'placed' && order.rests) this.#settle(intentId, 'placed', ms);
  }

  #dealt(intentId: string, deal: Extract<Entry, { kind: 'deal.booked' }>['deal'], ms: number) {
    const order = this.#order(intentId);
    if (order === null) return;
    const { traceId } = order.signal;
    const attempt = Math.max(1, order.lastAttempt, ...order.attempts.keys());
    this.#emit({
      traceId,
      spanId: spanIdOf(traceId, `deal ${deal.ticket}`),
      parentId: spanIdOf(traceId, attemptSpanName(intentId, attempt)),
      name: 'deal',
      kind: 'internal',
      startMs: ms,
      endMs: ms,
      attributes: {
        'bulwark.intent': intentId,
        'bulwark.deal': deal.ticket,
        'bulwark.order': deal.orderTicket,
        'bulwark.entry': deal.entry,
        'bulwark.session_time': new Date(deal.at).toISOString(),
      },
      error: null,
    });
  }

  #settle(intentId: string, state: string, ms: number): void {
    const order = this.#order(intentId);
    if (order === null) return;
    for (const attempt of [...order.attempts.keys()]) {
      this.#endAttempt(intentId, attempt, ms, { 'bulwark.by_evidence': true }, null);
    }
    const { signal } = order;
    if (signal.open.delete(intentId) && signal.open.size === 0) this.#finish(signal, state, ms);
  }

  #finish(signal: FollowedSignal, outcome: string, ms: number): void {
    const { traceId, rootId, startMs, attributes } = signal;
    this.#signals.delete(traceId);
    remember(this.#over, traceId, true);
    this.#emit({
      traceId,
      spanId: rootId,
      parentId: null,
      name: 'signal',
      kind: 'internal',
      startMs,
      endMs: ms,
      attributes: { ...attributes, 'bulwark.outcome': outcome },
      error: null,
    });
  }

  #child(
    { traceId, rootId }: FollowedSignal,
    name: string,
    [startMs, endMs]: readonly [number, number],
    attributes: Attributes,
    intentId?: string,
    error: string | null = null,
  ): void {
    const intent = intentId === undefined ? {} : { 'bulwark.intent': intentId };
    this.#emit({
      traceId,
      spanId: spanIdOf(traceId, intentId === undefined ? name : `${name} ${intentId}`),
      parentId: rootId,
      name,
      kind: 'internal',
      startMs,
      endMs,
      attributes: { ...intent, ...attributes },
      error,
    });
  }
}

const nameOf = (retcode: number): string => retcodeName(retcode) ?? `code ${retcode}`;

const intentAttributes = (intent: Intent): Attributes => ({
  'bulwark.action': intent.type,
  'bulwark.session_time': new Date(intent.at).toISOString(),
});
