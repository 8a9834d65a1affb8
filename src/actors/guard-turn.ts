import type { Intent } from '../domain/intent.ts';
import type { Tick } from '../domain/market.ts';
import type { OpenSignal, Position } from '../domain/trading.ts';
import type { EntryBody } from '../journal/types.ts';
import type { TradingModeEvent } from '../machines/trading-mode.machine.ts';
import { floors } from '../risk/floors.ts';
import { advanceTo, countOrder, type LedgerUpdate } from '../risk/ledger.ts';
import type { DeskDeps } from './desk.ts';
import {
  anchorEntries,
  bookReport,
  bookSnapshot,
  headroomEvent,
  savedEntries,
} from './guard-book.ts';
import { cancelWorking } from './guard-cancelling.ts';
import { type ChangeRaised, changesWanted } from './guard-changes.ts';
import { beginClose, forgetClosed, settleClose } from './guard-closing.ts';
import { armTerminal } from './guard-floors.ts';
import {
  denialEntries,
  judge,
  namesOf,
  openIntent,
  refusalOf,
  safetySignal,
} from './guard-intents.ts';
import { commitEntries, probeJournal, probeLater } from './guard-journal.ts';
import { isNews, moveMode, type PermissionMessage, permissionEvent } from './guard-mode.ts';
import { showPositions } from './guard-positions.ts';
import { forgetIntents, heldIntents, markUnknown } from './guard-restore.ts';
import { type GuardOptions, type GuardState, ownerOf } from './guard-state.ts';
import { scheduleDay, scheduleSnapshot } from './guard-timers.ts';
import { observePath, watchTicks } from './guard-watch.ts';
import type { ActorContext } from './kernel/types.ts';
import type {
  ConnectionMessage,
  ExecutorMessage,
  GuardMessage,
  RecoveryMessage,
  Settlement,
  SignalRaised,
} from './messages.ts';

type Opening = SignalRaised & { readonly signal: OpenSignal };
/** One message's work. */
export class GuardTurn {
  readonly #deps: DeskDeps;
  readonly #options: GuardOptions;
  readonly #context: ActorContext<GuardMessage>;
  readonly #entries: EntryBody[] = [];
  #state: GuardState;

  constructor(
    deps: DeskDeps,
    options: GuardOptions,
    state: GuardState,
    context: ActorContext<GuardMessage>,
  ) {
    this.#deps = deps;
    this.#options = options;
    this.#state = state;
    this.#context = context;
  }

  run(message: GuardMessage): GuardState {
    this.#handle(message);
    commitEntries(this.#deps, this.#context, this.#entries.splice(0));
    return this.#state;
  }

  #handle(message: GuardMessage): void {
    switch (message.type) {
      case 'market.ticks':
        this.#watch(message.ticks);
        break;
      case 'market.ended':
        this.#save();
        break;
      case 'signal.raised':
        this.#decide(message);
        break;
      case 'trade.reported':
        this.#absorb(message);
        break;
      case 'order.settled':
        this.#settled(message.settlement);
        break;
      case 'order.unresolved':
        this.#state = markUnknown(this.#state, message.intentId);
        break;
      case 'recovery.balance':
        this.#balance(message);
        break;
      case 'positions.wanted':
        showPositions(this.#state, this.#options, this.#context, message.path);
        break;
      case 'close.retry':
        this.#retryClose(message.positionTicket, message.reason);
        break;
      case 'cancel.due':
        if (this.#state.mode.matches('locked')) this.#flattenAll();
        break;
      case 'naked.due':
        this.#closeNaked(message.positionTicket);
        break;
      case 'day.began':
        this.#beginDay();
        break;
      case 'snapshot.due':
        this.#save();
        scheduleSnapshot(this.#state, this.#options, this.#context);
        break;
      case 'orders.missing':
        this.#forget(message.intentIds);
        break;
      case 'journal.failed':
        this.#journalFailed(message.reason);
        break;
      case 'journal.probe':
        probeJournal(this.#deps, this.#context, message.reason);
        break;
      case 'journal.probed':
        this.#journalProbed(message.works, message.reason);
        break;
      case 'link.claimed':
      case 'journal.written':
        break;
      default:
        this.#changePermission(message);
        break;
    }
  }

  /** Whatever raises or clears a hold on opening. The gate is watched through its keeper's life. */
  #changePermission(message: PermissionMessage): void {
    if (message.type === 'gate.granted') {
      this.#context.monitor(this.#context.ref(this.#deps.paths.recovery), () => ({
        type: 'gate.revoked',
      }));
    }
    if (message.type === 'gate.granted' || message.type === 'gate.revoked') {
      this.#state = { ...this.#state, gateOpen: message.type === 'gate.granted' };
    }
    this.#mode(permissionEvent(message));
  }

