import type { KernelEvent } from '../../src/actors/kernel/types.ts';
import { retcodeClass } from '../../src/mt5/retcodes.ts';
import type { GuardFloors, LogRecord } from '../../src/mt5/terminal/ea/ea-records.ts';
import { floorOf } from '../../src/mt5/terminal/ea/guard.ts';
import type { Engine } from '../../src/mt5/terminal/engine/engine.ts';
import type { BrokerPosition } from '../../src/mt5/terminal/engine/records.ts';

/** A broken promise, by the number that the documents use. */
export class Violation extends Error {
  readonly invariant: string;
  constructor(invariant: string, detail: string) {
    super(`${invariant}: ${detail}`);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}

/** Points by which a stop may fill beyond its level (`risk.slippagePoints`), and what a lot costs to
 * close: what the guard reckons with. */
const SLIPPAGE_POINTS = 20;
const COMMISSION_MINOR_PER_LOT = 350;

/**
 * The promises about the account, judged by the broker's own records and by nothing that the
 * runtime says of itself.
 */
export class BrokerWatch {
  /** Opening orders that the broker carried out, by intent and by magic. */
  readonly #byIntent = new Map<string, Set<string>>();
  readonly #byMagic = new Map<string, Set<string>>();
  readonly #places = new Set<string>();
  readonly #positions = new Map<string, BrokerPosition>();
  readonly #nakedSince = new Map<string, number>();
  readonly #nakedMs: number;
  deals = 0;
  /** Longest time that a position was without a stop, session ms. */
  longestNakedMs = 0;

  constructor(nakedMs: number) {
    this.#nakedMs = nakedMs;
  }

  get positions(): readonly BrokerPosition[] {
    return [...this.#positions.values()];
  }
  get intents(): ReadonlySet<string> {
    return this.#places;
  }

  record(records: readonly LogRecord[], nowMs: number): void {
    for (const record of records) this.#record(record, nowMs);
    this.#checkNaked(nowMs);
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
        if (deal.entry === 'in' && deal.magic !== '0') {
          once('S9', `magic ${deal.magic}`, this.#byMagic, deal.magic, deal.orderTicket);
        }
        return;
      }
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

/** Equity and the worst case of what is open, against the floors that the terminal holds. */
export const checkFloors = (engine: Engine, floors: GuardFloors | null): void => {
  if (floors === null) return;
  const floor = floorOf(floors);
  const equity = engine.equity();
  if (equity < floor) throw new Violation('I1', `equity ${equity} is under the floor ${floor}`);
  const worst = worstCase(engine);
  if (worst !== undefined && worst < floor) {
    throw new Violation('I1', `with every stop hit equity is ${worst}, under the floor ${floor}`);
  }
};

/** Balance with every stop hit and slipped, for symbols quoted in the account's currency; undefined
 * while a position has no stop (I4 looks after that one). */
const worstCase = (engine: Engine): bigint | undefined => {
  let worst: bigint = engine.state.balanceMinor;
  for (const position of engine.state.positions.values()) {
    if (position.stopLoss === null) return undefined;
    const direction = position.side === 'buy' ? 1 : -1;
    const pointsLost = direction * (position.stopLoss - position.open) - SLIPPAGE_POINTS;
    // One point of one lot is one unit of the account's currency: five digits, 100,000 a lot.
    const lots = position.volumeE8 / 1e8;
    worst += BigInt(Math.floor(lots * (pointsLost * 100 - COMMISSION_MINOR_PER_LOT)));
    worst += position.swapMinor;
  }
  return worst;
};

/** S1 and S12, from what the kernel tells. */
export class KernelWatch {
  readonly #alive = new Map<string, number>();
  crashes = 0;

  observe(event: KernelEvent): void {
    switch (event.type) {
      case 'actor.started': {
        const before = this.#alive.get(event.path);
        if (before !== undefined && before !== event.incarnation) {
          throw new Violation('S1', `${event.path} lives as ${before} and as ${event.incarnation}`);
        }
        this.#alive.set(event.path, event.incarnation);
        return;
      }
      case 'actor.exited':
        this.#alive.delete(event.path);
        return;
      case 'actor.crashed':
        this.crashes += 1;
        return;
      default:
    }
  }
  /** Another process: nobody of the last one lives. */
  forget(): void {
    this.#alive.clear();
  }
}
