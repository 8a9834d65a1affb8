import type { Intent, OpenIntent } from '../../src/domain/intent.ts';
import type { Deal, Position } from '../../src/domain/trading.ts';
import { type EpochMs, epochMs, minor, points } from '../../src/domain/units.ts';
import type { EntryBody } from '../../src/journal/types.ts';
import { deal, openIntent, planned } from './entries.ts';
import { KEY, NOW, OURS, position } from './guard-fixtures.ts';
import { RecoveryBench } from './recovery-bench.ts';
import { lots } from './risk-fixtures.ts';
import { Venue } from './venue-by-hand.ts';

/** Trades of one account as a terminal would show them, and what a journal would hold of them. */

/** So many milliseconds after NOW. */
export const at = (ms: number): EpochMs => epochMs(NOW + ms);
/** A whole lot at a round price, without costs. */
export const FREE = { commission: minor(0n), volumeE8: lots(1), price: points(110_000) };
export const bought = (ticket: string, change: Partial<Deal> = {}): Deal =>
  deal(ticket, { ...FREE, orderTicket: '1', positionTicket: '1', magic: OURS, at: NOW, ...change });
export const sold = (ticket: string, change: Partial<Deal> = {}): Deal =>
  bought(ticket, { side: 'sell', entry: 'out', orderTicket: '2', at: at(60_000), ...change });
export const ours = (ticket: string, change: Partial<Position> = {}): Position =>
  position(ticket, change);
export const intent = (id: string, change: Partial<OpenIntent> = {}): OpenIntent =>
  openIntent(id, {
    strategyId: KEY.id,
    volumeE8: lots(1),
    price: points(110_000),
    stopLoss: points(109_800),
    magic: OURS,
    at: NOW,
    ...change,
  });
export const sent = (what: Intent): readonly EntryBody[] => [
  planned(what),
  { kind: 'attempt.sent', intentId: what.intentId, attempt: 1, epoch: 1 },
];
export const booked = (bench: RecoveryBench) =>
  bench.entries('deal.booked').map(({ deal: { ticket }, intentId }) => [ticket, intentId]);
/** An account with one position of ours, known to the journal and to the guard. */
export const holding = async (venue = new Venue()): Promise<RecoveryBench> => {
  venue.book(bought('d1')).open(ours('1'));
  return await RecoveryBench.start({ venue, past: sent(intent('i1')) });
};
