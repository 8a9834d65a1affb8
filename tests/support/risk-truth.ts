import type { EpochMs, Minor } from '../../src/domain/units.ts';
import { minor } from '../../src/domain/units.ts';
import type { FloorRule, RuleSet } from '../../src/risk/rule-set.ts';
import { dayOf } from '../../src/risk/zone-time.ts';

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** Where the firm sees the floors, counted anew from the words of the rules and with nothing of the
 * ledger's code, so that a mistake there cannot hide itself. */
export class TrueFloors {
  private readonly rules: readonly FloorRule[];
  private readonly reset: RuleSet['reset'];
  private readonly initial: bigint;
  private readonly anchors: bigint[];
  closesAt: EpochMs;

  constructor(ruleSet: RuleSet, initial: Minor, at: EpochMs) {
    const [phase] = ruleSet.phases;
    if (phase === undefined) throw new Error('no phase');
    this.rules = [...(phase.daily === null ? [] : [phase.daily]), phase.total];
    this.reset = ruleSet.reset;
    this.initial = initial;
    this.anchors = this.rules.map(() => initial);
    this.closesAt = this.dayEnd(at);
  }

  private dayEnd(at: EpochMs): EpochMs {
    return dayOf(at, this.reset.zone, this.reset.localTime).closesAt;
  }

  /** The reset instant has come; the figures are those of that instant. */
  cross(balance: Minor, equity: Minor): void {
    for (const [i, { anchor }] of this.rules.entries()) {
      const before = this.anchors[i] ?? this.initial;
      if (anchor === 'dayStartBalance') this.anchors[i] = balance;
      if (anchor === 'dayStartEquity') this.anchors[i] = equity;
      if (anchor === 'dayStartMax') this.anchors[i] = max(balance, equity);
      if (anchor === 'endOfDayHighWater') this.anchors[i] = max(before, balance);
    }
    this.closesAt = this.dayEnd(this.closesAt);
  }

  /** Something was booked, or the market moved. */
  see(balance: Minor, equity: Minor): void {
    for (const [i, { anchor }] of this.rules.entries()) {
      const before = this.anchors[i] ?? this.initial;
      if (anchor === 'closedBalanceHighWater') this.anchors[i] = max(before, balance);
      if (anchor === 'equityHighWater') this.anchors[i] = max(before, equity);
    }
  }

  /** The higher of both floors. */
  get floor(): Minor {
    const floors = this.rules.map(({ amount, lockAtPpm }, i) => {
      const anchor = this.anchors[i] ?? this.initial;
      if (amount.of === 'absolute') throw new Error('the model counts in percent');
      const base = amount.of === 'anchor' ? anchor : this.initial;
      const floor = anchor - (base * BigInt(amount.ppm)) / 1_000_000n;
      if (lockAtPpm === null) return floor;
      const lock = (this.initial * BigInt(lockAtPpm)) / 1_000_000n;
      return floor < lock ? floor : lock;
    });
    return minor(floors.reduce((a, b) => max(a, b)));
  }
}
