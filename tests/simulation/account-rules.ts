import type {
  BrokerDeal,
  BrokerOrder,
  BrokerPosition,
} from '../../src/mt5/terminal/engine/records.ts';
import { Violation } from './violation.ts';

/** The rules of the simulated account (`ftmo-2step`, first phase), written out a second time: what
 * judges the runtime does not ask it. Minor units. */
const INITIAL_MINOR = 10_000_000n;
const DAILY_MINOR = 500_000n;
const TOTAL_FLOOR_MINOR = 9_000_000n;
/** Midnight in Prague; every scene lies in its winter time. */
const RESET_UTC_MS = 23 * 3_600_000;
const DAY_MS = 86_400_000;
/** The broker stops out at 50 %, and 20 points more are kept. */
const MARGIN_LEVEL_PERCENT = 70n;

/** Points by which a stop may fill beyond its level (`risk.slippagePoints`), and what a lot costs to
 * close: what the guard reckons with. */
const SLIPPAGE_POINTS = 20;
const COMMISSION_MINOR_PER_LOT = 350;

const nextReset = (ms: number): number =>
  Math.floor((ms - RESET_UTC_MS) / DAY_MS + 1) * DAY_MS + RESET_UTC_MS;

/**
 * What a position is worth with its stop hit and slipped, minor units, for symbols quoted in the
 * account's currency: five digits and 100,000 a lot, so that a point of a lot is one unit of it.
 * Undefined without a stop (I4 looks after that one).
 */
const worthAtStop = (
  { side, stopLoss, volumeE8 }: BrokerPosition | BrokerOrder,
  open: number,
  sidesToPay: number,
): bigint | undefined => {
  if (stopLoss === null) return undefined;
  const direction = side === 'buy' ? 1 : -1;
  const pointsWon = direction * (stopLoss - open) - SLIPPAGE_POINTS;
  const lots = volumeE8 / 1e8;
  return BigInt(Math.floor(lots * (pointsWon * 100 - sidesToPay * COMMISSION_MINOR_PER_LOT)));
};

/** What is open, and what may be. */
export interface Exposed {
  readonly positions: Iterable<BrokerPosition>;
  readonly orders: Iterable<BrokerOrder>;
}

/** I1 to I3 of an account whose positions and orders are known. Nights to come are left out: what the guard
 * keeps for them is more than is asked for here. */
export class AccountRules {
  #balanceMinor = 0n;
  #anchorMinor = INITIAL_MINOR;
  #resetMs: number | undefined;

  get floorMinor(): bigint {
    const daily = this.#anchorMinor - DAILY_MINOR;
    return daily > TOTAL_FLOOR_MINOR ? daily : TOTAL_FLOOR_MINOR;
  }

  book(deal: BrokerDeal): void {
    this.passTo(deal.at);
    this.#balanceMinor += deal.profitMinor + deal.commissionMinor + deal.swapMinor;
  }

  /** Time passes; at a reset the balance becomes the anchor. */
  passTo(ms: number): void {
    this.#resetMs ??= nextReset(ms);
    if (ms < this.#resetMs) return;
    this.#anchorMinor = this.#balanceMinor;
    this.#resetMs = nextReset(ms);
  }

  check({ positions, orders }: Exposed, equityMinor: bigint): void {
    const floor = this.floorMinor;
    if (equityMinor < floor) {
      throw new Violation('I1', `equity ${equityMinor} is under the floor ${floor}`);
    }
    let worst = this.#balanceMinor;
    let losses = 0n;
    let margin = 0n;
    for (const position of positions) {
      const atStop = worthAtStop(position, position.open, 1);
      if (atStop === undefined) return;
      const worth = atStop + position.swapMinor;
      worst += worth;
      losses += worth < 0n ? -worth : 0n;
      margin += position.marginMinor;
    }
    for (const order of orders) {
      const worth = worthAtStop(order, order.price, 2);
      if (worth === undefined || worth >= 0n) continue;
      worst += worth;
      losses -= worth;
    }
    if (worst < floor) {
      throw new Violation('I1', `with every stop hit equity is ${worst}, under the floor ${floor}`);
    }
    if (losses > DAILY_MINOR) {
      const what = `what is open may lose ${losses} after a reset, which allows ${DAILY_MINOR}`;
      throw new Violation('I2', what);
    }
    if (worst * 100n < margin * MARGIN_LEVEL_PERCENT) {
      throw new Violation(
        'I3',
        `equity of ${worst} at the stops does not carry a margin of ${margin}`,
      );
    }
  }
}
