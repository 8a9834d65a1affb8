import { retcodeClass } from '../../src/mt5/retcodes.ts';
import type { LogRecord } from '../../src/mt5/terminal/ea/ea-records.ts';
import type { BrokerOrder, BrokerPosition } from '../../src/mt5/terminal/engine/records.ts';
import { AccountRules } from './account-rules.ts';
import { Violation } from './violation.ts';

/**
 * The promises about the account (S9 and I1 to I4), judged by the broker's own records and by
 * nothing that the runtime says of itself.
 */
export class BrokerWatch {
  /** Opening orders that the broker carried out, by intent and by magic. */
  readonly #byIntent = new Map<string, Set<string>>();
  readonly #byMagic = new Map<string, Set<string>>();
  readonly #places = new Set<string>();
  readonly #positions = new Map<string, BrokerPosition>();
  readonly #orders = new Map<string, BrokerOrder>();
  readonly #nakedSince = new Map<string, number>();
  readonly #nakedMs: number;
  readonly #rules = new AccountRules();
  deals = 0;
  /** Orders that were put on the book. */
  placed = 0;
  /** Longest time that a position was without a stop, session ms. */
  longestNakedMs = 0;

  constructor(nakedMs: number) {
    this.#nakedMs = nakedMs;
  }

  get positions(): readonly BrokerPosition[] {
    return [...this.#positions.values()];
  }
  /** Equity below which the account is lost, minor units. */
  get floorMinor(): bigint {
    return this.#rules.floorMinor;
  }

  /** @param nowMs session time. */
  record(records: readonly LogRecord[], nowMs: number): void {
    for (const record of records) this.#record(record, nowMs);
    this.#rules.passTo(nowMs);
    this.#checkNaked(nowMs);
  }

  /** @param equityMinor of the account after everything that was recorded. */
  checkRisk(equityMinor: bigint): void {
    const [positions, orders] = [this.#positions.values(), this.#orders.values()];
    this.#rules.check({ positions, orders }, equityMinor);
  }

  #record(record: LogRecord, nowMs: number): void {
    switch (record.type) {
      case 'request.received':
        if (record.request.body.type === 'place' && record.request.intent !== '') {
          this.#places.add(record.request.id);
        }
        return;
      case 'request.done':
        if (this.#places.has(record.id)) this.#executed(record.intent, record.outcome);
        return;
      case 'deal': {
        this.deals += 1;
        const { deal } = record;
        this.#rules.book(deal);
        if (deal.entry === 'in' && deal.magic !== '0') {
          once('S9', `magic ${deal.magic}`, this.#byMagic, deal.magic, deal.orderTicket);
        }
        return;
      }
      case 'order.placed':
        this.placed += 1;
        this.#orders.set(record.order.ticket, record.order);
        return;
      case 'order.changed':
        this.#orders.set(record.order.ticket, record.order);
        return;
      case 'order.done':
        this.#orders.delete(record.order.ticket);
        return;
      case 'position.opened':
      case 'position.changed':
        this.#hold(record.position, nowMs);
        return;
      case 'position.closed':
        this.#positions.delete(record.ticket);
        this.#nakedSince.delete(record.ticket);
        return;
      default:
    }
  }

  #executed(
    intent: string,
    outcome: { readonly retcode: number; readonly order: string | null },
  ): void {
    if (outcome.order === null || retcodeClass(outcome.retcode) !== 'success') return;
    once('S9', `intent ${intent}`, this.#byIntent, intent, outcome.order);
  }

  #hold(position: BrokerPosition, nowMs: number): void {
    this.#positions.set(position.ticket, position);
    if (position.stopLoss !== null || position.magic === '0') {
      this.#nakedSince.delete(position.ticket);
    } else if (!this.#nakedSince.has(position.ticket)) this.#nakedSince.set(position.ticket, nowMs);
  }

  #checkNaked(nowMs: number): void {
    for (const [ticket, since] of this.#nakedSince) {
      this.longestNakedMs = Math.max(this.longestNakedMs, nowMs - since);
      if (nowMs - since <= this.#nakedMs) continue;
      throw new Violation('I4', `position ${ticket} has had no stop for ${nowMs - since} ms`);
    }
  }
}

const once = (
  invariant: string,
  what: string,
  seen: Map<string, Set<string>>,
  key: string,
  order: string,
): void => {
  const orders = seen.get(key) ?? new Set();
  seen.set(key, orders.add(order));
  if (orders.size > 1)
    throw new Violation(invariant, `${what} has orders ${[...orders].join(', ')}`);
};
