import type { Position } from '../../domain/trading.ts';
import type { JournalReader } from '../../journal/types.ts';

/**
 * Open volume by position as the journal's deals have it: buys minus sells, in lots · 1e8. It counts
 * what every deal did, so a position id that is used again, a partial close and a swap that is charged
 * by closing and opening again need no rules of their own.
 */
export interface NetVolumes {
  /** Last journal entry that counts. */
  readonly seq: number;
  readonly byPosition: ReadonlyMap<string, number>;
}
export const NO_VOLUMES: NetVolumes = { seq: 0, byPosition: new Map() };

export const netVolumes = (
  reader: JournalReader,
  accountId: string,
  before: NetVolumes,
): NetVolumes => {
  const byPosition = new Map(before.byPosition);
  let { seq } = before;
  for (const entry of reader.ofKind(accountId, 'deal.booked', seq)) {
    seq = entry.seq;
    const { entry: kind, side, volumeE8, positionTicket } = entry.deal;
    if (kind === 'balance') continue;
    const net = (byPosition.get(positionTicket) ?? 0) + (side === 'buy' ? volumeE8 : -volumeE8);
    if (net === 0) byPosition.delete(positionTicket);
    else byPosition.set(positionTicket, net);
  }
  return { seq, byPosition };
};

/** Positions that the journal holds open and the terminal does not show, or shows smaller, although
 * all of its deals are booked. No closing deal is invented for them. */
export const unexplained = (
  { byPosition }: NetVolumes,
  positions: readonly Position[],
): readonly string[] => {
  const shown = new Map(
    positions.map(({ ticket, side, volumeE8 }) => [ticket, side === 'buy' ? volumeE8 : -volumeE8]),
  );
  return [...byPosition].flatMap(([ticket, net]) => {
    const there = shown.get(ticket) ?? 0;
    const isMissing = Math.sign(net) !== Math.sign(there) || Math.abs(there) < Math.abs(net);
    return isMissing
      ? [`position ${ticket} shrank from ${net} to ${there} (lots · 1e8) without a deal`]
      : [];
  });
};
