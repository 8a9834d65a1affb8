import type { Instrument, Rate, Side } from '../../src/domain/instrument.ts';
import {
  commissionMinor,
  direction,
  floorToStep,
  profitMinor,
} from '../../src/domain/instrument.ts';
import type { LotsE8, Minor, Points } from '../../src/domain/units.ts';
import { lotsE8, minor, points } from '../../src/domain/units.ts';
import type { RateBand } from '../../src/risk/exact.ts';
import { EURUSD, usd } from './risk-fixtures.ts';

/** A hostile broker: it fills as badly as the allowances permit, in the order that hurts most, and
 * promises nothing but what the theorem presumes. It shares no code with the verdict. */

const USDJPY: Instrument = {
  ...EURUSD,
  symbol: 'USDJPY',
  digits: 3,
  baseCurrency: 'USD',
  quoteCurrency: 'JPY',
  swapLongPoints: 6,
  swapShortPoints: -14.5,
};
export const INSTRUMENTS = [EURUSD, USDJPY] as const;
export const SLIPPAGE = points(60);
export const ENTRY_SLIPPAGE = points(15);
export const JPY: RateBand = { low: { num: 1n, den: 155n }, high: { num: 1n, den: 145n } };
export const ONE: RateBand = { low: { num: 1n, den: 1n }, high: { num: 1n, den: 1n } };

export interface VenuePosition {
  readonly ticket: string;
  readonly magic: string;
  readonly symbol: string;
  readonly side: Side;
  readonly volumeE8: LotsE8;
  readonly open: Points;
  readonly stopLoss: Points;
  readonly takeProfit?: Points;
  readonly swap: Minor;
}

/** An order that has left, as the venue holds it. */
export interface VenueOrder {
  readonly magic: string;
  readonly symbol: string;
  readonly side: Side;
  readonly pending: boolean;
  /** True once the terminal lists it. */
  readonly listed: boolean;
  readonly volumeE8: LotsE8;
  readonly filledE8: LotsE8;
  /** The quote it was decided on, or its level. */
  readonly entry: Points;
  readonly stopLoss: Points;
  readonly takeProfit?: Points;
}

export interface BookedDeal {
  readonly entry: 'in' | 'out';
  readonly profit: Minor;
  readonly swap: Minor;
  readonly commission: Minor;
  readonly volumeE8: LotsE8;
}

export class Venue {
  readonly netting: boolean;
  readonly onDeal: (deal: BookedDeal) => void;
  balance: Minor = usd(100_000);
  positions: VenuePosition[] = [];
  orders: VenueOrder[] = [];
  readonly bids: [number, number] = [110_000, 150_000];
  readonly spreads: [number, number] = [10, 12];
  conversion: 'low' | 'high' = 'low';
  private tickets = 0;

  constructor(netting: boolean, onDeal: (deal: BookedDeal) => void) {
    this.netting = netting;
    this.onDeal = onDeal;
  }

  indexOf(symbol: string): 0 | 1 {
    return symbol === 'EURUSD' ? 0 : 1;
  }
  quoteOf(index: 0 | 1, side: Side): number {
    return side === 'buy' ? this.bids[index] + this.spreads[index] : this.bids[index];
  }
  private rateOf(symbol: string): Rate {
    return (this.indexOf(symbol) === 0 ? ONE : JPY)[this.conversion];
  }

  land(order: VenueOrder, part: 1 | 2): void {
    if (order.pending && !order.listed) {
      this.replace(order, { ...order, listed: true });
      return;
    }
    const instrument = INSTRUMENTS[this.indexOf(order.symbol)];
    const open = lotsE8(order.volumeE8 - order.filledE8);
    const half = floorToStep(instrument, open / 2);
    const volumeE8 = part === 2 && half > 0 ? half : open;
    const filledE8 = lotsE8(order.filledE8 + volumeE8);
    this.replace(order, filledE8 < order.volumeE8 ? { ...order, filledE8 } : undefined);
    this.tickets += 1;
    const { symbol, side, magic, stopLoss, takeProfit } = order;
    const target = takeProfit === undefined ? {} : { takeProfit };
    if (this.netting) {
      // One symbol is one position: the order that filled last sets the stop of all of it.
      this.positions = this.positions.map(({ takeProfit: old, ...held }) =>
        held.symbol === symbol
          ? { ...held, stopLoss, ...target }
          : { ...held, ...(old === undefined ? {} : { takeProfit: old }) },
      );
    }
    const at = points(order.entry + direction(side) * ENTRY_SLIPPAGE);
    const ticket = `p${this.tickets}`;
    const held = { ticket, magic, symbol, side, volumeE8, open: at, stopLoss, ...target };
    this.positions.push({ ...held, swap: usd(0) });
    this.book({ entry: 'in', profit: usd(0), swap: usd(0), volumeE8 }, instrument);
  }

