import type { Fault } from '../domain/faults.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { ChangeRisk, Intent, IntentType } from '../domain/intent.ts';
import type { Bar, Tick, Timeframe } from '../domain/market.ts';
import type { FinalOrderState } from '../domain/order-state.ts';
import type {
  AccountState,
  Deal,
  Position,
  Signal,
  StrategyKey,
  VenueOrder,
} from '../domain/trading.ts';
import type { EpochMs } from '../domain/units.ts';
import type { Entry, EntryBody, Levels } from '../journal/types.ts';
import type { EaFrame, EaMessageOf, RuntimeBody, RuntimeMessageOf } from '../mt5/wire/messages.ts';
import type { NewsCalendar } from '../risk/market-context.ts';
import type { EngineAnswer } from './isolation/engine-protocol.ts';
import type { StrategyFault } from './isolation/errors.ts';
import type { Message } from './kernel/types.ts';
import type { OperatorRefusalCode } from './operator/operator-types.ts';
import type { Finding } from './recovery/recovery-findings.ts';

/**
 * Who tells whom what, inside one desk. Every message is a fact (`noun.pastTense`) or a command
 * (`role.imperative`); the wire's decimal strings have become domain units before they get here.
 */

/** What the terminal holds, converted and verified (counts and hash). */
export interface Snapshot {
  readonly at: EpochMs;
  readonly hash: string;
  /** The terminal's UTC clock minus ours, ms. Absent where the terminal itself is the clock. */
  readonly skewMs?: number;
  readonly account: AccountState;
  readonly positions: readonly Position[];
  readonly orders: readonly VenueOrder[];
  readonly historyOrders: readonly VenueOrder[];
  readonly deals: readonly Deal[];
  readonly instruments: readonly Instrument[];
  readonly results: readonly AttemptResult[];
  /** Attempts the terminal has taken and not finished. */
  readonly unresolved: readonly { readonly intent: string; readonly attempt: number }[];
}
export interface AttemptResult {
  readonly intentId: string;
  readonly attempt: number;
  readonly retcode: number;
  readonly orderTicket: string | null;
  readonly dealTicket: string | null;
}
/** One transaction of the account: what changed together, told together. */
export interface TradeReport {
  readonly account: AccountState;
  readonly deals: readonly Deal[];
  readonly orders: readonly VenueOrder[];
  readonly positions: readonly Position[];
  readonly closedPositions: readonly string[];
}
/** An order's final word, told to the guard and to its strategy. */
export interface Settlement {
  readonly intentId: string;
  readonly strategyId: string;
  readonly action: IntentType;
  readonly state: FinalOrderState;
  readonly retcode: number | null;
}
export interface SignalRaised {
  readonly type: 'signal.raised';
  readonly strategy: StrategyKey;
  readonly barAt: EpochMs;
  readonly at: EpochMs;
  readonly signal: Signal;
}

export type MarketMessage =
  /** Ticks of one advance in time order, all symbols; `at` is the instant it ends on. */
  { readonly type: 'market.ticks'; readonly ticks: readonly Tick[]; readonly at: EpochMs };
export type LinkFact =
  | { readonly type: 'link.claimed'; readonly epoch: number }
  | { readonly type: 'link.live' }
  | { readonly type: 'link.lost' };

export type StrategyMessage =
  | MarketMessage
  /** Reconciled: the instrument and this strategy's positions are known; warm up now. */
  | { readonly type: 'market.ready'; readonly instrument: Instrument; readonly at: EpochMs }
  /** What this strategy has at the terminal now: open positions and working orders. */
  | {
      readonly type: 'holdings.changed';
      readonly positions: readonly Position[];
      readonly orders: readonly VenueOrder[];
    }
  /** With `upTo`, ticks up to there are in the bars, however late they come. */
  | {
      readonly type: 'history.loaded';
      readonly bars: readonly Bar[];
      readonly upTo?: EpochMs;
    }
  | { readonly type: 'history.failed'; readonly reason: string }
  /** Every strategy has decided about this instant: now the guard may hear of it, in order. */
  | { readonly type: 'decisions.due' }
  | { readonly type: 'engine.opened'; readonly warmupBars: number }
  | { readonly type: 'engine.answered'; readonly answer: EngineAnswer }
  /** The worker ended unasked; `incarnation` is the life of the host that lived in it. */
  | { readonly type: 'engine.lost'; readonly incarnation: number; readonly fault: StrategyFault };

