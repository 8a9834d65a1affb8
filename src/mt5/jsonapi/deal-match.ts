import { opposite } from '../../domain/instrument.ts';
import type { EngineEnvironment } from '../terminal/engine/environment.ts';
import type { BrokerRequest } from '../terminal/engine/records.ts';
import type { BrokerState } from '../terminal/engine/state.ts';
import type { ServerZone } from '../venue-time.ts';
import { instantOf, isTrade, priceOf, sideOf, volumeOf } from './listed.ts';
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
 * Which new deals are whose. A deal names neither order nor magic: it belongs to the request whose
 * symbol, side and direction it has, that asked for no less volume, no later than it was made, and,
 * where the reply said so, at that price. Of several that fit equally a request without a reply gets
 * none: it stays unknown.
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
    const wanted = wantedOf(book, mine.request);
    if (wanted === undefined) continue;
    const since = Math.floor(mine.request.receivedAt / 1000) * 1000;
    const fits = fresh.filter(
      (deal) =>
        !taken.has(deal.ticket) &&
        isTrade(deal) &&
        deal.symbol === wanted.symbol &&
        deal.kind === wanted.side &&
        (wanted.isIn === undefined || (deal.entry === 0) === wanted.isIn) &&
        volumeOf(deal.volume) <= wanted.volumeE8 &&
        instantOf(deal.atSec, book.zone) >= since,
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
}

const wantedOf = ({ state }: Book, { body }: BrokerRequest): Wanted | undefined => {
  if (body.type === 'close') {
    const held = state.positions.get(body.ticket);
    if (held === undefined) return undefined;
    const { symbol, ticket } = held;
    const side = opposite(held.side);
    return { symbol, side, isIn: false, volumeE8: body.volumeE8, position: ticket };
  }
  if (body.type !== 'place' || body.kind !== 'market') return undefined;
  const { symbol, side, volumeE8 } = body;
  const isNetting = state.account?.marginMode === 'netting';
  const netted = isNetting
    ? [...state.positions.values()].find((one) => one.symbol === symbol)
    : undefined;
  const isIn = isNetting ? undefined : true;
  return { symbol, side, isIn, volumeE8, position: netted?.ticket };
};

/** A volume may be filled in parts: all that fit at the reply's price, or the one that fits. */
const chosen = (
  book: Book,
  mine: UnderWay,
  fits: readonly ListedDeal[],
  wanted: Wanted,
): readonly ListedDeal[] => {
  if (fits.length <= 1) return fits;
  if (mine.order === undefined) return [];
  const digits = book.env.instruments.get(wanted.symbol)?.digits ?? 5;
  const { price } = mine;
  const samePrice =
    price === undefined
      ? []
      : fits.filter((deal) => priceOf(deal.price, digits) === priceOf(price, digits));
  const candidates = samePrice.length > 0 ? samePrice : fits;
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
