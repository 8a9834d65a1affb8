import type { EpochMs, Minor } from '../domain/units.ts';
import { minor, ZERO_MINOR } from '../domain/units.ts';
import type { AccountEvent } from './account-walk-types.ts';
import type { LedgerState } from './ledger-state.ts';
import { areMet, type BestDay, bestDayWith, isConsistent } from './objectives.ts';

/**
 * What an account has achieved under a phase: target, trading days, best day.
 *
 * Days are counted by the openings in them. A history that never says what was opened is counted by
 * its trades instead; from the first `open` on only openings count.
 */
export class AccountProgress {
  private transfers: Minor = ZERO_MINOR;
  private openings = 0;
  private trades = 0;
  private lastOpeningDate = '';
  private lastTradeDate = '';
  private tracksOpenings = false;
  private best: BestDay | null = null;
  /** Last opening, or trade where openings are not told. */
  lastActiveAt: EpochMs;

  constructor(openedAt: EpochMs) {
    this.lastActiveAt = openedAt;
  }

  get tradingDays(): number {
    return this.tracksOpenings ? this.openings : this.trades;
  }

  transferred(amount: Minor): void {
    this.transfers = minor(this.transfers + amount);
  }

  apply(event: AccountEvent, date: string): void {
    const opens = event.type === 'open' || event.type === 'reversal';
    const trades = opens || event.type === 'deal' || event.type === 'close';
    if (opens) this.tracksOpenings = true;
    if (opens && date !== this.lastOpeningDate) {
      this.openings += 1;
      this.lastOpeningDate = date;
    }
    if (trades && date !== this.lastTradeDate) {
      this.trades += 1;
      this.lastTradeDate = date;
    }
    if (opens || (trades && !this.tracksOpenings)) this.lastActiveAt = event.at;
  }

  dayClosed(date: string, profit: Minor): void {
    if (profit > (this.best?.profit ?? 0n)) this.best = { date, profit };
  }

  profit(state: LedgerState): Minor {
    return minor(state.balance - state.initial - this.transfers);
  }

  /** The best day, the running one included; null while no day made a profit. */
  bestDay(state: LedgerState): BestDay | null {
    return bestDayWith(this.best, state);
  }

  bestDayHolds(state: LedgerState): boolean {
    return isConsistent(state.rules.phase.consistency, this.bestDay(state), this.profit(state));
  }

  /** Everything that a pass needs besides unbroken floors. */
  isComplete(state: LedgerState, equity: Minor): boolean {
    const { phase } = state.rules;
    const byProfit = phase.minDays?.countBy === 'profit';
    return areMet(phase, state.initial, {
      profit: this.profit(state),
      floating: minor(equity - state.balance),
      tradingDays: byProfit ? state.profitDays : this.tradingDays,
      bestDay: this.bestDay(state),
    });
  }
}
