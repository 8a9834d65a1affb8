import type { EpochMs, Minor } from '../domain/units.ts';
import { epochMs, minor } from '../domain/units.ts';
import { AccountEquity } from './account-equity.ts';
import { AccountProgress } from './account-progress.ts';
import type {
  AccountEvent,
  WalkedBreach,
  WalkedDay,
  WalkedDoubt,
  WalkedPause,
  WalkProgress,
  WalkRefusal,
  WalkReport,
} from './account-walk-types.ts';
import { WALK_DIGITS } from './account-walk-types.ts';
import type { Breach } from './floors.ts';
import { anchorOf, breachOf, floors, shareOf } from './floors.ts';
import { advanceTo, applyOperation, openLedger } from './ledger.ts';
import type { LedgerState } from './ledger-state.ts';
import type { PhaseRules, RuleSet } from './rule-set.ts';
import { phaseOf } from './rule-set.ts';

export interface WalkOptions {
  readonly ruleSet: RuleSet;
  readonly phase: string;
  /** I, with WALK_DIGITS decimals. */
  readonly initial: Minor;
}

const DAY_MS = 86_400_000;

/** The account was empty before this entry: it is I being paid in, and no deposit on top of I. */
const isOpeningDeposit = (event: AccountEvent, initial: Minor): boolean =>
  event.type === 'deposit' &&
  (event.balance === undefined ? event.amount === initial : event.balance === event.amount);

/**
 * Walks an account's history, oldest entry first, against one phase of a rule set. Pure: the same
 * entries give the same report.
 *
 * Every reset instant between two entries is crossed with the figures that hold then, so a floor is
 * re-anchored, and checked, at that instant itself. The walk of the rules ends with the breach that
 * ends the account or with the pass that ends the phase; the days go on to the end of the history.
 */
export class AccountWalk {
  private readonly options: WalkOptions;
  private readonly phase: PhaseRules;
  private readonly days: WalkedDay[] = [];
  private readonly pauses: WalkedPause[] = [];
  private ledger: LedgerState | undefined;
  private equity: AccountEquity;
  private progress: AccountProgress;
  private breach: WalkedBreach | null = null;
  private passedAt: EpochMs | null = null;
  private targetMetAt: EpochMs | null = null;
  private doubt: WalkedDoubt | null = null;
  private today = { traded: false, observed: false };
  private daysWithoutEquity = 0;

  /** Throws RangeError for a phase that the rule set does not have. */
  constructor(options: WalkOptions) {
    const phase = phaseOf(options.ruleSet, options.phase);
    if (phase === undefined) throw new RangeError(`no phase "${options.phase}"`);
    this.options = options;
    this.phase = phase;
    this.equity = new AccountEquity(options.initial);
    this.progress = new AccountProgress(epochMs(0));
  }

  /** Takes the next entry. A refusal leaves the walk as it was. */
  push(event: AccountEvent): WalkRefusal | undefined {
    if (this.ledger === undefined) {
      const refused = this.refusalToOpen(event);
      if (refused !== undefined) return refused;
      this.open(event);
      if (isOpeningDeposit(event, this.options.initial)) {
        return this.take({ ...event, type: 'equity', amount: minor(0n) });
      }
    } else if (event.at < this.ledger.at) {
      const reason = `this entry is earlier than the one before it (${this.ledger.at} ms)`;
      return { reason, remedy: 'Sort the history by time, oldest first.' };
    }
    return this.take(event);
  }

  /** The report so far; undefined before the first entry. */
  report(): WalkReport | undefined {
    const state = this.ledger;
    if (state === undefined) return undefined;
    const days = [...this.days, this.dayRow(state, state.balance)];
    return {
      rules: this.options.ruleSet.id,
      phase: this.phase.name,
      days,
      breach: this.breach,
      passedAt: this.passedAt,
      verdict: this.verdict(),
      equitySource: this.equity.observed ? 'observed' : 'closedOnly',
      progress: this.progressOf(state),
    };
  }

  private refusalToOpen(event: AccountEvent): WalkRefusal | undefined {
    const { initial } = this.options;
    if (!isOpeningDeposit(event, initial) || event.amount === initial) return undefined;
    const reason = 'the first deposit of the account is not the initial balance that was given';
    return { reason, remedy: 'Give the deposited amount as --initial.' };
  }

  private open(event: AccountEvent): void {
    const { ruleSet, phase, initial } = this.options;
    const before = isOpeningDeposit(event, initial) ? initial : (event.balanceBefore ?? initial);
    this.ledger = openLedger({
      ruleSet,
      phase,
      initial,
      at: event.at,
      balance: before,
      currencyDigits: WALK_DIGITS,
      ...(before === initial ? {} : { rebuiltAnchor: before }),
    });
    this.equity = new AccountEquity(before);
    this.progress = new AccountProgress(event.at);
  }

  private take(event: AccountEvent): undefined {
    let state = this.cross(this.ledgerNow(), event);
    const { at, amount } = event;
    const isTransfer = event.type === 'deposit' || event.type === 'withdrawal';
    if (amount !== 0n) {
      const kind = isTransfer ? 'balance' : 'correction';
      state = applyOperation(state, { kind, amount, at }).state;
    }
    if (isTransfer) this.progress.transferred(amount);
    state = this.correctedBalance(state, event, at);
    this.equity.apply(event, state.balance);
    this.progress.apply(event, state.day.date);
    const isTrade = !isTransfer && event.type !== 'equity';
    this.today = {
      traded: this.today.traded || isTrade,
      observed: this.today.observed || event.equity !== undefined,
    };
    const figures = { balance: state.balance, equity: this.equity.equity };
    const update = advanceTo(state, at, figures);
    this.ledger = update.state;
    this.judge(update.state, update.breaches);
  }

