import type { DealReason } from '../../domain/trading.ts';
import type { EpochMs, LotsE8, Points } from '../../domain/units.ts';
import { lotsE8, minor, ZERO_MINOR } from '../../domain/units.ts';
import { marginFor } from '../terminal/engine/desk.ts';
import type {
  BrokerDeal,
  BrokerOrder,
  BrokerPosition,
  BrokerRecord,
  ClientReference,
} from '../terminal/engine/records.ts';
import { type Costs, costsOf } from './deal-costs.ts';
import { type Book, comesOf, type Match, matchDeals, type UnderWay } from './deal-match.ts';
import {
  instantOf,
  isTrade,
  levelOf,
  moneyOf,
  operationOf,
  orderKindOf,
  priceOf,
  sideOf,
  volumeOf,
} from './listed.ts';
import type { Reading } from './reading.ts';
import type { ListedDeal, ListedItem } from './replies.ts';

/** What a reading of the account says that the book does not, in the book's own records. */
export interface Update {
  readonly records: readonly BrokerRecord[];
  /** Deals of requests that are under way, by the request's id. */
  readonly matches: ReadonlyMap<string, Match>;
}
const NOBODY: ClientReference = { intent: '', attempt: 0 };

/** Undefined: the reading explains itself badly (the balance moved, and no deal says why); it is to
 * be taken again. */
export const updateOf = (
  book: Book,
  reading: Reading,
  underWay: readonly UnderWay[],
): Update | undefined => new BookUpdate(book, reading, underWay).run();

/** One update. Positions and orders keep the magic and the intent that the book knows: the EA would
 * say 0 of each. */
class BookUpdate {
  readonly #book: Book;
  readonly #reading: Reading;
  readonly #fresh: readonly ListedDeal[];
  readonly #matches: ReadonlyMap<string, Match>;
  readonly #byDeal = new Map<string, Match>();
  readonly #underWay: readonly UnderWay[];
  readonly #records: BrokerRecord[] = [];
  readonly #digits: number;

