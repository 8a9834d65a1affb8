import type { Instrument, Side } from '../domain/instrument.ts';
import { direction } from '../domain/instrument.ts';
import type { LotsE8, Minor, Points } from '../domain/units.ts';
import { minor, ZERO_MINOR } from '../domain/units.ts';
import type { PointValue, RateBand } from './exact.ts';
import { bestMoney, worstCommission, worstMoney } from './exact.ts';
import { maxMinor, minMinor } from './floors.ts';

/**
 * The worst that open positions and orders can end with (risk quantities w and E_wc).
 *
 *     w = d·((s − d·S) − o)·v·c·q + swap + nights·min(0, night swap) − close commission
 *
 * An order that may still fill counts min(0, w) with entry slippage and both commissions: it may
 * also never fill. There is no credit for a hedge, and a longer list never looks safer.
 */

/** What risk knows of a symbol at this instant. */
export interface SymbolRisk {
  readonly instrument: Instrument;
  readonly bid: Points;
  readonly ask: Points;
  /** Session time of the quote. */
  readonly quotedAt: number;
  /** True while the symbol's trading session is open. */
  readonly sessionOpen: boolean;
  /** Quote currency → account currency with its haircut; undefined while no rate is known. */
  readonly rate: RateBand | undefined;
  /** S: points by which a stop may fill worse, largest over the classes the position may see. */
  readonly slippagePoints: Points;
  /** The same for the normal class alone: what a trade's risk is sized with. */
  readonly sizingSlippagePoints: Points;
  /** Points by which an entry may fill worse. */
  readonly entrySlippagePoints: Points;
  /** Rollovers to count ahead, the triple day as three. */
  readonly nights: number;
}

/** An open position; a terminal's `Position` fits. */
export interface OpenRisk {
  readonly ticket: string;
  readonly symbol: string;
  readonly side: Side;
  readonly volumeE8: LotsE8;
  readonly open: Points;
  readonly stopLoss?: Points;
  readonly takeProfit?: Points;
  readonly swap: Minor;
  /** Stops requested but not confirmed: the worst of them and the present one counts. */
  readonly unconfirmedStops?: readonly Points[];
  /** The same of targets; null: to be taken away. */
  readonly unconfirmedTargets?: readonly (Points | null)[];
}

/** inFlight: sent, no answer yet (a reservation). unknown: its outcome is not known. */
export type OrderRiskStatus = 'pending' | 'inFlight' | 'unknown';

/** An order that may still become a position. */
export interface OrderRisk {
  /** Intent id, or the ticket of a foreign order. */
  readonly id: string;
  readonly strategyId: string | null;
  readonly status: OrderRiskStatus;
  readonly symbol: string;
  readonly side: Side;
  /** What may still fill. */
  readonly volumeE8: LotsE8;
  /** Level of a pending order; the quote a market order was decided on. */
  readonly entry: Points;
  readonly stopLoss?: Points;
  readonly takeProfit?: Points;
}

/** Signed value of one position or order at its worst and its best, minor units. */
export interface Outcome {
  readonly worst: Minor;
  /** At the take-profit; null without one: no bound is known. */
  readonly best: Minor | null;
}

const pointValueOf = (symbol: SymbolRisk, accountDigits: number): PointValue | undefined =>
  symbol.rate === undefined
    ? undefined
    : { instrument: symbol.instrument, rate: symbol.rate, accountDigits };

/** Swap of the nights ahead, at its worst; never positive. */
const nightsMinor = (
  symbol: SymbolRisk,
  value: PointValue,
  side: Side,
  volumeE8: LotsE8,
): Minor => {
  const { swapLongPoints, swapShortPoints } = symbol.instrument;
  const nightly = Math.min(0, side === 'buy' ? swapLongPoints : swapShortPoints);
  return minor(worstMoney(value, nightly, volumeE8) * BigInt(symbol.nights));
};

const worstStop = (position: OpenRisk): Points | undefined => {
  if (position.stopLoss === undefined) return undefined;
  const stops = [position.stopLoss, ...(position.unconfirmedStops ?? [])];
  return (position.side === 'buy' ? Math.min(...stops) : Math.max(...stops)) as Points;
};

const furthestTarget = ({
  side,
  takeProfit,
  unconfirmedTargets = [],
}: OpenRisk): Points | undefined => {
  const targets = [takeProfit ?? null, ...unconfirmedTargets];
  const known = targets.filter((target) => target !== null);
  if (known.length < targets.length) return undefined;
  return (side === 'buy' ? Math.max(...known) : Math.min(...known)) as Points;
};

/** w of an open position. `naked`: it has no stop, so no worst case exists; `unpriced`: no
 * conversion rate is known. */
