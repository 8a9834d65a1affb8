import type { Tick } from '../../domain/market.ts';
import type { OpenSignal } from '../../domain/trading.ts';
import { lotsE8 } from '../../domain/units.ts';
import type { FlattenEvent } from '../../machines/flatten.machine.ts';
import { floors } from '../../risk/floors.ts';
import { advanceTo, countOrder, countRequest, type LedgerUpdate } from '../../risk/ledger.ts';
import type { Verdict } from '../../risk/verdict-types.ts';
import type {
  GuardMessage,
  RecoveryMessage,
  Settlement,
  SignalRaised,
  TradeReport,
} from '../messages.ts';
import { anchorEntries, type Booked, bookReport, bookSnapshot } from './guard-book.ts';
import { forgetCancels } from './guard-cancelling.ts';
import { type ChangeRaised, changesWanted } from './guard-changes.ts';
import { forgetClosed, settleClose } from './guard-closing.ts';
import { lockFailed, recordAgain, takeOffOrders, tellEvaluation } from './guard-evaluation.ts';
import { obeyEvaluation } from './guard-evaluation-orders.ts';
import { holdByPositions } from './guard-external.ts';
import { moveFlatten, orderFlatten, tellBook, tellSnapshot } from './guard-flatten.ts';
import { denialEntries, judge, namesOf, openIntent, refusalOf } from './guard-intents.ts';
import { commitWork, probeJournal } from './guard-journal.ts';
import { obeyOperator } from './guard-operator.ts';
import {
  arm,
  changeMode,
  changePermission,
  checkHeadroom,
  clearHolds,
  journalFailed,
  journalProbed,
  shutGate,
} from './guard-permission.ts';
import { showPositions } from './guard-positions.ts';
import { heldIntents, markUnknown } from './guard-restore.ts';
import { answerRetry } from './guard-retries.ts';
import { closeNaked, forgetLost, retryClose, watchStop } from './guard-safety.ts';
import { watchSoftLimits } from './guard-soft-limits.ts';
import type { GuardState } from './guard-state.ts';
import { differences } from './guard-survey.ts';
import { closeBeforeDeadline, scheduleFlat, scheduleSweep, sweep } from './guard-sweep.ts';
import { scheduleDay, scheduleSnapshot } from './guard-timers.ts';
import { observePath, watchTicks } from './guard-watch.ts';
import { forgetWidenings, settleWidening } from './guard-widening.ts';
import type { GuardWork } from './guard-work.ts';

type Opening = SignalRaised & { readonly signal: OpenSignal };

/** One message, through the part of the guard that it belongs to. */
export const guardTurn = (work: GuardWork, message: GuardMessage): GuardState => {
  const handle = HANDLERS[message.type] as (work: GuardWork, message: GuardMessage) => void;
  handle(work, message);
  commitWork(work);
  return work.state;
};

type MessageOf<Type extends GuardMessage['type']> = Extract<GuardMessage, { readonly type: Type }>;
type Handlers = {
  readonly [Type in GuardMessage['type']]: (work: GuardWork, message: MessageOf<Type>) => void;
};

const HANDLERS: Handlers = {
  'market.ticks': (work, { ticks }) => watch(work, ticks),
  'market.ended': (work) => work.save(),
  'signal.raised': (work, raised) => decide(work, raised),
  'trade.reported': (work, { report }) => absorb(work, report),
  'order.settled': (work, { settlement }) => settled(work, settlement),
  'order.unresolved': (work, { intentId }) => {
    work.state = markUnknown(work.state, intentId);
  },
  'recovery.balance': (work, message) => balance(work, message),
  'recovery.compare': ({ state, deps, context }, { snapshot }) =>
    context.ref<RecoveryMessage>(deps.paths.recovery).send({
      type: 'guard.compared',
      differences: differences(state, snapshot),
    }),
  'positions.wanted': ({ state, options, context }, { path }) =>
    showPositions(state, options, context, path),
  'close.retry': (work, { positionTicket, reason }) => retryClose(work, positionTicket, reason),
  'flatten.delayed': (work, { event }) => moveFlatten(work, event as FlattenEvent),
  'retry.wanted': (work, { intent }) => {
    const { state, options, context } = work;
    const retry = answerRetry(state, options, intent, context.now());
    work.state = retry.state;
    work.tellExecutor(retry.answer);
  },
  'naked.due': (work, { positionTicket }) => closeNaked(work, positionTicket),
  'day.began': (work) => beginDay(work),
  'sweep.due': sweep,
  'flat.due': closeBeforeDeadline,
  'snapshot.due': (work) => {
    work.save();
    scheduleSnapshot(work.state, work.options, work.context);
  },
  'orders.missing': (work, { intentIds }) => forgetLost(work, intentIds),
  'journal.failed': (work, { reason }) => journalFailed(work, reason),
  'journal.probe': ({ deps, context }, { reason }) => probeJournal(deps, context, reason),
  'journal.probed': (work, { works, reason }) => {
    if (works) recordAgain(work);
    journalProbed(work, works, reason);
  },
  'request.left': (work) => {
    const { ledger } = work.state;
    if (ledger !== null) work.state = { ...work.state, ledger: countRequest(ledger) };
  },
  'journal.written': () => undefined,
  'link.claimed': () => undefined,
  'link.live': changePermission,
  'link.lost': changePermission,
  'gate.granted': changePermission,
  'gate.revoked': changePermission,
  'terminalGuard.tripped': changePermission,
  'venue.disabled': changePermission,
  'condition.raised': changePermission,
  'condition.cleared': changePermission,
  'breaker.moved': (work, { open: breakerOpen }) => {
    work.state = { ...work.state, breakerOpen };
  },
  'calendar.read': (work, { calendar }) => {
    work.state = { ...work.state, calendar };
    scheduleFlat(work);
  },
  'operator.halt': obeyOperator,
  'operator.resume': obeyOperator,
  'operator.flatten': obeyOperator,
  'operator.kill': obeyOperator,
  'operator.rearm': obeyOperator,
  'operator.startEvaluation': obeyEvaluation,
  'operator.bindEvaluation': obeyEvaluation,
};

