import { direction } from '../../src/domain/instrument.ts';
import type { EpochMs, LotsE8, Minor } from '../../src/domain/units.ts';
import { epochMs, lotsE8, points } from '../../src/domain/units.ts';
import { assessChange, type ChangeInput } from '../../src/risk/change-verdict.ts';
import type { SymbolRisk } from '../../src/risk/exposure.ts';
import { advanceTo, applyDeal, openLedger } from '../../src/risk/ledger.ts';
import { restore, serialise } from '../../src/risk/ledger-codec.ts';
import type { LedgerState } from '../../src/risk/ledger-state.ts';
import { withChanges } from '../../src/risk/level-changes.ts';
import { ordersAtRisk } from '../../src/risk/reservations.ts';
import { DEFAULT_RISK_LIMITS } from '../../src/risk/risk-limits.ts';
import { assess } from '../../src/risk/verdict.ts';
import type { AssessInput, Reservation } from '../../src/risk/verdict-types.ts';
import { account, buySignal, deal, QUIET, usd } from './risk-fixtures.ts';
import type { Operation } from './risk-operations.ts';
import type { ModelOptions } from './risk-options.ts';
import { StopRequests } from './risk-stops.ts';
import { TrueFloors } from './risk-truth.ts';
import type { VenueOrder, VenuePosition } from './risk-venue.ts';
import { ENTRY_SLIPPAGE, INSTRUMENTS, JPY, ONE, SLIPPAGE, Venue } from './risk-venue.ts';

export class FloorBroken extends Error {
  override readonly name = 'FloorBroken';
}

const NIGHTS = 3;
const INITIAL = usd(100_000);

interface HeldOrder {
  readonly order: Reservation['order'];
  readonly magic: string;
}

/**
 * A guard beside a hostile broker. The guard knows only what has been reported to it, keeps its
 * reservations and its book over crashes, and asks the verdict before it opens anything; the model
 * throws as soon as the account is below a floor as the firm sees it.
 */
export class RiskModel {
  private readonly options: ModelOptions;
  private readonly venue: Venue;
  private readonly truth: TrueFloors;
  private now: EpochMs;
  private book: LedgerState;
  private held: HeldOrder[] = [];
  /** Reserved, journalled, and not sent yet. */
  private outbox: VenueOrder[] = [];
  private readonly stops: StopRequests;
  private seen: {
    positions: readonly VenuePosition[];
    orders: readonly VenueOrder[];
    balance: Minor;
  };
  private unreported: Parameters<typeof applyDeal>[1][] = [];
  private isLagging = false;
  private rollovers = 0;
  private ids = 0;
  accepted = 0;
  refused = 0;
  widened = 0;

  constructor(options: ModelOptions) {
    this.options = options;
    this.stops = new StopRequests(options.careless);
    this.now = epochMs(Date.parse(options.startIso));
    this.venue = new Venue(options.netting ?? false, (booked) => {
      this.unreported.push(deal({ ...booked, at: this.now }));
      this.check();
    });
    this.truth = new TrueFloors(options.ruleSet, INITIAL, this.now);
    this.book = this.opened();
    this.seen = { positions: [], orders: [], balance: this.venue.balance };
  }

  apply(operation: Operation): void {
    this.now = epochMs(Math.min(this.now + 1_000, this.truth.closesAt - 1));
    this.happen(operation);
    this.check();
    if (!this.isLagging) this.report();
  }

  private happen(operation: Operation): void {
    const { venue } = this;
    switch (operation.type) {
      case 'open':
        this.open(operation);
        return;
      case 'send': {
        const order = this.pick(this.outbox, operation.index);
        if (order !== undefined) this.send(order);
        return;
      }
      case 'land': {
        const order = this.pick(venue.orders, operation.index);
        if (order !== undefined) venue.land(order, operation.part);
        venue.settle(false, () => this.check());
        return;
      }
      case 'drop': {
        const order = this.pick(venue.orders, operation.index);
        if (order !== undefined) venue.replace(order, undefined);
        return;
      }
      case 'lose':
        this.lose(operation.index);
        return;
      case 'settle':
        this.settleReservation(operation.index);
        return;
      case 'move':
        venue.bids[operation.symbol] += operation.by;
        venue.spreads[operation.symbol] = operation.spread;
        this.check();
        venue.settle(operation.backwards, () => this.check());
        return;
      case 'close': {
        const position = this.pick(venue.positions, operation.index);
        if (position !== undefined) venue.close(position, venue.valued(position), operation.part);
        return;
      }
      case 'tighten':
        this.tighten(operation.index, operation.share);
        return;
      case 'widen':
        this.widen(operation.index, operation.by);
        return;
      case 'confirm':
        this.confirm(operation.index, operation.done);
        return;
      case 'rollover':
        // The verdict counts this many nights ahead; the theorem is about those.
        if (this.rollovers < NIGHTS) venue.rollover();
        this.rollovers += 1;
        return;
      case 'convert':
        venue.conversion = operation.end;
        return;
      case 'reset':
        this.reset(operation.observed);
        return;
      case 'lag':
        this.isLagging = operation.on;
        return;
      case 'crash':
        this.crash();
        return;
    }
  }

