import type { Intent } from '../../domain/intent.ts';
import type { Deal } from '../../domain/trading.ts';
import type { Evidence } from '../messages.ts';

/** The magic by which the terminal shows what became of an intent: the order's own, or the
 * position's, which its closing deals carry. A change leaves nothing that has one. */
export const seekingMagic = (intent: Intent): string | null => {
  switch (intent.type) {
    case 'open':
    case 'close':
    case 'closeBy':
      return intent.magic;
    case 'cancel':
    case 'modifyOrder':
    case 'modifyPosition':
      return null;
  }
};

/** True when something of the intent is there that has not told its end yet. A close shares its
 * magic with the order that opened the position: only closing deals are a trace of it, and only `news`,
 * those that were not booked before: what is booked, and did not end this order, belongs to another. */
export const isTraceOf = (
  intent: Intent,
  { deals, orders }: Evidence,
  news: readonly Deal[],
): boolean => {
  switch (intent.type) {
    case 'open':
      return deals.length > 0 || orders.length > 0;
    case 'close':
    case 'closeBy':
      return news.some(
        ({ entry, positionTicket, reason, at }) =>
          entry === 'out' &&
          reason === 'expert' &&
          positionTicket === intent.positionTicket &&
          at >= intent.at,
      );
    case 'cancel':
    case 'modifyOrder':
    case 'modifyPosition':
      return false;
  }
};