  constructor(book: Book, reading: Reading, underWay: readonly UnderWay[]) {
    this.#book = book;
    this.#reading = reading;
    this.#underWay = underWay;
    this.#digits = book.state.account?.currencyDigits ?? 2;
    const known = new Set(book.state.deals.map(({ ticket }) => ticket));
    this.#fresh = reading.deals.filter(({ ticket }) => !known.has(ticket));
    this.#matches = matchDeals(book, reading, this.#fresh, underWay);
    for (const match of this.#matches.values())
      for (const { ticket } of match.deals) this.#byDeal.set(ticket, match);
  }

  run(): Update | undefined {
    const { state, env } = this.#book;
    const moved = moneyOf(this.#reading.account.balance, this.#digits) - state.balanceMinor;
    // Credit is in no balance, though it comes as a deal.
    const booked = this.#fresh.filter((deal) => isTrade(deal) || operationOf(deal) !== 'credit');
    const isFirst = state.deals.length === 0;
    const costs = costsOf(booked, moved, { env, currencyDigits: this.#digits, isFirst });
    if (costs === undefined) return undefined;
    for (const match of this.#matches.values()) this.#orderOf(match);
    for (const deal of this.#fresh) this.#deal(deal, costs.get(deal.ticket));
    this.#orders();
    this.#positions();
    return { records: this.#records, matches: this.#matches };
  }

  /** The order that a request of ours was, as the history would show it. */
  #orderOf({ request, order, deals, position }: Match): void {
    const [first] = deals;
    if (first === undefined || order === undefined) return;
    const { body, intent, attempt } = request;
    if (body.type !== 'place' && body.type !== 'close') return;
    if (this.#book.state.orders.has(order)) return;
    const held = this.#book.state.positions.get(position);
    const placed = body.type === 'place' ? body : undefined;
    const isPending = placed !== undefined && placed.kind !== 'market';
    const filledE8 = sumOf(deals);
    const at = this.#at(first.atSec);
    const done: BrokerOrder = {
      ...{ intent, attempt, ticket: order, symbol: first.symbol, kind: placed?.kind ?? 'market' },
      side: first.kind === 'sell' ? 'sell' : 'buy',
      volumeE8: body.volumeE8,
      filledE8,
      price: isPending ? placed.price : this.#price(first.symbol, first.price),
      stopLimitPrice: null,
      stopLoss: placed?.stopLoss ?? null,
      takeProfit: placed?.takeProfit ?? null,
      magic: placed?.magic ?? held?.magic ?? '0',
      tif: 'gtc',
      expiresAt: null,
      state: filledE8 < body.volumeE8 ? 'partial' : 'filled',
      placedAt: request.receivedAt,
      doneAt: at,
      positionTicket: position,
      comment: placed?.comment ?? '',
    };
    this.#records.push({ type: 'order.done', order: done });
  }

  #deal(listed: ListedDeal, costs: Costs | undefined): void {
    const { state } = this.#book;
    const profitMinor = moneyOf(listed.profit, this.#digits);
    const common = { ticket: listed.ticket, profitMinor, at: this.#at(listed.atSec) };
    // A trade in a symbol that nobody described is money that moved, and no more.
    if (!isTrade(listed) || !this.#book.env.instruments.has(listed.symbol)) {
      const { commissionMinor = 0n, swapMinor = 0n } = costs ?? {};
      const whole = minor(profitMinor + commissionMinor + swapMinor);
      this.#records.push({
        type: 'deal',
        deal: operation({ ...common, profitMinor: whole }, listed),
      });
      return;
    }
    const match = this.#byDeal.get(listed.ticket);
    const entry = listed.entry === 0 ? 'in' : 'out';
    const side = listed.kind === 'sell' ? 'sell' : 'buy';
    const filled = entry === 'in' ? this.#filledBy(listed) : undefined;
    const positionTicket = match?.position ?? filled?.ticket ?? this.#positionOf(listed);
    const held = state.positions.get(positionTicket);
    const body = match?.request.body;
    const price = this.#price(listed.symbol, listed.price);
    const deal: BrokerDeal = {
      ...common,
      ...referenceOf(match?.request ?? filled),
      ...(costs ?? { commissionMinor: ZERO_MINOR, swapMinor: ZERO_MINOR }),
      orderTicket: match?.order ?? filled?.ticket ?? (entry === 'in' ? positionTicket : '0'),
      positionTicket,
      symbol: listed.symbol,
      side,
      entry,
      volumeE8: volumeOf(listed.volume),
      price,
      magic: body?.type === 'place' ? body.magic : (filled?.magic ?? held?.magic ?? '0'),
      reason: match === undefined ? reasonOf(entry, held, price) : 'expert',
      comment: body?.type === 'place' ? body.comment : '',
    };
    this.#records.push({ type: 'deal', deal });
  }

  /** A working order of the book that is in the list no more and has the deal's figures. */
  #filledBy(deal: ListedDeal): BrokerOrder | undefined {
    const listed = new Set(this.#reading.orders.map(({ ticket }) => ticket));
    for (const order of this.#book.state.orders.values()) {
      if (listed.has(order.ticket) || order.symbol !== deal.symbol) continue;
      if (order.side === deal.kind && order.volumeE8 === volumeOf(deal.volume)) return order;
    }
    return undefined;
  }

  /** Whose deal it is when nobody here asked for it. */
  #positionOf({ symbol, kind, entry, ticket }: ListedDeal): string {
    const isIn = entry === 0;
    const held = [...this.#book.state.positions.values()].find(
      (one) => one.symbol === symbol && (one.side === kind) === isIn,
    );
    const listed = this.#reading.positions.find(
      (one) => one.symbol === symbol && sideOf(one) === kind,
    );
    const netting = this.#book.state.account?.marginMode === 'netting';
    const found = isIn && !netting ? listed?.ticket : (held?.ticket ?? listed?.ticket);
    return found ?? ticket;
  }

  #orders(): void {
    const { state } = this.#book;
    const listed = new Map(this.#reading.orders.map((item) => [item.ticket, item]));
    for (const item of listed.values()) {
      const known = state.orders.get(item.ticket);
      const order = this.#order(item, known);
      const at = state.now;
      if (known === undefined) this.#records.push({ type: 'order.placed', order });
      else if (!isSame(known, order)) this.#records.push({ type: 'order.changed', order, at });
    }
    for (const order of state.orders.values())
      if (!listed.has(order.ticket))
        this.#records.push({ type: 'order.done', order: this.#gone(order) });
  }

  #order(item: ListedItem, known: BrokerOrder | undefined): BrokerOrder {
    const { symbol } = item;
    const levels = {
      price: this.#price(symbol, item.price),
      stopLoss: this.#level(symbol, item.stopLoss),
      takeProfit: this.#level(symbol, item.takeProfit),
      volumeE8: volumeOf(item.volume),
    };
    if (known !== undefined) return { ...known, ...levels };
    const side = sideOf(item);
    const kind = orderKindOf(item);
    const mine = this.#placing(item);
    const body = mine?.request.body;
    return {
      ...referenceOf(mine?.request),
      ...{ ticket: item.ticket, symbol, side, kind, ...levels },
      filledE8: lotsE8(0),
      stopLimitPrice: null,
      magic: body?.type === 'place' ? body.magic : item.magic,
      tif: 'gtc',
      expiresAt: null,
      state: 'placed',
      placedAt: this.#at(item.atSec),
      doneAt: null,
      positionTicket: null,
      comment: body?.type === 'place' ? body.comment : '',
    };
  }

  /** The request of ours that placed it: by the ticket of its reply, else the only one that fits. */
  #placing(item: ListedItem): UnderWay | undefined {
    const byTicket = this.#underWay.find(({ order }) => order === item.ticket);
    if (byTicket !== undefined) return byTicket;
    const fits = this.#underWay.filter(({ order, request }) => {
      const { body } = request;
      if (order !== undefined || body.type !== 'place' || body.kind === 'market') return false;
      return (
        body.symbol === item.symbol &&
        body.side === sideOf(item) &&
        body.kind === orderKindOf(item) &&
        body.volumeE8 === volumeOf(item.volume) &&
        body.price === this.#price(item.symbol, item.price) &&
        comesOf(this.#at(item.atSec), request)
      );
    });
    return fits.length === 1 ? fits[0] : undefined;
  }

  /** Filled when a deal says so, else cancelled: by whom, the EA does not tell. */
  #gone(order: BrokerOrder): BrokerOrder {
    const deal = this.#fresh.find(
      (one) => one.entry === 0 && isTrade(one) && this.#filledBy(one)?.ticket === order.ticket,
    );
    if (deal === undefined) return { ...order, state: 'cancelled', doneAt: this.#book.state.now };
    const filledE8 = volumeOf(deal.volume);
    const positionTicket = this.#positionOf(deal);
    return { ...order, state: 'filled', filledE8, doneAt: this.#at(deal.atSec), positionTicket };
  }

  #positions(): void {
    const { state } = this.#book;
    const listed = new Map(this.#reading.positions.map((item) => [item.ticket, item]));
    for (const held of state.positions.values()) {
      // Where the EA hides a position of the symbol, absence proves nothing.
      if (listed.has(held.ticket) || this.#reading.hidden > 0) continue;
      const { ticket, symbol } = held;
      this.#records.push({ type: 'position.closed', ticket, symbol, at: state.now });
    }
    for (const item of listed.values()) {
      const known = state.positions.get(item.ticket);
      const position = this.#position(item, known);
      if (known === undefined) this.#records.push({ type: 'position.opened', position });
      else if (!isSame(known, position))
        this.#records.push({ type: 'position.changed', position, at: state.now });
    }
  }

  #position(item: ListedItem, known: BrokerPosition | undefined): BrokerPosition {
    const { symbol, ticket } = item;
    const volumeE8 = volumeOf(item.volume);
    const open = this.#price(symbol, item.price);
    const figures = {
      volumeE8,
      open,
      side: sideOf(item),
      stopLoss: this.#level(symbol, item.stopLoss),
      takeProfit: this.#level(symbol, item.takeProfit),
    };
    if (known !== undefined && known.volumeE8 === volumeE8 && known.open === open)
      return { ...known, ...figures };
    const marginMinor = this.#margin(symbol, open, volumeE8);
    if (known !== undefined) return { ...known, ...figures, marginMinor };
    const match = [...this.#matches.values()].find(
      ({ request, position }) => position === ticket && request.body.type === 'place',
    );
    const order = this.#book.state.orders.get(ticket);
    const body = match?.request.body;
    const placed = body?.type === 'place' ? body : order;
    return {
      ...referenceOf(match?.request ?? order),
      ...{ ticket, symbol, ...figures },
      openedAt: this.#at(item.atSec),
      takeProfitDueAt: null,
      magic: placed?.magic ?? item.magic,
      swapMinor: ZERO_MINOR,
      marginMinor,
      comment: placed?.comment ?? '',
    };
  }

  #margin(symbol: string, price: Points, volumeE8: LotsE8) {
    const { state, env } = this.#book;
    if (!env.instruments.has(symbol)) return ZERO_MINOR;
    const desk = { state, env, emit: () => undefined };
    return marginFor(desk, symbol, price, volumeE8) ?? ZERO_MINOR;
  }