export const openOutcome = (
  position: OpenRisk,
  symbol: SymbolRisk,
  accountDigits: number,
): Outcome | 'naked' | 'unpriced' => {
  const value = pointValueOf(symbol, accountDigits);
  if (value === undefined) return 'unpriced';
  const stop = worstStop(position);
  if (stop === undefined) return 'naked';
  const { side, open, volumeE8 } = position;
  const d = direction(side);
  const takeProfit = furthestTarget(position);
  const bracket = d * (stop - d * symbol.slippagePoints - open);
  const worst =
    worstMoney(value, bracket, volumeE8) +
    position.swap +
    nightsMinor(symbol, value, side, volumeE8) -
    worstCommission(symbol.instrument, volumeE8);
  const best =
    takeProfit === undefined
      ? null
      : minor(bestMoney(value, d * (takeProfit - open), volumeE8) + position.swap);
  return { worst: minor(worst), best };
};

/** min(0, w) of an order that may still fill. */
export const orderOutcome = (
  order: OrderRisk,
  symbol: SymbolRisk,
  accountDigits: number,
): Outcome | 'naked' | 'unpriced' => {
  const value = pointValueOf(symbol, accountDigits);
  if (value === undefined) return 'unpriced';
  const { side, entry, volumeE8, stopLoss, takeProfit } = order;
  if (stopLoss === undefined) return 'naked';
  const d = direction(side);
  const slippage = symbol.slippagePoints + symbol.entrySlippagePoints;
  const bracket = d * (stopLoss - entry) - slippage;
  const worst =
    worstMoney(value, bracket, volumeE8) +
    nightsMinor(symbol, value, side, volumeE8) -
    2n * worstCommission(symbol.instrument, volumeE8);
  const best =
    takeProfit === undefined
      ? null
      : maxMinor(ZERO_MINOR, bestMoney(value, d * (takeProfit - entry), volumeE8));
  return { worst: minMinor(ZERO_MINOR, minor(worst)), best };
};

/** Sums over everything that is or may become open. */
export interface Exposure {
  /** Σ w over open positions plus Σ min(0, w) over orders: E_wc − B. */
  readonly worst: Minor;
  /** Σ −min(0, w), ≥ 0: the loss that is left when every winner has gone (I2). */
  readonly losses: Minor;
  /** Σ (best − w), ≥ 0: the fall from the highest reachable equity; null when a position or order
   * has no take-profit, so that no highest exists. */
  readonly swing: Minor | null;
  /** Tickets and ids without a stop. */
  readonly naked: readonly string[];
  /** Tickets and ids whose symbol or conversion rate is unknown. */
  readonly unpriced: readonly string[];
}

export const NO_EXPOSURE: Exposure = {
  worst: ZERO_MINOR,
  losses: ZERO_MINOR,
  swing: ZERO_MINOR,
  naked: [],
  unpriced: [],
};

/** Adds outcomes up in place: an account may hold hundreds, and is looked at on every trade. */
class Tally {
  private worst = 0n;
  private losses = 0n;
  private swing: bigint | null = 0n;
  private readonly naked: string[] = [];
  private readonly unpriced: string[] = [];

  constructor(from: Exposure = NO_EXPOSURE) {
    this.worst = from.worst;
    this.losses = from.losses;
    this.swing = from.swing;
    this.naked = [...from.naked];
    this.unpriced = [...from.unpriced];
  }

  add(id: string, outcome: Outcome | 'naked' | 'unpriced'): this {
    if (outcome === 'naked') this.naked.push(id);
    else if (outcome === 'unpriced') this.unpriced.push(id);
    else this.count(outcome);
    return this;
  }

  private count({ worst, best }: Outcome): void {
    this.worst += worst;
    if (worst < 0n) this.losses -= worst;
    if (best === null) this.swing = null;
    else if (this.swing !== null && best > worst) this.swing += best - worst;
  }

  sum(): Exposure {
    const { naked, unpriced } = this;
    const swing = this.swing === null ? null : minor(this.swing);
    return { worst: minor(this.worst), losses: minor(this.losses), swing, naked, unpriced };
  }
}

export const addOutcome = (
  sum: Exposure,
  id: string,
  outcome: Outcome | 'naked' | 'unpriced',
): Exposure => new Tally(sum).add(id, outcome).sum();

/** Exposure of the whole account: every position, ours or not, and every order. */
export const exposureOf = (input: {
  readonly positions: readonly OpenRisk[];
  readonly orders: readonly OrderRisk[];
  readonly symbolOf: (symbol: string) => SymbolRisk | undefined;
  readonly accountDigits: number;
}): Exposure => {
  const { positions, orders, symbolOf, accountDigits } = input;
  const tally = new Tally();
  for (const position of positions) {
    const symbol = symbolOf(position.symbol);
    const outcome =
      symbol === undefined ? 'unpriced' : openOutcome(position, symbol, accountDigits);
    tally.add(position.ticket, outcome);
  }
  for (const order of orders) {
    const symbol = symbolOf(order.symbol);
    const outcome = symbol === undefined ? 'unpriced' : orderOutcome(order, symbol, accountDigits);
    tally.add(order.id, outcome);
  }
  return tally.sum();
};

/** E_wc = B + Σ w + Σ min(0, w). */
export const worstCaseEquity = (balance: Minor, exposure: Exposure): Minor =>
  minor(balance + exposure.worst);
