import type { EpochMs, Minor } from '../domain/units.ts';
import { minor, ZERO_MINOR } from '../domain/units.ts';
import type { AccountEvent } from './account-walk-types.ts';
import { MILLION, shareOf } from './floors.ts';
import type { LedgerState } from './ledger-state.ts';

/** Profit of the running day so far, deposits and withdrawals excluded. */
const profitOfToday = (state: LedgerState): Minor =>
  minor(state.balance - state.day.localAtOpen - state.day.transfers);

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
  private best: { readonly date: string; readonly profit: Minor } | null = null;
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
  bestDay(state: LedgerState): { readonly date: string; readonly profit: Minor } | null {
    const profit = profitOfToday(state);
    return profit > (this.best?.profit ?? 0n) ? { date: state.day.date, profit } : this.best;
  }

  bestDayHolds(state: LedgerState): boolean {
    const { consistency } = state.rules.phase;
    const best = this.bestDay(state);
    if (consistency === null || best === null) return true;
    return best.profit * MILLION <= this.profit(state) * BigInt(consistency.bestDayMaxPpm);
  }

  /** Target, days and consistency: everything that a pass needs besides unbroken floors. The target
   * counts in closed money, and no floating loss may stand against it. */
  isComplete(state: LedgerState, equity: Minor): boolean {
    const { targetPpm, minDays, consistency } = state.rules.phase;
    if (targetPpm === null) return false;
    const target = shareOf(state.initial, targetPpm);
    const floating = minor(equity - state.balance);
    const profit = this.profit(state);
    if (profit < target || profit + floating < target) return false;
    const days = minDays?.countBy === 'profit' ? state.profitDays : this.tradingDays;
    if (days < (minDays?.count ?? 0)) return false;
    return consistency?.blocks !== 'pass' || this.bestDayHolds(state);
  }
}
