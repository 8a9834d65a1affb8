import type { Fields } from './rows.ts';

/** Trade transactions that wait; above this the oldest are lost, as in the terminal. */
const TRANSACTIONS = 1024;

/** A program's queue: a timer or a tick that already waits is not queued again. */
export class EventQueue {
  #events: Fields[] = [];

  get length(): number {
    return this.#events.length;
  }
  post(event: Fields): void {
    const kind = event['EVENT'];
    const coalesces = kind === 'timer' || kind === 'tick';
    if (coalesces && this.#events.some((queued) => queued['EVENT'] === kind)) return;
    this.#events.push(event);
    const transactions = this.#events.filter((queued) => queued['EVENT'] === 'transaction');
    if (transactions.length > TRANSACTIONS) {
      const [oldest] = transactions;
      this.#events = this.#events.filter((queued) => queued !== oldest);
    }
  }
  take(): Fields | undefined {
    return this.#events.shift();
  }
  clear(): void {
    this.#events = [];
  }
}