/** A person's order to the guard, and what became of it. */
export type GuardOrder = {
  readonly reason: string;
  /** The way it came in, and who: for the journal. */
  readonly by: string;
  readonly reply: (answer: GuardAnswer) => void;
} & (
  | { readonly type: 'operator.halt' }
  | { readonly type: 'operator.resume' }
  | { readonly type: 'operator.flatten' }
  | { readonly type: 'operator.kill' }
  | { readonly type: 'operator.rearm'; readonly typed: string }
  | { readonly type: 'operator.startEvaluation'; readonly id: string }
  | { readonly type: 'operator.bindEvaluation'; readonly id: string; readonly login: string }
);
export type GuardAnswer =
  | { readonly ok: true; readonly text: string }
  | {
      readonly ok: false;
      readonly code: OperatorRefusalCode;
      readonly cause: string;
      readonly remedy: string;
    };

export type GuardMessage =
  | MarketMessage
  /** The data ended: what the account looks like now is how the session ends. */
  | { readonly type: 'market.ended'; readonly at: EpochMs }
  | LinkFact
  | SignalRaised
  | { readonly type: 'trade.reported'; readonly report: TradeReport }
  /** A strategy was (re)started at `path` and does not know what it holds. */
  | { readonly type: 'positions.wanted'; readonly path: string }
  | { readonly type: 'order.settled'; readonly settlement: Settlement }
  /** Sent, and its outcome is not known: its reservation stays, its strategy and symbol wait. */
  | { readonly type: 'order.unresolved'; readonly intentId: string }
  /** The venue refused an attempt and may take another: every retry passes the guard again. */
  | { readonly type: 'retry.wanted'; readonly intent: Intent }
  /** A command has left for the terminal, of whatever kind and whoever sent it. */
  | { readonly type: 'request.left' }
  /** The venue has switched trading off for the whole account. */
  | { readonly type: 'venue.disabled'; readonly detail: string }
  | { readonly type: 'naked.due'; readonly positionTicket: string }
  /** A delay of the flatten chart is over. */
  | { readonly type: 'flatten.delayed'; readonly event: Message }
  | { readonly type: 'recovery.balance'; readonly snapshot: Snapshot; readonly epoch: number }
  | { readonly type: 'recovery.compare'; readonly snapshot: Snapshot }
  | { readonly type: 'gate.granted'; readonly grantedBy: number }
  | { readonly type: 'gate.revoked' }
  | { readonly type: 'day.began' }
  /** A reset is near: what may live through it is looked at. */
  | { readonly type: 'sweep.due' }
  /** A symbol of ours must be flat soon. */
  | { readonly type: 'flat.due' }
  | { readonly type: 'snapshot.due' }
  | { readonly type: 'close.retry'; readonly positionTicket: string; readonly reason: string }
  | { readonly type: 'terminalGuard.tripped' }
  /** The terminal says something that forbids new risk, or takes it back. */
  | { readonly type: 'condition.raised'; readonly condition: string }
  | { readonly type: 'condition.cleared'; readonly condition: string }
  | { readonly type: 'breaker.moved'; readonly open: boolean }
  /** What the terminal's economic calendar says. */
  | { readonly type: 'calendar.read'; readonly calendar: NewsCalendar }
  | GuardOrder
  | { readonly type: 'journal.written' }
  | { readonly type: 'journal.failed'; readonly reason: string }
  | { readonly type: 'journal.probe'; readonly reason: string }
  | { readonly type: 'journal.probed'; readonly works: boolean; readonly reason: string }
  /** The executor knows nothing of these intents, or they are over for it. */
  | { readonly type: 'orders.missing'; readonly intentIds: readonly string[] };

