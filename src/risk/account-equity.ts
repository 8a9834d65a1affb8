import type { Minor } from '../domain/units.ts';
import { minor } from '../domain/units.ts';
import type { AccountEvent } from './account-walk-types.ts';
import { minMinor } from './floors.ts';

/** What a history tells about open positions: none, some, or it cannot be said. */
type Openness = 'flat' | 'open' | 'unknown';

const ONE = 100_000_000n;

/** Volume that is open by symbol. An entry without a volume counts as one lot, so that histories
 * without volumes are counted in positions. */
class OpenVolumes {
  private readonly volumes = new Map<string, bigint>();
  /** Once an `open` was seen the history tracks its positions; a close that fits none of them shows
   * that it began in the middle, and nothing is known any more. A history without any `open` lists
   * finished trades: nothing is open after each of them, as far as equity did not say otherwise. */
  private tracked = false;
  private lost = false;
  private floats = false;

  /** Equity apart from the balance shows that something is open, tracked or not. */
  observed(floating: bigint): void {
    this.floats = floating !== 0n;
  }

  openness(): Openness {
    if (this.lost || (!this.tracked && this.floats)) return 'unknown';
    return this.volumes.size === 0 ? 'flat' : 'open';
  }

  apply(event: AccountEvent): void {
    const volume = event.volumeE8 ?? ONE;
    if (event.type === 'open') {
      this.tracked = true;
      const key = event.symbol ?? '';
      this.volumes.set(key, (this.volumes.get(key) ?? 0n) + volume);
    }
    if (event.type === 'close') this.close(event, volume);
    // A deal that realised something closed a position, where one is known to be open.
    if (event.type === 'deal' && event.amount !== 0n && this.volumes.size > 0) {
      this.close(event, volume);
    }
    if (event.type === 'reversal') {
      const key = event.symbol ?? '';
      const before = this.volumes.get(key);
      if (before === undefined || before >= volume) this.lost = true;
      this.volumes.set(key, before === undefined || before >= volume ? volume : volume - before);
    }
  }

  private keyOf(symbol: string | undefined): string | undefined {
    if (symbol !== undefined && this.volumes.has(symbol)) return symbol;
    if (symbol !== undefined && !this.volumes.has('')) return undefined;
    return this.volumes.keys().next().value;
  }

  private close(event: AccountEvent, volume: bigint): void {
    if (!this.tracked) return;
    const key = this.keyOf(event.symbol);
    const rest = (key === undefined ? 0n : (this.volumes.get(key) ?? 0n)) - volume;
    if (key === undefined || rest < 0n) this.lost = true;
    if (key === undefined) return;
    if (rest > 0n) this.volumes.set(key, rest);
    else this.volumes.delete(key);
  }
}

/**
 * Equity between the instants at which a history states it.
 *
 * The last known figure holds until the next entry. An entry that books money without stating
 * equity leaves three cases: all positions are closed, so equity is the balance; some are open whose
 * floating result was seen, so equity stays where it was, because a close only turns floating into
 * realised money; or the history does not say what is open, and then the balance is taken and
 * `worst` keeps the lower of both, so that nothing is certified which could have been a breach.
 */
export class AccountEquity {
  private readonly volumes = new OpenVolumes();
  private floatSeen = false;
  private current: Minor;
  private lowest: Minor;
  private seen = false;

  constructor(opening: Minor) {
    this.current = opening;
    this.lowest = opening;
  }

  get equity(): Minor {
    return this.current;
  }
  /** The lowest equity that fits what the history says; equal to `equity` where it is known. */
  get worst(): Minor {
    return this.lowest;
  }
  /** True once an entry has stated equity. */
  get observed(): boolean {
    return this.seen;
  }

  /** Takes one entry; `balance` is the account's balance after it. */
  apply(event: AccountEvent, balance: Minor): void {
    this.volumes.apply(event);
    if (event.equity !== undefined) {
      this.volumes.observed(event.equity - balance);
      this.know(event.equity);
      this.seen = true;
      this.floatSeen = true;
      return;
    }
    if (event.type === 'deposit' || event.type === 'withdrawal') {
      this.current = minor(this.current + event.amount);
      this.lowest = minor(this.lowest + event.amount);
      return;
    }
    this.estimate(event, balance);
  }

  private estimate(event: AccountEvent, balance: Minor): void {
    const openness = this.volumes.openness();
    const before = this.current;
    if (!this.seen || openness === 'flat') {
      this.know(balance);
      this.floatSeen = false;
    } else if (event.type === 'open') {
      this.current = minor(before + event.amount);
      this.lowest = minor(this.lowest + event.amount);
      this.floatSeen = false;
    } else {
      this.current = openness === 'open' && this.floatSeen ? before : balance;
      this.lowest = minMinor(minMinor(before, this.lowest), balance);
    }
  }

  private know(equity: Minor): void {
    this.current = equity;
    this.lowest = equity;
  }
}