const watch = (work: GuardWork, ticks: readonly Tick[]): void => {
  const { quotes, path } = watchTicks(work.state, work.options, ticks);
  const isNew = quotes.size > work.state.quotes.size;
  work.state = { ...work.state, quotes };
  // After a start nothing could be valued before: what is open may use more than it seemed.
  if (isNew && work.state.positions.size > 0) checkHeadroom(work);
  const { ledger, account } = work.state;
  if (path === null || ledger === null || account === null) return;
  work.state = { ...work.state, equity: path.last.equity };
  ledgerMoved(work, observePath(ledger, account.balance, path));
  const book = work.state.ledger;
  // What was lowest before a reset is measured by the day that is over.
  const isToday = book !== null && path.low.at >= book.day.opensAt;
  watchSoftLimits(work, isToday ? path.low.equity : path.last.equity);
  if (book === null || work.state.positions.size === 0) return;
  if (path.low.equity <= floors(book).max + work.options.killBuffer) {
    if (work.state.mode.matches('locked')) return;
    work.note('error', 'floor.near', `equity fell to ${path.low.equity} minor units`);
    changeMode(work, { type: 'floor.reached' });
  }
};

const decide = (work: GuardWork, raised: SignalRaised): void => {
  const { signal } = raised;
  if (signal.type === 'open') open(work, { ...raised, signal });
  else change(work, { ...raised, signal });
};

/** What reduces risk needs no permission; the rest was refused. Deciding it again is nothing new. */
const change = (work: GuardWork, raised: ChangeRaised): void => {
  const { accountId, journal } = work.deps;
  const names = namesOf(accountId, raised);
  const at = work.context.now();
  const isKnown = (key: string): boolean => journal.reader().hasIntentKey(accountId, key);
  const changes = changesWanted(work.state, work.options, { raised, names, at, isKnown });
  work.state = changes.state;
  work.entries.push(...changes.entries);
  if (changes.refusal !== undefined) noteRefusal(work, raised, changes.refusal);
  for (const intent of changes.intents) {
    const reserved = changes.reserved?.get(intent.intentId) ?? 0n;
    work.admit(raised, names.signalId, intent, reserved.toString());
  }
};

/** Check and reserve are one step: nothing else can happen between them. */
const open = (work: GuardWork, raised: Opening): void => {
  const { accountId, journal } = work.deps;
  const { options } = work;
  const names = namesOf(accountId, raised);
  if (work.state.held.has(names.intentId)) return;
  if (journal.reader().hasIntentKey(accountId, names.key)) return;
  if (work.state.breakerOpen) {
    const detail = 'requests on this link fail; it is tried again after a pause';
    deny(work, raised, {
      ok: false,
      code: 'BREAKER_OPEN',
      detail,
      numbers: {},
      largestVolumeE8: lotsE8(0),
    });
    return;
  }
  const verdict = judge(work.state, options, raised, names);
  if (verdict === undefined || !verdict.ok) {
    deny(work, raised, verdict);
    return;
  }
  const { opened, epoch, ledger } = work.state;
  const sequence = opened + 1;
  const { intentTtlMs: ttlMs } = options;
  const intent = openIntent({ raised, names, verdict, epoch, sequence, ttlMs });
  const held = { order: verdict.reservation.order, magic: intent.magic };
  work.state = {
    ...work.state,
    opened: sequence,
    held: new Map(work.state.held).set(names.intentId, held),
    ledger: ledger === null ? null : countOrder(ledger),
  };
  work.admit(raised, names.signalId, intent, verdict.reservation.worst.toString());
};