export type ExecutorMessage =
  | { readonly type: 'link.lost' }
  | {
      readonly type: 'intent.admitted';
      readonly raised: SignalRaised;
      readonly signalId: string;
      readonly intent: Intent;
      readonly reservedMinor: string;
    }
  | { readonly type: 'intent.durable'; readonly intentId: string }
  | {
      readonly type: 'intent.notDurable';
      readonly intentId: string;
      readonly reason: string;
      readonly bodies: readonly EntryBody[];
    }
  | { readonly type: 'attempt.durable'; readonly intentId: string; readonly attempt: number }
  | {
      readonly type: 'attempt.unsent';
      readonly intentId: string;
      readonly attempt: number;
      readonly fault: Fault;
    }
  /** A refused attempt may be repeated now, if the guard still wants it. */
  | { readonly type: 'retry.due'; readonly intentId: string; readonly attempt: number }
  | {
      readonly type: 'retry.granted';
      readonly intentId: string;
      /** At these levels; absent: nothing of it depends on the price. */
      readonly levels?: Levels;
    }
  /** Not now: the market opens at this session time. */
  | { readonly type: 'retry.deferred'; readonly intentId: string; readonly until: EpochMs }
  | {
      readonly type: 'retry.denied';
      readonly intentId: string;
      readonly code: string;
      readonly detail: string;
    }
  /** `trace`: the command's W3C `traceparent`, as the terminal gave it back. */
  | {
      readonly type: 'attempt.acked';
      readonly ack: EaMessageOf<'ack'>;
      readonly trace?: string | null;
    }
  | {
      readonly type: 'attempt.finished';
      readonly result: AttemptResult;
      readonly trace?: string | null;
    }
  | { readonly type: 'trade.reported'; readonly report: TradeReport }
  | { readonly type: 'reply.timedOut'; readonly intentId: string; readonly attempt: number }
  | { readonly type: 'evidence.due'; readonly intentId: string }
  | {
      readonly type: 'evidence.found';
      readonly intentId: string;
      readonly attempt: number;
      readonly evidence: Evidence;
    }
  | { readonly type: 'mode.changed'; readonly mayOpen: boolean }
  | { readonly type: 'recovery.match'; readonly snapshot: Snapshot; readonly epoch: number }
  /** A check while trading goes on: does the snapshot hold anything that was never told? */
  | { readonly type: 'recovery.compare'; readonly snapshot: Snapshot }
  /** Sent a while ago and not answered: ask, long before it counts as unknown. */
  | { readonly type: 'inflight.due'; readonly intentId: string }
  | { readonly type: 'reconciliation.durable' }
  | {
      readonly type: 'reconciliation.notDurable';
      readonly reason: string;
      readonly bodies: readonly EntryBody[];
      readonly contradicts: boolean;
    }
  /** Which of these are alive? The guard holds headroom or waits for a close on their account. */
  | { readonly type: 'orders.wanted'; readonly intentIds: readonly string[] }
  | { readonly type: 'facts.durable' }
  | {
      readonly type: 'facts.notDurable';
      readonly reason: string;
      readonly bodies: readonly EntryBody[];
    };

/** The terminal's answer to a targeted query about one attempt. */
export interface Evidence {
  /** False: history is not proven complete, so absence means nothing. */
  readonly complete: boolean;
  readonly orders: readonly VenueOrder[];
  readonly deals: readonly Deal[];
  readonly result: AttemptResult | null;
}

