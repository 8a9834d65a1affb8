import type { Intent, OpenIntent } from '../../domain/intent.ts';
import { isTrade } from '../../domain/intent.ts';
import type { Deal, VenueOrder } from '../../domain/trading.ts';
import { isFinal, isWaiting, type LiveOrder } from '../executor/executor-orders.ts';

/**
 * Whose is it? What the venue shows is matched to our intents by the strongest evidence there is:
 * the ticket that the venue told us, else the magic that we gave it, else the one order in doubt that
 * it fits. What fits none is external. Comments prove nothing: brokers overwrite them.
 */
type Orders = ReadonlyMap<string, LiveOrder>;
/** Intents by order ticket, as the terminal's own journal has them. */
type Told = ReadonlyMap<string, string>;

/** Session time after its decision in which an order without a name may still be ours. */
const WINDOW_MS = 60_000;

/** Tickets of the terminal's own journal count for intents that we know. */
const byTicket = (
  orders: Orders,
  ticket: string,
  told: Told,
  isMeant: (intent: Intent) => boolean = isOpening,
): string | null => {
  const known = orders.get(told.get(ticket) ?? '')?.intent;
  if (known !== undefined && isMeant(known)) return known.intentId;
  for (const { intent, chart } of orders.values()) {
    if (isMeant(intent) && chart.context.orderTicket === ticket) return intent.intentId;
  }
  return null;
};
const isOpening = ({ type }: Intent): boolean => type === 'open';

const byMagic = (orders: Orders, magic: string): string | null => {
  for (const { intent } of orders.values()) {
    if (intent.type === 'open' && intent.magic === magic) return intent.intentId;
  }
  return null;
};

/** Adapters of other people's EAs lose the magic. Only an order whose outcome is not known, that no
 * ticket names yet, and that fits alone may then be claimed: two candidates are none. */
const byShape = (
  orders: Orders,
  seen: {
    readonly symbol: string;
    readonly side: string;
    readonly volumeE8: number;
    readonly atMs: number;
  },
): string | null => {
  const candidates = [...orders.values()].filter(
    ({ intent, chart }) =>
      intent.type === 'open' &&
      chart.hasTag('needsEvidence') &&
      chart.context.orderTicket === null &&
      isShape(intent, seen),
  );
  const [only] = candidates;
  return candidates.length === 1 && only !== undefined ? only.intent.intentId : null;
};

const isShape = (intent: OpenIntent, seen: Parameters<typeof byShape>[1]): boolean =>
  intent.symbol === seen.symbol &&
  intent.side === seen.side &&
  intent.volumeE8 === seen.volumeE8 &&
  seen.atMs >= intent.at &&
  seen.atMs <= intent.at + WINDOW_MS;

const NO_MAGIC = '0';

/** An opening deal carries its intent's ticket or magic. A closing deal is ours when its ticket, or a
 * close of ours for its position that is under way, says so; otherwise a stop, a target or a stranger
 * closed it. */
export const ownerOfDeal = (orders: Orders, deal: Deal, told: Told): string | null => {
  if (deal.entry === 'balance') return null;
  if (deal.entry === 'in') {
    const named = byTicket(orders, deal.orderTicket, told) ?? byMagic(orders, deal.magic);
    if (named !== null || deal.magic !== NO_MAGIC || deal.reason !== 'expert') return named;
    return byShape(orders, { ...deal, atMs: deal.at });
  }
  if (deal.reason !== 'expert') return null;
  const isItsClose = (intent: Intent): boolean => closes(intent, deal.positionTicket);
  const named = byTicket(orders, deal.orderTicket, told, isItsClose);
  if (named !== null) return named;
  for (const order of orders.values()) {
    // Between two attempts nothing of ours is under way: somebody else closed the position.
    if (isFinal(order) || isWaiting(order)) continue;
    if (isItsClose(order.intent)) return order.intent.intentId;
  }
  return null;
};

const closes = (intent: Intent, positionTicket: string): boolean =>
  (intent.type === 'close' || intent.type === 'closeBy') &&
  intent.positionTicket === positionTicket;

export const ownerOfOrder = (orders: Orders, order: VenueOrder, told: Told): string | null => {
  const ticketed = byTicket(orders, order.ticket, told, isTrade);
  if (ticketed !== null) return ticketed;
  const named = byMagic(orders, order.magic);
  // The order that closes a position carries the magic of the one that opened it.
  const known = named === null ? null : orders.get(named)?.chart.context.orderTicket;
  if (known !== null && known !== undefined && known !== order.ticket) return null;
  if (named !== null || order.magic !== NO_MAGIC) return named;
  return byShape(orders, { ...order, atMs: order.placedAt });
};