  private pick<T>(list: readonly T[], index: number): T | undefined {
    return list.length === 0 ? undefined : list[index % list.length];
  }

  private opened(): LedgerState {
    const { ruleSet } = this.options;
    const phase = ruleSet.phases[0]?.name ?? '';
    const { balance } = this.venue;
    return openLedger({ ruleSet, phase, initial: INITIAL, at: this.now, balance });
  }

  private symbols(): ReadonlyMap<string, SymbolRisk> {
    const { bids, spreads } = this.venue;
    return new Map(
      INSTRUMENTS.map((instrument, i) => {
        const bid = bids[i as 0 | 1];
        const risk: SymbolRisk = {
          instrument,
          bid: points(bid),
          ask: points(bid + spreads[i as 0 | 1]),
          quotedAt: this.now,
          sessionOpen: true,
          rate: i === 0 ? ONE : JPY,
          slippagePoints: SLIPPAGE,
          sizingSlippagePoints: SLIPPAGE,
          entrySlippagePoints: ENTRY_SLIPPAGE,
          nights: NIGHTS,
        };
        return [instrument.symbol, risk];
      }),
    );
  }

  private atRisk(): Pick<AssessInput, 'positions' | 'orders'> {
    const working = this.seen.orders
      .filter(({ listed }) => listed)
      .map((order) => ({ ...order, ticket: order.magic, price: order.entry }));
    const { positions } = this.seen;
    const orders = ordersAtRisk({ working, held: this.held, positions });
    return withChanges({ positions, orders }, this.stops.changes);
  }

  /** Everything that a verdict needs to know of the account as the guard sees it. */
  private account(): Omit<ChangeInput, 'change'> {
    const marginMode = this.options.netting === true ? 'netting' : 'hedging';
    const figures = { balance: this.seen.balance, equity: this.venue.equity() };
    return {
      at: this.now,
      mode: 'active',
      gateOpen: true,
      account: account({ ...figures, leverage: 2_000, marginMode }),
      ledger: this.book,
      limits: {
        ...DEFAULT_RISK_LIMITS,
        // One dollar: what rounding half a cent per partial close can add up to, and no more.
        floorBufferPpm: 10,
        maxTradeRiskPpm: 1_000_000,
        maxPositions: 100,
        maxPositionsPerSymbol: 100,
      },
      ...this.atRisk(),
      symbols: this.symbols(),
      context: QUIET,
    };
  }

  private inputFor(operation: Extract<Operation, { type: 'open' }>, volume: LotsE8): AssessInput {
    const instrument = INSTRUMENTS[operation.symbol];
    const bid = this.venue.bids[operation.symbol];
    const above = operation.side === 'buy' ? operation.kind === 'stop' : operation.kind === 'limit';
    const price = above ? bid + this.venue.spreads[operation.symbol] + 50 : bid - 50;
    return {
      ...this.account(),
      duplicate: false,
      order: {
        intentId: `i${this.ids}`,
        strategyId: `s${this.ids}`,
        symbol: instrument.symbol,
        signal: buySignal({
          side: operation.side,
          kind: operation.kind,
          stopDistance: points(operation.stop),
          ...(operation.kind === 'market' ? {} : { price: points(price) }),
          ...(this.options.targets ? { takeProfitDistance: points(operation.target) } : {}),
        }),
        sizing: { type: 'fixedLots', volumeE8: volume },
      },
    };
  }

  /** Takes what was asked for, or else the largest volume that the verdict says it would accept. */
  private open(operation: Extract<Operation, { type: 'open' }>): void {
    this.ids += 1;
    let verdict = assess(this.inputFor(operation, lotsE8(operation.lots * 1_000_000)));
    if (!verdict.ok && verdict.largestVolumeE8 > 0) {
      const largest = verdict.largestVolumeE8;
      verdict = assess(this.inputFor(operation, largest));
      if (!verdict.ok) throw new Error(`largest volume ${largest} refused: ${verdict.code}`);
      const step = INSTRUMENTS[operation.symbol].volumeStepE8;
      if (assess(this.inputFor(operation, lotsE8(largest + step))).ok) {
        throw new Error(`${largest} is not the largest volume`);
      }
    }
    if (!verdict.ok) {
      this.refused += 1;
      return;
    }
    this.accepted += 1;
    // Everything was counted with the nights ahead of this moment.
    this.rollovers = 0;
    const { order } = verdict.reservation;
    const magic = `m${this.ids}`;
    const careless = this.options.careless === 'sendsBeforeReserving';
    if (!careless) this.held.push({ order, magic });
    const pending = operation.kind !== 'market';
    const { symbol, side, volumeE8, stopLoss, takeProfit } = order;
    const venueOrder: VenueOrder = {
      ...{ magic, symbol, side, pending, listed: false, volumeE8, filledE8: lotsE8(0) },
      // The broker goes by its own quote, whatever the guard took for it.
      entry: pending ? order.entry : points(this.venue.quoteOf(operation.symbol, side)),
      stopLoss: stopLoss ?? points(0),
      ...(takeProfit === undefined ? {} : { takeProfit }),
    };
    this.outbox.push(venueOrder);
    if (operation.sent) this.send(venueOrder);
  }

