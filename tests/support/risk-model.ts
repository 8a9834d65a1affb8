import type { Instrument, Rate } from '../../src/domain/instrument.ts';
import {
  commissionMinor,
  direction,
  floorToStep,
  profitMinor,
} from '../../src/domain/instrument.ts';
import type { EpochMs, LotsE8, Minor, Points } from '../../src/domain/units.ts';
import { epochMs, lotsE8, minor, points } from '../../src/domain/units.ts';
import type { RateBand } from '../../src/risk/exact.ts';
import type { OpenRisk, OrderRisk, SymbolRisk } from '../../src/risk/exposure.ts';
import { floors } from '../../src/risk/floors.ts';
import type { LedgerUpdate } from '../../src/risk/ledger.ts';
import { advanceTo, applyDeal, openLedger } from '../../src/risk/ledger.ts';
import { restore, serialise } from '../../src/risk/ledger-codec.ts';
import type { LedgerState } from '../../src/risk/ledger-state.ts';
import { DEFAULT_RISK_LIMITS } from '../../src/risk/risk-limits.ts';
import type { RuleSet } from '../../src/risk/rule-set.ts';
import { assess } from '../../src/risk/verdict.ts';
import type { AssessInput } from '../../src/risk/verdict-types.ts';
import { account, buySignal, deal, EURUSD, QUIET, usd } from './risk-fixtures.ts';
import type { Operation } from './risk-operations.ts';

export class FloorBroken extends Error {}

const USDJPY: Instrument = {
  ...EURUSD,
  symbol: 'USDJPY',
  digits: 3,
  baseCurrency: 'USD',
  quoteCurrency: 'JPY',
  swapLongPoints: 6,
  swapShortPoints: -14.5,
};
const INSTRUMENTS = [EURUSD, USDJPY] as const;
const NIGHTS = 3;
const SLIPPAGE = points(60);
const ENTRY_SLIPPAGE = points(15);
const JPY: RateBand = { low: { num: 1n, den: 155n }, high: { num: 1n, den: 145n } };
const ONE: RateBand = { low: { num: 1n, den: 1n }, high: { num: 1n, den: 1n } };

interface Held extends OpenRisk {
  readonly orderId: string;
}

export interface ModelOptions {
  readonly ruleSet: RuleSet;
  readonly startIso: string;
  /** Always set a take-profit: floors that follow equity have no bound without. */
  readonly targets: boolean;
  /** What the verdict is shown instead of the truth: proves that the model can hurt. */
  readonly blind?: (input: AssessInput) => AssessInput;
}

/**
 * A hostile market and broker around the verdict: every stop fills as badly as the allowance
 * permits, entries slip, orders fill when it hurts, winners close just before a reset. It promises
 * only what the theorem presumes, and throws as soon as equity is below a floor.
 */
export class RiskModel {
  private readonly options: ModelOptions;
  private ledger: LedgerState;
  private balance: Minor = usd(100_000);
  private positions: Held[] = [];
  private orders: OrderRisk[] = [];
  private readonly bids: [number, number] = [110_000, 150_000];
  private readonly spreads: [number, number] = [10, 12];
  private conversion: 'low' | 'high' = 'low';
  private now: EpochMs;
  private rollovers = 0;
  private ids = 0;
  accepted = 0;
  refused = 0;

  constructor(options: ModelOptions) {
    this.options = options;
    this.now = epochMs(Date.parse(options.startIso));
    const { ruleSet } = options;
    const at = this.now;
    this.ledger = openLedger({
      ruleSet,
      phase: 'challenge',
      initial: usd(100_000),
      at,
      balance: this.balance,
    });
  }

  apply(operation: Operation): void {
    this.now = epochMs(Math.min(this.now + 1_000, this.ledger.day.closesAt - 1));
    switch (operation.type) {
      case 'open':
        this.open(operation);
        return;
      case 'fill':
        this.fill(operation.index, operation.part);
        return;
      case 'drop': {
        const order = this.pick(this.orders, operation.index);
        this.orders = this.orders.filter((other) => other !== order);
        return;
      }
      case 'lose': {
        const order = this.pick(this.orders, operation.index);
        this.orders = this.orders.map((o) => (o === order ? { ...o, status: 'unknown' } : o));
        return;
      }
      case 'move':
        this.bids[operation.symbol] += operation.by;
        this.spreads[operation.symbol] = operation.spread;
        this.settle(operation.backwards);
        return;
      case 'close': {
        const held = this.pick(this.positions, operation.index);
        if (held !== undefined) this.close(held, this.valued(held), operation.part);
        return;
      }
      case 'tighten':
        this.tighten(operation.index, operation.share);
        return;
      case 'confirm':
        this.confirm(operation.index, operation.done);
        return;
      case 'rollover':
        this.rollover();
        return;
      case 'convert':
        this.conversion = operation.end;
        this.check();
        return;
      case 'reset':
        this.reset(operation.observed);
        return;
      case 'restart':
        this.ledger = restore(serialise(this.ledger));
        return;
    }
  }

