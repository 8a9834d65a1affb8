import { createHash } from 'node:crypto';
import type {
  AttemptResult,
  ConnectionMessage,
  Evidence,
  Snapshot,
} from '../../src/actors/messages.ts';
import type { AccountState, Deal, Position, VenueOrder } from '../../src/domain/trading.ts';
import { type EpochMs, minor } from '../../src/domain/units.ts';
import { snapshotOf } from './guard-fixtures.ts';
import { account } from './risk-fixtures.ts';

/** What a terminal holds, written by a test. Booking a deal moves the balance, as brokers do. */
export class Venue {
  account: AccountState = account();
  readonly positions = new Map<string, Position>();
  readonly orders = new Map<string, VenueOrder>();
  readonly historyOrders: VenueOrder[] = [];
  readonly deals: Deal[] = [];
  /** The terminal's own journal of attempts. */
  results: AttemptResult[] = [];
  instruments: Snapshot['instruments'] = snapshotOf().instruments;
  /** False while history is not loaded. */
  complete = true;
  skewMs: number | undefined;
  #epoch = 0;

  nextEpoch(): number {
    this.#epoch += 1;
    return this.#epoch;
  }
  /** Leases given to somebody else. */
  skipEpochs(count: number): this {
    this.#epoch += count;
    return this;
  }
  open(...positions: readonly Position[]): this {
    for (const position of positions) this.positions.set(position.ticket, position);
    return this;
  }
  close(ticket: string): this {
    this.positions.delete(ticket);
    return this;
  }
  work(...orders: readonly VenueOrder[]): this {
    for (const order of orders) this.orders.set(order.ticket, order);
    return this;
  }
  book(...deals: readonly Deal[]): this {
    for (const deal of deals) {
      this.deals.push(deal);
      const balance = minor(this.account.balance + deal.profit + deal.commission + deal.swap);
      this.account = { ...this.account, balance, equity: balance };
    }
    return this;
  }
  end(order: VenueOrder): this {
    this.orders.delete(order.ticket);
    this.historyOrders.push(order);
    return this;
  }

  snapshot(historyFrom: number, at: EpochMs): Snapshot {
    const deals = this.deals.filter(({ at }) => at >= historyFrom);
    const lists = {
      positions: [...this.positions.values()],
      orders: [...this.orders.values()],
      historyOrders: this.historyOrders,
      deals,
    };
    const text = JSON.stringify(lists, (_, value) =>
      typeof value === 'bigint' ? `${value}` : value,
    );
    const hash = createHash('sha256').update(text).digest('hex');
    const { account: state, results, instruments, skewMs } = this;
    const timed = skewMs === undefined ? {} : { skewMs };
    return snapshotOf({ ...lists, at, account: state, results, instruments, hash, ...timed });
  }

  /** The answer to a question about one attempt, found by magic, as a terminal gives it. */
  evidence(question: Extract<ConnectionMessage, { type: 'evidence.seek' }>): Evidence {
    const { intentId, attempt, magic } = question;
    const mine = (item: { readonly magic: string }) => item.magic === magic;
    const result = this.results.find(
      (known) => known.intentId === intentId && known.attempt === attempt,
    );
    return {
      complete: this.complete,
      deals: this.deals.filter(mine),
      orders: [...this.orders.values(), ...this.historyOrders].filter(mine),
      result: result ?? null,
    };
  }
}