  private send(order: VenueOrder): void {
    this.outbox = this.outbox.filter((other) => other !== order);
    this.venue.orders.push(order);
  }

  private lose(index: number): void {
    const found = this.pick(this.held, index);
    if (this.options.careless === 'releasesOnTimeout') {
      this.held = this.held.filter((other) => other !== found);
      return;
    }
    this.held = this.held.map((one) =>
      one === found ? { ...one, order: { ...one.order, status: 'unknown' } } : one,
    );
  }

  /** A reservation ends with evidence: nothing of the order is under way any more, and everything
   * that came of it has been reported. */
  private settleReservation(index: number): void {
    const found = this.pick(this.held, index);
    if (found === undefined || this.isLagging) return;
    const isAlive = [...this.venue.orders, ...this.outbox].some(
      ({ magic }) => magic === found.magic,
    );
    if (!isAlive) this.held = this.held.filter((other) => other !== found);
  }

  private tighten(index: number, share: number): void {
    const position = this.pick(this.seen.positions, index);
    const actual = this.venue.positions.find(({ ticket }) => ticket === position?.ticket);
    if (actual === undefined) return;
    const d = direction(actual.side);
    const room = d * (this.venue.valued(actual) - actual.stopLoss);
    if (room <= 20) return;
    const stop = points(actual.stopLoss + d * Math.floor((room - 10) * share));
    this.stops.tighten(actual, stop);
  }

  /** Asks for a wider stop, or for the widest that the verdict says it would grant. */
  private widen(index: number, by: number): void {
    const position = this.pick(this.seen.positions, index);
    // One change of a position at a time: the venue may still make the one before.
    if (position === undefined || this.stops.isAsked(position.ticket)) return;
    const { ticket, takeProfit, stopLoss } = position;
    const verdictOn = (stop: number) =>
      assessChange({
        ...this.account(),
        change: { what: 'position', ticket, stopLoss: points(stop), takeProfit },
      });
    const d = direction(position.side);
    let stop = stopLoss - d * by;
    let verdict = verdictOn(stop);
    if (!verdict.ok && verdict.widestStop !== null) {
      stop = verdict.widestStop;
      verdict = verdictOn(stop);
      if (!verdict.ok) throw new Error(`widest stop ${stop} refused: ${verdict.code}`);
      if (verdictOn(stop - d).ok) throw new Error(`${stop} is not the widest stop`);
    }
    if (!verdict.ok || stop === stopLoss) return;
    this.widened += 1;
    this.stops.widen(position, points(stop));
  }

  private confirm(index: number, done: boolean): void {
    const ticket = this.pick(this.stops.tickets, index);
    if (ticket === undefined) return;
    const stop = this.stops.end(ticket, done);
    if (!done || stop === undefined) return;
    const changed = this.venue.positions.find((position) => position.ticket === ticket);
    this.venue.positions = this.venue.positions.map((position) => {
      const same = this.options.netting === true && position.symbol === changed?.symbol;
      return position.ticket === ticket || same ? { ...position, stopLoss: stop } : position;
    });
    this.venue.settle(false, () => this.check());
  }

  private crash(): void {
    const { careless } = this.options;
    // What was not sent is gone; nobody can tell it from what was.
    this.outbox = [];
    this.held =
      careless === 'releasesAtRestart'
        ? []
        : this.held.map((one) => ({ ...one, order: { ...one.order, status: 'unknown' } }));
    this.book = careless === 'anchorsAnewAtRestart' ? this.opened() : restore(serialise(this.book));
    if (careless === 'anchorsAnewAtRestart') this.unreported = [];
    this.stops.restart();
    this.isLagging = false;
  }

  private reset(observed: boolean): void {
    this.check();
    this.now = this.truth.closesAt;
    this.truth.cross(this.venue.balance, this.venue.equity());
    if (!observed) {
      this.now = epochMs(this.now + 3_600_000);
      return;
    }
    // The guard's own timer: it anchors with what it has been told so far.
    const figures = { balance: this.seen.balance, equity: this.venue.equity() };
    this.book = advanceTo(this.book, this.now, figures).state;
  }

  /** The terminal tells everything that has happened, and the book follows. */
  private report(): void {
    const { positions, orders, balance } = this.venue;
    for (const booked of this.unreported.splice(0)) this.book = applyDeal(this.book, booked).state;
    this.seen = { positions, orders, balance };
    this.stops.shown(positions);
    this.book = advanceTo(this.book, this.now, { balance, equity: this.venue.equity() }).state;
  }

  private check(): void {
    const equity = this.venue.equity();
    this.truth.see(this.venue.balance, equity);
    const { floor } = this.truth;
    if (equity < floor) throw new FloorBroken(`equity ${equity} below ${floor}`);
  }
}