  replace(order: VenueOrder, by: VenueOrder | undefined): void {
    this.orders = this.orders.flatMap((other) =>
      other !== order ? [other] : by === undefined ? [] : [by],
    );
  }

  private book(deal: Omit<BookedDeal, 'commission'>, instrument: Instrument): void {
    const commission = minor(-commissionMinor(instrument, deal.volumeE8));
    this.balance = minor(this.balance + deal.profit + deal.swap + commission);
    this.onDeal({ ...deal, commission });
  }

  /** Exit price now, never beyond what stop (with its slippage) and target let it reach. */
  valued(held: VenuePosition): Points {
    const d = direction(held.side);
    const exit = this.quoteOf(this.indexOf(held.symbol), held.side === 'buy' ? 'sell' : 'buy');
    const worst = held.stopLoss - d * SLIPPAGE;
    const floored = d * (exit - worst) < 0 ? worst : exit;
    if (held.takeProfit === undefined) return points(floored);
    return points(d * (floored - held.takeProfit) > 0 ? held.takeProfit : floored);
  }

  private profit(held: VenuePosition, close: Points, volumeE8: LotsE8): Minor {
    const instrument = INSTRUMENTS[this.indexOf(held.symbol)];
    const { side, open } = held;
    const rate = this.rateOf(held.symbol);
    return profitMinor({ instrument, side, open, close, volumeE8, rate, accountDigits: 2 });
  }

  equity(): Minor {
    let sum: bigint = this.balance;
    for (const held of this.positions) {
      sum += this.profit(held, this.valued(held), held.volumeE8) + held.swap;
    }
    return minor(sum);
  }

  close(held: VenuePosition, price: Points, part: 1 | 2): void {
    const instrument = INSTRUMENTS[this.indexOf(held.symbol)];
    const half = floorToStep(instrument, held.volumeE8 / 2);
    const volumeE8 = part === 2 && half > 0 ? half : held.volumeE8;
    const rest = lotsE8(held.volumeE8 - volumeE8);
    const profit = this.profit(held, price, volumeE8);
    // The whole swap goes with the first part: the worst that a broker can do with it.
    this.positions = this.positions.flatMap((other) =>
      other !== held ? [other] : rest > 0 ? [{ ...other, volumeE8: rest, swap: usd(0) }] : [],
    );
    this.book({ entry: 'out', profit, swap: held.swap, volumeE8 }, instrument);
  }

  /** Stops and targets that the market has reached, in the order that the adversary likes. */
  settle(backwards: boolean, afterEach: () => void): void {
    const exitOf = (held: VenuePosition): number =>
      this.quoteOf(this.indexOf(held.symbol), held.side === 'buy' ? 'sell' : 'buy');
    const stopped = (held: VenuePosition): boolean =>
      direction(held.side) * (exitOf(held) - held.stopLoss) <= 0;
    const reached = this.positions.filter(
      (held) =>
        stopped(held) ||
        (held.takeProfit !== undefined &&
          direction(held.side) * (exitOf(held) - held.takeProfit) >= 0),
    );
    for (const held of backwards ? reached.reverse() : reached) {
      const worst = held.stopLoss - direction(held.side) * SLIPPAGE;
      this.close(held, points(stopped(held) ? worst : (held.takeProfit ?? worst)), 1);
      afterEach();
    }
  }

  rollover(): void {
    this.positions = this.positions.map((held) => {
      const instrument = INSTRUMENTS[this.indexOf(held.symbol)];
      const { swapLongPoints, swapShortPoints, digits } = instrument;
      const nightly = held.side === 'buy' ? swapLongPoints : swapShortPoints;
      const swap = profitMinor({
        instrument: { ...instrument, digits: digits + 1 },
        side: 'buy',
        open: points(0),
        close: points(Math.round(nightly * 10)),
        volumeE8: held.volumeE8,
        rate: this.rateOf(held.symbol),
        accountDigits: 2,
      });
      return { ...held, swap: minor(held.swap + swap) };
    });
  }
}