  /** Nothing opens without a journal. That it failed is written down when it works again. */
  #journalFailed(reason: string): void {
    if (this.#state.mode.context.holds.includes('journal')) return;
    this.#mode({ type: 'hold.raised', hold: 'journal' });
    probeLater(this.#deps, this.#context, reason);
  }

  /** Facts of the time without it are lost to the journal: a reconciliation finds them again. */
  #journalProbed(works: boolean, reason: string): void {
    if (works) this.#tellConnection({ type: 'reconciliation.wanted' });
    else probeLater(this.#deps, this.#context, reason);
  }

  /** Admitted, and lost with a life of the executor before it was durable: never sent, or a close
   * that nobody can vouch for. Its headroom is free; its position is closed by another try. */
  #forget(intentIds: readonly string[]): void {
    const { state, unclosed } = forgetIntents(this.#state, intentIds);
    this.#state = state;
    for (const ticket of unclosed) this.#retryClose(ticket, 'the close before was lost');
  }

  #watch(ticks: readonly Tick[]): void {
    const { quotes, path } = watchTicks(this.#state, this.#options, ticks);
    this.#state = { ...this.#state, quotes };
    const { ledger, account } = this.#state;
    if (path === null || ledger === null || account === null) return;
    this.#state = { ...this.#state, equity: path.last.equity };
    this.#ledgerMoved(observePath(ledger, account.balance, path));
    const book = this.#state.ledger;
    if (book === null || this.#state.positions.size === 0) return;
    if (path.low.equity <= floors(book).max + this.#options.killBuffer) {
      if (this.#state.mode.matches('locked')) return;
      this.#note('error', 'floor.near', `equity fell to ${path.low.equity} minor units`);
      this.#mode({ type: 'floor.reached' });
    }
  }

  #decide(raised: SignalRaised): void {
    const { signal } = raised;
    if (signal.type === 'open') this.#open({ ...raised, signal });
    else this.#change({ ...raised, signal });
  }

  /** What reduces risk needs no permission; the rest was refused. Deciding it again is nothing new. */
  #change(raised: ChangeRaised): void {
    const { accountId, journal } = this.#deps;
    const names = namesOf(accountId, raised);
    const at = this.#context.now();
    const isKnown = (key: string): boolean => journal.reader().hasIntentKey(accountId, key);
    const changes = changesWanted(this.#state, this.#options, { raised, names, at, isKnown });
    this.#state = changes.state;
    this.#entries.push(...changes.entries);
    for (const intent of changes.intents) this.#admit(raised, names.signalId, intent, '0');
  }

  /** Check and reserve are one step: nothing else can happen between them. */
  #open(raised: Opening): void {
    const { accountId, journal } = this.#deps;
    const names = namesOf(accountId, raised);
    if (this.#state.held.has(names.intentId)) return;
    if (journal.reader().hasIntentKey(accountId, names.key)) return;
    const verdict = judge(this.#state, this.#options, raised, names);
    if (verdict === undefined || !verdict.ok) {
      this.#entries.push(...denialEntries(raised, names, refusalOf(verdict)));
      return;
    }
    const { opened, epoch, ledger } = this.#state;
    const sequence = opened + 1;
    const ttlMs = this.#options.intentTtlMs;
    const intent = openIntent({ raised, names, verdict, epoch, sequence, ttlMs });
    const held = { order: verdict.reservation.order, magic: intent.magic };
    this.#state = {
      ...this.#state,
      opened: sequence,
      held: new Map(this.#state.held).set(names.intentId, held),
      ledger: ledger === null ? null : countOrder(ledger),
    };
    this.#admit(raised, names.signalId, intent, verdict.reservation.worst.toString());
  }

  #admit(raised: SignalRaised, signalId: string, intent: Intent, reservedMinor: string): void {
    this.#tellExecutor({ type: 'intent.admitted', raised, signalId, intent, reservedMinor });
  }

  #close(position: Position, raised: SignalRaised, key: string, reason: string): void {
    const at = this.#context.now();
    const begun = beginClose(this.#state, { position, raised, key, reason, at });
    if (begun === undefined) return;
    this.#state = begun.state;
    this.#admit(raised, namesOf(this.#deps.accountId, raised).signalId, begun.intent, '0');
  }

  /** A close of our own making: a floor, a kill, a naked position. */
  #closeForSafety(position: Position, reason: string): void {
    const owner = ownerOf(this.#options, position.magic);
    const raised = safetySignal(position, owner, this.#context.now(), reason);
    this.#close(position, raised, namesOf(this.#deps.accountId, raised).key, reason);
  }

  #settled(settlement: Settlement): void {
    const held = new Map(this.#state.held);
    held.delete(settlement.intentId);
    const { state, retry } = settleClose({ ...this.#state, held }, settlement);
    this.#state = state;
    if (retry !== undefined) {
      this.#context.after(retry.delayMs, retry.message, { key: `close.${retry.ticket}` });
    }
    this.#checkHeadroom();
  }

  #retryClose(ticket: string, reason: string): void {
    const position = this.#state.positions.get(ticket);
    if (position !== undefined) this.#closeForSafety(position, reason);
  }

  #absorb(message: Extract<GuardMessage, { type: 'trade.reported' }>): void {
    const { state, update, mismatch } = bookReport(this.#state, message.report);
    this.#accountChanged(state, update, mismatch);
    if (mismatch !== undefined) this.#mode({ type: 'hold.raised', hold: 'ledger' });
  }

  /** Step 7 and 8 of a recovery: adopt what is there, compare to the cent. */
  #balance(message: Extract<GuardMessage, { type: 'recovery.balance' }>): void {
    const { snapshot, epoch } = message;
    const first = this.#state.ledger === null;
    const booked = bookSnapshot({ ...this.#state, epoch }, this.#options, snapshot);
    this.#accountChanged(booked.state, booked.update, booked.mismatch);
    scheduleDay(this.#state, this.#context);
    if (first) this.#entries.push(...anchorEntries(this.#state));
    const recovery = this.#context.ref<RecoveryMessage>(this.#deps.paths.recovery);
    if (booked.mismatch !== undefined) {
      this.#mode({ type: 'hold.raised', hold: 'ledger' });
      recovery.send({ type: 'guard.mismatch', detail: `mismatch: ${booked.mismatch}` });
      return;
    }
    for (const hold of ['ledger', 'journal']) this.#mode({ type: 'hold.cleared', hold });
    recovery.send({ type: 'guard.reconciled', actions: booked.actions });
    this.#tellExecutor({ type: 'orders.wanted', intentIds: heldIntents(this.#state) });
  }

  #accountChanged(state: GuardState, update: LedgerUpdate | null, mismatch?: string): void {
    const before = this.#state.positions;
    this.#state = state;
    if (update !== null) this.#ledgerMoved(update);
    if (mismatch !== undefined) this.#note('error', 'ledger.mismatch', mismatch);
    showPositions(state, this.#options, this.#context);
    for (const position of state.positions.values()) this.#watchStop(position, before);
    this.#state = forgetClosed(this.#state);
    // What was on its way when the account was locked may have become a position since.
    if (this.#state.mode.matches('locked')) this.#flattenAll();
    this.#save();
    scheduleSnapshot(this.#state, this.#options, this.#context);
    this.#checkHeadroom();
  }

  /** I4: a position of ours without a stop at the terminal is closed after T_naked. */
  #watchStop(position: Position, before: GuardState['positions']): void {
    if (position.stopLoss !== undefined || ownerOf(this.#options, position.magic) === undefined)
      return;
    if (before.get(position.ticket)?.stopLoss === undefined && before.has(position.ticket)) return;
    this.#context.after(
      this.#options.nakedMs,
      { type: 'naked.due', positionTicket: position.ticket },
      { key: `naked.${position.ticket}` },
    );
  }

  #closeNaked(ticket: string): void {
    const position = this.#state.positions.get(ticket);
    if (position === undefined || position.stopLoss !== undefined) return;
    this.#note('error', 'position.naked', `${ticket} has no stop; closing it`);
    this.#closeForSafety(position, 'no stop at the terminal');
  }

  #ledgerMoved(update: LedgerUpdate): void {
    this.#state = { ...this.#state, ledger: update.state };
    for (const { date, anchor, source } of update.anchored) {
      const anchorMinor = anchor.toString();
      this.#entries.push({ kind: 'day.anchored', day: date, anchorMinor, source });
    }
    if (update.anchored.length > 0) {
      scheduleDay(this.#state, this.#context);
      this.#arm();
      this.#save();
    }
    for (const { rule, floor } of update.breaches) {
      const breachNoted = `${rule} ${update.state.day.date}`;
      if (this.#state.breachNoted === breachNoted) continue;
      this.#state = { ...this.#state, breachNoted };
      this.#note('error', 'floor.breached', `${rule} floor ${floor}`);
      this.#mode({ type: 'floor.reached' });
    }
  }

  #beginDay(): void {
    const { ledger, account, equity } = this.#state;
    if (ledger === null || account === null) return;
    const figures = { balance: account.balance, equity: equity ?? account.equity };
    this.#ledgerMoved(advanceTo(ledger, this.#context.now(), figures));
    scheduleDay(this.#state, this.#context);
  }

  /** The terminal holds the floors too, and acts on them when we are gone. */
  #arm(): void {
    const { ledger } = this.#state;
    if (ledger === null) return;
    this.#tellConnection(armTerminal(ledger, this.#options, this.#context.now()));
  }

  #checkHeadroom(): void {
    this.#arm();
    const event = headroomEvent(this.#state, this.#options, this.#context.now());
    if (event !== undefined) this.#mode(event);
  }

  #mode(event: TradingModeEvent): void {
    const { clock } = this.#deps;
    const moved = moveMode(this.#state.mode, event, this.#context, clock);
    this.#state = { ...this.#state, mode: moved.mode };
    if (!isNews(moved, event)) return;
    const { from, to } = moved;
    this.#entries.push({ kind: 'mode.changed', from, to, reason: moved.mode.context.reason });
    this.#tellExecutor({ type: 'mode.changed', mayOpen: moved.mode.hasTag('mayOpen') });
    if (moved.flatten) this.#flattenAll();
    if (to === 'active') this.#checkHeadroom();
  }

  #flattenAll(): void {
    const { mode, positions, closing } = this.#state;
    cancelWorking(this.#state, this.#context, this.#deps.paths.connection);
    for (const position of positions.values()) {
      if (!closing.has(position.ticket)) this.#closeForSafety(position, mode.context.reason);
    }
  }

  #save(): void {
    this.#entries.push(...savedEntries(this.#state));
  }

  #note(severity: 'info' | 'warning' | 'error', code: string, detail: string): void {
    this.#entries.push({ kind: 'event', severity, code, detail, path: this.#context.path });
  }

  #tellConnection(message: ConnectionMessage): void {
    this.#context.ref<ConnectionMessage>(this.#deps.paths.connection).send(message);
  }

  #tellExecutor(message: ExecutorMessage): void {
    this.#context.ref<ExecutorMessage>(this.#deps.paths.executor).send(message);
  }
}