  private ledgerNow(): LedgerState {
    if (this.ledger === undefined) throw new Error('the walk is not open');
    return this.ledger;
  }

  /** The stated balance is the broker's word; money it shows that no entry explains was traded. */
  private correctedBalance(state: LedgerState, event: AccountEvent, at: EpochMs): LedgerState {
    if (event.balance === undefined || event.balance === state.balance) return state;
    const amount = minor(event.balance - state.balance);
    return applyOperation(state, { kind: 'correction', amount, at }).state;
  }

  /** Crosses every reset up to the entry. One taken at the reset instant itself is what the broker
   * shows at that instant; otherwise the figures known last hold. */
  private cross(from: LedgerState, event: AccountEvent): LedgerState {
    let state = from;
    while (state.day.closesAt <= event.at) {
      const at = state.day.closesAt;
      if (event.at === at && event.type === 'equity') {
        state = this.correctedBalance(state, event, state.at);
        this.equity.apply(event, state.balance);
      }
      const row = this.dayRow(state, state.balance);
      const figures = { balance: state.balance, equity: this.equity.equity };
      const update = advanceTo(state, at, figures);
      this.days.push(row);
      const closed = update.anchored[0]?.closed;
      if (closed !== undefined) this.progress.dayClosed(closed.date, closed.profit);
      if (this.today.traded && !this.today.observed) this.daysWithoutEquity += 1;
      this.today = { traded: false, observed: false };
      state = update.state;
      this.judge(state, update.breaches);
      this.judgeTime(state);
    }
    return state;
  }

  private isOver(): boolean {
    return this.breach !== null || this.passedAt !== null;
  }

  private judge(state: LedgerState, breaches: readonly Breach[]): void {
    for (const found of breaches) {
      if (this.isOver()) return;
      const { at, measured: equity, floor } = found;
      if (found.onBreach === 'terminate') {
        this.breach = { at, rule: found.rule, equity, floor };
      } else if (this.pauses.at(-1)?.until !== state.day.closesAt) {
        this.pauses.push({ at, until: state.day.closesAt, equity, floor });
      }
    }
    if (this.isOver()) return;
    this.judgeWorst(state);
    if (!this.progress.isComplete(state, this.equity.equity)) return;
    this.targetMetAt ??= state.at;
    if (this.equity.observed && this.doubt === null) this.passedAt = state.at;
  }

  private judgeWorst(state: LedgerState): void {
    if (this.doubt !== null || this.equity.worst >= this.equity.equity) return;
    const figures = { balance: state.balance, equity: this.equity.worst };
    const found = breachOf(state, figures);
    if (found === undefined || found.onBreach !== 'terminate') return;
    this.doubt = { at: found.at, rule: found.rule, equity: found.measured, floor: found.floor };
  }

  /** Called at a reset instant: rules about time count whole days. */
  private judgeTime(state: LedgerState): void {
    const { maxDays, inactivityDays } = this.phase;
    const { at } = state;
    const equity = this.equity.equity;
    if (!this.isOver() && maxDays !== null && state.day.number > maxDays) {
      this.breach = { at, rule: 'maxDays', equity, floor: null };
    }
    const idleMs = at - this.progress.lastActiveAt;
    if (!this.isOver() && inactivityDays !== null && idleMs > inactivityDays * DAY_MS) {
      this.breach = { at, rule: 'inactivityDays', equity, floor: null };
    }
  }

  private dayRow(state: LedgerState, balanceAtClose: Minor): WalkedDay {
    const { daily, total } = floors(state);
    const { date, opensAt, low } = state.day;
    return {
      date,
      opensAt,
      anchor: anchorOf(state, 'daily'),
      dailyFloor: daily,
      totalFloor: total,
      minEquity: low.equity,
      balanceAtClose,
    };
  }

  private verdict(): WalkReport['verdict'] {
    if (this.breach !== null) return 'breached';
    if (this.passedAt !== null) return 'passed';
    if (this.doubt !== null || this.targetMetAt !== null) return 'inconclusive';
    return 'inProgress';
  }

  private progressOf(state: LedgerState): WalkProgress {
    const { targetPpm, minDays, maxDays, consistency } = this.phase;
    const { daily, total } = floors(state);
    const equity = this.equity.equity;
    const byProfit = minDays?.countBy === 'profit';
    const unseenToday = this.today.traded && !this.today.observed;
    return {
      profit: this.progress.profit(state),
      target: targetPpm === null ? null : shareOf(state.initial, targetPpm),
      targetMetAt: this.targetMetAt,
      tradingDays: byProfit ? state.profitDays : this.progress.tradingDays,
      minDays: minDays?.count ?? null,
      bestDay: this.progress.bestDay(state),
      bestDayMaxPpm: consistency?.bestDayMaxPpm ?? null,
      bestDayHolds: this.progress.bestDayHolds(state),
      headroom: {
        daily: daily === null ? null : minor(equity - daily),
        total: minor(equity - total),
      },
      daysElapsed: state.day.number,
      maxDays,
      daysWithoutEquity: this.daysWithoutEquity + (unseenToday ? 1 : 0),
      pauses: this.pauses,
      doubt: this.doubt,
    };
  }
}
