import { apply } from './fold.ts';
import type { BrokerRecord } from './records.ts';
import type { BrokerState } from './state.ts';

/** Writes records into a broker's state, and keeps them until somebody makes them durable. */
export class Pen {
  readonly #state: BrokerState;
  readonly #touched = new Set<string>();
  #records: BrokerRecord[] = [];

  constructor(state: BrokerState) {
    this.#state = state;
  }

  write(record: BrokerRecord): void {
    apply(this.#state, record);
    this.#records.push(record);
  }

  /** The quote of a symbol has changed: the next cursor carries it. */
  quoted(symbol: string): void {
    this.#touched.add(symbol);
  }

  /** Records so far, without ending them. */
  pending(): readonly BrokerRecord[] {
    return this.#records;
  }

  /** Records made since the last drain, closed by a cursor with the clock and changed quotes. */
  drain(): readonly BrokerRecord[] {
    const quotes = [...this.#touched].flatMap((symbol) => {
      const quote = this.#state.quotes.get(symbol);
      return quote === undefined ? [] : [[symbol, quote] as const];
    });
    const { now, position, worstMinor } = this.#state;
    this.#records.push({ type: 'cursor', at: now, position, quotes, worstMinor });
    const drained = this.#records;
    this.#records = [];
    this.#touched.clear();
    return drained;
  }
}