const deny = (
  work: GuardWork,
  raised: Opening,
  verdict: Extract<Verdict, { ok: false }> | undefined,
): void => {
  const refusal = refusalOf(verdict);
  work.entries.push(...denialEntries(raised, namesOf(work.deps.accountId, raised), refusal));
  noteRefusal(work, raised, refusal);
};

const noteRefusal = (
  work: GuardWork,
  { at, strategy }: SignalRaised,
  { code, detail }: { readonly code: string; readonly detail: string },
): void => {
  const refusals = new Map(work.state.refusals);
  work.state = { ...work.state, refusals: refusals.set(strategy.id, { at, code, detail }) };
};

const settled = (work: GuardWork, settlement: Settlement): void => {
  const held = new Map(work.state.held);
  held.delete(settlement.intentId);
  const widened = settleWidening({ ...work.state, held }, settlement);
  const { state, retry } = settleClose(widened, settlement);
  work.state = state;
  forgetCancels(work, settlement.intentId);
  if (retry !== undefined) {
    work.context.after(retry.delayMs, retry.message, { key: `close.${retry.ticket}` });
  }
  checkHeadroom(work);
};

/** A report shows the account as it is when the report is made, which may be after deals that it does
 * not tell yet, as when two stops are hit at once: nothing opens until both sides are compared. */
const absorb = (work: GuardWork, report: TradeReport): void => {
  const booked = bookReport(work.state, report);
  accountChanged(work, booked);
  tellBook(work);
  if (booked.mismatch === undefined || !work.state.gateOpen) return;
  work.note('info', 'ledger.ahead', `${booked.mismatch}: comparing both sides`);
  shutGate(work);
};

/** Step 7 and 8 of a recovery: adopt what is there, compare to the cent. */
const balance = (work: GuardWork, { snapshot, epoch }: MessageOf<'recovery.balance'>): void => {
  const first = work.state.ledger === null;
  const booked = bookSnapshot({ ...work.state, epoch }, work.options, snapshot);
  accountChanged(work, booked);
  // A lock from before flatten was journalled, or one whose flatten never began.
  if (work.state.mode.matches('locked') && work.state.flatten.matches('idle')) {
    orderFlatten(work, work.state.mode.context.reason);
  }
  tellSnapshot(work, snapshot);
  scheduleDay(work.state, work.context);
  if (first) work.entries.push(...anchorEntries(work.state));
  const recovery = work.context.ref<RecoveryMessage>(work.deps.paths.recovery);
  if (booked.mismatch !== undefined) {
    work.note('error', 'ledger.mismatch', booked.mismatch);
    changeMode(work, { type: 'hold.raised', hold: 'ledger' });
    recovery.send({ type: 'guard.mismatch', detail: `mismatch: ${booked.mismatch}` });
    return;
  }
  clearHolds(work);
  recovery.send({ type: 'guard.reconciled', actions: booked.actions });
  work.tellExecutor({ type: 'orders.wanted', intentIds: heldIntents(work.state) });
};

const accountChanged = (work: GuardWork, { state, update, withdrawals }: Booked): void => {
  const { positions: before } = work.state;
  work.state = state;
  if (update !== null) ledgerMoved(work, update, withdrawals);
  takeOffOrders(work);
  showPositions(state, work.options, work.context);
  for (const position of state.positions.values()) watchStop(work, position, before);
  work.state = forgetWidenings(forgetClosed(work.state));
  forgetCancels(work);
  holdByPositions(work);
  work.save();
  scheduleSnapshot(work.state, work.options, work.context);
  scheduleSweep(work);
  scheduleFlat(work);
  watchSoftLimits(work, state.equity);
  checkHeadroom(work);
};

const ledgerMoved = (
  work: GuardWork,
  update: LedgerUpdate,
  withdrawals: Booked['withdrawals'] = [],
): void => {
  const { evaluation } = work.state;
  work.state = { ...work.state, ledger: update.state };
  tellEvaluation(work, update, withdrawals);
  for (const { date, anchor, source } of update.anchored) {
    const anchorMinor = anchor.toString();
    work.entries.push({ kind: 'day.anchored', day: date, anchorMinor, source });
  }
  if (update.anchored.length > 0) {
    scheduleDay(work.state, work.context);
    arm(work);
    work.save();
  }
  for (const { rule, floor } of update.breaches) {
    const breachNoted = `${rule} ${update.state.day.date}`;
    if (work.state.breachNoted === breachNoted) continue;
    work.state = { ...work.state, breachNoted };
    work.note('error', 'floor.breached', `${rule} floor ${floor}`);
    changeMode(work, { type: 'floor.reached' });
  }
  lockFailed(work, evaluation);
};

const beginDay = (work: GuardWork): void => {
  const { ledger, account, equity } = work.state;
  if (ledger === null || account === null) return;
  const now = work.context.now();
  const figures = { balance: account.balance, equity: equity ?? account.equity };
  ledgerMoved(work, advanceTo(ledger, now, figures));
  watchSoftLimits(work, equity);
  scheduleDay(work.state, work.context);
  scheduleSweep(work);
};
