import type { Tick } from '../../../domain/market.ts';
import type { BalanceOperationKind } from '../../../domain/trading.ts';
import type { EpochMs, Minor } from '../../../domain/units.ts';
import { epochMs, lotsE8, minor, points, ZERO_MINOR } from '../../../domain/units.ts';
import type { Desk } from './desk.ts';
import { accountOf, exitPrice } from './desk.ts';
import type { EngineEnvironment } from './environment.ts';
import { nextServerMidnight } from './environment.ts';
import { closeVolume } from './fills.ts';
import { applyQuote } from './fold.ts';
import { checkOrder, type OrderCheck } from './order-check.ts';
import { Pen } from './pen.ts';
import type {
  BrokerAccount,
  BrokerPosition,
  BrokerRecord,
  BrokerRequest,
  ClientReference,
  RequestBody,
  ScheduledOperation,
} from './records.ts';
import { executeRequest } from './requests.ts';
import { rollOver } from './rollover.ts';
import type { BrokerState } from './state.ts';
import { grantTakeProfit, runTriggers } from './triggers.ts';
import { Valuation } from './valuation.ts';

/**
 * The matching engine and account. It holds no clock and does no I/O: the host feeds ticks and
 * instants in time order, and takes the records of what happened with `drain`. Ticks of one instant
 * are applied before whatever is due at that instant, so "the quote prevailing then" is the last
 * one at or before it.
 */
export class Engine {
  readonly state: BrokerState;
  readonly #desk: Desk;
  readonly #valuation: Valuation;
  readonly #env: EngineEnvironment;
  readonly #pen: Pen;
  /** Earliest of what is due at an instant; undefined = unknown, recompute. */
  #dueCache: EpochMs | undefined;

  constructor(state: BrokerState, env: EngineEnvironment) {
    this.state = state;
    this.#env = env;
    this.#pen = new Pen(state);
    this.#desk = { state, env, emit: (record) => this.#emit(record) };
    this.#valuation = new Valuation(this.#desk);
  }