export type RecoveryMessage =
  | LinkFact
  | { readonly type: 'snapshot.assembled'; readonly snapshot: Snapshot }
  | { readonly type: 'snapshot.failed'; readonly reason: string }
  | { readonly type: 'executor.reconciled'; readonly actions: readonly Finding[] }
  /** What the executor found cannot be written down at the moment; it keeps it. */
  | { readonly type: 'reconciliation.notDurable'; readonly reason: string }
  | { readonly type: 'guard.reconciled'; readonly actions: readonly Finding[] }
  /** Answers to `recovery.compare`: what differs, in sentences. */
  | { readonly type: 'executor.compared'; readonly differences: readonly string[] }
  | { readonly type: 'guard.compared'; readonly differences: readonly string[] }
  | { readonly type: 'check.due' }
  | { readonly type: 'guard.mismatch'; readonly detail: string }
  | { readonly type: 'strategy.attached'; readonly path: string; readonly symbol: string }
  | { readonly type: 'journal.written' }
  | { readonly type: 'journal.failed'; readonly reason: string; readonly entries: readonly Entry[] }
  | { readonly type: 'chart.delayed'; readonly event: Message };

export type ConnectionMessage =
  | { readonly type: 'frame.received'; readonly identity: string; readonly frame: EaFrame }
  | { readonly type: 'peer.disconnected'; readonly identity: string }
  /** What the guard allows: the last look before the wire. */
  | { readonly type: 'mode.changed'; readonly mayOpen: boolean }
  /** A command of the executor. It leaves now or `attempt.unsent` goes back. What increases risk
   * leaves only while everything is known and live. */
  | {
      readonly type: 'command.send';
      readonly body: RuntimeBody;
      readonly intentId: string;
      readonly attempt: number;
      readonly risk: ChangeRisk;
      /** W3C `traceparent`; the terminal carries it back. */
      readonly trace?: string;
    }
  | { readonly type: 'command.left' }
  /** `failed`: it was given to the link and could not be sent. */
  | {
      readonly type: 'command.stuck';
      readonly intentId: string;
      readonly attempt: number;
      readonly fault: Fault;
      readonly failed: boolean;
    }
  | { readonly type: 'snapshot.take'; readonly historyFrom: EpochMs }
  | {
      readonly type: 'evidence.seek';
      readonly intentId: string;
      readonly attempt: number;
      readonly magic: string | null;
      readonly from: EpochMs;
    }
  | {
      readonly type: 'history.load';
      readonly replyTo: string;
      readonly symbol: string;
      readonly timeframe: Timeframe;
      readonly count: number;
      readonly to: EpochMs;
    }
  | { readonly type: 'recovery.completed' }
  /** Recovery (re)started: tell it where the link stands. */
  | { readonly type: 'recovery.attached' }
  /** The guard, the executor or recovery died, or the journal has a gap: until recovery has run,
   * the market stands still. */
  | { readonly type: 'reconciliation.wanted' }
  /** The floors moved: arm the terminal's own guard, and wake us when equity comes near. */
  | {
      readonly type: 'floors.moved';
      readonly guard: RuntimeMessageOf<'guard'>;
      readonly equityAtOrBelow: string;
    }
  /** A session was welcomed; its lease is to be claimed. */
  | { readonly type: 'session.opened'; readonly session: string }
  /** A free session's time is to be looked at. */
  | { readonly type: 'clock.due' }
  /** A message of a kind that we do not know. */
  | {
      readonly type: 'kind.unknown';
      readonly identity: string;
      readonly kind: string;
      readonly id: string | null;
      readonly session: string;
      readonly seq: number;
    }
  /** A command was not acknowledged in time. */
  | { readonly type: 'command.overdue'; readonly key: string }
  | { readonly type: 'breaker.delayed'; readonly event: Message }
  | { readonly type: 'operator.resetBreaker' }
  | { readonly type: 'health.due' }
  | { readonly type: 'health.overdue'; readonly id: string }
  | { readonly type: 'symbols.due' }
  | { readonly type: 'calendar.due' }
  /** The market may move again: do the advance that was held back. */
  | { readonly type: 'advance.released' }
  | { readonly type: 'instant.settled'; readonly session: string; readonly clockSeq: number }
  | { readonly type: 'pump.failed'; readonly reason: string }
  | { readonly type: 'epoch.durable'; readonly epoch: number }
  | { readonly type: 'epoch.notDurable'; readonly epoch: number; readonly reason: string }
  | { readonly type: 'heartbeat.due' }
  | { readonly type: 'chart.delayed'; readonly event: Message };