  #price(symbol: string, text: string): Points {
    return priceOf(text, this.#book.env.instruments.get(symbol)?.digits ?? 5);
  }
  #level(symbol: string, text: string | null): Points | null {
    return levelOf(text, this.#book.env.instruments.get(symbol)?.digits ?? 5);
  }
  #at(seconds: number): EpochMs {
    return instantOf(seconds, this.#book.zone);
  }
}

const sumOf = (deals: readonly ListedDeal[]): LotsE8 =>
  lotsE8(deals.reduce((sum, { volume }) => sum + volumeOf(volume), 0));

const referenceOf = (from: ClientReference | undefined): ClientReference =>
  from === undefined ? NOBODY : { intent: from.intent, attempt: from.attempt };

const operation = (
  common: Pick<BrokerDeal, 'ticket' | 'profitMinor' | 'at'>,
  listed: ListedDeal,
): BrokerDeal => ({
  ...NOBODY,
  ...common,
  ...{ orderTicket: '0', positionTicket: '0', symbol: '', side: 'buy', entry: 'balance' },
  volumeE8: lotsE8(0),
  price: 0 as Points,
  commissionMinor: minor(0n),
  swapMinor: minor(0n),
  magic: '0',
  reason: 'balance',
  operation: operationOf(listed),
  comment: '',
});

/** The EA does not say why a position was closed; its price does, where a level explains it. */
const reasonOf = (
  entry: 'in' | 'out',
  held: BrokerPosition | undefined,
  price: Points,
): DealReason => {
  if (entry === 'in' || held === undefined) return 'client';
  const { side, stopLoss, takeProfit } = held;
  const sign = side === 'buy' ? 1 : -1;
  if (stopLoss !== null && sign * (price - stopLoss) <= 0) return 'sl';
  if (takeProfit !== null && sign * (price - takeProfit) >= 0) return 'tp';
  return 'client';
};

const isSame = <T extends object>(one: T, other: T): boolean =>
  (Object.keys(one) as (keyof T)[]).every((key) => one[key] === other[key]);
