import { opposite } from '../../domain/instrument.ts';
import type { EpochMs } from '../../domain/units.ts';
import type { EngineEnvironment } from '../terminal/engine/environment.ts';
import type { BrokerRequest } from '../terminal/engine/records.ts';
import type { BrokerState } from '../terminal/engine/state.ts';
import type { ServerZone } from '../venue-time.ts';
import { instantOf, isTrade, orderKindOf, priceOf, sideOf, volumeOf } from './listed.ts';
import type { Reading } from './reading.ts';
import type { ListedDeal } from './replies.ts';

/** What is known of the account, and how its figures are read. */
export interface Book {
  readonly state: BrokerState;
  readonly env: EngineEnvironment;
  readonly zone: ServerZone;
}

/** A request of ours whose outcome the account has not shown yet. */
export interface UnderWay {
  readonly request: BrokerRequest;
  /** The order's ticket and the price, where a reply told them. */
  readonly order?: string;
  readonly price?: string;
}

/** The deals of one request. */
export interface Match {
  readonly request: BrokerRequest;
  readonly deals: readonly ListedDeal[];
  /** Of the order that made them; undefined when no reply told it and no position shows it. */
  readonly order: string | undefined;
  readonly position: string;
}

/**
 * The server dates deals by its clock, and what we sent is dated by ours, which a quote corrects: how
 * far a deal may seem to be older than the request that made it. Only what is new in the account is
 * looked at, so that this bound keeps nothing away that an earlier reading has shown.
 */
const SKEW_MS = 300_000;

/** Session time from which on what the server dates may come of a request. */
export const comesOf = (at: EpochMs, { receivedAt }: BrokerRequest): boolean =>
  at >= Math.floor(receivedAt / 1000) * 1000 - SKEW_MS;

/**
 * Which new deals are whose. A deal names neither order nor magic: it belongs to the request whose
 * symbol, side and direction it has, that asked for no less volume, not much later than it was made,
 * and, where the reply said so, at that price. Where several fit, a request without a reply gets those
 * that are most like it: none would say that it was not executed, and it would be sent again.
 */
export const matchDeals = (
  book: Book,
  reading: Reading,
  fresh: readonly ListedDeal[],
  underWay: readonly UnderWay[],
): ReadonlyMap<string, Match> => {
  const taken = new Set<string>();
  const matches = new Map<string, Match>();
  // Who knows more chooses first.
  const sorted = [...underWay].sort(
    (a, b) => Number(b.order !== undefined) - Number(a.order !== undefined),
  );
  for (const mine of sorted) {
    const wanted = wantedOf(book, reading, mine);
    if (wanted === undefined) continue;
    const fits = fresh.filter(
      (deal) =>
        !taken.has(deal.ticket) &&
        isTrade(deal) &&
        deal.symbol === wanted.symbol &&
        deal.kind === wanted.side &&
        (wanted.isIn === undefined || (deal.entry === 0) === wanted.isIn) &&
        volumeOf(deal.volume) <= wanted.volumeE8 &&
        wanted.reaches(deal.price) &&
        comesOf(instantOf(deal.atSec, book.zone), mine.request),
    );
    const deals = chosen(book, mine, fits, wanted);
    const [first] = deals;
    if (first === undefined) continue;
    for (const { ticket } of deals) taken.add(ticket);
    const listed = reading.positions.find(
      (one) => one.symbol === wanted.symbol && sideOf(one) === wanted.side,
    );
    const opened = wanted.position ?? mine.order ?? listed?.ticket ?? first.ticket;
    const order = mine.order ?? (wanted.position === undefined ? listed?.ticket : undefined);
    matches.set(mine.request.id, { request: mine.request, deals, order, position: opened });
  }
  return matches;
};

interface Wanted {
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  /** Opens, or closes; undefined: either, on a netting account. */
  readonly isIn: boolean | undefined;
  readonly volumeE8: number;
  /** Of which position, where that is known before. */
  readonly position: string | undefined;
  /** Whether it may be filled at this price: a limit at no worse one, a stop at no better one. */
  readonly reaches: (price: string) => boolean;
}
const anyPrice = (): boolean => true;

const wantedOf = ({ state, env }: Book, reading: Reading, mine: UnderWay): Wanted | undefined => {
  const { body } = mine.request;
  if (body.type === 'close') {
    const held = state.positions.get(body.ticket);
    if (held === undefined) return undefined;
    const { symbol, ticket } = held;
    const side = opposite(held.side);
    const { volumeE8 } = body;
    return { symbol, side, isIn: false, volumeE8, position: ticket, reaches: anyPrice };
  }
  if (body.type !== 'place') return undefined;
  const { symbol, side, volumeE8, kind, price } = body;
  // An order that waits for its price is filled when it waits no more, which may be at once.
  const digits = env.instruments.get(symbol)?.digits ?? 5;
  const waits = reading.orders.some(
    (item) =>
      item.ticket === mine.order ||
      (item.symbol === symbol &&
        sideOf(item) === side &&
        orderKindOf(item) === kind &&
        priceOf(item.price, digits) === price),
  );
  if (kind !== 'market' && waits) return undefined;
  const isNetting = state.account?.marginMode === 'netting';
  const netted = isNetting
    ? [...state.positions.values()].find((one) => one.symbol === symbol)
    : undefined;
  const isIn = isNetting ? undefined : true;
  const isAbove = (kind === 'stop') === (side === 'buy');
  const reaches = (dealt: string): boolean => {
    const at = priceOf(dealt, digits);
    return isAbove ? at >= price : at <= price;
  };
  const position = netted?.ticket;
  return {
    symbol,
    side,
    isIn,
    volumeE8,
    position,
    reaches: kind === 'market' ? anyPrice : reaches,
  };
};

/** The one of the volume that was asked for, or the parts that it was filled in. */
const chosen = (
  book: Book,
  mine: UnderWay,
  fits: readonly ListedDeal[],
  wanted: Wanted,
): readonly ListedDeal[] => {
  if (fits.length <= 1) return fits;
  const candidates =
    mine.order === undefined ? nearest(book, mine, fits) : atPrice(book, mine, fits);
  const whole = candidates.find(({ volume }) => volumeOf(volume) === wanted.volumeE8);
  if (whole !== undefined) return [whole];
  const parts: ListedDeal[] = [];
  let left = wanted.volumeE8;
  for (const deal of candidates) {
    const volume = volumeOf(deal.volume);
    if (volume > left) continue;
    parts.push(deal);
    left -= volume;
  }
  return parts;
};

const nearest = (
  { zone }: Book,
  { request: { receivedAt } }: UnderWay,
  fits: readonly ListedDeal[],
): readonly ListedDeal[] => {
  const away = ({ atSec }: ListedDeal): number => Math.abs(instantOf(atSec, zone) - receivedAt);
  return fits.toSorted((a, b) => away(a) - away(b));
};

/** Those at the price that the reply told, where there are any. */
const atPrice = (
  { env }: Book,
  { price }: UnderWay,
  fits: readonly ListedDeal[],
): readonly ListedDeal[] => {
  if (price === undefined) return fits;
  const same = fits.filter((deal) => {
    const digits = env.instruments.get(deal.symbol)?.digits ?? 5;
    return priceOf(deal.price, digits) === priceOf(price, digits);
  });
  return same.length > 0 ? same : fits;
};