  private pick<T>(list: readonly T[], index: number): T | undefined {
    return list.length === 0 ? undefined : list[index % list.length];
  }

  private symbolIndex(symbol: string): 0 | 1 {
    return symbol === 'EURUSD' ? 0 : 1;
  }

  private rateOf(symbol: string): Rate {
    return (this.symbolIndex(symbol) === 0 ? ONE : JPY)[this.conversion];
  }

  private symbols(): ReadonlyMap<string, SymbolRisk> {
    return new Map(
      INSTRUMENTS.map((instrument, i) => {
        const bid = this.bids[i as 0 | 1];
        const risk: SymbolRisk = {
          instrument,
          bid: points(bid),
          ask: points(bid + this.spreads[i as 0 | 1]),
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

  private inputFor(operation: Extract<Operation, { type: 'open' }>, volume: LotsE8): AssessInput {
    const instrument = INSTRUMENTS[operation.symbol];
    const bid = this.bids[operation.symbol];
    const above = operation.side === 'buy' ? operation.kind === 'stop' : operation.kind === 'limit';
    const price = above ? bid + this.spreads[operation.symbol] + 50 : bid - 50;
    const input: AssessInput = {
      at: this.now,
      mode: 'active',
      gateOpen: true,
      duplicate: false,
      account: account({ balance: this.balance, equity: this.equity(), leverage: 2_000 }),
      ledger: this.ledger,
      limits: {
        ...DEFAULT_RISK_LIMITS,
        // One dollar: what rounding half a cent per partial close can add up to, and no more.
        floorBufferPpm: 10,
        maxTradeRiskPpm: 1_000_000,
        maxPositions: 100,
        maxPositionsPerSymbol: 100,
      },
      positions: this.positions,
      orders: this.orders,
      symbols: this.symbols(),
      context: QUIET,
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
    return this.options.blind?.(input) ?? input;
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
    this.orders.push(verdict.reservation.order);
  }

  private fill(index: number, part: 1 | 2): void {
    const order = this.pick(this.orders, index);
    if (order?.stopLoss === undefined) return;
    const instrument = INSTRUMENTS[this.symbolIndex(order.symbol)];
    const half = floorToStep(instrument, order.volumeE8 / 2);
    const volumeE8 = part === 2 && half > 0 ? half : order.volumeE8;
    const rest = lotsE8(order.volumeE8 - volumeE8);
    this.orders = this.orders.flatMap((other) =>
      other !== order ? [other] : rest > 0 ? [{ ...other, volumeE8: rest }] : [],
    );
    this.ids += 1;
    this.positions.push({
      ticket: `p${this.ids}`,
      orderId: order.id,
      symbol: order.symbol,
      side: order.side,
      volumeE8,
      open: points(order.entry + direction(order.side) * ENTRY_SLIPPAGE),
      stopLoss: order.stopLoss,
      ...(order.takeProfit === undefined ? {} : { takeProfit: order.takeProfit }),
      swap: usd(0),
    });
    this.book(usd(0), usd(0), instrument, volumeE8, 'in');
    this.settle(false);
  }

  private book(
    profit: Minor,
    swap: Minor,
    instrument: Instrument,
    volumeE8: LotsE8,
    entry: 'in' | 'out',
  ): void {
    const commission = minor(-commissionMinor(instrument, volumeE8));
    const booked = deal({ at: this.now, entry, profit, swap, commission, volumeE8 });
    this.balance = minor(this.balance + profit + swap + commission);
    this.observe(applyDeal(this.ledger, booked));
  }

  /** Exit price now, never beyond what stop (with its slippage) and target let it reach. */
  private valued(held: Held): Points {
    const i = this.symbolIndex(held.symbol);
    const d = direction(held.side);
    const exit = held.side === 'buy' ? this.bids[i] : this.bids[i] + this.spreads[i];
    const worst = (held.stopLoss ?? 0) - d * SLIPPAGE;
    const floored = d * (exit - worst) < 0 ? worst : exit;
    if (held.takeProfit === undefined) return points(floored);
    return points(d * (floored - held.takeProfit) > 0 ? held.takeProfit : floored);
  }

  private profit(held: Held, close: Points, volumeE8: LotsE8): Minor {
    const instrument = INSTRUMENTS[this.symbolIndex(held.symbol)];
    const rate = this.rateOf(held.symbol);
    const { side, open } = held;
    return profitMinor({ instrument, side, open, close, volumeE8, rate, accountDigits: 2 });
  }

  private equity(): Minor {
    let sum: bigint = this.balance;
    for (const held of this.positions) {
      sum += this.profit(held, this.valued(held), held.volumeE8) + held.swap;
    }
    return minor(sum);
  }

  private close(held: Held, price: Points, part: 1 | 2): void {
    const instrument = INSTRUMENTS[this.symbolIndex(held.symbol)];
    const half = floorToStep(instrument, held.volumeE8 / 2);
    const volumeE8 = part === 2 && half > 0 ? half : held.volumeE8;
    const rest = lotsE8(held.volumeE8 - volumeE8);
    const profit = this.profit(held, price, volumeE8);
    // The whole swap goes with the first part: the worst that a broker can do with it.
    this.positions = this.positions.flatMap((other) =>
      other !== held ? [other] : rest > 0 ? [{ ...other, volumeE8: rest, swap: usd(0) }] : [],
    );
    this.book(profit, held.swap, instrument, volumeE8, 'out');
    this.check();
  }

  /** Stops and targets that the market has reached, in the order that the adversary likes. */
  private settle(backwards: boolean): void {
    this.check();
    const reached = this.positions.filter((held) => {
      const i = this.symbolIndex(held.symbol);
      const d = direction(held.side);
      const exit = held.side === 'buy' ? this.bids[i] : this.bids[i] + this.spreads[i];
      const stopped = held.stopLoss !== undefined && d * (exit - held.stopLoss) <= 0;
      const taken = held.takeProfit !== undefined && d * (exit - held.takeProfit) >= 0;
      return stopped || taken;
    });
    for (const held of backwards ? reached.reverse() : reached) {
      const i = this.symbolIndex(held.symbol);
      const d = direction(held.side);
      const exit = held.side === 'buy' ? this.bids[i] : this.bids[i] + this.spreads[i];
      const stopped = held.stopLoss !== undefined && d * (exit - held.stopLoss) <= 0;
      const price = stopped ? (held.stopLoss ?? 0) - d * SLIPPAGE : (held.takeProfit ?? 0);
      this.close(held, points(price), 1);
    }
  }

  private tighten(index: number, share: number): void {
    const held = this.pick(this.positions, index);
    if (held?.stopLoss === undefined) return;
    const d = direction(held.side);
    const room = d * (this.valued(held) - held.stopLoss);
    if (room <= 20) return;
    const stop = points(held.stopLoss + d * Math.floor((room - 10) * share));
    const changed = { ...held, unconfirmedStops: [stop] };
    this.positions = this.positions.map((other) => (other === held ? changed : other));
  }

  private confirm(index: number, done: boolean): void {
    const held = this.pick(this.positions, index);
    const [stop] = held?.unconfirmedStops ?? [];
    if (held === undefined || stop === undefined) return;
    const { unconfirmedStops: _, ...settled } = held;
    const changed = done ? { ...settled, stopLoss: stop } : settled;
    this.positions = this.positions.map((other) => (other === held ? changed : other));
    this.settle(false);
  }

  private rollover(): void {
    // The verdict counts this many nights ahead; the theorem is about those.
    if (this.rollovers >= NIGHTS) return;
    this.rollovers += 1;
    this.positions = this.positions.map((held) => {
      const instrument = INSTRUMENTS[this.symbolIndex(held.symbol)];
      const { swapLongPoints, swapShortPoints, digits } = instrument;
      const nightly = held.side === 'buy' ? swapLongPoints : swapShortPoints;
      const rate = this.rateOf(held.symbol);
      const swap = profitMinor({
        instrument: { ...instrument, digits: digits + 1 },
        side: 'buy',
        open: points(0),
        close: points(Math.round(nightly * 10)),
        volumeE8: held.volumeE8,
        rate,
        accountDigits: 2,
      });
      return { ...held, swap: minor(held.swap + swap) };
    });
    this.check();
  }

  private reset(observed: boolean): void {
    this.now = epochMs(this.ledger.day.closesAt + (observed ? 0 : 3_600_000));
    this.check();
  }

  private observe(update: LedgerUpdate): void {
    this.ledger = update.state;
    for (const breach of update.breaches) {
      throw new FloorBroken(`${breach.rule} floor ${breach.floor}, measured ${breach.measured}`);
    }
  }

  private check(): void {
    const equity = this.equity();
    this.observe(advanceTo(this.ledger, this.now, { balance: this.balance, equity }));
    const { max } = floors(this.ledger);
    if (equity < max) throw new FloorBroken(`equity ${equity} below ${max}`);
    if (this.balance !== this.ledger.balance) throw new Error('the ledger lost a deal');
  }
}
