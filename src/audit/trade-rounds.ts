import type { Side } from '../domain/instrument.ts';
import { opposite } from '../domain/instrument.ts';
import type { DealEntry, DealReason } from '../domain/trading.ts';
import { divideRounded } from '../domain/units.ts';

/** A deal in exact integers; `digits` are those of its symbol when it was booked. */
export interface DealFact {
  readonly ticket: string;
  readonly orderTicket: string;
  readonly positionTicket: string;
  readonly intentId: string | null;
  readonly symbol: string;
  readonly digits: number | null;
  /** Direction of the deal itself: a long position is closed by a sell. */
  readonly side: Side;
  readonly entry: DealEntry;
  readonly volumeE8: number;
  readonly points: number;
  readonly profitMinor: bigint;
  readonly commissionMinor: bigint;
  readonly swapMinor: bigint;
  readonly reason: DealReason;
  readonly atMs: number;
}

/** A price that several deals make up: volume-weighted, rounded half away from zero to a point. */
export interface MeanPrice {
  readonly points: bigint;
  readonly digits: number | null;
}

/** One life of a position, from flat to flat. A netting position may have several. */
export interface TradeRound {
  readonly symbol: string;
  readonly side: Side;
  readonly state: 'open' | 'partlyClosed' | 'closed';
  readonly opening: readonly DealFact[];
  readonly closing: readonly DealFact[];
  readonly volumeE8: number;
  readonly closedE8: number;
}

const compareTickets = (a: string, b: string): number =>
  a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
const byTime = (a: DealFact, b: DealFact): number =>
  a.atMs - b.atMs || compareTickets(a.ticket, b.ticket);

export const volumeOf = (deals: readonly DealFact[]): number =>
  deals.reduce((sum, deal) => sum + deal.volumeE8, 0);

/** Undefined without deals. Deals booked under different digits are brought to the finest. */
export const meanPrice = (deals: readonly DealFact[]): MeanPrice | undefined => {
  if (deals.length === 0) return undefined;
  const known = deals.map((deal) => deal.digits).filter((digits) => digits !== null);
  const digits = known.length === deals.length ? Math.max(...known) : null;
  const scaled = (deal: DealFact): bigint =>
    BigInt(deal.points) * 10n ** BigInt((digits ?? 0) - (digits === null ? 0 : (deal.digits ?? 0)));
  const total = BigInt(volumeOf(deals));
  const weighted = deals.reduce((sum, deal) => sum + scaled(deal) * BigInt(deal.volumeE8), 0n);
  return { points: total === 0n ? 0n : divideRounded(weighted, total), digits };
};

const roundOf = (deals: readonly DealFact[], first: DealFact): TradeRound => {
  const opening = deals.filter((deal) => deal.entry === 'in');
  const closing = deals.filter((deal) => deal.entry === 'out');
  const volumeE8 = volumeOf(opening);
  const closedE8 = volumeOf(closing);
  const state = closedE8 === 0 ? 'open' : closedE8 < volumeE8 ? 'partlyClosed' : 'closed';
  // A position whose opening lies before our history is known by its closing deals alone.
  const side = opening[0]?.side ?? opposite(first.side);
  return { symbol: first.symbol, side, state, opening, closing, volumeE8, closedE8 };
};

/** Splits the deals of one position, in any order, into its lives from flat to flat. */
export const tradeRounds = (deals: readonly DealFact[]): readonly TradeRound[] => {
  const rounds: DealFact[][] = [];
  let heldE8 = 0;
  for (const deal of deals.filter(({ entry }) => entry !== 'balance').sort(byTime)) {
    const current = rounds.at(-1);
    const opensAnew = deal.entry === 'in' && heldE8 <= 0;
    if (current === undefined || opensAnew) rounds.push([deal]);
    else current.push(deal);
    if (opensAnew) heldE8 = 0;
    heldE8 += deal.entry === 'in' ? deal.volumeE8 : -deal.volumeE8;
  }
  return rounds.flatMap((round) => (round[0] === undefined ? [] : [roundOf(round, round[0])]));
};
