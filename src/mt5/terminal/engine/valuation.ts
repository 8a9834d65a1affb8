import type { Minor } from '../../../domain/units.ts';
import { minor } from '../../../domain/units.ts';
import type { Desk } from './desk.ts';
import { exitPrice, profitAt, rateOf } from './desk.ts';
import type { BrokerPosition, BrokerRecord } from './records.ts';

/**
 * Floating profit and margin, kept up to date instead of recomputed: a tick revalues only the
 * positions whose profit it can move. Derived from the state, so it is not part of it.
 */
export class Valuation {
  readonly #desk: Desk;
  readonly #floating = new Map<string, bigint>();
  #floatingSum = 0n;
  #margin = 0n;

  constructor(desk: Desk) {
    this.#desk = desk;
    for (const position of desk.state.positions.values()) this.#value(position);
    this.#remargin();
  }

  /** Floating profit of one position, swap included. */
  floatingOf(ticket: string): bigint {
    return this.#floating.get(ticket) ?? 0n;
  }

  equity(): Minor {
    const { balanceMinor, creditMinor } = this.#desk.state;
    return minor(balanceMinor + creditMinor + this.#floatingSum);
  }

  margin(): Minor {
    return minor(this.#margin);
  }

  onQuote(symbol: string): void {
    if (this.#floating.size === 0) return;
    for (const position of this.#desk.state.positions.values()) {
      if (position.symbol === symbol || this.#converts(position.symbol, symbol))
        this.#value(position);
    }
  }

  /** A record that was just written into the state. */
  onRecord(record: BrokerRecord): void {
    if (record.type === 'position.opened' || record.type === 'position.changed')
      this.#position(record.position.ticket);
    else if (record.type === 'position.closed') this.#position(record.ticket);
  }

  #position(ticket: string): void {
    const position = this.#desk.state.positions.get(ticket);
    if (position === undefined) {
      this.#floatingSum -= this.floatingOf(ticket);
      this.#floating.delete(ticket);
    } else {
      this.#value(position);
    }
    this.#remargin();
  }

  #converts(symbol: string, by: string): boolean {
    const conversion = this.#desk.env.conversions.get(symbol);
    return conversion !== undefined && conversion.type !== 'identity' && conversion.symbol === by;
  }

  #value(position: BrokerPosition): void {
    const quote = this.#desk.state.quotes.get(position.symbol);
    const profit =
      quote === undefined || rateOf(this.#desk, position.symbol) === undefined
        ? 0n
        : profitAt(this.#desk, position, exitPrice(position.side, quote), position.volumeE8);
    const value = profit + position.swapMinor;
    this.#floatingSum += value - this.floatingOf(position.ticket);
    this.#floating.set(position.ticket, value);
  }

  #remargin(): void {
    this.#margin = accountMargin(this.#desk.state.positions.values());
  }
}

/** Hedged volume is charged once: per symbol the larger of the two sides counts. */
export const accountMargin = (
  positions: Iterable<Pick<BrokerPosition, 'symbol' | 'side' | 'marginMinor'>>,
): bigint => {
  const sides = new Map<string, { buy: bigint; sell: bigint }>();
  for (const position of positions) {
    const entry = sides.get(position.symbol) ?? { buy: 0n, sell: 0n };
    entry[position.side] += position.marginMinor;
    sides.set(position.symbol, entry);
  }
  let sum = 0n;
  for (const { buy, sell } of sides.values()) {
    // Math.max does not take bigints.
    if (buy > sell) sum += buy;
    else sum += sell;
  }
  return sum;
};