  #emit(record: BrokerRecord): void {
    this.#pen.write(record);
    this.#dueCache = undefined;
    this.#valuation.onRecord(record);
  }

  /** Opens the account: identity, seed, and the initial deposit as MT5 books it, a balance deal. */
  open(input: {
    readonly account: BrokerAccount;
    readonly balanceMinor: Minor;
    readonly seed: number;
    readonly at: EpochMs;
  }): void {
    const { account, seed, at } = input;
    const nextRolloverAt = nextServerMidnight(at, this.#env.serverOffsetMs);
    this.#emit({ type: 'opened', account, seed, at, nextRolloverAt });
    this.operate('balance', input.balanceMinor, 'initial deposit');
  }

  /** Money that moves without a trade; `balance`: a deposit (positive) or a withdrawal. */
  operate(operation: BalanceOperationKind, amountMinor: Minor, comment: string): void {
    const ticket = String(this.state.nextTicket);
    this.#emit({
      type: 'deal',
      deal: {
        ticket,
        intent: '',
        attempt: 0,
        orderTicket: '0',
        positionTicket: '0',
        symbol: '',
        side: 'buy',
        entry: 'balance',
        volumeE8: lotsE8(0),
        price: points(0),
        profitMinor: amountMinor,
        commissionMinor: ZERO_MINOR,
        swapMinor: ZERO_MINOR,
        magic: '0',
        reason: 'balance',
        operation,
        at: this.state.now,
        comment,
      },
    });
  }

  /** Takes a request now; it executes at now + latency. A known id is ignored. */
  submit(id: string, reference: ClientReference, body: RequestBody): void {
    if (this.state.requests.has(id)) return;
    const { intent, attempt } = reference;
    const receivedAt = this.state.now;
    const dueAt = epochMs(receivedAt + this.#env.latencyMs);
    const request: BrokerRequest = { id, intent, attempt, receivedAt, dueAt, body };
    this.#emit({ type: 'request.received', request });
  }

  /** One tick: quote, triggers, margin call and stop-out, worst equity. */
  tick(tick: Tick): void {
    const previous = this.state.quotes.get(tick.symbol);
    this.state.now = tick.at;
    this.state.position += 1;
    applyQuote(this.state, tick.symbol, { bid: tick.bid, ask: tick.ask, at: tick.at });
    this.#pen.quoted(tick.symbol);
    this.#valuation.onQuote(tick.symbol);
    runTriggers(this.#desk, tick, previous, () => this.#valuation.equity());
    this.#watchMargin();
    this.#watchWorst();
  }

  /** Earliest instant at which something happens without a tick. There always is a next midnight. */
  nextDue(): EpochMs {
    if (this.#dueCache === undefined) {
      const { nextRolloverAt } = this.state;
      const imminent = this.nextImminent();
      let due = imminent === undefined ? nextRolloverAt : Math.min(imminent, nextRolloverAt);
      for (const order of this.state.orders.values())
        if (order.expiresAt !== null) due = Math.min(due, order.expiresAt);
      const operation = this.#nextOperation();
      if (operation !== undefined) due = Math.min(due, Math.max(operation.at, this.state.now));
      this.#dueCache = epochMs(due);
    }
    return this.#dueCache;
  }

  /** Earliest execution that needs no further market: requests on their way, granted profits. */
  nextImminent(): EpochMs | undefined {
    let due = Number.POSITIVE_INFINITY;
    for (const request of this.state.requests.values()) due = Math.min(due, request.dueAt);
    for (const position of this.state.positions.values())
      if (position.takeProfitDueAt !== null) due = Math.min(due, position.takeProfitDueAt);
    return due === Number.POSITIVE_INFINITY ? undefined : epochMs(due);
  }

  /** Moves the clock to an instant and does what is due by then: expiries and swaps first, then
   * granted take-profits, then requests in the order they came. */
  runDue(at: EpochMs): void {
    this.state.now = at;
    for (const order of [...this.state.orders.values()])
      if (order.expiresAt !== null && order.expiresAt <= at)
        this.#emit({ type: 'order.done', order: { ...order, state: 'expired', doneAt: at } });
    while (this.state.nextRolloverAt <= at) rollOver(this.#desk);
    for (let next = this.#nextOperation(); next !== undefined && next.at <= at; ) {
      this.operate(next.kind, next.amountMinor, next.comment);
      next = this.#nextOperation();
    }
    for (const position of [...this.state.positions.values()])
      if (position.takeProfitDueAt !== null && position.takeProfitDueAt <= at)
        grantTakeProfit(this.#desk, position);
    for (const request of [...this.state.requests.values()]) {
      if (request.dueAt > at) continue;
      executeRequest(this.#desk, request, this.#valuation.equity());
    }
    this.#watchMargin();
    this.#watchWorst();
  }

  /** Records made since the last drain, closed by a cursor with the clock and changed quotes. */
  drain(): readonly BrokerRecord[] {
    return this.#pen.drain();
  }

  /** Moves the clock over an instant at which nothing is due. */
  moveTo(at: EpochMs): void {
    this.state.now = at;
  }

  /** What the server would say to an order now, and the margin that the account would have then. */
  check(order: Extract<RequestBody, { type: 'place' }>): OrderCheck {
    return checkOrder(this.#desk, this.#valuation.equity(), order);
  }

  /** Records so far, without ending them: what the host looks at to see whether anything happened. */
  pending(): readonly BrokerRecord[] {
    return this.#pen.pending();
  }

  equity(): Minor {
    return this.#valuation.equity();
  }

  margin(): Minor {
    return this.#valuation.margin();
  }

  /** Every deal of this entry but the first deposit was scheduled, in the order of the schedule. */
  #nextOperation(): ScheduledOperation | undefined {
    const { operations = [] } = this.#env;
    if (operations.length === 0) return undefined;
    return operations[this.state.deals.filter(({ entry }) => entry === 'balance').length - 1];
  }

  #watchWorst(): void {
    const equity = this.#valuation.equity();
    if (equity < this.state.worstMinor) this.state.worstMinor = minor(equity);
  }

  #watchMargin(): void {
    if (this.state.positions.size === 0 && !this.state.marginCall) return;
    const called =
      this.#valuation.margin() > 0n && this.#valuation.equity() <= this.#valuation.margin();
    if (called !== this.state.marginCall)
      this.#emit({ type: 'margin.call', active: called, at: this.state.now });
    while (this.#stoppedOut()) {
      const loser = this.#biggestLoser();
      if (loser === undefined) return;
      this.#stopOut(loser);
    }
  }

  #stoppedOut(): boolean {
    const margin = this.#valuation.margin();
    if (margin <= 0n) return false;
    const level = BigInt(Math.round(accountOf(this.#desk).stopOutLevelPercent * 100));
    return this.#valuation.equity() * 10_000n <= margin * level;
  }

  #biggestLoser(): BrokerPosition | undefined {
    let worst: BrokerPosition | undefined;
    for (const position of this.state.positions.values()) {
      if (!this.#env.isOpen(position.symbol, this.state.now)) continue;
      const loss = this.#valuation.floatingOf(position.ticket);
      if (worst === undefined || loss < this.#valuation.floatingOf(worst.ticket)) worst = position;
    }
    return worst;
  }

  #stopOut(position: BrokerPosition): void {
    const quote = this.state.quotes.get(position.symbol);
    if (quote === undefined) return;
    const level = accountOf(this.#desk).stopOutLevelPercent;
    closeVolume(this.#desk, {
      position,
      volumeE8: position.volumeE8,
      price: exitPrice(position.side, quote),
      reference: { intent: '', attempt: 0 },
      reason: 'stopOut',
      comment: `[so ${level}%]`,
    });
  }
}
